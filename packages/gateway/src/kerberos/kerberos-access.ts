import { isIP } from "node:net";
import { type Credential, type KerberosFailure, serviceName, wipeCredential } from "@poterne/kerberos";
import type { Environment } from "../environment.ts";
import { type AccountName, type RealmNames, readAccountName } from "./account-name.ts";
import type { KerberosClient } from "./kerberos-client.ts";
import { secretBytes } from "./node-crypto.ts";

/** What getting tickets for sessions takes. */
export interface KerberosAccessOptions {
  readonly client: Pick<KerberosClient, "signIn" | "getServiceTicket">;
  readonly environment: Environment;
  readonly names: RealmNames;
}

/** Whose ticket for which service is wanted. */
export interface ServiceQuestion {
  /** As in the vault or as typed: `carol@LAB.TEST`, `LAB\carol`, `carol`. */
  readonly username: string;
  readonly password: string;
  /** `TERMSRV` for Remote Desktop, `host` for SSH. */
  readonly service: string;
  /** The name the target's service has in its realm; an address is refused. */
  readonly hostname: string;
}

/** Why there is no ticket: the KDCs' reason, or what is wrong with the question. */
export type NoTicketReason =
  | { readonly type: "address" }
  | { readonly type: "local-account" }
  | { readonly type: "kerberos"; readonly failure: KerberosFailure };

/** A service's ticket, or why there is none and what is known of the account all the same. */
export type ServiceOutcome =
  | {
      readonly isGranted: true;
      /** The caller wipes it with `wipeCredential`. */
      readonly credential: Credential;
      readonly isProtected: boolean;
    }
  | {
      readonly isGranted: false;
      readonly why: NoTicketReason;
      /** Whether the account is a member of Protected Users, null when no KDC could tell. */
      readonly isProtected: boolean | null;
    };

/** Tickets of members of Protected Users live so long and no longer. */
const PROTECTED_LIFETIME_MS = 4 * 3_600_000;
/** KDCs count in whole seconds, and may start a ticket a little earlier. */
const LIFETIME_TOLERANCE_MS = 5_000;

/**
 * Whether a ticket-granting ticket, asked for longer, is as short as those of Protected Users. A domain whose tickets
 * are all that short looks the same: then all its accounts are treated so, which errs on the safe side.
 */
export function isProtectedTicket({ starttimeMs, endtimeMs }: Credential): boolean {
  return endtimeMs - starttimeMs <= PROTECTED_LIFETIME_MS + LIFETIME_TOLERANCE_MS;
}

/** Kerberos for sessions: from an account's name and password to a service's ticket. Keeps nothing between calls. */
export class KerberosAccess {
  readonly environment: Environment;
  readonly #client: KerberosAccessOptions["client"];
  readonly #names: RealmNames;

  constructor({ client, environment, names }: KerberosAccessOptions) {
    this.#client = client;
    this.environment = environment;
    this.#names = names;
  }

  /** An account's name as its parts. */
  readAccount(username: string): AccountName {
    return readAccountName(username, this.#names);
  }

  /**
   * Whether an account is treated as a member of Protected Users, and until when its ticket lives; null when no KDC gave
   * one. The ticket itself is wiped.
   */
  async judge(
    username: string,
    password: string,
  ): Promise<{ readonly isProtected: boolean; readonly endsAtMs: number } | null> {
    const { principal } = this.readAccount(username);
    if (principal === null) return null;
    const secret = secretBytes(password);
    const signedIn = await this.#client.signIn(principal, secret).finally(() => secret.fill(0));
    if (!signedIn.isGranted) return null;
    const { credential } = signedIn;
    wipeCredential(credential);
    return { isProtected: isProtectedTicket(credential), endsAtMs: credential.endtimeMs };
  }

  /** A ticket of an account for a service. The account is asked about even where the target has no name, for what it tells. */
  async getTicket(question: ServiceQuestion): Promise<ServiceOutcome> {
    const { principal, isLocal } = this.readAccount(question.username);
    if (principal === null) {
      const isOfMachine = isLocal || isOwnAccount(question);
      return { isGranted: false, why: { type: "local-account" }, isProtected: isOfMachine ? false : null };
    }
    const password = secretBytes(question.password);
    const signedIn = await this.#client.signIn(principal, password).finally(() => password.fill(0));
    if (!signedIn.isGranted) {
      const { failure } = signedIn;
      // Not even "no such person" tells: whoever stands between can say so, for KDCs do not sign their refusals.
      return { isGranted: false, why: { type: "kerberos", failure }, isProtected: null };
    }
    const isProtected = isProtectedTicket(signedIn.credential);
    try {
      if (isIP(question.hostname) !== 0) return { isGranted: false, why: { type: "address" }, isProtected };
      const service = serviceName(question.service, question.hostname);
      const outcome = await this.#client.getServiceTicket(signedIn.credential, service);
      if (outcome.isGranted) return { isGranted: true, credential: outcome.credential, isProtected };
      return { isGranted: false, why: { type: "kerberos", failure: outcome.failure }, isProtected };
    } finally {
      wipeCredential(signedIn.credential);
    }
  }
}

/** Whether the name before the backslash is the machine's own: `SRV01\admin` on `srv01.example.org`. */
function isOwnAccount({ username, hostname }: ServiceQuestion): boolean {
  const machine = isIP(hostname) === 0 ? (hostname.split(".")[0] ?? "") : "";
  return machine !== "" && username.toLowerCase().startsWith(`${machine.toLowerCase()}\\`);
}

import type { X509Certificate } from "node:crypto";
import { Failure, type RdpOptions } from "@poterne/contract";
import { makeFailure } from "@poterne/kerberos";
import { type Credentials, NtlmMechanism, type SecurityMechanism } from "@poterne/rdp";
import { createKerberosMechanism } from "../../../kerberos/create-mechanism.ts";
import type { KerberosAccess } from "../../../kerberos/kerberos-access.ts";
import { refusedByTarget } from "../../../kerberos/kerberos-failures.ts";
import type { KerberosMechanism } from "../../../kerberos/nla-mechanism.ts";
import type { DriverHop, DriverHost } from "../../driver.ts";
import { findCredentials } from "./credentials.ts";
import { channelBindingOf, rdpCrypto } from "./crypto.ts";

/** What a log-in takes. */
export interface RdpLogInOptions {
  readonly hop: DriverHop;
  readonly host: Pick<DriverHost, "ask" | "wallMs">;
  readonly settings: Pick<RdpOptions, "domain" | "kerberos">;
  /** Absent where there is no Kerberos: then NTLM is all there is. */
  readonly kerberos: KerberosAccess | undefined;
  readonly clientName: string;
}

/** How somebody signs in now: for CredSSP, with the credentials it hands over at the end. */
export interface RdpProof {
  readonly mechanism: SecurityMechanism;
  readonly credentials: Credentials;
}

/** Signing in by NLA: whose account, by ticket or by NTLM, and what may follow when the target takes no ticket. */
export class RdpLogIn {
  readonly #options: RdpLogInOptions;
  #credentials: Credentials | null = null;
  #ticket: { readonly mechanism: KerberosMechanism; readonly isNtlmAllowed: boolean } | null = null;
  #isNtlmNext = false;

  constructor(options: RdpLogInOptions) {
    this.#options = options;
  }

  /** The account's name and password, asked of the person once where the vault has none. Rejects with a `Failure`. */
  async credentials(): Promise<Credentials> {
    const { hop, host, settings } = this.#options;
    this.#credentials ??= await findCredentials(hop, host, settings.domain);
    return this.#credentials;
  }

  /** A proof for this connection. Rejects with a `Failure` where policy or Protected Users leave no way. */
  async prove(certificate: X509Certificate | null): Promise<RdpProof> {
    const { kerberos, settings, hop } = this.#options;
    const credentials = await this.credentials();
    if (settings.kerberos === "no" && !this.#isNtlmNext) await this.#refuseProtected(credentials);
    if (settings.kerberos === "no" || this.#isNtlmNext) return this.#byNtlm(credentials, certificate);
    if (kerberos === undefined) {
      if (settings.kerberos === "first") return this.#byNtlm(credentials, certificate);
      throw new Failure("kerberos-failed", { detail: "no Kerberos here" });
    }
    const answer = await createKerberosMechanism(kerberos, {
      policy: settings.kerberos === "only" ? "kerberos" : "kerberos-then-ntlm",
      target: hop.name,
      hostname: this.#hostname,
      username: fullName(credentials),
      password: credentials.password,
    });
    if (answer.kind === "ntlm") return this.#byNtlm(credentials, certificate);
    this.#ticket = answer;
    return {
      mechanism: answer.mechanism,
      credentials: { domain: answer.domain, username: answer.username, password: credentials.password },
    };
  }

  /**
   * The target's option says NTLM: a member of Protected Users stops here all the same, where a KDC says so. One that
   * is silent leaves the option its word.
   */
  async #refuseProtected(credentials: Credentials): Promise<void> {
    const account = fullName(credentials);
    const judged = await this.#options.kerberos?.judge(account, credentials.password).catch(() => null);
    if (judged?.isProtected !== true) return;
    const { name: target } = this.#options.hop;
    throw new Failure("kerberos-protected-user", { account, target, reason: "Kerberos: no" });
  }

  /**
   * What comes after a failure before the desktop was there: null to try again over a new connection, by NTLM, else the
   * failure a person reads.
   */
  afterFailure(failure: Failure): Failure | null {
    const ticket = this.#ticket;
    this.close();
    this.#ticket = null;
    if (ticket === null || ticket.mechanism.isEstablished) return failure;
    if (ticket.isNtlmAllowed) {
      this.#isNtlmNext = true;
      return null;
    }
    const context = {
      target: this.#options.hop.name,
      username: this.#credentials?.username ?? "",
      service: `TERMSRV/${this.#hostname}`,
    };
    return refusedByTarget(ticket.mechanism.failure ?? makeFailure("refused", failure.code), context);
  }

  /** Forgets the ticket; the password ends with this object. */
  close(): void {
    this.#ticket?.mechanism.close();
  }

  get #hostname(): string {
    const { kerberosName, address } = this.#options.hop;
    return kerberosName ?? address;
  }

  #byNtlm(credentials: Credentials, certificate: X509Certificate | null): RdpProof {
    const { hop, host, clientName } = this.#options;
    const mechanism = new NtlmMechanism({
      credentials,
      servicePrincipalName: `TERMSRV/${hop.address}`,
      channelBinding: certificate === null ? null : channelBindingOf(certificate),
      workstation: clientName,
      nowMs: host.wallMs(),
      crypto: rdpCrypto,
    });
    return { mechanism, credentials };
  }
}

function fullName({ domain, username }: Credentials): string {
  return domain === "" ? username : `${domain}\\${username}`;
}

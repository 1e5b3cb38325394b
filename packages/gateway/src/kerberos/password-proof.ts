import {
  type Credential,
  type KerberosFailure,
  type KerberosFailureReason,
  SpnegoInitiator,
  wipeCredential,
} from "@poterne/kerberos";
import type { Environment } from "../environment.ts";
import type { DomainProof, DomainVerdict } from "../identity/domain-proof.ts";
import type { AccountState } from "../identity/identity-provider.ts";
import { type RealmNames, readAccountName } from "./account-name.ts";
import type { KerberosClient } from "./kerberos-client.ts";
import { nodeKerberosCrypto, secretBytes } from "./node-crypto.ts";
import type { TicketAcceptor } from "./ticket-acceptor.ts";

/** What proving by a KDC takes. */
export interface PasswordProofParts {
  readonly client: Pick<KerberosClient, "signIn" | "getServiceTicket">;
  readonly names: RealmNames;
  /** The gateway's own keys, null without a keytab. */
  readonly acceptor: TicketAcceptor | null;
  readonly environment: Environment;
}

const AWAY: ReadonlySet<KerberosFailureReason> = new Set([
  "kdc-unreachable",
  "kdc-unavailable",
  "unknown-realm",
  "clock-skew",
]);
const BARRED: Readonly<Partial<Record<KerberosFailureReason, AccountState>>> = {
  "password-expired": "must-change-password",
  "account-disabled": "disabled",
  "account-expired": "expired",
};

/** Proof of a password by the AS exchange, and for a sign-in by a ticket for the gateway's own key: decision 0109. */
export class KdcPasswordProof implements DomainProof {
  readonly #parts: PasswordProofParts;

  constructor(parts: PasswordProofParts) {
    this.#parts = parts;
  }

  /** See `DomainProof`. */
  async prove(
    account: string,
    password: string,
    { forSignIn }: { readonly forSignIn: boolean },
  ): Promise<DomainVerdict> {
    const { client, names, acceptor } = this.#parts;
    if (forSignIn && acceptor === null)
      return {
        result: "wrong",
        reason: "a member of Protected Users: the gateway has no keytab to prove the KDC by",
      };
    const { principal } = readAccountName(account, names);
    if (principal === null) return { result: "wrong", reason: "no realm is known for the account" };
    const secret = secretBytes(password);
    const signedIn = await client.signIn(principal, secret).finally(() => secret.fill(0));
    if (!signedIn.isGranted) return verdictOf(signedIn.failure, forSignIn);
    try {
      if (!forSignIn || acceptor === null) return { result: "right", account: "usable" };
      return await this.#proveByOwnKey(signedIn.credential, acceptor);
    } finally {
      wipeCredential(signedIn.credential);
    }
  }

  /** Only the realm's own KDC can make a ticket that the gateway's key opens, for this very person. */
  async #proveByOwnKey(ticketGranting: Credential, acceptor: TicketAcceptor): Promise<DomainVerdict> {
    const { client, environment } = this.#parts;
    const service = acceptor.serviceOf(ticketGranting.client.realm);
    if (service === null) return { result: "wrong", reason: "the keytab has no key of this realm" };
    const outcome = await client.getServiceTicket(ticketGranting, service);
    if (!outcome.isGranted) return verdictOf(outcome.failure, true);
    const { credential } = outcome;
    const initiator = new SpnegoInitiator({
      credential,
      crypto: nodeKerberosCrypto,
      randomBytes: (count) => environment.randomBytes(count),
    });
    const token = Buffer.from(initiator.start(environment.now())).toString("base64");
    const verdict = acceptor.judge(`Negotiate ${token}`);
    const isSame =
      verdict?.isProven === true &&
      verdict.client.realm === ticketGranting.client.realm &&
      verdict.client.name.parts.join("/") === ticketGranting.client.name.parts.join("/");
    wipeCredential(credential);
    return isSame
      ? { result: "right", account: "usable" }
      : { result: "wrong", reason: "the KDC's ticket does not open with the gateway's key" };
  }
}

function verdictOf({ reason, detail }: KerberosFailure, forSignIn: boolean): DomainVerdict {
  const account = BARRED[reason];
  if (!forSignIn && account !== undefined) return { result: "right", account };
  const text = `${reason}: ${detail}`.slice(0, 200);
  return { result: AWAY.has(reason) ? "away" : "wrong", reason: text };
}

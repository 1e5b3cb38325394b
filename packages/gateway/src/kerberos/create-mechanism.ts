import { isIP } from "node:net";
import { Failure } from "@poterne/contract";
import type { KerberosAccess, NoTicketReason } from "./kerberos-access.ts";
import { kerberosFailure } from "./kerberos-failures.ts";
import { KerberosMechanism } from "./nla-mechanism.ts";

/**
 * What NLA may use for a target: Kerberos and nothing else, or NTLM where Kerberos cannot be had *and* a KDC said (or the
 * account's name shows) that the account is no member of Protected Users.
 */
export type NlaPolicy = "kerberos" | "kerberos-then-ntlm";

/** Whose log-in at which target. */
export interface NlaQuestion {
  readonly policy: NlaPolicy;
  /** The target's name for people. */
  readonly target: string;
  /** The machine's Kerberos name, or where it has none the target's address; an address is explained. */
  readonly hostname: string;
  readonly username: string;
  readonly password: string;
}

/** What to sign in with. */
export type NlaAnswer =
  | {
      readonly kind: "kerberos";
      /** For `RdpClient.authenticate`; `close` it when the connection is over. */
      readonly mechanism: KerberosMechanism;
      /** The account as the KDC names it, for the credentials CredSSP hands over at the end. */
      readonly domain: string;
      readonly username: string;
      /** A target that takes no Kerberos may be asked again by NTLM, over a new connection. */
      readonly isNtlmAllowed: boolean;
    }
  /** Kerberos cannot be had and NTLM is allowed: `why` is for the log and the session's steps. */
  | { readonly kind: "ntlm"; readonly why: NoTicketReason };

/**
 * Gets a ticket for `TERMSRV/hostname` and makes NLA's mechanism of it. Throws a `Failure` with what to do where policy,
 * Protected Users or a wrong password leave no way. Nothing was sent to the target yet.
 */
export async function createKerberosMechanism(
  kerberos: KerberosAccess,
  question: NlaQuestion,
): Promise<NlaAnswer> {
  const { policy, target, hostname, username, password } = question;
  const context = { target, username, service: `TERMSRV/${hostname}` };
  if (policy === "kerberos" && isIP(hostname) !== 0) throw kerberosFailure({ type: "address" }, context);
  const outcome = await kerberos.getTicket({ username, password, service: "TERMSRV", hostname });
  if (outcome.isGranted) {
    const { client } = outcome.credential;
    return {
      kind: "kerberos",
      mechanism: new KerberosMechanism(outcome.credential, kerberos.environment),
      domain: client.realm,
      username: client.name.parts.join("/"),
      isNtlmAllowed: policy === "kerberos-then-ntlm" && !outcome.isProtected,
    };
  }
  const { why, isProtected } = outcome;
  if (policy === "kerberos-then-ntlm" && isProtected === false) return { kind: "ntlm", why };
  const failure = kerberosFailure(why, context);
  if (policy === "kerberos-then-ntlm" && isProtected === true)
    throw new Failure(
      "kerberos-protected-user",
      { account: username, target, reason: failure.code },
      failure,
    );
  throw failure;
}

import { type ErrorCode, Failure } from "@poterne/contract";
import type { KerberosFailure, KerberosFailureReason } from "@poterne/kerberos";
import type { NoTicketReason } from "./kerberos-access.ts";

/** What a session's failure is about. */
export interface FailureContext {
  /** The target's name for people. */
  readonly target: string;
  readonly username: string;
  /** `TERMSRV/name`. */
  readonly service: string;
}

/** The failure a person reads when there is no ticket. */
export function kerberosFailure(why: NoTicketReason, context: FailureContext): Failure {
  const { target, username: account, service } = context;
  if (why.type === "address") {
    const address = service.slice(service.indexOf("/") + 1);
    return new Failure("kerberos-name-needed", { target, address });
  }
  if (why.type === "local-account") return new Failure("kerberos-local-account", { account });
  const { failure } = why;
  const { reason, detail } = failure;
  return new Failure(CODES[reason] ?? "kerberos-failed", { account, target, service, reason, detail });
}

/** The failure a person reads when the target refused the ticket, or its answer was not its own. */
export function refusedByTarget(failure: KerberosFailure, context: FailureContext): Failure {
  const { target, username: account, service } = context;
  const { reason, detail } = failure;
  const code = reason === "clock-skew" ? "kerberos-clock" : "kerberos-target-refused";
  return new Failure(code, { account, target, service, reason, detail });
}

/** What a KDC's refusal is called; what is not here is `kerberos-failed` with its detail. */
const CODES: Readonly<Partial<Record<KerberosFailureReason, ErrorCode>>> = {
  "wrong-password": "kerberos-wrong-password",
  "password-expired": "kerberos-password-expired",
  "account-disabled": "kerberos-account-barred",
  "account-locked": "kerberos-account-barred",
  "account-expired": "kerberos-account-barred",
  "account-restricted": "kerberos-account-barred",
  "unknown-person": "kerberos-person-unknown",
  "unknown-service": "kerberos-service-unknown",
  "service-restricted": "kerberos-service-unknown",
  "unknown-realm": "kerberos-kdc-silent",
  "kdc-unreachable": "kerberos-kdc-silent",
  "kdc-unavailable": "kerberos-kdc-silent",
  "preauthentication-unsupported": "kerberos-other-proof",
  "encryption-unsupported": "kerberos-other-proof",
  "clock-skew": "kerberos-clock",
};

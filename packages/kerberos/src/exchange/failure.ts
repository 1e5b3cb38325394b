import { DecodeError } from "@poterne/bytes";
import { IntegrityError } from "../encryption/encryption.ts";
import type { KrbError } from "../messages/krb-error.ts";
import { ErrorCode } from "../messages/numbers.ts";
import { findNtStatus } from "../messages/pa-data.ts";

/** Every way Kerberos can fail, in words; what each means for people is in `FAILURE_MEANINGS`. */
export const FAILURE_MEANINGS = {
  "wrong-password": "the password is not this person's",
  "password-expired": "the password is right or not looked at, and must be changed first",
  "account-disabled": "the account is disabled",
  "account-locked": "the account is locked after too many wrong passwords",
  "account-expired": "the account's validity is over, or has not begun",
  "account-restricted":
    "policy forbids: logon hours, workstation, or the limits of Protected Users (such as keys older than AES)",
  "unknown-person": "the KDC knows no such person",
  "unknown-service": "the KDC knows no such service name (SPN)",
  "unknown-realm": "no KDC is responsible, or referrals between realms go round in circles",
  "preauthentication-unsupported": "the account must prove itself by other means, such as a smart card",
  "encryption-unsupported": "no AES encryption type in common",
  "clock-skew": "the clocks are more than five minutes apart",
  "ticket-expired": "the ticket's time is over",
  "ticket-not-yet-valid": "the ticket's time has not begun, or the KDC marked it invalid",
  "service-restricted": "the service's account is disabled, expired or only for user-to-user",
  "unknown-service-key": "the ticket is for a key that the keytab does not hold",
  "wrong-service-key":
    "the ticket does not open with the service's key: the password of its account was changed",
  replay: "this authenticator was seen before",
  "kerberos-not-offered": "the peer offers other mechanisms only, such as NTLM",
  "kdc-unreachable": "no KDC of the realm answers; told by the host, as the core opens no connection",
  "kdc-unavailable": "the KDC answered that it cannot serve now",
  refused: "the peer refused for a reason that has no word of its own: see its code",
  "bad-answer": "the peer's answer is malformed, not for this question, or altered on the way",
} as const;

/** Why Kerberos failed. */
export type KerberosFailureReason = keyof typeof FAILURE_MEANINGS;

/** One failure: its reason, and what the peer said of it. */
export interface KerberosFailure {
  readonly reason: KerberosFailureReason;
  /** For the log: without secrets, cleaned. */
  readonly detail: string;
  /** The code of KRB-ERROR (RFC 4120 §7.5.9), when a peer sent one. */
  readonly code: number | undefined;
  /** The NTSTATUS of a Windows KDC ([MS-KILE] 2.2.1). */
  readonly ntStatus: number | undefined;
}

/** A failure that no KRB-ERROR told. */
export function makeFailure(reason: KerberosFailureReason, detail: string): KerberosFailure {
  return { reason, detail, code: undefined, ntStatus: undefined };
}

/** What a KRB-ERROR means. */
export function failureOf(error: KrbError): KerberosFailure {
  const ntStatus = error.edata === undefined ? undefined : findNtStatus(error.edata);
  const byStatus = ntStatus === undefined ? undefined : REASONS_BY_STATUS[ntStatus];
  // MIT's KDC names a locked account so; "CLIENT LOCKED OUT" is one that an administrator barred.
  const byText = error.code === ErrorCode.KDC_ERR_CLIENT_REVOKED && error.text === "LOCKED_OUT";
  const reason = byStatus ?? (byText ? "account-locked" : REASONS_BY_CODE[error.code]) ?? "refused";
  const detail = `KRB-ERROR ${error.code}${error.text === "" ? "" : ` (${error.text})`}`;
  return { reason, detail, code: error.code, ntStatus };
}

/** What an exception of decoding or decrypting means; any other exception is thrown on. */
export function failureOfException(error: unknown): KerberosFailure {
  if (error instanceof DecodeError || error instanceof IntegrityError)
    return makeFailure("bad-answer", error.message);
  throw error;
}

const REASONS_BY_CODE: Readonly<Record<number, KerberosFailureReason>> = {
  [ErrorCode.KDC_ERR_NAME_EXP]: "account-expired",
  [ErrorCode.KDC_ERR_SERVICE_EXP]: "service-restricted",
  [ErrorCode.KDC_ERR_C_PRINCIPAL_UNKNOWN]: "unknown-person",
  [ErrorCode.KDC_ERR_S_PRINCIPAL_UNKNOWN]: "unknown-service",
  [ErrorCode.KDC_ERR_NULL_KEY]: "encryption-unsupported",
  [ErrorCode.KDC_ERR_POLICY]: "account-restricted",
  [ErrorCode.KDC_ERR_BADOPTION]: "account-restricted",
  [ErrorCode.KDC_ERR_ETYPE_NOSUPP]: "encryption-unsupported",
  [ErrorCode.KDC_ERR_PADATA_TYPE_NOSUPP]: "preauthentication-unsupported",
  [ErrorCode.KDC_ERR_CLIENT_REVOKED]: "account-disabled",
  [ErrorCode.KDC_ERR_SERVICE_REVOKED]: "service-restricted",
  [ErrorCode.KDC_ERR_TGT_REVOKED]: "account-disabled",
  [ErrorCode.KDC_ERR_CLIENT_NOTYET]: "account-expired",
  [ErrorCode.KDC_ERR_SERVICE_NOTYET]: "service-restricted",
  [ErrorCode.KDC_ERR_KEY_EXPIRED]: "password-expired",
  [ErrorCode.KDC_ERR_PREAUTH_FAILED]: "wrong-password",
  [ErrorCode.KDC_ERR_PREAUTH_REQUIRED]: "preauthentication-unsupported",
  [ErrorCode.KDC_ERR_SERVER_NOMATCH]: "service-restricted",
  [ErrorCode.KDC_ERR_MUST_USE_USER2USER]: "service-restricted",
  [ErrorCode.KDC_ERR_PATH_NOT_ACCEPTED]: "unknown-realm",
  [ErrorCode.KDC_ERR_SVC_UNAVAILABLE]: "kdc-unavailable",
  [ErrorCode.KRB_AP_ERR_BAD_INTEGRITY]: "wrong-service-key",
  [ErrorCode.KRB_AP_ERR_TKT_EXPIRED]: "ticket-expired",
  [ErrorCode.KRB_AP_ERR_TKT_NYV]: "ticket-not-yet-valid",
  [ErrorCode.KRB_AP_ERR_REPEAT]: "replay",
  [ErrorCode.KRB_AP_ERR_NOT_US]: "unknown-service-key",
  [ErrorCode.KRB_AP_ERR_SKEW]: "clock-skew",
  [ErrorCode.KRB_AP_ERR_MODIFIED]: "wrong-service-key",
  [ErrorCode.KRB_AP_ERR_BADKEYVER]: "unknown-service-key",
  [ErrorCode.KRB_AP_ERR_NOKEY]: "unknown-service-key",
  [ErrorCode.KDC_ERR_WRONG_REALM]: "unknown-realm",
};

/**
 * NTSTATUS values of [MS-ERREF] 2.3.1 that a Windows KDC gives with its refusals. Samba AD gives those for disabled and
 * expired accounts and passwords to be changed; the others are from the specification, unproven.
 */
const REASONS_BY_STATUS: Readonly<Record<number, KerberosFailureReason>> = {
  3221225578: "wrong-password", // STATUS_WRONG_PASSWORD
  3221225582: "account-restricted", // STATUS_ACCOUNT_RESTRICTION
  3221225583: "account-restricted", // STATUS_INVALID_LOGON_HOURS
  3221225584: "account-restricted", // STATUS_INVALID_WORKSTATION
  3221225585: "password-expired", // STATUS_PASSWORD_EXPIRED
  3221225586: "account-disabled", // STATUS_ACCOUNT_DISABLED
  3221225875: "account-expired", // STATUS_ACCOUNT_EXPIRED
  3221226020: "password-expired", // STATUS_PASSWORD_MUST_CHANGE
  3221226036: "account-locked", // STATUS_ACCOUNT_LOCKED_OUT
  3221226234: "preauthentication-unsupported", // STATUS_SMARTCARD_LOGON_REQUIRED
  3221226515: "account-restricted", // STATUS_AUTHENTICATION_FIREWALL_FAILED
};

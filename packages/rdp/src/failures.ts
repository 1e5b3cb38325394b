/** Every reason an RDP connection does not come up or ends; documented in packages/rdp/README.md. */
export type RdpFailureCode =
  /** What answered does not speak RDP. */
  | "not-rdp"
  /** The server offers only RDP's own RC4 security, which is refused. */
  | "rdp-security-only"
  /** The server demands NLA and the target's options do not offer it. */
  | "nla-required"
  /** The target's options demand NLA and the server does not do it. */
  | "nla-not-offered"
  /** The server's CredSSP is older than the target's options allow. */
  | "credssp-too-old"
  /** The key of the TLS connection is not the one the server signed in with: somebody stands between. */
  | "public-key-mismatch"
  | "wrong-password"
  | "password-expired"
  | "account-disabled"
  | "account-locked"
  | "account-expired"
  /** The account may not sign in here, now, from here, or with these means. */
  | "account-restricted"
  /** The server knows no such mechanism or its domain cannot be asked. */
  | "authentication-unavailable"
  /** The person is known and has no right to remote desktops there. */
  | "not-authorized"
  /** No licence is left, or the server may take nobody. */
  | "no-licence"
  /** The server finds no licence server. */
  | "no-licence-server"
  /** The licence of an earlier connection is out of date, and the licence server renews it no more. */
  | "licence-expired"
  /** The server does not take the licence of an earlier connection, or this client. */
  | "licence-refused"
  /** Licensing itself went wrong, on either side. */
  | "licensing-failed"
  /** The server refuses by its policy, with its words in `detail`. */
  | "refused"
  | "disconnected-by-administrator"
  | "logged-off"
  | "taken-over"
  | "idle-timeout"
  | "time-limit"
  | "server-failure"
  /** The server closed without a word. */
  | "closed-by-target"
  /** Something came that the specification does not allow, or over a limit; `detail` says which. */
  | "protocol-error";

/** A failure with what the server or the core says of it; never a secret. */
export interface RdpFailure {
  readonly code: RdpFailureCode;
  readonly detail: string;
}

const hex = (code: number): string => `0x${code.toString(16).padStart(8, "0")}`;

/** NTSTATUS and SSPI codes of a TSRequest ([MS-CSSP] 2.2.1 errorCode, [MS-ERREF] 2.3). */
const STATUS_CODES: ReadonlyMap<number, readonly [RdpFailureCode, string]> = new Map([
  [0xc000006d, ["wrong-password", "STATUS_LOGON_FAILURE"]],
  [0xc000006a, ["wrong-password", "STATUS_WRONG_PASSWORD"]],
  [0xc0000064, ["wrong-password", "STATUS_NO_SUCH_USER"]],
  [0x8009030c, ["wrong-password", "SEC_E_LOGON_DENIED"]],
  [0x8009030e, ["wrong-password", "SEC_E_NO_CREDENTIALS"]],
  [0xc0000071, ["password-expired", "STATUS_PASSWORD_EXPIRED"]],
  [0xc0000224, ["password-expired", "STATUS_PASSWORD_MUST_CHANGE"]],
  [0xc0000072, ["account-disabled", "STATUS_ACCOUNT_DISABLED"]],
  [0xc0000234, ["account-locked", "STATUS_ACCOUNT_LOCKED_OUT"]],
  [0xc0000193, ["account-expired", "STATUS_ACCOUNT_EXPIRED"]],
  [0xc000006e, ["account-restricted", "STATUS_ACCOUNT_RESTRICTION"]],
  [0xc000006f, ["account-restricted", "STATUS_INVALID_LOGON_HOURS"]],
  [0xc0000070, ["account-restricted", "STATUS_INVALID_WORKSTATION"]],
  [0xc000015b, ["account-restricted", "STATUS_LOGON_TYPE_NOT_GRANTED"]],
  [0xc0000413, ["account-restricted", "STATUS_AUTHENTICATION_FIREWALL_FAILED"]],
  [0xc000005e, ["authentication-unavailable", "STATUS_NO_LOGON_SERVERS"]],
  [0xc0000133, ["authentication-unavailable", "STATUS_TIME_DIFFERENCE_AT_DC"]],
  [0x80090302, ["authentication-unavailable", "SEC_E_NOT_SUPPORTED"]],
  [0x80090305, ["authentication-unavailable", "SEC_E_SECPKG_NOT_FOUND"]],
  [0x80090308, ["protocol-error", "SEC_E_INVALID_TOKEN"]],
  [0x80090346, ["public-key-mismatch", "SEC_E_BAD_BINDINGS"]],
]);

/** Win32 errors that come as NTSTATUS with the facility FACILITY_NTWIN32 ([MS-ERREF] 2.2). */
const WIN32_STATUS = new Map([
  [1326, 0xc000006d],
  [1330, 0xc0000071],
  [1907, 0xc0000224],
  [1331, 0xc0000072],
  [1909, 0xc0000234],
  [1793, 0xc0000193],
  [1327, 0xc000006e],
  [1328, 0xc000006f],
  [1329, 0xc0000070],
  [1385, 0xc000015b],
  [1311, 0xc000005e],
]);
const FACILITY_NTWIN32 = 0xc007;

/** Why NLA failed, from the error code of the server's TSRequest; `refused` where the code tells nothing. */
export function failureOfStatus(status: number): RdpFailure {
  const win32 = status >>> 16 === FACILITY_NTWIN32 ? WIN32_STATUS.get(status & 0xffff) : undefined;
  const known = STATUS_CODES.get(win32 ?? status);
  if (known === undefined) return { code: "refused", detail: `CredSSP error ${hex(status)}` };
  return { code: known[0], detail: `${known[1]} (${hex(status)})` };
}

/** [MS-RDPBCGR] 2.2.5.1.1 errorInfo. */
const ERROR_INFO: ReadonlyMap<number, readonly [RdpFailureCode, string]> = new Map([
  [0x1, ["disconnected-by-administrator", "ERRINFO_RPC_INITIATED_DISCONNECT"]],
  [0x2, ["logged-off", "ERRINFO_RPC_INITIATED_LOGOFF"]],
  [0x3, ["idle-timeout", "ERRINFO_IDLE_TIMEOUT"]],
  [0x4, ["time-limit", "ERRINFO_LOGON_TIMEOUT"]],
  [0x5, ["taken-over", "ERRINFO_DISCONNECTED_BY_OTHERCONNECTION"]],
  [0x6, ["server-failure", "ERRINFO_OUT_OF_MEMORY"]],
  [0x7, ["refused", "ERRINFO_SERVER_DENIED_CONNECTION"]],
  [0x9, ["not-authorized", "ERRINFO_SERVER_INSUFFICIENT_PRIVILEGES"]],
  [0xa, ["refused", "ERRINFO_SERVER_FRESH_CREDENTIALS_REQUIRED"]],
  [0xb, ["logged-off", "ERRINFO_RPC_INITIATED_DISCONNECT_BYUSER"]],
  [0xc, ["logged-off", "ERRINFO_LOGOFF_BY_USER"]],
  [0xf, ["server-failure", "ERRINFO_CLOSE_STACK_ON_DRIVER_NOT_READY"]],
  [0x10, ["server-failure", "ERRINFO_SERVER_DWM_CRASH"]],
  [0x11, ["server-failure", "ERRINFO_CLOSE_STACK_ON_DRIVER_FAILURE"]],
  [0x12, ["server-failure", "ERRINFO_CLOSE_STACK_ON_DRIVER_IFACE_FAILURE"]],
  [0x17, ["server-failure", "ERRINFO_SERVER_WINLOGON_CRASH"]],
  [0x18, ["server-failure", "ERRINFO_SERVER_CSRSS_CRASH"]],
  [0x19, ["server-failure", "ERRINFO_SERVER_SHUTDOWN"]],
  [0x1a, ["server-failure", "ERRINFO_SERVER_REBOOT"]],
  [0x100, ["licensing-failed", "ERRINFO_LICENSE_INTERNAL"]],
  [0x101, ["no-licence-server", "ERRINFO_LICENSE_NO_LICENSE_SERVER"]],
  [0x102, ["no-licence", "ERRINFO_LICENSE_NO_LICENSE"]],
  [0x103, ["licensing-failed", "ERRINFO_LICENSE_BAD_CLIENT_MSG"]],
  [0x104, ["licence-refused", "ERRINFO_LICENSE_HWID_DOESNT_MATCH_LICENSE"]],
  [0x105, ["licence-refused", "ERRINFO_LICENSE_BAD_CLIENT_LICENSE"]],
  [0x106, ["licensing-failed", "ERRINFO_LICENSE_CANT_FINISH_PROTOCOL"]],
  [0x107, ["licensing-failed", "ERRINFO_LICENSE_CLIENT_ENDED_PROTOCOL"]],
  [0x108, ["licensing-failed", "ERRINFO_LICENSE_BAD_CLIENT_ENCRYPTION"]],
  [0x109, ["licence-expired", "ERRINFO_LICENSE_CANT_UPGRADE_LICENSE"]],
  [0x10a, ["no-licence", "ERRINFO_LICENSE_NO_REMOTE_CONNECTIONS"]],
]);
/** From here on errorInfo tells of the server's own protocol code. */
const FIRST_PROTOCOL_ERROR_INFO = 0x10c9;

/** Why the server ends the connection, null for none ([MS-RDPBCGR] 2.2.5.1 Set Error Info PDU). */
export function failureOfErrorInfo(errorInfo: number): RdpFailure | null {
  if (errorInfo === 0) return null;
  const known = ERROR_INFO.get(errorInfo);
  if (known !== undefined) return { code: known[0], detail: `${known[1]} (${hex(errorInfo)})` };
  const code = errorInfo >= FIRST_PROTOCOL_ERROR_INFO ? "protocol-error" : "refused";
  return { code, detail: `error info ${hex(errorInfo)}` };
}

/** [MS-RDPBCGR] 2.2.1.12.1.3 dwErrorCode of a licensing error message. */
const LICENCE_ERRORS: ReadonlyMap<number, readonly [RdpFailureCode, string]> = new Map([
  [0x1, ["licensing-failed", "ERR_INVALID_SERVER_CERTIFICATE"]],
  [0x2, ["no-licence", "ERR_NO_LICENSE"]],
  [0x3, ["licensing-failed", "ERR_INVALID_MAC"]],
  [0x4, ["licence-refused", "ERR_INVALID_SCOPE"]],
  [0x6, ["no-licence-server", "ERR_NO_LICENSE_SERVER"]],
  [0x8, ["licence-refused", "ERR_INVALID_CLIENT"]],
  [0xb, ["licence-refused", "ERR_INVALID_PRODUCTID"]],
  [0xc, ["licensing-failed", "ERR_INVALID_MESSAGE_LEN"]],
]);

/** Why licensing failed. */
export function failureOfLicenceError(errorCode: number): RdpFailure {
  const known = LICENCE_ERRORS.get(errorCode);
  if (known === undefined) return { code: "licensing-failed", detail: `licence error ${hex(errorCode)}` };
  return { code: known[0], detail: `${known[1]} (${hex(errorCode)})` };
}

export {
  CLIPRDR,
  type ClipboardAction,
  ClipboardChannel,
  type ClipboardContentKind,
  type ClipboardRules,
} from "./channels/clipboard.ts";
export { type ClipboardFile, isSafeFileName, MAX_FILE_RANGE_BYTES } from "./channels/clipboard-files.ts";
export { RdpClient, type RdpClientOptions } from "./client.ts";
export type { RdpCommand } from "./commands.ts";
export type { Credentials } from "./connect/client-info.ts";
export type { SecurityRules, TlsFacts } from "./connect/connection.ts";
export type { RdpCrypto } from "./crypto.ts";
export type { RdpFailure, RdpFailureCode } from "./failures.ts";
export { type GfxCapability, type GfxCapabilityOptions, GfxVersion } from "./graphics/capabilities.ts";
export type { SecurityMechanism } from "./nla/mechanism.ts";
export { NtlmMechanism, type NtlmOptions } from "./nla/ntlm.ts";

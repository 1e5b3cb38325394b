export {
  CLIPRDR,
  type ClipboardAction,
  ClipboardChannel,
  type ClipboardContentKind,
  type ClipboardRules,
} from "./channels/clipboard.ts";
export { type ClipboardFile, isSafeFileName, MAX_FILE_RANGE_BYTES } from "./channels/clipboard-files.ts";
export { type DriveAction, DriveChannel, RDPDR } from "./channels/drive.ts";
export {
  DriveStatus,
  encodeDirectoryEntry,
  encodeFileInformation,
  encodeVolumeInformation,
} from "./channels/drive-answers.ts";
export { type DriveCreate, type DriveIrp, type DriveOrder, isDriveName } from "./channels/drive-irps.ts";
export type { DynamicChannel } from "./channels/dynamic-channels.ts";
export {
  AUDIO_PLAYBACK_CHANNEL,
  RDPSND,
  type SoundAction,
  SoundChannel,
  type SoundWave,
} from "./channels/sound.ts";
export type { ServerSoundFormat, SoundPacking } from "./channels/sound-formats.ts";
export { RdpClient, type RdpClientOptions } from "./client.ts";
export type { RdpCommand } from "./commands.ts";
export type { Credentials } from "./connect/client-info.ts";
export type { SecurityRules, TlsFacts } from "./connect/connection.ts";
export type { IssuedLicence, LicenceWish } from "./connect/licence-index.ts";
export { makeReconnectCookie } from "./connect/reconnect-cookie.ts";
export type { RdpCrypto } from "./crypto.ts";
export type { RdpFailure, RdpFailureCode } from "./failures.ts";
export { type GfxCapability, type GfxCapabilityOptions, GfxVersion } from "./graphics/capabilities.ts";
export { desktopSize, fitMonitors, type Monitor, oneMonitor } from "./monitors.ts";
export type { SecurityMechanism } from "./nla/mechanism.ts";
export { NtlmMechanism, type NtlmOptions } from "./nla/ntlm.ts";

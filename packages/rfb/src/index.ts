export { RfbClient, type RfbClientOptions } from "./client.ts";
export type { PictureQuality } from "./client-messages.ts";
export type { RfbCommand, RfbFailureCode } from "./commands.ts";
export { LinkMeter } from "./link-meter.ts";
export { Pacer, type PacerAction, type PacerOptions } from "./pacer.ts";
export { DEFAULT_ENCODINGS, Encoding, type RfbVersion, SecurityType } from "./protocol.ts";
export type { MinimumSecurity, SecurityRules } from "./security.ts";
export {
  type InflateTail,
  inflateTailHere,
  MAX_PENDING_BYTES,
  MAX_PENDING_OUTPUT_BYTES,
} from "./zlib-history.ts";

import { ByteWriter } from "@poterne/bytes";
import { encodeUtf16 } from "../encoding/utf16.ts";

/** [MS-RDPBCGR] 2.2.1.11.1.1 flags. */
export const InfoFlag = {
  INFO_MOUSE: 0x1,
  INFO_DISABLECTRLALTDEL: 0x2,
  INFO_AUTOLOGON: 0x8,
  INFO_UNICODE: 0x10,
  INFO_MAXIMIZESHELL: 0x20,
  INFO_LOGONNOTIFY: 0x40,
  INFO_ENABLEWINDOWSKEY: 0x100,
  INFO_LOGONERRORS: 0x10000,
  INFO_MOUSE_HAS_WHEEL: 0x20000,
  INFO_NOAUDIOPLAYBACK: 0x80000,
} as const;

const SEC_INFO_PKT = 0x40;
const AF_INET = 2;
const TIME_ZONE_BYTES = 172;
/** The longest field the packet takes ([MS-RDPBCGR] 2.2.1.11.1.1), terminator included. */
const MAX_FIELD_BYTES = 512;

/** Who signs in; dropped by the core as soon as it went out. */
export interface Credentials {
  readonly domain: string;
  readonly username: string;
  readonly password: string;
}

/** Everything of the Client Info PDU that differs between sessions. */
export interface ClientInfo {
  readonly credentials: Credentials;
  readonly flags: number;
  readonly keyboardLayout: number;
  readonly performanceFlags: number;
  /** 28 bytes of ARC_CS_PRIVATE_PACKET to come back after a cut, null without. */
  readonly reconnectCookie: Uint8Array | null;
}

/** [MS-RDPBCGR] 2.2.1.11 Client Info PDU with its security header; an address of 0.0.0.0 is told: the gateway's is not the person's. */
export function encodeClientInfo(info: ClientInfo): Uint8Array {
  const { domain, username, password } = info.credentials;
  const fields = [domain, username, password, "", ""].map((text) =>
    encodeUtf16(text).subarray(0, MAX_FIELD_BYTES - 2),
  );
  const writer = new ByteWriter(512)
    .u16le(SEC_INFO_PKT)
    .u16le(0)
    .u32le(info.keyboardLayout)
    .u32le(info.flags);
  for (const field of fields) writer.u16le(field.length);
  for (const field of fields) writer.put(field).u16le(0);
  writer.u16le(AF_INET);
  for (const text of ["0.0.0.0\0", "\0"]) {
    const field = encodeUtf16(text);
    writer.u16le(field.length).put(field);
  }
  writer.put(new Uint8Array(TIME_ZONE_BYTES)).u32le(0).u32le(info.performanceFlags);
  const cookie = info.reconnectCookie;
  writer.u16le(cookie === null ? 0 : cookie.length);
  if (cookie !== null) writer.put(cookie);
  return writer.finish();
}

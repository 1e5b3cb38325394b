import { ByteReader, ByteWriter } from "@poterne/bytes";

/** [MS-RDPBCGR] 2.2.8.1.1.1.1 pduType. */
export const PduType = {
  PDUTYPE_DEMANDACTIVEPDU: 1,
  PDUTYPE_CONFIRMACTIVEPDU: 3,
  PDUTYPE_DEACTIVATEALLPDU: 6,
  PDUTYPE_DATAPDU: 7,
  PDUTYPE_SERVER_REDIR_PKT: 10,
} as const;

/** [MS-RDPBCGR] 2.2.8.1.1.1.2 pduType2. */
export const DataPdu = {
  PDUTYPE2_UPDATE: 2,
  PDUTYPE2_CONTROL: 20,
  PDUTYPE2_POINTER: 27,
  PDUTYPE2_SYNCHRONIZE: 31,
  PDUTYPE2_REFRESH_RECT: 33,
  PDUTYPE2_PLAY_SOUND: 34,
  PDUTYPE2_SUPPRESS_OUTPUT: 35,
  PDUTYPE2_SHUTDOWN_REQUEST: 36,
  PDUTYPE2_SHUTDOWN_DENIED: 37,
  PDUTYPE2_SAVE_SESSION_INFO: 38,
  PDUTYPE2_FONTLIST: 39,
  PDUTYPE2_FONTMAP: 40,
  PDUTYPE2_SET_KEYBOARD_INDICATORS: 41,
  PDUTYPE2_SET_ERROR_INFO_PDU: 47,
  PDUTYPE2_MONITOR_LAYOUT_PDU: 55,
  PDUTYPE2_FRAME_ACKNOWLEDGE: 56,
} as const;

const PROTOCOL_VERSION = 0x10;
const STREAM_LOW = 1;
const PACKET_COMPRESSED = 0x20;
const SHARE_DATA_HEADER_BYTES = 18;
/** A flow PDU of T.128, which nobody needs. */
const FLOW_PDU_MARKER = 0x8000;
const FLOW_PDU_BYTES = 8;
/** The most share PDUs taken from one MCS packet. */
const MAX_SHARE_PDUS = 256;

/** One share PDU; `body` is a view. */
export type SharePdu =
  | { readonly type: "control"; readonly pduType: number; readonly body: Uint8Array }
  | { readonly type: "data"; readonly pduType2: number; readonly body: Uint8Array };

/** The share PDUs of one packet on the I/O channel, in order; throws `DecodeError`. */
export function decodeSharePdus(packet: Uint8Array): SharePdu[] {
  const reader = new ByteReader(packet, "share control header");
  const pdus: SharePdu[] = [];
  while (reader.remaining >= 4) {
    if (pdus.length >= MAX_SHARE_PDUS) throw reader.fail("limit", "share PDUs in one packet");
    const totalLength = reader.u16le();
    if (totalLength === FLOW_PDU_MARKER) {
      reader.advance(Math.min(reader.remaining, FLOW_PDU_BYTES - 2));
      continue;
    }
    if (totalLength < 4) throw reader.fail("invalid", `length ${totalLength}`);
    const pdu = new ByteReader(reader.take(totalLength - 2), "share control header");
    const pduType = pdu.u16le() & 0x0f;
    // FreeRDP's Deactivate All ends before the source.
    if (pdu.remaining >= 2) pdu.advance(2);
    if (pduType === PduType.PDUTYPE_DATAPDU) pdus.push(decodeShareData(pdu));
    else pdus.push({ type: "control", pduType, body: pdu.rest() });
  }
  return pdus;
}

function decodeShareData(reader: ByteReader): SharePdu {
  reader.advance(8);
  const pduType2 = reader.u8();
  const compressedType = reader.u8();
  reader.advance(2);
  if ((compressedType & PACKET_COMPRESSED) !== 0)
    throw reader.fail("unsupported", "compression that was not offered");
  return { type: "data", pduType2, body: reader.rest() };
}

/** A share control PDU of the client. */
export function encodeShareControl(pduType: number, userId: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(body.length + 6)
    .u16le(body.length + 6)
    .u16le(PROTOCOL_VERSION | pduType)
    .u16le(userId)
    .put(body)
    .finish();
}

/** A share data PDU of the client. */
export function encodeShareData(
  pduType2: number,
  share: { readonly shareId: number; readonly userId: number },
  body: Uint8Array,
): Uint8Array {
  const data = new ByteWriter(body.length + 12)
    .u32le(share.shareId)
    .u8(0)
    .u8(STREAM_LOW)
    .u16le(body.length + SHARE_DATA_HEADER_BYTES - 14)
    .u8(pduType2)
    .u8(0)
    .u16le(0)
    .put(body)
    .finish();
  return encodeShareControl(PduType.PDUTYPE_DATAPDU, share.userId, data);
}

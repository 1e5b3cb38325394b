import { ByteWriter, concatBytes } from "@poterne/bytes";
import { CapabilitySet } from "../packages/rdp/src/connect/capability-sets.ts";
import { DataPdu, encodeShareControl, encodeShareData, PduType } from "../packages/rdp/src/connect/share.ts";
import { encodeData, encodeTpkt, Protocol } from "../packages/rdp/src/connect/x224.ts";
import { encodeBer, encodeBerInteger, Tag } from "../packages/rdp/src/encoding/ber.ts";
import { writePerLength } from "../packages/rdp/src/encoding/per.ts";

/** The server's channels as xrdp and FreeRDP number them, so that their packets can be played as they were captured. */
export const IO_CHANNEL = 1003;
/** The first static channel a client names: ours names the dynamic ones' first. */
export const FIRST_STATIC_CHANNEL = 1004;
/** Static channels of one client. */
const MAX_STATIC_CHANNELS = 31;
const USER_ID = 1020;
const MCS_BASE_CHANNEL_ID = 1001;
const SERVER_USER_ID = 1002;
const SHARE_ID = 0x1ea;
const RDP_VERSION_5 = 0x00080004;

/** [MS-RDPBCGR] 2.2.1.2: TLS and nothing else. */
export function connectionConfirm(): Uint8Array {
  const negotiation = new ByteWriter().u8(2).u8(0).u16le(8).u32le(Protocol.PROTOCOL_SSL).finish();
  return encodeTpkt(concatBytes([Uint8Array.of(14, 0xd0, 0, 0, 0, 0, 0), negotiation]));
}

/** The number of static channels in a Connect Initial ([MS-RDPBCGR] 2.2.1.3.4); throws where it cannot be found. */
export function countStaticChannels(connectInitial: Buffer): number {
  for (
    let at = connectInitial.indexOf("03c0", "hex");
    at >= 0;
    at = connectInitial.indexOf("03c0", at + 1, "hex")
  ) {
    const count = connectInitial.readUInt32LE(at + 4);
    if (count <= MAX_STATIC_CHANNELS && connectInitial.readUInt16LE(at + 2) === 8 + 12 * count) return count;
  }
  throw new Error("the client names no channels");
}

/** [MS-RDPBCGR] 2.2.1.4 Server MCS Connect Response. */
export function connectResponse(channels: number): Uint8Array {
  const blocks = new ByteWriter()
    .u16le(0x0c01)
    .u16le(16)
    .u32le(RDP_VERSION_5)
    .u32le(Protocol.PROTOCOL_SSL)
    .u32le(0);
  blocks.u16le(0x0c02).u16le(12).u32le(0).u32le(0);
  const padded = channels + (channels % 2);
  blocks
    .u16le(0x0c03)
    .u16le(8 + 2 * padded)
    .u16le(IO_CHANNEL)
    .u16le(channels);
  for (let index = 0; index < padded; index++)
    blocks.u16le(index < channels ? FIRST_STATIC_CHANNEL + index : 0);
  const userData = blocks.finish();
  const tail = new ByteWriter().put(
    Uint8Array.of(0x14, 0x76, 0x0a, 1, 1, 0, 1, 0xc0, 0, 0x4d, 0x63, 0x44, 0x6e),
  );
  writePerLength(tail, userData.length);
  const connectPdu = tail.put(userData).finish();
  const conference = new ByteWriter().put(Uint8Array.of(0, 5, 0, 0x14, 0x7c, 0, 1));
  writePerLength(conference, connectPdu.length);
  const parameters = encodeBer(Tag.sequence, ...[34, 3, 0, 1, 0, 1, 65528, 2].map(encodeBerInteger));
  return encodeData(
    encodeBer(
      0x7f66,
      encodeBer(Tag.enumerated, Uint8Array.of(0)),
      encodeBerInteger(0),
      parameters,
      encodeBer(Tag.octetString, conference.put(connectPdu).finish()),
    ),
  );
}

/** [MS-RDPBCGR] 2.2.1.7. */
export const attachUserConfirm = (): Uint8Array =>
  encodeData(
    new ByteWriter()
      .u8(0x2e)
      .u8(0)
      .u16(USER_ID - MCS_BASE_CHANNEL_ID)
      .finish(),
  );

/** [MS-RDPBCGR] 2.2.1.9. */
export const channelJoinConfirm = (channelId: number): Uint8Array =>
  encodeData(
    new ByteWriter()
      .u8(0x3e)
      .u8(0)
      .u16(USER_ID - MCS_BASE_CHANNEL_ID)
      .u16(channelId)
      .u16(channelId)
      .finish(),
  );

/** T.125 Send Data Indication on a channel: a whole packet. */
export function sendIndication(channelId: number, payload: Uint8Array): Uint8Array {
  const writer = new ByteWriter(payload.length + 8)
    .u8(0x68)
    .u16(SERVER_USER_ID - MCS_BASE_CHANNEL_ID)
    .u16(channelId)
    .u8(0x70);
  writePerLength(writer, payload.length);
  return encodeData(writer.put(payload).finish());
}

/** [MS-RDPBCGR] 2.2.1.12: no licence is needed. */
export const licenceValid = (): Uint8Array =>
  sendIndication(
    IO_CHANNEL,
    new ByteWriter()
      .u16le(0x80)
      .u16le(0)
      .u8(0xff)
      .u8(3)
      .u16le(16)
      .u32le(7)
      .u32le(2)
      .u16le(4)
      .u16le(0)
      .finish(),
  );

/** [MS-RDPBCGR] 2.2.1.13.1: a desktop of that size that can suppress output and refresh, and takes frame acknowledgements. */
export function demandActive(width: number, height: number): Uint8Array {
  const general = new ByteWriter();
  for (const value of [1, 3, 0x200, 0, 0, 0x1d, 0, 0, 0]) general.u16le(value);
  general.u8(1).u8(1);
  const bitmap = new ByteWriter();
  for (const value of [32, 1, 1, 1, width, height, 0, 1, 1, 0, 1, 0]) bitmap.u16le(value);
  const sets: readonly [type: number, body: Uint8Array][] = [
    [CapabilitySet.CAPSTYPE_GENERAL, general.finish()],
    [CapabilitySet.CAPSTYPE_BITMAP, bitmap.finish()],
    [CapabilitySet.CAPSSETTYPE_FRAME_ACKNOWLEDGE, new ByteWriter().u32le(2).finish()],
  ];
  const combined = new ByteWriter().u16le(sets.length).u16le(0);
  for (const [type, body] of sets)
    combined
      .u16le(type)
      .u16le(body.length + 4)
      .put(body);
  const capabilities = combined.finish();
  const body = new ByteWriter()
    .u32le(SHARE_ID)
    .u16le(4)
    .u16le(capabilities.length)
    .put(Uint8Array.of(0x52, 0x44, 0x50, 0));
  const pdu = body.put(capabilities).u32le(0).finish();
  return sendIndication(IO_CHANNEL, encodeShareControl(PduType.PDUTYPE_DEMANDACTIVEPDU, SERVER_USER_ID, pdu));
}

/** [MS-RDPBCGR] 2.2.1.19–2.2.1.22: synchronize, control (cooperate, granted), font map. */
export function finalization(): Uint8Array {
  const share = { shareId: SHARE_ID, userId: SERVER_USER_ID };
  const data = (type: number, ...values: readonly number[]) => {
    const body = new ByteWriter();
    for (const value of values) body.u16le(value);
    return sendIndication(IO_CHANNEL, encodeShareData(type, share, body.finish()));
  };
  return concatBytes([
    data(DataPdu.PDUTYPE2_SYNCHRONIZE, 1, SERVER_USER_ID),
    data(DataPdu.PDUTYPE2_CONTROL, 4, 0, 0, 0),
    data(DataPdu.PDUTYPE2_CONTROL, 2, USER_ID, SERVER_USER_ID, 0),
    data(DataPdu.PDUTYPE2_FONTMAP, 0, 0, 3, 4),
  ]);
}

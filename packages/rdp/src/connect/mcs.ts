import { ByteReader, ByteWriter } from "@poterne/bytes";
import { encodeBer, encodeBerInteger, readBer, readBerInteger, readBerLength, Tag } from "../encoding/ber.ts";
import { readPerLength, writePerLength } from "../encoding/per.ts";
import { encodeData } from "./x224.ts";

/** T.125 user ids count from here. */
const MCS_BASE_CHANNEL_ID = 1001;
const CONNECT_INITIAL = 0x7f65;
const CONNECT_RESPONSE = 0x7f66;
/** DomainMCSPDU choices of T.125, as they stand in the upper six bits. */
const DomainPdu = {
  disconnectProviderUltimatum: 8,
  attachUserConfirm: 11,
  channelJoinConfirm: 15,
  sendDataIndication: 26,
} as const;
const HIGH_PRIORITY_WHOLE = 0x70;

/** What comes on the domain once it stands. */
export type McsPdu =
  | { readonly type: "data"; readonly channelId: number; readonly payload: Uint8Array }
  | { readonly type: "attachUserConfirm"; readonly userId: number }
  | { readonly type: "channelJoinConfirm"; readonly channelId: number }
  | { readonly type: "ultimatum"; readonly reason: number };

function domainParameters(...values: readonly number[]): Uint8Array {
  return encodeBer(Tag.sequence, ...values.map(encodeBerInteger));
}

/** [MS-RDPBCGR] 2.2.1.3 Client MCS Connect Initial around a GCC Conference Create Request: a whole packet. */
export function encodeConnectInitial(conference: Uint8Array): Uint8Array {
  const one = encodeBer(Tag.octetString, Uint8Array.of(1));
  const pdu = encodeBer(
    CONNECT_INITIAL,
    one,
    one,
    encodeBer(Tag.boolean, Uint8Array.of(0xff)),
    domainParameters(34, 2, 0, 1, 0, 1, 65535, 2),
    domainParameters(1, 1, 1, 1, 0, 1, 1056, 2),
    domainParameters(65535, 64535, 65535, 1, 0, 1, 65535, 2),
    encodeBer(Tag.octetString, conference),
  );
  return encodeData(pdu);
}

/** [MS-RDPBCGR] 2.2.1.4 Server MCS Connect Response: its result (0 is success) and the GCC Conference Create Response. */
export function decodeConnectResponse(pdu: Uint8Array): {
  readonly result: number;
  readonly conference: Uint8Array;
} {
  const reader = new ByteReader(pdu, "MCS connect response");
  if (reader.u16() !== CONNECT_RESPONSE) throw reader.fail("invalid", "not a connect response");
  readBerLength(reader);
  const result = readBerInteger(reader, Tag.enumerated);
  readBerInteger(reader);
  readBer(reader, Tag.sequence);
  return { result, conference: readBer(reader, Tag.octetString) };
}

/** [MS-RDPBCGR] 2.2.1.5 and 2.2.1.6: Erect Domain Request and Attach User Request, two packets. */
export function encodeErectAndAttach(): readonly Uint8Array[] {
  return [encodeData(Uint8Array.of(4, 1, 0, 1, 0)), encodeData(Uint8Array.of(0x28))];
}

/** [MS-RDPBCGR] 2.2.1.8 Client MCS Channel Join Request. */
export function encodeChannelJoin(userId: number, channelId: number): Uint8Array {
  return encodeData(
    new ByteWriter()
      .u8(0x38)
      .u16(userId - MCS_BASE_CHANNEL_ID)
      .u16(channelId)
      .finish(),
  );
}

/** T.125 Send Data Request: a whole packet. */
export function encodeSendData(userId: number, channelId: number, payload: Uint8Array): Uint8Array {
  const writer = new ByteWriter(payload.length + 8)
    .u8(0x64)
    .u16(userId - MCS_BASE_CHANNEL_ID)
    .u16(channelId)
    .u8(HIGH_PRIORITY_WHOLE);
  writePerLength(writer, payload.length);
  return encodeData(writer.put(payload).finish());
}

/** T.125 Disconnect Provider Ultimatum, user requested: a whole packet. */
export function encodeUltimatum(): Uint8Array {
  return encodeData(Uint8Array.of(0x21, 0x80));
}

/** Reads one domain PDU; refusals of the server are `DecodeError` `invalid` with T.125's result in the detail. */
export function decodeMcsPdu(pdu: Uint8Array): McsPdu {
  const reader = new ByteReader(pdu, "MCS PDU");
  const first = reader.u8();
  switch (first >> 2) {
    case DomainPdu.sendDataIndication: {
      reader.advance(2);
      const channelId = reader.u16();
      reader.advance(1);
      return { type: "data", channelId, payload: reader.take(readPerLength(reader)) };
    }
    case DomainPdu.attachUserConfirm:
      checkResult(reader, "attach user");
      return { type: "attachUserConfirm", userId: reader.u16() + MCS_BASE_CHANNEL_ID };
    case DomainPdu.channelJoinConfirm: {
      checkResult(reader, "channel join");
      reader.advance(2);
      return { type: "channelJoinConfirm", channelId: reader.u16() };
    }
    case DomainPdu.disconnectProviderUltimatum:
      // Three bits of reason, from bit 1 of the first byte on.
      return { type: "ultimatum", reason: ((first & 3) << 1) | (reader.u8() >> 7) };
    default:
      throw reader.fail("unsupported", `choice ${first >> 2}`);
  }
}

function checkResult(reader: ByteReader, what: string): void {
  const result = reader.u8();
  if (result !== 0) throw reader.fail("invalid", `${what} refused with result ${result}`);
}

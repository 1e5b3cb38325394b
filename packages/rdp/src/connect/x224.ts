import { ByteReader, ByteWriter, encodeUtf8 } from "@poterne/bytes";

/** [MS-RDPBCGR] 2.2.1.1.1 requestedProtocols. */
export const Protocol = {
  PROTOCOL_RDP: 0,
  PROTOCOL_SSL: 1,
  PROTOCOL_HYBRID: 2,
  PROTOCOL_HYBRID_EX: 8,
} as const;

/** [MS-RDPBCGR] 2.2.1.2.2 failureCode. */
export const NegotiationFailure = {
  SSL_REQUIRED_BY_SERVER: 1,
  SSL_NOT_ALLOWED_BY_SERVER: 2,
  SSL_CERT_NOT_ON_SERVER: 3,
  INCONSISTENT_FLAGS: 4,
  HYBRID_REQUIRED_BY_SERVER: 5,
  SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER: 6,
} as const;

/** [MS-RDPBCGR] 2.2.1.2.1 in `flags`: the server takes extended client data blocks, those of monitors among them. */
export const EXTENDED_CLIENT_DATA_SUPPORTED = 1;

/** What the server chose; `selected` 0 without any negotiation is RDP's own security. */
export type ConnectionConfirm =
  | { readonly type: "selected"; readonly protocol: number; readonly flags: number }
  | { readonly type: "failure"; readonly code: number };

const TPDU_CONNECTION_REQUEST = 0xe0;
const TPDU_CONNECTION_CONFIRM = 0xd0;
const TPDU_DATA = 0xf0;
const EOT = 0x80;
const TYPE_RDP_NEG_REQ = 1;
const TYPE_RDP_NEG_RSP = 2;
const TYPE_RDP_NEG_FAILURE = 3;
const NEGOTIATION_BYTES = 8;
/** The longest user name a cookie carries; load balancers look no further. */
const MAX_COOKIE_CHARACTERS = 9;

/** Puts the TPKT header before a TPDU. */
export function encodeTpkt(tpdu: Uint8Array): Uint8Array {
  return new ByteWriter(tpdu.length + 4)
    .u8(3)
    .u8(0)
    .u16(tpdu.length + 4)
    .put(tpdu)
    .finish();
}

/** A whole TPKT with an X.224 data TPDU around `payload`. */
export function encodeData(payload: Uint8Array): Uint8Array {
  return new ByteWriter(payload.length + 7)
    .u8(3)
    .u8(0)
    .u16(payload.length + 7)
    .u8(2)
    .u8(TPDU_DATA)
    .u8(EOT)
    .put(payload)
    .finish();
}

/** [MS-RDPBCGR] 2.2.1.1 Client X.224 Connection Request; an empty `cookie` is left out. */
export function encodeConnectionRequest(protocols: number, cookie: string): Uint8Array {
  const name = cookie.replace(/[^\x21-\x7e]/g, "").slice(0, MAX_COOKIE_CHARACTERS);
  const variable = new ByteWriter();
  if (name !== "") variable.put(encodeUtf8(`Cookie: mstshash=${name}\r\n`));
  variable.u8(TYPE_RDP_NEG_REQ).u8(0).u16le(NEGOTIATION_BYTES).u32le(protocols);
  const tail = variable.finish();
  const header = Uint8Array.of(6 + tail.length, TPDU_CONNECTION_REQUEST, 0, 0, 0, 0, 0);
  return encodeTpkt(new ByteWriter().put(header).put(tail).finish());
}

/** [MS-RDPBCGR] 2.2.1.2 Server X.224 Connection Confirm. */
export function decodeConnectionConfirm(tpdu: Uint8Array): ConnectionConfirm {
  const reader = new ByteReader(tpdu, "X.224 connection confirm");
  const length = reader.u8();
  if (reader.u8() !== TPDU_CONNECTION_CONFIRM) throw reader.fail("invalid", "not a connection confirm");
  if (length + 1 !== tpdu.length) throw reader.fail("invalid", "length indicator");
  reader.advance(5);
  if (reader.remaining === 0) return { type: "selected", protocol: Protocol.PROTOCOL_RDP, flags: 0 };
  const type = reader.u8();
  const flags = reader.u8();
  if (reader.u16le() !== NEGOTIATION_BYTES) throw reader.fail("invalid", "negotiation length");
  const value = reader.u32le();
  if (type === TYPE_RDP_NEG_RSP) return { type: "selected", protocol: value, flags };
  if (type === TYPE_RDP_NEG_FAILURE) return { type: "failure", code: value };
  throw reader.fail("invalid", `negotiation type ${type}`);
}

/** The payload of an X.224 data TPDU: a view. */
export function decodeData(tpdu: Uint8Array): Uint8Array {
  const reader = new ByteReader(tpdu, "X.224 data");
  if (reader.u8() !== 2 || reader.u8() !== TPDU_DATA) throw reader.fail("invalid", "not a data TPDU");
  if (reader.u8() !== EOT) throw reader.fail("unsupported", "segmented TPDU");
  return reader.rest();
}

import { ByteReader, ByteWriter, encodeUtf8 } from "@poterne/bytes";

/** [MS-NLMP] 2.2.2.5 NEGOTIATE flags. */
export const NtlmFlag = {
  NTLMSSP_NEGOTIATE_UNICODE: 0x1,
  NTLM_NEGOTIATE_OEM: 0x2,
  NTLMSSP_REQUEST_TARGET: 0x4,
  NTLMSSP_NEGOTIATE_SIGN: 0x10,
  NTLMSSP_NEGOTIATE_SEAL: 0x20,
  NTLMSSP_NEGOTIATE_NTLM: 0x200,
  NTLMSSP_NEGOTIATE_ALWAYS_SIGN: 0x8000,
  NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY: 0x80000,
  NTLMSSP_NEGOTIATE_VERSION: 0x2000000,
  NTLMSSP_NEGOTIATE_128: 0x20000000,
  NTLMSSP_NEGOTIATE_KEY_EXCH: 0x40000000,
  NTLMSSP_NEGOTIATE_56: 0x80000000,
} as const;

/** What the client asks for. */
export const CLIENT_FLAGS = 0xe2088237;

/** Without these no message could be sealed the way this core does. */
export const REQUIRED_FLAGS =
  NtlmFlag.NTLMSSP_NEGOTIATE_UNICODE |
  NtlmFlag.NTLMSSP_NEGOTIATE_SIGN |
  NtlmFlag.NTLMSSP_NEGOTIATE_SEAL |
  NtlmFlag.NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY |
  NtlmFlag.NTLMSSP_NEGOTIATE_128 |
  NtlmFlag.NTLMSSP_NEGOTIATE_KEY_EXCH;

/** [MS-NLMP] 2.2.2.1 AvId. */
export const AvId = {
  MsvAvEOL: 0,
  MsvAvFlags: 6,
  MsvAvTimestamp: 7,
  MsvAvTargetName: 9,
  MsvAvChannelBindings: 10,
} as const;

/** [MS-NLMP] 2.2.2.10 VERSION: Windows 10, NTLMSSP_REVISION_W2K3. */
const VERSION = Uint8Array.of(10, 0, 0x61, 0x4a, 0, 0, 0, 15);
const SIGNATURE = encodeUtf8("NTLMSSP\0");
const CHALLENGE_MESSAGE = 2;
const AUTHENTICATE_MESSAGE = 3;
const AUTHENTICATE_HEADER_BYTES = 88;
/** Where the MIC stands in an AUTHENTICATE_MESSAGE ([MS-NLMP] 2.2.1.3). */
export const MIC_OFFSET = 72;
const MAX_AV_PAIRS = 64;

/** One AV_PAIR. */
export interface AvPair {
  readonly id: number;
  readonly value: Uint8Array;
}

/** What the server challenges with. */
export interface NtlmChallenge {
  readonly flags: number;
  readonly serverChallenge: Uint8Array;
  readonly targetInfo: readonly AvPair[];
}

/** [MS-NLMP] 2.2.1.1 NEGOTIATE_MESSAGE. */
export function encodeNegotiate(): Uint8Array {
  return new ByteWriter()
    .put(SIGNATURE)
    .u32le(1)
    .u32le(CLIENT_FLAGS)
    .put(new Uint8Array(16))
    .put(VERSION)
    .finish()
    .slice();
}

/** [MS-NLMP] 2.2.1.2 CHALLENGE_MESSAGE; throws `DecodeError`. */
export function decodeChallenge(message: Uint8Array): NtlmChallenge {
  const reader = new ByteReader(message, "NTLM challenge");
  const signature = reader.take(8);
  if (SIGNATURE.some((byte, index) => signature[index] !== byte) || reader.u32le() !== CHALLENGE_MESSAGE)
    throw reader.fail("invalid", "not a challenge");
  reader.advance(8);
  const flags = reader.u32le();
  const serverChallenge = reader.take(8).slice();
  reader.advance(8);
  const length = reader.u16le();
  reader.advance(2);
  const offset = reader.u32le();
  if (offset > message.length) throw reader.fail("truncated", "target info");
  const info = new ByteReader(message, "NTLM target info", offset).take(length);
  return { flags, serverChallenge, targetInfo: decodeAvPairs(info) };
}

function decodeAvPairs(bytes: Uint8Array): AvPair[] {
  const reader = new ByteReader(bytes, "NTLM target info");
  const pairs: AvPair[] = [];
  while (reader.remaining > 0) {
    if (pairs.length >= MAX_AV_PAIRS) throw reader.fail("limit", "pairs");
    const id = reader.u16le();
    const value = reader.take(reader.u16le()).slice();
    if (id === AvId.MsvAvEOL) break;
    pairs.push({ id, value });
  }
  return pairs;
}

/** [MS-NLMP] 2.2.2.1: the pairs and their end. */
export function encodeAvPairs(pairs: readonly AvPair[]): Uint8Array {
  const writer = new ByteWriter();
  for (const { id, value } of pairs) writer.u16le(id).u16le(value.length).put(value);
  return writer.u32le(0).finish().slice();
}

/** What an AUTHENTICATE_MESSAGE carries; names in UTF-16LE. */
export interface AuthenticateFields {
  readonly lmResponse: Uint8Array;
  readonly ntResponse: Uint8Array;
  readonly domain: Uint8Array;
  readonly username: Uint8Array;
  readonly workstation: Uint8Array;
  readonly encryptedSessionKey: Uint8Array;
  readonly flags: number;
}

/** [MS-NLMP] 2.2.1.3 AUTHENTICATE_MESSAGE with a MIC of zeros at `MIC_OFFSET`. */
export function encodeAuthenticate(fields: AuthenticateFields): Uint8Array {
  const { lmResponse, ntResponse, domain, username, workstation, encryptedSessionKey } = fields;
  const inHeaderOrder = [lmResponse, ntResponse, domain, username, workstation, encryptedSessionKey];
  const payload = new ByteWriter(512);
  const writer = new ByteWriter(512).put(SIGNATURE).u32le(AUTHENTICATE_MESSAGE);
  for (const field of inHeaderOrder) {
    writer
      .u16le(field.length)
      .u16le(field.length)
      .u32le(AUTHENTICATE_HEADER_BYTES + payload.length);
    payload.put(field);
  }
  return writer
    .u32le(fields.flags)
    .put(VERSION)
    .put(new Uint8Array(16))
    .put(payload.finish())
    .finish()
    .slice();
}

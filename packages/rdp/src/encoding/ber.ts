import { type ByteReader, ByteWriter, concatBytes, DecodeError } from "@poterne/bytes";

/** Tags of X.690 that RDP, CredSSP and certificates use. */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  enumerated: 0x0a,
  sequence: 0x30,
} as const;

/** The longest length field taken: four bytes. */
const MAX_LENGTH_BYTES = 4;

/** X.690 §8.1.3: a definite length; `invalid` for the indefinite form, `limit` over four bytes. */
export function readBerLength(reader: ByteReader): number {
  const first = reader.u8();
  if (first < 0x80) return first;
  const count = first & 0x7f;
  if (count === 0) throw reader.fail("invalid", "indefinite length");
  if (count > MAX_LENGTH_BYTES) throw reader.fail("limit", "length field");
  let length = 0;
  for (let index = 0; index < count; index++) length = length * 256 + reader.u8();
  return length;
}

/** The content of the next element, which must have this tag: a view. */
export function readBer(reader: ByteReader, tag: number): Uint8Array {
  const found = reader.u8();
  if (found !== tag) throw reader.fail("invalid", `tag ${found} where ${tag} was expected`);
  return reader.take(readBerLength(reader));
}

/** A non-negative INTEGER or ENUMERATED of at most four content bytes as an unsigned number. */
export function readBerInteger(reader: ByteReader, tag: number = Tag.integer): number {
  const content = readBer(reader, tag);
  if (content.length === 0 || content.length > 5) throw reader.fail("invalid", "integer");
  let value = 0;
  for (const byte of content) value = value * 256 + byte;
  if (value > 0xffffffff) throw reader.fail("limit", "integer");
  return value;
}

/** X.690 §8.1.3 length, shortest form. */
function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 255);
  return [0x80 | bytes.length, ...bytes];
}

/** One element: tag (two bytes where over 255), length, the parts as content. */
export function encodeBer(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(parts);
  const writer = new ByteWriter(content.length + 8);
  if (tag > 255) writer.u8(tag >> 8);
  return writer
    .u8(tag & 255)
    .put(Uint8Array.from(encodeLength(content.length)))
    .put(content)
    .finish()
    .slice();
}

/** An INTEGER of an unsigned 32-bit value. */
export function encodeBerInteger(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(rest & 255);
    rest = Math.floor(rest / 256);
  } while (rest > 0);
  if (((bytes[0] ?? 0) & 0x80) !== 0) bytes.unshift(0);
  return encodeBer(Tag.integer, Uint8Array.from(bytes));
}

/**
 * How many bytes the element at the start of `bytes` has in all, null when its header is not whole yet. Throws
 * `DecodeError`: `invalid` for another tag, `limit` over `maxBytes`.
 */
export function berElementLength(bytes: Uint8Array, tag: number, maxBytes: number): number | null {
  const first = bytes[0];
  const short = bytes[1];
  if (first !== undefined && first !== tag)
    throw new DecodeError("invalid", "BER element", 0, `tag ${first}`);
  if (first === undefined || short === undefined) return null;
  let header = 2;
  let length = short;
  if (short >= 0x80) {
    const count = short & 0x7f;
    if (count === 0 || count > MAX_LENGTH_BYTES) throw new DecodeError("invalid", "BER element", 1, "length");
    if (bytes.length < 2 + count) return null;
    header += count;
    length = 0;
    for (let index = 0; index < count; index++) length = length * 256 + (bytes[2 + index] ?? 0);
  }
  if (header + length > maxBytes) throw new DecodeError("limit", "BER element", 0, `${length} bytes`);
  return header + length;
}

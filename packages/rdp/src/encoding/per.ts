import type { ByteReader, ByteWriter } from "@poterne/bytes";

/** The longest length the two-byte form holds. */
const MAX_PER_LENGTH = 0x3fff;

/** X.691 §10.9 length determinant: one byte under 128, else two; fragmented forms are refused. */
export function readPerLength(reader: ByteReader): number {
  const first = reader.u8();
  if (first < 0x80) return first;
  if (first >= 0xc0) throw reader.fail("unsupported", "fragmented length");
  return ((first & 0x3f) << 8) | reader.u8();
}

/** Writes a length determinant; over 16383 is a mistake of the caller. */
export function writePerLength(writer: ByteWriter, length: number): void {
  if (length > MAX_PER_LENGTH) throw new RangeError(`a PER length of ${length}`);
  if (length < 0x80) writer.u8(length);
  else writer.u16(0x8000 | length);
}

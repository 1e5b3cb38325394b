import { ByteReader, DecodeError, equalBytes } from "@poterne/bytes";
import type { RecordingHasher } from "./crypto.ts";
import { MAX_BODY_BYTES, MAX_CHUNK_PLAINTEXT_BYTES, MAX_RECORDS, TAG_BYTES } from "./limits.ts";

/** The first byte of everything that follows the file header. */
export const RecordType = { chunk: 1, checkpoint: 2, index: 3 } as const;

/** Marks of a record, its second byte. */
export const RecordFlag = {
  /** Chunk: begins with a frame that opens an entry point. */
  entryPoint: 1,
  /** Chunk 0: JSON of the session's header, no frames. */
  sessionHeader: 2,
  /** Chunk: holds frames of the marker or file channel. */
  markers: 4,
  /** The last chunk: JSON `{ code }`, how the session ended, no frames. */
  sessionEnd: 8,
} as const;

/** How a record's plaintext was packed before it was sealed. */
export const Codec = { stored: 0, zstd: 1 } as const;

/** Length of a chained record's header. */
export const RECORD_HEADER_BYTES = 44;

/** How many bytes of the chain's head a record repeats. */
export const PREVIOUS_BYTES = 16;

const CHECK_BYTES = 4;

/** The header of a chained record (chunk or index), in clear (docs/recording-format.md, Records). */
export interface RecordHeader {
  readonly type: number;
  readonly flags: number;
  readonly codec: number;
  /** Place in the chain, from 0. */
  readonly sequence: number;
  /** Times of the first and last frame, milliseconds since the session's start. */
  readonly startMs: number;
  readonly endMs: number;
  /** Length once opened and unpacked. */
  readonly plainBytes: number;
  /** Length of what follows this header: ciphertext and tag, or the index. */
  readonly bodyBytes: number;
  /** First 16 bytes of the chain's head before this record: says where a change is, not whether (the signature does). */
  readonly previous: Uint8Array;
}

/** Encodes a record header with its check value. Written by hand: it is done for every 64 kB of every session. */
export function encodeRecordHeader(hasher: RecordingHasher, header: RecordHeader): Uint8Array {
  const bytes = new Uint8Array(RECORD_HEADER_BYTES);
  bytes[0] = header.type;
  bytes[1] = header.flags;
  bytes[2] = header.codec;
  writeU32(bytes, 4, header.sequence);
  writeU32(bytes, 8, header.startMs);
  writeU32(bytes, 12, header.endMs);
  writeU32(bytes, 16, header.plainBytes);
  writeU32(bytes, 20, header.bodyBytes);
  bytes.set(header.previous.subarray(0, PREVIOUS_BYTES), 24);
  const checkAt = RECORD_HEADER_BYTES - CHECK_BYTES;
  const check = hasher.sha256(bytes.subarray(0, checkAt));
  for (let index = 0; index < CHECK_BYTES; index++) bytes[checkAt + index] = check[index] as number;
  return bytes;
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/**
 * Decodes a record header. Throws `DecodeError`: `truncated` below 44 bytes, `invalid` when the check value, type,
 * codec or flags are wrong, `limit` when a length or number is over its limit.
 */
export function decodeRecordHeader(hasher: RecordingHasher, bytes: Uint8Array): RecordHeader {
  const reader = new ByteReader(bytes, "recording record");
  const covered = reader.take(RECORD_HEADER_BYTES - CHECK_BYTES);
  const check = reader.take(CHECK_BYTES);
  if (!equalBytes(check, hasher.sha256(covered).subarray(0, CHECK_BYTES)))
    throw reader.fail("invalid", "check value");
  return checkHeader(readHeader(covered));
}

/** Reads the fields without checking them: the index repeats headers that were checked when they were written. */
export function readHeader(bytes: Uint8Array): RecordHeader {
  const reader = new ByteReader(bytes, "recording record");
  const type = reader.u8();
  const flags = reader.u8();
  const codec = reader.u8();
  reader.u8();
  return {
    type,
    flags,
    codec,
    sequence: reader.u32le(),
    startMs: reader.u32le(),
    endMs: reader.u32le(),
    plainBytes: reader.u32le(),
    bodyBytes: reader.u32le(),
    previous:
      reader.remaining >= PREVIOUS_BYTES ? reader.take(PREVIOUS_BYTES) : new Uint8Array(PREVIOUS_BYTES),
  };
}

/** Refuses what no writer makes; returns the header. */
function checkHeader(header: RecordHeader): RecordHeader {
  const { type, flags, codec } = header;
  if (type !== RecordType.chunk && type !== RecordType.index) throw refuse("invalid", `type ${type}`);
  if (flags > 15 || (type === RecordType.index && flags !== 0)) throw refuse("invalid", `flags ${flags}`);
  if (codec !== Codec.stored && codec !== Codec.zstd) throw refuse("unsupported", `codec ${codec}`);
  if (header.sequence >= MAX_RECORDS) throw refuse("limit", "too many records");
  if (header.bodyBytes > MAX_BODY_BYTES) throw refuse("limit", `body of ${header.bodyBytes} bytes`);
  if (header.plainBytes > MAX_CHUNK_PLAINTEXT_BYTES)
    throw refuse("limit", `chunk of ${header.plainBytes} bytes`);
  if (type === RecordType.chunk && header.bodyBytes < TAG_BYTES) throw refuse("invalid", "body without tag");
  return header;
}

function refuse(code: DecodeError["code"], detail: string): DecodeError {
  return new DecodeError(code, "recording record", 0, detail);
}

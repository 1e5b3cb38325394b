import { ByteReader, ByteWriter, DecodeError } from "@poterne/bytes";
import { MAX_INDEX_RECORDS } from "./limits.ts";
import { RecordFlag, type RecordHeader, RecordType, readHeader } from "./record-header.ts";

/** Bytes of one index entry: a record header's first 24 bytes, then its file offset as u64. */
export const INDEX_ENTRY_BYTES = 32;

const HEADER_PART_BYTES = 24;

/** One chunk as the index knows it. */
export interface IndexedChunk extends RecordHeader {
  /** Where its record header begins in the file. */
  readonly offset: number;
}

/**
 * The table of a file's chunks, compact in memory as in the file: 32 bytes a chunk. Grows while recording, is written
 * at the end, and can be rebuilt by scanning.
 */
export class ChunkIndex {
  readonly #writer: ByteWriter;

  constructor(entries: Uint8Array = new Uint8Array(0)) {
    this.#writer = new ByteWriter(Math.max(entries.length, 32 * INDEX_ENTRY_BYTES));
    this.#writer.put(entries);
  }

  /** How many chunks it lists. */
  get count(): number {
    return this.#writer.length / INDEX_ENTRY_BYTES;
  }

  /** Appends one chunk: its record header's bytes and where they stand. */
  add(headerBytes: Uint8Array, offset: number): void {
    this.#writer.put(headerBytes.subarray(0, HEADER_PART_BYTES)).u64le(offset);
  }

  /** The chunk at a place of the table, undefined past the end. */
  at(place: number): IndexedChunk | undefined {
    const start = place * INDEX_ENTRY_BYTES;
    if (place < 0 || start >= this.#writer.length) return undefined;
    const entry = this.#writer.finish().subarray(start, start + INDEX_ENTRY_BYTES);
    const header = readHeader(entry.subarray(0, HEADER_PART_BYTES));
    return { ...header, offset: new ByteReader(entry, "recording index", HEADER_PART_BYTES).u64le() };
  }

  /** All chunks in order. */
  *[Symbol.iterator](): Generator<IndexedChunk> {
    for (let place = 0; place < this.count; place++) {
      const chunk = this.at(place);
      if (chunk !== undefined) yield chunk;
    }
  }

  /** Place of the last chunk that begins at or before a time, -1 when none does. */
  lastAtOrBefore(timeMs: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.at(middle)?.startMs ?? 0) <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Place of the last entry point that begins at or before a time; the first chunk of frames when there is none. */
  entryAtOrBefore(timeMs: number): number {
    return this.entryBefore(this.lastAtOrBefore(timeMs) + 1);
  }

  /** Place of the last entry point before a place of the table; the first chunk of frames when there is none. */
  entryBefore(place: number): number {
    for (let before = place - 1; before > 0; before--)
      if (((this.at(before)?.flags ?? 0) & RecordFlag.entryPoint) !== 0) return before;
    return 0;
  }

  /** The table's bytes: a view, valid until the next `add`. */
  bytes(): Uint8Array {
    return this.#writer.finish();
  }
}

/** The table from an index record's unpacked body. Throws `DecodeError`: `invalid` for another length, a record that is no
 * chunk or a chunk left out, `limit` over 500 000 chunks. */
export function decodeIndex(plain: Uint8Array): ChunkIndex {
  const count = plain.length / INDEX_ENTRY_BYTES;
  if (!Number.isInteger(count)) throw new DecodeError("invalid", "recording index", plain.length, "length");
  if (count > MAX_INDEX_RECORDS) throw new DecodeError("limit", "recording index", 0, `${count} chunks`);
  const index = new ChunkIndex(plain);
  let place = 0;
  for (const chunk of index) {
    if (chunk.type !== RecordType.chunk || chunk.sequence !== place)
      throw new DecodeError("invalid", "recording index", place * INDEX_ENTRY_BYTES, "not the next chunk");
    place += 1;
  }
  return index;
}

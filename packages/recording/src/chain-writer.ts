import { firstHead, nextHead } from "./chain.ts";
import { CHECKPOINT_BYTES, type Checkpoint } from "./checkpoint.ts";
import { ChunkIndex } from "./chunk-index.ts";
import type { RecordingHasher } from "./crypto.ts";
import { encodeRecordHeader, type RecordHeader, RecordType } from "./record-header.ts";

/** Where a writer goes on in a file that exists already: what sealing after a crash brings. */
export interface ChainState {
  readonly count: number;
  readonly head: Uint8Array;
  readonly offset: number;
  readonly nextOrdinal: number;
  readonly endMs: number;
  readonly index: ChunkIndex;
  /** Where an index record begins that the file has already, null without one. */
  readonly indexRecordOffset: number | null;
}

/** A chain's state at one moment, as a checkpoint states it. */
export type ChainSnapshot = Pick<Checkpoint, "ordinal" | "count" | "timeMs" | "indexOffset" | "head">;

/** Lays records one behind the other: sequence, chain, offsets, index. The host packs, seals, signs and writes. */
export class ChainWriter {
  readonly #hasher: RecordingHasher;
  readonly #index: ChunkIndex;
  #count: number;
  #head: Uint8Array;
  #offset: number;
  #ordinal: number;
  #endMs: number;
  #indexOffset = 0;

  constructor(hasher: RecordingHasher, from: Uint8Array | ChainState) {
    const isNew = from instanceof Uint8Array;
    this.#hasher = hasher;
    this.#index = isNew ? new ChunkIndex() : from.index;
    this.#count = isNew ? 0 : from.count;
    this.#head = isNew ? firstHead(hasher, from) : from.head;
    this.#offset = isNew ? from.length : from.offset;
    this.#ordinal = isNew ? 0 : from.nextOrdinal;
    this.#endMs = isNew ? 0 : from.endMs;
  }

  /** Records appended. */
  get count(): number {
    return this.#count;
  }
  /** The chain's head after them, 32 bytes. */
  get head(): Uint8Array {
    return this.#head;
  }
  /** Length of the file once everything given out is written. */
  get offset(): number {
    return this.#offset;
  }
  /** Latest time of a frame, milliseconds since the session's start. */
  get endMs(): number {
    return this.#endMs;
  }
  /** The chunks so far; grows with the file. */
  get index(): ChunkIndex {
    return this.#index;
  }

  /** The header of the next record; its body must follow with `append` before another header is made. */
  nextHeader(fields: Omit<RecordHeader, "sequence" | "previous">): Uint8Array {
    return encodeRecordHeader(this.#hasher, { ...fields, sequence: this.#count, previous: this.#head });
  }

  /** Takes a record, its body in one or more parts, into chain and index. */
  append(headerBytes: Uint8Array, ...body: readonly Uint8Array[]): void {
    this.appendHashed(headerBytes, this.#hasher.sha256(this.#head, headerBytes, ...body));
  }

  /** As `append`, for a host that has computed the chain's next head itself. */
  appendHashed(headerBytes: Uint8Array, head: Uint8Array): void {
    const view = new DataView(headerBytes.buffer, headerBytes.byteOffset, headerBytes.length);
    if (headerBytes[0] === RecordType.chunk) this.#index.add(headerBytes, this.#offset);
    else this.#indexOffset = this.#offset;
    this.#head = head;
    this.#endMs = Math.max(this.#endMs, view.getUint32(12, true));
    this.#count += 1;
    this.#offset += headerBytes.length + view.getUint32(20, true);
  }

  /** What a checkpoint over all records so far says; the signer adds who signs and when. */
  snapshot(): ChainSnapshot {
    return {
      ordinal: this.#ordinal,
      count: this.#count,
      timeMs: this.#endMs,
      indexOffset: this.#indexOffset,
      head: this.#head,
    };
  }

  /** Takes a whole signed checkpoint into the chain, at the place where the host appends it to the file. */
  appendCheckpoint(bytes: Uint8Array): void {
    this.#head = nextHead(this.#hasher, this.#head, bytes, new Uint8Array(0));
    this.#ordinal += 1;
    this.#offset += CHECKPOINT_BYTES;
  }
}

import { createSecretKey, type KeyObject } from "node:crypto";
import {
  type ChainWriter,
  Codec,
  chunkNonce,
  type PlainChunk,
  RecordType,
  TAG_BYTES,
} from "@poterne/recording";
import { Channel } from "@poterne/wire";
import { freeMemory } from "../free-memory.ts";
import { compressInBackground, recordingCompression, sealInBackground, sealParts } from "./node-crypto.ts";
import { givePlain } from "./plain-pool.ts";

/**
 * Longer chunks are packed, or sealed, off the main thread; shorter ones cost less than the hop. Sealing a megabyte
 * takes about a millisecond, packing a quarter of it as long. Off the main thread it is copied three times besides.
 */
const PACKED_IN_BACKGROUND_BYTES = 256 * 1024;
const SEALED_IN_BACKGROUND_BYTES = 1024 * 1024;

/** Compression that saves less than this share is not worth its reading. */
const WORTHWHILE = 0.92;

/**
 * Pictures must save much more: what a server packed already shrinks by a fifth at most, and trying costs twice what
 * sealing does. Raw pixels still pass.
 */
const WORTHWHILE_FOR_PICTURES = 0.6;

/** After a chunk that was not worth it, so many are stored as they are before the next try … */
const STORED_RUN = 15;
/** … and twice as many after each further one, up to this. */
const MAX_STORED_RUN = 240;

/** Below this, a chunk is stored: the compressed form is seldom shorter. */
const SMALLEST_COMPRESSED_BYTES = 64;

/** Short chunks sealed in one go before the event loop gets its turn. */
const MAX_BATCH_BYTES = 512 * 1024;

/** Parts of one write: three a chunk. */
const MAX_BATCH_PARTS = 64;

/** What is written at one time, and how much of the queue it was. */
export interface SealedBatch {
  readonly parts: Uint8Array[];
  plainBytes: number;
}

/** Packs and seals one recording's chunks; remembers whether its content compresses. */
export class ChunkSealer {
  readonly #chain: ChainWriter;
  readonly #key: Uint8Array;
  /** Made once: a cipher from raw bytes costs 25 µs more, each time. */
  readonly #keyObject: KeyObject;
  #storedLeft = 0;
  #storedRun = STORED_RUN;

  constructor(chain: ChainWriter, key: Uint8Array) {
    this.#chain = chain;
    this.#key = key;
    this.#keyObject = createSecretKey(key);
  }

  /**
   * Seals the first chunks of a queue and takes them off it: several short ones at once, or one that is too much for
   * the main thread. Nothing else may use the chain until a promise resolves.
   */
  sealSome(queue: PlainChunk[]): SealedBatch | Promise<SealedBatch> {
    const [first] = queue;
    if (first !== undefined && !this.#isShort(first)) return this.#sealLong(queue, first);
    const batch: SealedBatch = { parts: [], plainBytes: 0 };
    for (let chunk = first; chunk !== undefined && this.#isShort(chunk); chunk = queue[0]) {
      batch.parts.push(...this.#seal(chunk));
      take(batch, queue, chunk);
      if (batch.plainBytes >= MAX_BATCH_BYTES || batch.parts.length >= MAX_BATCH_PARTS) break;
    }
    return batch;
  }

  /** Seals a short chunk, appends it to the chain, returns its header and body in parts. */
  #seal(chunk: PlainChunk): Uint8Array[] {
    const packed = this.#isTried(chunk)
      ? this.#choose(chunk, recordingCompression.compress(chunk.plain))
      : null;
    return this.#sealContent(chunk, packed);
  }

  #sealContent(chunk: PlainChunk, packed: Uint8Array | null): Uint8Array[] {
    const content = packed ?? chunk.plain;
    const headerBytes = this.#header(chunk, content, packed !== null);
    const body = sealParts(this.#keyObject, chunkNonce(this.#chain.count), headerBytes, content);
    this.#chain.append(headerBytes, ...body);
    if (packed !== null) freeMemory(packed);
    return [headerBytes, ...body];
  }

  /** The same for one long chunk, in the thread pool where that is worth it. */
  async #sealLong(queue: PlainChunk[], chunk: PlainChunk): Promise<SealedBatch> {
    const packed = this.#isTried(chunk) ? this.#choose(chunk, await compressInBackground(chunk.plain)) : null;
    const content = packed ?? chunk.plain;
    const isShort = content.length <= SEALED_IN_BACKGROUND_BYTES;
    const parts = isShort ? this.#sealContent(chunk, packed) : await this.#sealElsewhere(chunk, packed);
    const batch: SealedBatch = { parts, plainBytes: 0 };
    take(batch, queue, chunk);
    return batch;
  }

  async #sealElsewhere(chunk: PlainChunk, packed: Uint8Array | null): Promise<Uint8Array[]> {
    const content = packed ?? chunk.plain;
    const headerBytes = this.#header(chunk, content, packed !== null);
    const { body, head } = await sealInBackground({
      key: this.#key,
      nonce: chunkNonce(this.#chain.count),
      headerBytes,
      packed: content,
      head: this.#chain.head,
    });
    this.#chain.appendHashed(headerBytes, head);
    if (packed !== null) freeMemory(packed);
    return [headerBytes, body];
  }

  #isShort({ plain }: PlainChunk): boolean {
    // What was not worth packing is sealed as it is.
    const limit = this.#storedLeft > 0 ? SEALED_IN_BACKGROUND_BYTES : PACKED_IN_BACKGROUND_BYTES;
    return plain.length <= limit;
  }

  #isTried(chunk: PlainChunk): boolean {
    if (chunk.plain.length < SMALLEST_COMPRESSED_BYTES) return false;
    if (this.#storedLeft === 0) return true;
    this.#storedLeft -= 1;
    return false;
  }

  #choose(chunk: PlainChunk, packed: Uint8Array): Uint8Array | null {
    const share = chunk.plain[0] === Channel.picture ? WORTHWHILE_FOR_PICTURES : WORTHWHILE;
    if (packed.length <= chunk.plain.length * share) {
      this.#storedRun = STORED_RUN;
      return packed;
    }
    this.#storedLeft = this.#storedRun;
    this.#storedRun = Math.min(2 * this.#storedRun, MAX_STORED_RUN);
    freeMemory(packed);
    return null;
  }

  #header(chunk: PlainChunk, content: Uint8Array, isCompressed: boolean): Uint8Array {
    return this.#chain.nextHeader({
      type: RecordType.chunk,
      flags: chunk.flags,
      codec: isCompressed ? Codec.zstd : Codec.stored,
      startMs: chunk.startMs,
      endMs: chunk.endMs,
      plainBytes: chunk.plain.length,
      bodyBytes: content.length + TAG_BYTES,
    });
  }
}

function take(batch: SealedBatch, queue: PlainChunk[], chunk: PlainChunk): void {
  queue.shift();
  batch.plainBytes += chunk.plain.length;
  givePlain(chunk.plain);
}

/** The index as a record: packed, in clear. Null when the recording has too many chunks for one. */
export function appendIndex(chain: ChainWriter, maxChunks: number): [Uint8Array, Uint8Array] | null {
  if (chain.index.count > maxChunks) return null;
  const plain = chain.index.bytes().slice();
  const body = recordingCompression.compress(plain);
  const headerBytes = chain.nextHeader({
    type: RecordType.index,
    flags: 0,
    codec: Codec.zstd,
    startMs: chain.endMs,
    endMs: chain.endMs,
    plainBytes: plain.length,
    bodyBytes: body.length,
  });
  chain.append(headerBytes, body);
  return [headerBytes, body];
}

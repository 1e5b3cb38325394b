import { ByteWriter } from "@poterne/bytes";
import { ZGFX_HISTORY_BYTES } from "../../packages/rdp/src/graphics/zgfx.ts";
import { encodeZgfxSegment, type ZgfxStep } from "../../packages/rdp/src/testing/zgfx-encoder.ts";

/** [MS-RDPEGFX] 2.2.5.2 what one segment holds at most. */
const SEGMENT_BYTES = 65_535;
const ZGFX_SEGMENTED_MULTIPART = 0xe1;
const ZGFX_SEGMENTED_SINGLE = 0xe0;
/** RDP 8, not compressed. */
const PLAIN_SEGMENT = 0x04;
const LEAST_MATCH_BYTES = 3;
/** Longer matches are cut: a run of one byte is several steps. */
const MOST_MATCH_BYTES = 20_000;
/** Older places tried for one match. */
const TRIES = 24;
const HASH_BITS = 16;
/** So many literals in a row that cost nine bits each go unencoded instead, as many at a time as fifteen bits tell. */
const RUN_BYTES = 48;
const MAX_RUN_BYTES = 32_767;

/** How a stream was written. */
export interface ZgfxCounts {
  literals: number;
  matches: number;
  runs: number;
  multiparts: number;
  plainSegments: number;
  /** The farthest a match reached back, in bytes. */
  farthest: number;
}

/**
 * A compressor for tests, as [MS-RDPEGFX] 3.1.9.1 describes the other side: matches over all of the history of 2.5 MB,
 * literals, unencoded runs where nothing matches, several segments for a long message, and plain segments in between.
 */
export class ZgfxCompressor {
  readonly counts: ZgfxCounts = {
    literals: 0,
    matches: 0,
    runs: 0,
    multiparts: 0,
    plainSegments: 0,
    farthest: 0,
  };
  /** All that was sent, from the first byte on. */
  #sent = new Uint8Array(1 << 20);
  #size = 0;
  /** The newest place of each hash, and the one before it for each place; -1 for none. */
  readonly #newest = new Int32Array(1 << HASH_BITS).fill(-1);
  #older = new Int32Array(1 << 20);

  /** One message; `isPlain` leaves every other segment uncompressed: it is history all the same. */
  encode(message: Uint8Array, isPlain = false): Uint8Array {
    const segments: Uint8Array[] = [];
    for (let at = 0; at === 0 || at < message.length; at += SEGMENT_BYTES) {
      const part = message.subarray(at, at + SEGMENT_BYTES);
      segments.push(isPlain && segments.length % 2 === 0 ? this.#plain(part) : this.#compress(part));
    }
    const [first] = segments;
    if (first !== undefined && segments.length === 1)
      return new ByteWriter(first.length + 1).u8(ZGFX_SEGMENTED_SINGLE).put(first).finish();
    this.counts.multiparts++;
    const writer = new ByteWriter(message.length).u8(ZGFX_SEGMENTED_MULTIPART).u16le(segments.length);
    writer.u32le(message.length);
    for (const segment of segments) writer.u32le(segment.length).put(segment);
    return writer.finish();
  }

  #plain(part: Uint8Array): Uint8Array {
    this.counts.plainSegments++;
    const end = this.#append(part);
    for (let at = end - part.length; at < end; at++) this.#index(at);
    return new ByteWriter(part.length + 1).u8(PLAIN_SEGMENT).put(part).finish();
  }

  #compress(part: Uint8Array): Uint8Array {
    const end = this.#append(part);
    const steps: ZgfxStep[] = [];
    let pending = end - part.length;
    for (let at = pending; at < end; ) {
      const { distance, count } = this.#longest(at, end);
      if (count < LEAST_MATCH_BYTES) {
        this.#index(at++);
        continue;
      }
      this.#putLiterals(steps, pending, at);
      steps.push({ distance, count });
      this.counts.matches++;
      this.counts.farthest = Math.max(this.counts.farthest, distance);
      for (const after = at + count; at < after; at++) this.#index(at);
      pending = at;
    }
    this.#putLiterals(steps, pending, end);
    return encodeZgfxSegment(steps);
  }

  #putLiterals(steps: ZgfxStep[], from: number, to: number): void {
    if (to - from < RUN_BYTES) {
      for (let at = from; at < to; at++) steps.push({ literal: this.#sent[at] ?? 0 });
      this.counts.literals += to - from;
      return;
    }
    for (let at = from; at < to; at += MAX_RUN_BYTES) {
      steps.push({ plain: this.#sent.subarray(at, Math.min(to, at + MAX_RUN_BYTES)) });
      this.counts.runs++;
    }
  }

  /** Adds to what was sent and gives its end. */
  #append(part: Uint8Array): number {
    const end = this.#size + part.length;
    if (end > this.#sent.length) {
      const [sent, older] = [new Uint8Array(end * 2), new Int32Array(end * 2)];
      sent.set(this.#sent);
      older.set(this.#older);
      this.#sent = sent;
      this.#older = older;
    }
    this.#sent.set(part, this.#size);
    this.#size = end;
    return end;
  }

  #hash(at: number): number {
    const sent = this.#sent;
    const three = ((sent[at] ?? 0) << 16) | ((sent[at + 1] ?? 0) << 8) | (sent[at + 2] ?? 0);
    return Math.imul(three, 2_654_435_761) >>> (32 - HASH_BITS);
  }

  #index(at: number): void {
    const hash = this.#hash(at);
    this.#older[at] = this.#newest[hash] ?? -1;
    this.#newest[hash] = at;
  }

  /** The longest match for what stands here; of two as long the older one, so that far distances come. */
  #longest(at: number, end: number): { readonly distance: number; readonly count: number } {
    let [distance, count] = [0, 0];
    let place = this.#newest[this.#hash(at)] ?? -1;
    for (let tries = 0; place >= 0 && at - place <= ZGFX_HISTORY_BYTES && tries < TRIES; tries++) {
      const length = this.#matchLength(place, at, Math.min(end, at + MOST_MATCH_BYTES));
      if (length >= count) [distance, count] = [at - place, length];
      place = this.#older[place] ?? -1;
    }
    return { distance, count };
  }

  #matchLength(from: number, at: number, end: number): number {
    let length = 0;
    while (at + length < end && this.#sent[from + length] === this.#sent[at + length]) length++;
    return length;
  }
}

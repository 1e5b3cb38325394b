import { DecodeError } from "@poterne/bytes";
import { BitSource } from "./inflate-bits.ts";
import {
  buildTable,
  CODE_LENGTH_ORDER,
  DISTANCE_BASE,
  DISTANCE_EXTRA,
  FAST_BITS,
  FIXED,
  type HuffmanTable,
  LENGTH_BASE,
  LENGTH_EXTRA,
  makeTable,
} from "./inflate-tables.ts";
import { MAX_DICTIONARY_BYTES } from "./language.ts";

const WINDOW_BYTES = MAX_DICTIONARY_BYTES;
const FIRST_CAPACITY_BYTES = 2 * WINDOW_BYTES;
/** The longest match of deflate: room that must be left for one symbol. */
const MAX_MATCH_BYTES = 258;

type State = "header" | "block" | "stored" | "codes" | "ended";

/**
 * One persistent zlib stream (RFC 1950, RFC 1951) that is fed rectangle by rectangle. Each call takes all input it is
 * given and returns what that yields; a block or code cut at the end of the input goes on with the next call.
 */
export class Inflater {
  #state: State = "header";
  #isLastBlock = false;
  #storedLeft = 0;
  #literals: HuffmanTable = FIXED.literals;
  #distances: HuffmanTable = FIXED.distances;
  readonly #dynamicLiterals = makeTable(288);
  readonly #dynamicDistances = makeTable(32);
  readonly #codeLengths = makeTable(19);
  readonly #lengths = new Uint8Array(320);
  readonly #bits = new BitSource();
  /** History and output, contiguous: output of this call begins at #start. */
  #output = new Uint8Array(FIRST_CAPACITY_BYTES);
  #start = 0;
  #end = 0;
  #maxEnd = 0;
  /** Where the output of the current fixed block began. */
  #blockStart = 0;

  /** As new: a zlib header comes next, the window is empty. */
  reset(): void {
    this.#state = "header";
    this.#start = 0;
    this.#end = 0;
    this.#bits.clear();
  }

  /** Stands in mid-stream at a block boundary: `window` was its last output, `bits` its unread input (`bitCount` ≤ 15). */
  setDictionary(window: Uint8Array, bitCount = 0, bits = 0): void {
    this.reset();
    const kept = window.subarray(Math.max(0, window.length - WINDOW_BYTES));
    this.#output.set(kept);
    this.#start = kept.length;
    this.#end = kept.length;
    this.#bits.prime(bitCount, bits);
    this.#state = "block";
    this.#isLastBlock = false;
  }

  /** The last output, at most 32 kB: what `setDictionary` of another inflater needs. A copy. */
  window(): Uint8Array {
    return this.#output.slice(Math.max(0, this.#end - WINDOW_BYTES), this.#end);
  }

  /** Where the stream stands, for a dictionary; null unless it is at a block boundary, as after a flush, or untouched. */
  position(): { readonly isFresh: boolean; readonly bitCount: number; readonly bits: number } | null {
    if (this.#state === "header") return { isFresh: true, bitCount: 0, bits: 0 };
    const rest = this.#bits.rest();
    if (rest === null) return null;
    if (this.#state === "block" && !this.#isLastBlock) return { isFresh: false, ...rest };
    // A partial flush ends inside an empty fixed block: go back to its header (not last, type 1 = bits 0 1 0).
    const isEmptyFixed =
      this.#literals === FIXED.literals && this.#end === this.#blockStart && !this.#isLastBlock;
    return this.#state === "codes" && isEmptyFixed
      ? { isFresh: false, bitCount: rest.bitCount + 3, bits: (rest.bits << 3) | 2 }
      : null;
  }

  /**
   * Inflates all of `input`. Returns a view that the next call overwrites.
   * Throws `DecodeError`: `limit` when it yields more than `maxBytes`, `invalid` for what is no deflate stream.
   */
  inflate(input: Uint8Array, maxBytes: number): Uint8Array {
    this.#makeRoom(Math.min(maxBytes, Math.max(4 * input.length, 1024)));
    this.#start = this.#end;
    this.#maxEnd = this.#start + maxBytes;
    const bits = this.#bits;
    bits.feed(input);
    while (this.#step());
    bits.keepRest();
    return this.#output.subarray(this.#start, this.#end);
  }

  /** Makes room for `count` bytes, dropping history older than the window. */
  #makeRoom(count: number): void {
    if (this.#end + count + MAX_MATCH_BYTES <= this.#output.length) return;
    const keep = Math.min(this.#end, WINDOW_BYTES);
    const needed = keep + count + MAX_MATCH_BYTES;
    const target = needed > this.#output.length ? new Uint8Array(needed) : this.#output;
    target.set(this.#output.subarray(this.#end - keep, this.#end));
    this.#output = target;
    this.#blockStart -= this.#end - keep;
    this.#end = keep;
  }

  /** Room for one more symbol or run while output of this call must stay contiguous. */
  #growBy(count: number): void {
    if (this.#end + count > this.#maxEnd)
      throw new DecodeError("limit", "deflate stream", 0, "more output than expected");
    if (this.#end + count <= this.#output.length) return;
    const wanted = Math.max(this.#output.length * 2, this.#end + count);
    const larger = new Uint8Array(Math.min(wanted, this.#maxEnd + MAX_MATCH_BYTES));
    larger.set(this.#output.subarray(0, this.#end));
    this.#output = larger;
  }

  /** One header, block or run of codes; false when the input is used up. */
  #step(): boolean {
    switch (this.#state) {
      case "header":
        return this.#readZlibHeader();
      case "block":
        return this.#readBlockHeader();
      case "stored":
        return this.#copyStored();
      case "codes":
        return this.#readCodes();
      default:
        // The Adler-32 trailer and whatever follows: the target's pixels are not ours to verify.
        this.#bits.clear();
        return false;
    }
  }

  #readZlibHeader(): boolean {
    const bits = this.#bits;
    if (!bits.need(16)) return false;
    const cmf = bits.take(8);
    const flags = bits.take(8);
    if ((cmf & 15) !== 8 || cmf >> 4 > 7 || (cmf * 256 + flags) % 31 !== 0 || (flags & 32) !== 0)
      throw new DecodeError("invalid", "zlib header", 0);
    this.#state = "block";
    this.#isLastBlock = false;
    return true;
  }

  #readBlockHeader(): boolean {
    if (this.#isLastBlock) {
      this.#state = "ended";
      return true;
    }
    const bits = this.#bits;
    const mark = bits.mark();
    if (!bits.need(3)) return false;
    const isLast = bits.take(1) === 1;
    const type = bits.take(2);
    if (type === 3) throw new DecodeError("invalid", "deflate block", 0, "block type 3");
    const isWhole =
      type === 0 ? this.#readStoredHeader() : type === 1 ? this.#useFixed() : this.#readDynamic();
    if (!isWhole) {
      bits.rewind(mark);
      return false;
    }
    this.#isLastBlock = isLast;
    return true;
  }

  #readStoredHeader(): boolean {
    const bits = this.#bits;
    bits.align();
    if (!bits.need(16)) return false;
    const length = bits.take(16);
    if (!bits.need(16)) return false;
    if ((bits.take(16) ^ 0xffff) !== length) throw new DecodeError("invalid", "stored block", 0);
    this.#storedLeft = length;
    this.#state = length === 0 ? "block" : "stored";
    return true;
  }

  #copyStored(): boolean {
    const count = Math.min(this.#storedLeft, this.#bits.bytesLeft);
    if (count === 0) return false;
    this.#growBy(count);
    this.#bits.copy(this.#output, this.#end, count);
    this.#end += count;
    this.#storedLeft -= count;
    if (this.#storedLeft === 0) this.#state = "block";
    return true;
  }

  #useFixed(): boolean {
    this.#literals = FIXED.literals;
    this.#distances = FIXED.distances;
    this.#blockStart = this.#end;
    this.#state = "codes";
    return true;
  }

  /** RFC 1951 §3.2.7; false when the input ends inside. */
  #readDynamic(): boolean {
    const bits = this.#bits;
    if (!bits.need(14)) return false;
    const literalCount = bits.take(5) + 257;
    const distanceCount = bits.take(5) + 1;
    const codeLengthCount = bits.take(4) + 4;
    if (literalCount > 286) throw new DecodeError("invalid", "deflate block", 0, "too many codes");
    const lengths = this.#lengths.fill(0);
    for (let index = 0; index < codeLengthCount; index++) {
      if (!bits.need(3)) return false;
      lengths[CODE_LENGTH_ORDER[index] ?? 0] = bits.take(3);
    }
    buildTable(this.#codeLengths, lengths, 0, 19);
    if (!this.#readLengths(lengths.fill(0), literalCount + distanceCount)) return false;
    buildTable(this.#dynamicLiterals, lengths, 0, literalCount);
    buildTable(this.#dynamicDistances, lengths, literalCount, distanceCount);
    this.#literals = this.#dynamicLiterals;
    this.#distances = this.#dynamicDistances;
    this.#state = "codes";
    return true;
  }

  #readLengths(lengths: Uint8Array, count: number): boolean {
    const bits = this.#bits;
    let at = 0;
    while (at < count) {
      const symbol = bits.symbol(this.#codeLengths);
      if (symbol < 0) return false;
      if (symbol < 16) {
        lengths[at++] = symbol;
        continue;
      }
      const run = this.#readRun(symbol);
      if (run < 0) return false;
      if ((symbol === 16 && at === 0) || at + run > count)
        throw new DecodeError("invalid", "deflate block", 0, "code lengths");
      lengths.fill(symbol === 16 ? (lengths[at - 1] ?? 0) : 0, at, at + run);
      at += run;
    }
    return true;
  }

  /** How often a code length is repeated, -1 when the input ends. */
  #readRun(symbol: number): number {
    const extraBits = symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
    if (!this.#bits.need(extraBits)) return -1;
    return this.#bits.take(extraBits) + (symbol === 18 ? 11 : 3);
  }

  /** Decodes until the block or the input ends. */
  #readCodes(): boolean {
    const bits = this.#bits;
    for (;;) {
      this.#readCodesFast();
      const mark = bits.mark();
      const symbol = bits.symbol(this.#literals);
      if (symbol < 0) {
        bits.rewind(mark);
        return false;
      }
      if (symbol === 256) {
        this.#state = "block";
        return true;
      }
      if (symbol < 256) {
        this.#growBy(1);
        this.#output[this.#end++] = symbol;
      } else if (!this.#readMatch(symbol)) {
        bits.rewind(mark);
        return false;
      }
    }
  }

  #readMatch(symbol: number): boolean {
    const bits = this.#bits;
    const lengthExtra = LENGTH_EXTRA[symbol - 257] ?? 0;
    if (!bits.need(lengthExtra)) return false;
    const length = (LENGTH_BASE[symbol - 257] ?? 0) + bits.take(lengthExtra);
    const code = bits.symbol(this.#distances);
    if (code < 0) return false;
    const distanceExtra = DISTANCE_EXTRA[code] ?? 0;
    if (!bits.need(distanceExtra)) return false;
    const distance = (DISTANCE_BASE[code] ?? 0) + bits.take(distanceExtra);
    if (length === 0 || distance === 0 || distance > this.#end || distance > WINDOW_BYTES)
      throw new DecodeError("invalid", "deflate match", 0, "distance too far back");
    this.#growBy(length);
    copyMatch(this.#output, this.#end, distance, length);
    this.#end += length;
    return true;
  }

  /** The bulk of the work: while plenty of input and output is left, without a check a symbol. */
  #readCodesFast(): void {
    const bits = this.#bits;
    const { input } = bits;
    const inputEnd = bits.end - 8;
    const output = this.#output;
    const outputEnd = Math.min(output.length, this.#maxEnd) - MAX_MATCH_BYTES;
    const literals = this.#literals.fast;
    const distances = this.#distances.fast;
    const mask = (1 << FAST_BITS) - 1;
    let at = bits.at;
    let held = bits.held;
    let count = bits.count;
    let end = this.#end;
    while (at < inputEnd && end < outputEnd) {
      while (count < 24) {
        held |= (input[at++] as number) << count;
        count += 8;
      }
      const entry = literals[held & mask] as number;
      if (entry === 0) break;
      const symbol = entry >> 4;
      if (symbol < 256) {
        held >>>= entry & 15;
        count -= entry & 15;
        output[end++] = symbol;
        continue;
      }
      if (symbol === 256) break;
      // A match is taken whole or not at all, so that the careful way can take it again.
      let nextHeld = held >>> (entry & 15);
      let nextCount = count - (entry & 15);
      let nextAt = at;
      const lengthExtra = LENGTH_EXTRA[symbol - 257] as number;
      const length = (LENGTH_BASE[symbol - 257] as number) + (nextHeld & ((1 << lengthExtra) - 1));
      nextHeld >>>= lengthExtra;
      nextCount -= lengthExtra;
      while (nextCount < 24) {
        nextHeld |= (input[nextAt++] as number) << nextCount;
        nextCount += 8;
      }
      const distanceEntry = distances[nextHeld & mask] as number;
      if (distanceEntry === 0) break;
      const distanceExtra = DISTANCE_EXTRA[distanceEntry >> 4] as number;
      nextHeld >>>= distanceEntry & 15;
      const distance =
        (DISTANCE_BASE[distanceEntry >> 4] as number) + (nextHeld & ((1 << distanceExtra) - 1));
      if (!(distance <= end && length > 0)) break;
      held = nextHeld >>> distanceExtra;
      count = nextCount - (distanceEntry & 15) - distanceExtra;
      at = nextAt;
      copyMatch(output, end, distance, length);
      end += length;
    }
    bits.at = at;
    bits.held = held;
    bits.count = count;
    this.#end = end;
  }
}

function copyMatch(output: Uint8Array, end: number, distance: number, length: number): void {
  if (distance >= length && length > 32) {
    output.copyWithin(end, end - distance, end - distance + length);
    return;
  }
  if (distance === 1 && length > 32) {
    output.fill(output[end - 1] as number, end, end + length);
    return;
  }
  let from = end - distance;
  for (let to = end; to < end + length; to++) output[to] = output[from++] as number;
}

import { DecodeError } from "@poterne/bytes";
import { FAST_BITS, type HuffmanTable } from "./inflate-tables.ts";

const NO_BYTES = new Uint8Array(0);
const MAX_CODE_BITS = 15;

/** The most input kept between two calls: a dynamic block's header that was cut, or a code. */
const MAX_REST_BYTES = 1024;

/** A place in the input to come back to. */
interface Mark {
  readonly at: number;
  readonly held: number;
  readonly count: number;
}

/** Bits of a deflate stream, lowest first (RFC 1951 §3.1.1), over inputs that follow each other. */
export class BitSource {
  input: Uint8Array = NO_BYTES;
  at = 0;
  end = 0;
  /** Bits read from the input and not used yet; `count` of them, at most 32. */
  held = 0;
  count = 0;

  clear(): void {
    this.input = NO_BYTES;
    this.at = 0;
    this.end = 0;
    this.held = 0;
    this.count = 0;
  }

  /** Begins with `bitCount` bits already read. */
  prime(bitCount: number, bits: number): void {
    this.held = bits & ((1 << bitCount) - 1);
    this.count = bitCount;
  }

  /** Adds input behind what is left of the last one. */
  feed(input: Uint8Array): void {
    if (this.at < this.end) {
      const left = this.end - this.at;
      const joined = new Uint8Array(left + input.length);
      joined.set(this.input.subarray(this.at, this.end));
      joined.set(input, left);
      this.input = joined;
    } else this.input = input;
    this.at = 0;
    this.end = this.input.length;
  }

  /** Keeps what was not used in memory of its own, since the input belongs to the caller. */
  keepRest(): void {
    const left = this.end - this.at;
    if (left > MAX_REST_BYTES) throw new DecodeError("limit", "deflate stream", this.at, "unread input");
    // `slice` of a Buffer is a view: a copy whatever the kind of array.
    this.input = left === 0 ? NO_BYTES : Uint8Array.from(this.input.subarray(this.at, this.end));
    this.at = 0;
    this.end = left;
  }

  /** Unused bits when fewer than eight are left, else null. */
  rest(): { readonly bitCount: number; readonly bits: number } | null {
    const whole = this.count + 8 * (this.end - this.at);
    return whole < 8 ? { bitCount: this.count, bits: this.held & 0xff } : null;
  }

  mark(): Mark {
    return { at: this.at, held: this.held, count: this.count };
  }

  rewind(mark: Mark): void {
    this.at = mark.at;
    this.held = mark.held;
    this.count = mark.count;
  }

  /** Whether `count` (≤ 16) bits can be taken. */
  need(count: number): boolean {
    while (this.count < count) {
      if (this.at >= this.end) return false;
      this.held |= (this.input[this.at++] ?? 0) << this.count;
      this.count += 8;
    }
    return true;
  }

  /** The next bits; `need` was asked before. */
  take(count: number): number {
    const value = this.held & ((1 << count) - 1);
    this.held >>>= count;
    this.count -= count;
    return value;
  }

  /** Drops the bits up to the next byte. */
  align(): void {
    const odd = this.count & 7;
    this.held >>>= odd;
    this.count -= odd;
  }

  /** Whole bytes that can be copied; the source is aligned. */
  get bytesLeft(): number {
    return (this.count >> 3) + this.end - this.at;
  }

  /** Copies bytes of a stored block. */
  copy(target: Uint8Array, offset: number, count: number): void {
    let to = offset;
    const stop = offset + count;
    while (to < stop && this.count >= 8) target[to++] = this.take(8);
    target.set(this.input.subarray(this.at, this.at + stop - to), to);
    this.at += stop - to;
  }

  /** The next symbol, or -1 when the input ends first (bits may have been read: `rewind`). */
  symbol(table: HuffmanTable): number {
    while (this.count < MAX_CODE_BITS && this.at < this.end) {
      this.held |= (this.input[this.at++] ?? 0) << this.count;
      this.count += 8;
    }
    const entry = table.fast[this.held & ((1 << FAST_BITS) - 1)] ?? 0;
    const length = entry & 15;
    if (entry !== 0) {
      if (length > this.count) return -1;
      this.held >>>= length;
      this.count -= length;
      return entry >> 4;
    }
    return this.#longSymbol(table);
  }

  /** Canonical decoding bit by bit, for codes over FAST_BITS and for the end of the input. */
  #longSymbol(table: HuffmanTable): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
      if (bits > this.count) return -1;
      code |= (this.held >>> (bits - 1)) & 1;
      const here = table.counts[bits] ?? 0;
      if (code - here < first) {
        this.held >>>= bits;
        this.count -= bits;
        return table.symbols[index + code - first] ?? 0;
      }
      index += here;
      first = (first + here) << 1;
      code <<= 1;
    }
    throw new DecodeError("invalid", "deflate block", this.at, "code without symbol");
  }
}

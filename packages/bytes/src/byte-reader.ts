import { DecodeError } from "./decode-error.ts";
import { decodeUtf8 } from "./utf8.ts";

/**
 * Reads numbers and runs of bytes from a buffer it does not own; every read past the end is a `DecodeError` `truncated`.
 * Put together by hand: making a DataView costs as much as reading a hundred numbers, and most readers read three.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly structure: string;
  offset: number;

  constructor(bytes: Uint8Array, structure: string, offset = 0) {
    this.bytes = bytes;
    this.structure = structure;
    this.offset = offset;
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  /** Moves past `count` bytes and returns where they began. */
  advance(count: number): number {
    if (count < 0 || count > this.remaining) throw this.fail("truncated");
    const start = this.offset;
    this.offset += count;
    return start;
  }

  fail(code: DecodeError["code"], detail = ""): DecodeError {
    return new DecodeError(code, this.structure, this.offset, detail);
  }

  /** A byte that `advance` has found to be there. */
  #at(index: number): number {
    return this.bytes[index] ?? 0;
  }

  u8(): number {
    return this.#at(this.advance(1));
  }
  u16(): number {
    const at = this.advance(2);
    return (this.#at(at) << 8) | this.#at(at + 1);
  }
  u16le(): number {
    const at = this.advance(2);
    return this.#at(at) | (this.#at(at + 1) << 8);
  }
  u32(): number {
    return this.i32() >>> 0;
  }
  u32le(): number {
    const at = this.advance(4);
    return (
      (this.#at(at) | (this.#at(at + 1) << 8) | (this.#at(at + 2) << 16) | (this.#at(at + 3) << 24)) >>> 0
    );
  }
  i16(): number {
    return (this.u16() << 16) >> 16;
  }
  i32(): number {
    const at = this.advance(4);
    return (this.#at(at) << 24) | (this.#at(at + 1) << 16) | (this.#at(at + 2) << 8) | this.#at(at + 3);
  }
  /** An unsigned 64-bit little-endian number; over 2^53 - 1 it is refused as `limit`. */
  u64le(): number {
    // Both halves or neither.
    this.offset = this.advance(8);
    const value = this.u32le() + this.u32le() * 0x1_0000_0000;
    if (!Number.isSafeInteger(value)) throw this.fail("limit", "number over 2^53");
    return value;
  }
  /** A view on the next `count` bytes: not a copy, valid as long as the buffer is. */
  take(count: number): Uint8Array {
    const start = this.advance(count);
    return this.bytes.subarray(start, start + count);
  }
  utf8(count: number): string {
    return decodeUtf8(this.take(count));
  }
  /** Everything not read yet. */
  rest(): Uint8Array {
    return this.take(this.remaining);
  }
}

import { encodeUtf8 } from "./utf8.ts";

/** Builds a message in a buffer that grows by doubling; the writer owns it until `finish`. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacityBytes = 64) {
    this.#bytes = new Uint8Array(capacityBytes);
  }

  get length(): number {
    return this.#length;
  }

  #grow(count: number): number {
    const start = this.#length;
    const needed = start + count;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    this.#length = needed;
    return start;
  }

  u8(value: number): this {
    const at = this.#grow(1);
    this.#bytes[at] = value;
    return this;
  }
  u16(value: number): this {
    const at = this.#grow(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
    return this;
  }
  u16le(value: number): this {
    const at = this.#grow(2);
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >>> 8;
    return this;
  }
  u32(value: number): this {
    return this.u16(value >>> 16).u16(value);
  }
  u32le(value: number): this {
    return this.u16le(value).u16le(value >>> 16);
  }
  i32(value: number): this {
    return this.u32(value);
  }
  /** A whole number from 0 to 2^53 - 1 as unsigned 64-bit little-endian. */
  u64le(value: number): this {
    return this.u32le(value % 0x1_0000_0000).u32le(Math.floor(value / 0x1_0000_0000));
  }
  put(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }
  utf8(text: string): this {
    return this.put(encodeUtf8(text));
  }
  /** The bytes written so far: a view, to be used or copied before the next write. */
  finish(): Uint8Array {
    // A view on a short array makes the engine move it out of its heap first: ten times the cost of all the rest.
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.subarray(0, this.#length);
  }
}

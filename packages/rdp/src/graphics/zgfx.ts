import { ByteReader, DecodeError } from "@poterne/bytes";
import { MAX_PREFIX_BITS, ZGFX_LOOKUP, ZGFX_TOKENS } from "./zgfx-tokens.ts";

/** [MS-RDPEGFX] 3.1.9.1.2 the history both sides keep. */
export const ZGFX_HISTORY_BYTES = 2_500_000;
/** A decompressed message over it is refused: a 4K frame's uncompressed bands stay under it. */
export const MAX_ZGFX_OUTPUT_BYTES = 15 * 1024 * 1024;
/** [MS-RDPEGFX] 2.2.5.2 what one segment decompresses to at most. */
const MAX_SEGMENT_OUTPUT_BYTES = 65535;
const FIRST_HISTORY_BYTES = 64 * 1024;
const ZGFX_SEGMENTED_SINGLE = 0xe0;
const ZGFX_SEGMENTED_MULTIPART = 0xe1;
const PACKET_COMPR_TYPE_RDP8 = 4;
const PACKET_COMPRESSED = 0x20;

/** [MS-RDPEGFX] 2.2.5 and 3.1.9.1: decompresses one server's messages in order; the history goes on between them. */
export class ZgfxDecoder {
  /** Grows up to its whole size, so that a quiet session holds little. */
  #history: Uint8Array = new Uint8Array(0);
  #historyAt = 0;
  /** The history went round: all of it was written. */
  #isRound = false;
  #output: Uint8Array = new Uint8Array(0);
  #outputAt = 0;

  /**
   * The content of one RDP_SEGMENTED_DATA: a view, valid until the next call. Throws `DecodeError`; the decoder is of no
   * use afterwards.
   */
  decode(message: Uint8Array): Uint8Array {
    const reader = new ByteReader(message, "ZGFX");
    const descriptor = reader.u8();
    this.#outputAt = 0;
    if (descriptor === ZGFX_SEGMENTED_SINGLE) {
      const isPlain = this.#decodeSegment(reader.rest(), 0);
      return isPlain ?? this.#output.subarray(0, this.#outputAt);
    }
    if (descriptor !== ZGFX_SEGMENTED_MULTIPART) throw reader.fail("invalid", `descriptor ${descriptor}`);
    const count = reader.u16le();
    const total = reader.u32le();
    if (total > MAX_ZGFX_OUTPUT_BYTES) throw reader.fail("limit", `${total} bytes`);
    for (let index = 0; index < count; index++) {
      const plain = this.#decodeSegment(reader.take(reader.u32le()), total);
      if (plain !== null) this.#putAll(plain);
      if (this.#outputAt > total) throw reader.fail("invalid", "more than the message's size");
    }
    if (this.#outputAt !== total) throw reader.fail("invalid", "less than the message's size");
    return this.#output.subarray(0, total);
  }

  /** Appends a compressed segment to the output and gives null, or gives an uncompressed one as it is. */
  #decodeSegment(segment: Uint8Array, hintBytes: number): Uint8Array | null {
    const header = segment[0];
    if (header === undefined) throw new DecodeError("truncated", "ZGFX segment", 0);
    if ((header & 0x0f) !== PACKET_COMPR_TYPE_RDP8)
      throw new DecodeError("unsupported", "ZGFX segment", 0, `type ${header & 0x0f}`);
    if ((header & PACKET_COMPRESSED) === 0) {
      const plain = segment.subarray(1);
      if (plain.length > MAX_SEGMENT_OUTPUT_BYTES) throw new DecodeError("limit", "ZGFX segment", 0);
      this.#remember(plain);
      return plain;
    }
    this.#reserve(Math.min(hintBytes, this.#outputAt + MAX_SEGMENT_OUTPUT_BYTES));
    this.#inflate(new BitReader(segment), this.#outputAt + MAX_SEGMENT_OUTPUT_BYTES);
    return null;
  }

  #inflate(bits: BitReader, limit: number): void {
    while (bits.left > 0) {
      const token = ZGFX_TOKENS[ZGFX_LOOKUP[bits.peek(MAX_PREFIX_BITS)] ?? 255];
      if (token === undefined) throw bits.fail("no token");
      bits.skip(token.prefixLength);
      if (this.#outputAt >= limit) throw new DecodeError("limit", "ZGFX segment", 0, "output");
      if (token.kind === "literal") {
        this.#putByte(token.base + bits.read(token.valueBits));
        continue;
      }
      const distance = token.base + bits.read(token.valueBits);
      if (distance === 0) this.#putUnencoded(bits, limit);
      else this.#copyMatch(distance, readMatchLength(bits), limit);
    }
  }

  /** [MS-RDPEGFX] 3.1.9.1.2: bytes that stand in the stream as they are, from the next whole byte on. */
  #putUnencoded(bits: BitReader, limit: number): void {
    const bytes = bits.takeBytes(bits.read(15));
    if (this.#outputAt + bytes.length > limit) throw new DecodeError("limit", "ZGFX segment", 0, "output");
    this.#remember(bytes);
    this.#putAll(bytes);
  }

  #copyMatch(distance: number, count: number, limit: number): void {
    if (distance > (this.#isRound ? ZGFX_HISTORY_BYTES : this.#historyAt))
      throw new DecodeError("invalid", "ZGFX segment", 0, "distance");
    if (this.#outputAt + count > limit) throw new DecodeError("limit", "ZGFX segment", 0, "output");
    const history = this.#growHistory(count);
    this.#reserve(this.#outputAt + count);
    let from = this.#historyAt - distance;
    if (from < 0) from += ZGFX_HISTORY_BYTES;
    for (let index = 0; index < count; index++) {
      const byte = history[from] ?? 0;
      if (++from === ZGFX_HISTORY_BYTES) from = 0;
      this.#output[this.#outputAt++] = byte;
      history[this.#historyAt] = byte;
      this.#stepHistory(1);
    }
  }

  #putByte(byte: number): void {
    const history = this.#growHistory(1);
    if (this.#outputAt === this.#output.length) this.#reserve(this.#outputAt + 1);
    this.#output[this.#outputAt++] = byte;
    history[this.#historyAt] = byte;
    this.#stepHistory(1);
  }

  #putAll(bytes: Uint8Array): void {
    this.#reserve(this.#outputAt + bytes.length);
    this.#output.set(bytes, this.#outputAt);
    this.#outputAt += bytes.length;
  }

  #reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#output.length) return;
    const larger = new Uint8Array(
      Math.max(sizeBytes, Math.min(this.#output.length * 2, MAX_ZGFX_OUTPUT_BYTES)),
    );
    larger.set(this.#output.subarray(0, this.#outputAt));
    this.#output = larger;
  }

  /** The history with room for `count` bytes more, as far as it does not go round. */
  #growHistory(count: number): Uint8Array {
    const needed = Math.min(this.#historyAt + count, ZGFX_HISTORY_BYTES);
    if (needed > this.#history.length) {
      const size = Math.min(
        Math.max(needed, this.#history.length * 4, FIRST_HISTORY_BYTES),
        ZGFX_HISTORY_BYTES,
      );
      const larger = new Uint8Array(size);
      larger.set(this.#history);
      this.#history = larger;
    }
    return this.#history;
  }

  #stepHistory(count: number): void {
    this.#historyAt += count;
    if (this.#historyAt < ZGFX_HISTORY_BYTES) return;
    this.#historyAt -= ZGFX_HISTORY_BYTES;
    this.#isRound = true;
  }

  /** Adds bytes to the history; a segment is shorter than it. */
  #remember(bytes: Uint8Array): void {
    const history = this.#growHistory(bytes.length);
    const room = Math.min(bytes.length, ZGFX_HISTORY_BYTES - this.#historyAt);
    if (room === bytes.length) history.set(bytes, this.#historyAt);
    else {
      history.set(bytes.subarray(0, room), this.#historyAt);
      history.set(bytes.subarray(room), 0);
    }
    this.#stepHistory(bytes.length);
  }
}

/** 3 for a bit 0, else powers of two: 4 for `10`, 8 for `110`, and so on, with as many bits added. */
function readMatchLength(bits: BitReader): number {
  if (bits.read(1) === 0) return 3;
  let extra = 2;
  while (bits.read(1) === 1) if (++extra > 16) throw bits.fail("match length");
  return (1 << extra) + bits.read(extra);
}

/** Bits of a segment, the highest of each byte first; the last byte tells how many bits of the one before are unused. */
class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at = 1;
  #held = 0;
  #heldBits = 0;
  /** Bits not read yet. */
  left: number;

  constructor(segment: Uint8Array) {
    this.#bytes = segment;
    this.#end = segment.length - 1;
    const unused = segment[this.#end] ?? 0;
    this.left = (this.#end - 1) * 8 - unused;
    if (unused > 7 || this.left < 0) throw this.fail("unused bits");
  }

  fail(detail: string): DecodeError {
    return new DecodeError("invalid", "ZGFX segment", this.#at, detail);
  }

  /** The next bits, 24 at most, zeros after the end. */
  peek(count: number): number {
    while (this.#heldBits < count) {
      const byte = this.#at < this.#end ? (this.#bytes[this.#at] ?? 0) : 0;
      this.#at++;
      this.#held = ((this.#held << 8) | byte) >>> 0;
      this.#heldBits += 8;
    }
    return (this.#held >>> (this.#heldBits - count)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    if (count > this.left) throw new DecodeError("truncated", "ZGFX segment", this.#at);
    this.left -= count;
    this.#heldBits -= count;
  }

  /** 24 bits at most. */
  read(count: number): number {
    if (count === 0) return 0;
    if (count > 16) {
      const high = this.read(count - 16);
      return high * 65536 + this.read(16);
    }
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  /** Whole bytes from the next byte boundary on. */
  takeBytes(count: number): Uint8Array {
    this.skip(this.#heldBits & 7);
    const start = this.#at - (this.#heldBits >> 3);
    if (count * 8 > this.left) throw new DecodeError("truncated", "ZGFX segment", start);
    this.left -= count * 8;
    this.#at = start + count;
    this.#heldBits = 0;
    return this.#bytes.subarray(start, start + count);
  }
}

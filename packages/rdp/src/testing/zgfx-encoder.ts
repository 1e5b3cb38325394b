import { ZGFX_TOKENS } from "../graphics/zgfx-tokens.ts";

/** Puts bits together, the highest of each byte first. */
class BitWriter {
  readonly bytes: number[] = [];
  #bitCount = 0;

  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      if (this.#bitCount % 8 === 0) this.bytes.push(0);
      if (Math.floor(value / 2 ** bit) % 2 === 1)
        this.bytes[this.bytes.length - 1] = (this.bytes.at(-1) ?? 0) | (0x80 >> (this.#bitCount % 8));
      this.#bitCount++;
    }
  }

  /** Whole bytes from the next byte boundary on. */
  putBytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.bytes.push(byte);
    this.#bitCount = this.bytes.length * 8;
  }

  get unusedBits(): number {
    return this.bytes.length * 8 - this.#bitCount;
  }
}

/** One step of a compressed segment. */
export type ZgfxStep =
  | { readonly literal: number }
  | { readonly distance: number; readonly count: number }
  | { readonly plain: Uint8Array };

/** A compressed single-segment message of exactly these steps ([MS-RDPEGFX] 3.1.9.1). */
export function encodeZgfx(steps: readonly ZgfxStep[]): Uint8Array {
  return Uint8Array.from([0xe0, ...encodeZgfxSegment(steps)]);
}

/** A compressed segment of exactly these steps, with its header and without its length ([MS-RDPEGFX] 2.2.5.2). */
export function encodeZgfxSegment(steps: readonly ZgfxStep[]): Uint8Array {
  const bits = new BitWriter();
  for (const step of steps) {
    if ("literal" in step) putLiteral(bits, step.literal);
    else if ("plain" in step) putPlain(bits, step.plain);
    else putMatch(bits, step.distance, step.count);
  }
  return Uint8Array.from([0x24, ...bits.bytes, bits.unusedBits]);
}

function putLiteral(bits: BitWriter, byte: number): void {
  const short = ZGFX_TOKENS.find(
    (token) => token.kind === "literal" && token.valueBits === 0 && token.base === byte,
  );
  if (short !== undefined) bits.put(short.prefix, short.prefixLength);
  else bits.put(byte, 9);
}

function putPlain(bits: BitWriter, bytes: Uint8Array): void {
  bits.put(17, 5);
  bits.put(0, 5);
  bits.put(bytes.length, 15);
  bits.putBytes(bytes);
}

function putMatch(bits: BitWriter, distance: number, count: number): void {
  const token = ZGFX_TOKENS.findLast((entry) => entry.kind === "match" && entry.base <= distance);
  if (token === undefined) throw new RangeError("distance");
  bits.put(token.prefix, token.prefixLength);
  bits.put(distance - token.base, token.valueBits);
  if (count === 3) bits.put(0, 1);
  else {
    const extra = Math.floor(Math.log2(count));
    bits.put(2 ** (extra - 1) - 1, extra - 1);
    bits.put(0, 1);
    bits.put(count - 2 ** extra, extra);
  }
}

import type { Rectangle } from "@poterne/picture";

/** The side of what one mask tells of, in pixels. */
export const MASK_PX = 64;
/** Bytes one mask takes. */
export const MASK_BYTES = (MASK_PX * MASK_PX) / 8;
const WORDS_PER_ROW = MASK_PX / 32;

/** Pixels of a square of `MASK_PX`, one bit each. */
export class PixelMask {
  readonly #words = new Uint32Array(MASK_PX * WORDS_PER_ROW);

  /** The pixels of these rectangles, which are relative to the square; what lies outside of it is left out. */
  static of(rectangles: readonly Rectangle[]): PixelMask {
    const mask = new PixelMask();
    for (const rectangle of rectangles) mask.#add(rectangle);
    return mask;
  }

  #add({ x, y, width, height }: Rectangle): void {
    const left = Math.max(x, 0);
    const right = Math.min(x + width, MASK_PX);
    const bottom = Math.min(y + height, MASK_PX);
    if (right <= left) return;
    for (let half = 0; half < WORDS_PER_ROW; half++) {
      const bits = bitsBetween(left - half * 32, right - half * 32);
      if (bits === 0) continue;
      for (let row = Math.max(y, 0); row < bottom; row++) {
        const at = row * WORDS_PER_ROW + half;
        this.#words[at] = (this.#words[at] as number) | bits;
      }
    }
  }

  copy(): PixelMask {
    const mask = new PixelMask();
    mask.#words.set(this.#words);
    return mask;
  }

  /** Takes the pixels of another mask away; true when none is left. */
  subtract(other: PixelMask): boolean {
    let left = 0;
    for (let at = 0; at < this.#words.length; at++) {
      const word = (this.#words[at] as number) & ~(other.#words[at] as number);
      this.#words[at] = word;
      left |= word;
    }
    return left === 0;
  }

  /** Adds the pixels of another mask. */
  unite(other: PixelMask): void {
    for (let at = 0; at < this.#words.length; at++)
      this.#words[at] = (this.#words[at] as number) | (other.#words[at] as number);
  }

  /** Whether all pixels of another mask are in this one. */
  holds(other: PixelMask): boolean {
    return this.#words.every((word, at) => ((other.#words[at] as number) & ~word) === 0);
  }
}

/** The bits from `from` up to `to` of 32, either of which may lie outside. */
function bitsBetween(from: number, to: number): number {
  const [low, high] = [Math.max(from, 0), Math.min(to, 32)];
  if (high <= low) return 0;
  const below = (end: number) => (end >= 32 ? 0xffffffff : 2 ** end - 1);
  return (below(high) & ~below(low)) >>> 0;
}

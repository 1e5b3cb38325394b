import type { CopyCommand } from "./commands.ts";
import type { Rectangle } from "./language.ts";

/** Pixels in one number of the map: a bit each. */
const WORD_PX = 32;

/** Which pixels of a surface are still to be drawn, going backwards from a picture. At first all are needed. */
export class NeedMap {
  readonly #width: number;
  readonly #height: number;
  readonly #rowWords: number;
  readonly #words: Int32Array;
  /** The columns of one rectangle, and the words they lie in. */
  readonly #mask: Int32Array;
  #first = 0;
  #end = 0;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#rowWords = Math.ceil(width / WORD_PX);
    this.#words = new Int32Array(this.#rowWords * height).fill(-1);
    this.#mask = new Int32Array(this.#rowWords);
  }

  /** Whether a rectangle lies on the surface. */
  holds({ x, y, width, height }: Rectangle): boolean {
    return width > 0 && height > 0 && x + width <= this.#width && y + height <= this.#height;
  }

  /** Something drew this rectangle: nothing before is needed there. True when some of what it drew was needed. */
  draw(rectangle: Rectangle): boolean {
    if (!this.#isNeeded(rectangle)) return false;
    for (let row = rectangle.y; row < rectangle.y + rectangle.height; row++) {
      const start = row * this.#rowWords;
      for (let word = this.#first; word < this.#end; word++)
        this.#words[start + word] = (this.#words[start + word] as number) & ~(this.#mask[word] as number);
    }
    return true;
  }

  /**
   * Something copied a rectangle within the surface: what is needed of the copy is needed of the original. True when
   * some of it is.
   */
  copy({ rectangle, toX, toY }: CopyCommand): boolean {
    const { x, y, width, height } = rectangle;
    const copied = { x: toX, y: toY, width, height };
    if (!this.#isNeeded(copied)) return false;
    const wanted = this.#take(copied);
    this.#setMask(rectangle);
    for (let row = 0; row < height; row++) {
      const from = row * this.#rowWords;
      const to = (y + row) * this.#rowWords;
      for (let word = this.#first; word < this.#end; word++) {
        const bits = this.#bitsAt(wanted, from, word * WORD_PX + toX - x);
        this.#words[to + word] = (this.#words[to + word] as number) | (bits & (this.#mask[word] as number));
      }
    }
    return true;
  }

  /** Whether some of a rectangle is needed; leaves its mask set. */
  #isNeeded(rectangle: Rectangle): boolean {
    this.#setMask(rectangle);
    for (let row = rectangle.y; row < rectangle.y + rectangle.height; row++) {
      const start = row * this.#rowWords;
      let found = 0;
      for (let word = this.#first; word < this.#end; word++)
        found |= (this.#words[start + word] as number) & (this.#mask[word] as number);
      if (found !== 0) return true;
    }
    return false;
  }

  /** What is needed of a rectangle, in rows of the map's width; nothing of it is needed any more. */
  #take(rectangle: Rectangle): Int32Array {
    const start = rectangle.y * this.#rowWords;
    const wanted = new Int32Array(rectangle.height * this.#rowWords);
    for (let at = 0; at < wanted.length; at += this.#rowWords)
      for (let word = this.#first; word < this.#end; word++) {
        const bits = this.#words[start + at + word] as number;
        const mask = this.#mask[word] as number;
        wanted[at + word] = bits & mask;
        this.#words[start + at + word] = bits & ~mask;
      }
    return wanted;
  }

  /** The bits of a row from a column on, none beside the row. */
  #bitsAt(rows: Int32Array, rowStart: number, column: number): number {
    const word = column >> 5;
    const shift = column & (WORD_PX - 1);
    const low = word >= 0 && word < this.#rowWords ? (rows[rowStart + word] as number) : 0;
    if (shift === 0) return low;
    const high = word + 1 >= 0 && word + 1 < this.#rowWords ? (rows[rowStart + word + 1] as number) : 0;
    return (low >>> shift) | (high << (WORD_PX - shift));
  }

  #setMask({ x, width }: Rectangle): void {
    const end = x + width;
    this.#first = x >> 5;
    this.#end = (end + WORD_PX - 1) >> 5;
    this.#mask.fill(-1, this.#first, this.#end);
    this.#mask[this.#first] = (this.#mask[this.#first] as number) & (-1 << (x & (WORD_PX - 1)));
    const over = this.#end * WORD_PX - end;
    this.#mask[this.#end - 1] = (this.#mask[this.#end - 1] as number) & (-1 >>> over);
  }
}

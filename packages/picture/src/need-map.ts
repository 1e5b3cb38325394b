import type { Rectangle } from "./language.ts";

/** Pixels in one number of the map: a bit each. */
const WORD_PX = 32;

/** Which pixels of a surface are still to be drawn, going backwards from a picture. At first all are needed, or none. */
export class NeedMap {
  readonly #width: number;
  readonly #height: number;
  readonly #rowWords: number;
  readonly #words: Int32Array;
  /** The columns of one rectangle, and the words they lie in. */
  readonly #mask: Int32Array;
  #first = 0;
  #end = 0;

  constructor(width: number, height: number, isNeeded = true) {
    this.#width = width;
    this.#height = height;
    this.#rowWords = Math.ceil(width / WORD_PX);
    this.#words = new Int32Array(this.#rowWords * height).fill(isNeeded ? -1 : 0);
    this.#mask = new Int32Array(this.#rowWords);
  }

  /** Whether a rectangle lies on the surface; one without pixels does not. */
  holds({ x, y, width, height }: Rectangle): boolean {
    return width > 0 && height > 0 && x + width <= this.#width && y + height <= this.#height;
  }

  /** Whether some of a rectangle is needed. */
  needs(rectangle: Rectangle): boolean {
    return this.#isNeeded(rectangle);
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

  /** Something read this rectangle: all of it is needed. */
  want(rectangle: Rectangle): void {
    this.#setMask(rectangle);
    for (let row = rectangle.y; row < rectangle.y + rectangle.height; row++) {
      const start = row * this.#rowWords;
      for (let word = this.#first; word < this.#end; word++)
        this.#words[start + word] = (this.#words[start + word] as number) | (this.#mask[word] as number);
    }
  }

  /**
   * Something copied a rectangle of `from` (which may be this surface) to a place of this one: what is needed of the copy
   * is needed of the original. True when some of it is.
   */
  copy(from: NeedMap, rectangle: Rectangle, toX: number, toY: number): boolean {
    const { x, width, height } = rectangle;
    const copied = { x: toX, y: toY, width, height };
    if (!this.#isNeeded(copied)) return false;
    from.#wantBits(rectangle, this.#take(copied), { rowWords: this.#rowWords, shift: toX - x });
    return true;
  }

  /** Needs of a rectangle what rows of another width say, whose columns are `shift` higher. */
  #wantBits(
    rectangle: Rectangle,
    rows: Int32Array,
    { rowWords, shift }: { readonly rowWords: number; readonly shift: number },
  ): void {
    this.#setMask(rectangle);
    for (let row = 0; row < rectangle.height; row++) {
      const to = (rectangle.y + row) * this.#rowWords;
      for (let word = this.#first; word < this.#end; word++) {
        const bits = bitsAt(rows, { start: row * rowWords, words: rowWords }, word * WORD_PX + shift);
        this.#words[to + word] = (this.#words[to + word] as number) | (bits & (this.#mask[word] as number));
      }
    }
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

/** The bits of a row from a column on, none beside the row. */
function bitsAt(
  rows: Int32Array,
  { start, words }: { readonly start: number; readonly words: number },
  column: number,
): number {
  const word = column >> 5;
  const shift = column & (WORD_PX - 1);
  const low = word >= 0 && word < words ? (rows[start + word] as number) : 0;
  if (shift === 0) return low;
  const high = word + 1 >= 0 && word + 1 < words ? (rows[start + word + 1] as number) : 0;
  return (low >>> shift) | (high << (WORD_PX - shift));
}

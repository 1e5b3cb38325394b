import type { Rectangle } from "./language.ts";

/** Pieces the uncovered part may fall into; over it, it is taken as one rectangle that holds all pieces. */
const MAX_PIECES = 256;

/** Rows of one kind: from `top` down to `bottom`, in each the columns `spans[0]` to `spans[1]`, `spans[2]` to `spans[3]` … */
interface Band {
  top: number;
  bottom: number;
  spans: readonly number[];
}

/**
 * Which part of the screen was not drawn yet since an entry point began. Kept as bands of rows: a busy desktop draws a
 * hundred rectangles an update, and rectangles that are cut into rectangles fall to pieces.
 */
export class Coverage {
  #bands: Band[] = [];
  /** Nothing was drawn since it began. */
  isUntouched = false;

  /** Nothing of a screen of this size is drawn. */
  begin(width: number, height: number): void {
    this.#bands = [{ top: 0, bottom: height, spans: [0, width] }];
    this.isUntouched = true;
  }

  get isWhole(): boolean {
    return this.#bands.length === 0;
  }

  /** A rectangle was drawn. */
  add(rectangle: Rectangle): void {
    this.isUntouched = false;
    const { x, y } = rectangle;
    const [right, bottom] = [x + rectangle.width, y + rectangle.height];
    let isCut = false;
    // What is split off while it runs lies outside of the rectangle: from the end on nothing is looked at twice.
    for (let index = this.#bands.length - 1; index >= 0; index--) {
      const band = this.#bands[index];
      if (band === undefined || band.top >= bottom || band.bottom <= y) continue;
      if (!meets(band.spans, x, right)) continue;
      this.#cut(index, band, rectangle);
      isCut = true;
    }
    if (isCut) this.#limit();
  }

  #cut(index: number, band: Band, { x, y, width, height }: Rectangle): void {
    const bottom = y + height;
    if (band.top < y) {
      this.#bands.push({ top: band.top, bottom: y, spans: band.spans });
      band.top = y;
    }
    if (band.bottom > bottom) {
      this.#bands.push({ top: bottom, bottom: band.bottom, spans: band.spans });
      band.bottom = bottom;
    }
    band.spans = without(band.spans, x, x + width);
    if (band.spans.length === 0) this.#bands.splice(index, 1);
  }

  #limit(): void {
    let pieces = 0;
    for (const { spans } of this.#bands) pieces += spans.length >> 1;
    if (pieces <= MAX_PIECES) return;
    const { x, y, width, height } = this.bounds();
    this.#bands = [{ top: y, bottom: y + height, spans: [x, x + width] }];
  }

  /** A rectangle was copied: it is as good as its source. */
  copy(source: Rectangle, toX: number, toY: number): void {
    const { width, height } = source;
    const target = { x: toX, y: toY, width, height };
    if (this.isDrawn(source)) return this.add(target);
    // Nothing was drawn. Bands never lie over each other: what is missing now takes the place of what was.
    const { isUntouched } = this;
    this.add(target);
    this.isUntouched = isUntouched;
    if (width > 0 && height > 0)
      this.#bands.push({ top: toY, bottom: toY + height, spans: [toX, toX + width] });
  }

  /** Whether no part of a rectangle is missing. */
  isDrawn({ x, y, width, height }: Rectangle): boolean {
    for (const { top, bottom, spans } of this.#bands)
      if (top < y + height && bottom > y && meets(spans, x, x + width)) return false;
    return true;
  }

  /** What holds all that is missing; meaningless when whole. */
  bounds(): Rectangle {
    let [left, top, right, bottom] = [65535, 65535, 0, 0];
    for (const band of this.#bands) {
      left = Math.min(left, band.spans[0] ?? left);
      top = Math.min(top, band.top);
      right = Math.max(right, band.spans.at(-1) ?? right);
      bottom = Math.max(bottom, band.bottom);
    }
    return { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
  }
}

/** Whether some span has columns from `left` to `right`. */
function meets(spans: readonly number[], left: number, right: number): boolean {
  for (let at = 0; at + 1 < spans.length; at += 2)
    if ((spans[at] as number) < right && left < (spans[at + 1] as number)) return true;
  return false;
}

/** The spans without the columns from `left` to `right`. */
function without(spans: readonly number[], left: number, right: number): readonly number[] {
  const rest: number[] = [];
  for (let at = 0; at + 1 < spans.length; at += 2) {
    const from = spans[at] as number;
    const to = spans[at + 1] as number;
    if (from < Math.min(to, left)) rest.push(from, Math.min(to, left));
    if (Math.max(from, right) < to) rest.push(Math.max(from, right), to);
  }
  return rest;
}

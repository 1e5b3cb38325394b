import type { Rectangle } from "./language.ts";

/** Pieces the uncovered part may fall into; over it, it is taken as one rectangle that holds all pieces. */
const MAX_PIECES = 256;

/** Which part of the screen was not drawn yet since an entry point began. */
export class Coverage {
  #missing: Rectangle[] = [];
  /** Nothing was drawn since it began. */
  isUntouched = false;

  /** Nothing of a screen of this size is drawn. */
  begin(width: number, height: number): void {
    this.#missing = [{ x: 0, y: 0, width, height }];
    this.isUntouched = true;
  }

  get isWhole(): boolean {
    return this.#missing.length === 0;
  }

  /** A rectangle was drawn. */
  add(rectangle: Rectangle): void {
    this.isUntouched = false;
    // Most of what a busy desktop draws while it waits for its full picture was drawn before.
    if (!this.#missing.some((piece) => intersects(piece, rectangle))) return;
    const left: Rectangle[] = [];
    for (const piece of this.#missing) subtract(piece, rectangle, left);
    this.#missing = left.length > MAX_PIECES ? [boundsOf(left)] : left;
  }

  /** A rectangle was copied: it is as good as its source. */
  copy(source: Rectangle, toX: number, toY: number): void {
    const target = { x: toX, y: toY, width: source.width, height: source.height };
    if (this.#missing.some((piece) => intersects(piece, source))) this.#missing.push(target);
    else this.add(target);
  }

  /** Whether no part of a rectangle is missing. */
  isDrawn(rectangle: Rectangle): boolean {
    return !this.#missing.some((piece) => intersects(piece, rectangle));
  }

  /** What holds all that is missing; meaningless when whole. */
  bounds(): Rectangle {
    return boundsOf(this.#missing);
  }
}

function intersects(left: Rectangle, right: Rectangle): boolean {
  return (
    left.x < right.x + right.width &&
    right.x < left.x + left.width &&
    left.y < right.y + right.height &&
    right.y < left.y + left.height
  );
}

/** Adds to `left` what remains of `piece` without `cut`: at most four rectangles. */
function subtract(piece: Rectangle, cut: Rectangle, left: Rectangle[]): void {
  if (!intersects(piece, cut)) {
    left.push(piece);
    return;
  }
  const top = Math.max(piece.y, cut.y);
  const bottom = Math.min(piece.y + piece.height, cut.y + cut.height);
  const pushPart = (x: number, y: number, right: number, end: number): void => {
    if (right > x && end > y) left.push({ x, y, width: right - x, height: end - y });
  };
  const right = piece.x + piece.width;
  pushPart(piece.x, piece.y, right, top);
  pushPart(piece.x, bottom, right, piece.y + piece.height);
  pushPart(piece.x, top, Math.min(right, cut.x), bottom);
  pushPart(Math.max(piece.x, cut.x + cut.width), top, right, bottom);
}

function boundsOf(rectangles: readonly Rectangle[]): Rectangle {
  let [left, top, right, bottom] = [65535, 65535, 0, 0];
  for (const { x, y, width, height } of rectangles) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}

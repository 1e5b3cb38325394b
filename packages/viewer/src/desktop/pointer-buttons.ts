/** Bits of `PointerInput.buttons` (docs/wire.md, input). */
export const Button = {
  left: 1,
  middle: 2,
  right: 4,
  wheelUp: 8,
  wheelDown: 16,
  wheelLeft: 32,
  wheelRight: 64,
  back: 128,
  forward: 256,
} as const;

/** How many CSS pixels of scrolling are one notch of a wheel. */
export const NOTCH_PX = 50;
/** The most notches of one event: a flick of a touch pad must not scroll for minutes. */
export const MAX_NOTCHES = 10;
const LINE_PX = 20;
const PAGE_PX = 400;
/** `WheelEvent.deltaMode` by lines and by pages. */
const BY_LINE = 1;
const BY_PAGE = 2;

/** The wire's buttons for `MouseEvent.buttons`, which counts right before middle. */
export function wireButtons(domButtons: number): number {
  return (
    ((domButtons & 1) !== 0 ? Button.left : 0) |
    ((domButtons & 2) !== 0 ? Button.right : 0) |
    ((domButtons & 4) !== 0 ? Button.middle : 0) |
    ((domButtons & 8) !== 0 ? Button.back : 0) |
    ((domButtons & 16) !== 0 ? Button.forward : 0)
  );
}

/** Adds up scrolling and gives whole notches. */
export class WheelNotches {
  #x = 0;
  #y = 0;

  /** The wheel buttons to press and release, one after the other. */
  add(delta: { readonly x: number; readonly y: number; readonly mode: number }): number[] {
    const unit = delta.mode === BY_LINE ? LINE_PX : delta.mode === BY_PAGE ? PAGE_PX : 1;
    this.#x += delta.x * unit;
    this.#y += delta.y * unit;
    const down = this.#take("y");
    const right = this.#take("x");
    return [
      ...Array<number>(Math.abs(down)).fill(down > 0 ? Button.wheelDown : Button.wheelUp),
      ...Array<number>(Math.abs(right)).fill(right > 0 ? Button.wheelRight : Button.wheelLeft),
    ];
  }

  #take(axis: "x" | "y"): number {
    const value = axis === "x" ? this.#x : this.#y;
    const notches = Math.trunc(value / NOTCH_PX);
    const rest = value - notches * NOTCH_PX;
    if (axis === "x") this.#x = rest;
    else this.#y = rest;
    return Math.max(-MAX_NOTCHES, Math.min(MAX_NOTCHES, notches));
  }
}

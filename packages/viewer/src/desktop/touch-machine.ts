import { Button } from "./pointer-buttons.ts";

/** How fingers move the pointer: it goes where the finger is, or as on a lap-top's touch pad. */
export type TouchMode = "direct" | "touch-pad";

/** A finger that rests so long without moving presses the right button. */
export const LONG_PRESS_MS = 550;
/** A finger that moves less has not moved. */
export const STILL_PX = 8;
/** Two fingers scroll one notch per so many CSS pixels. */
export const SCROLL_PX = 24;

/** A finger, in CSS pixels of the page. */
export interface Finger {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** What to do with the pointer: where it goes (page pixels, absolute or relative), and its buttons. */
export interface TouchAction {
  readonly move: { readonly kind: "to" | "by"; readonly x: number; readonly y: number };
  readonly buttons: number;
}

const STAY = { kind: "by", x: 0, y: 0 } as const;

/** Turns fingers into pointer moves, clicks, right clicks, drags and wheel notches. The owner brings the time. */
export class TouchMachine {
  readonly #mode: TouchMode;
  readonly #fingers = new Map<number, Finger>();
  #startedAtMs = 0;
  #start: Finger | null = null;
  #hasMoved = false;
  #isRightPressed = false;
  #mostFingers = 0;
  #scroll = 0;

  constructor(mode: TouchMode) {
    this.#mode = mode;
  }

  down(finger: Finger, nowMs: number): TouchAction[] {
    this.#fingers.set(finger.id, finger);
    this.#mostFingers = Math.max(this.#mostFingers, this.#fingers.size);
    if (this.#fingers.size > 1) return [];
    this.#start = finger;
    this.#startedAtMs = nowMs;
    this.#hasMoved = false;
    this.#isRightPressed = false;
    return this.#mode === "direct" ? [this.#at(finger, 0)] : [];
  }

  move(finger: Finger): TouchAction[] {
    const before = this.#fingers.get(finger.id);
    const start = this.#start;
    if (before === undefined || start === null) return [];
    this.#fingers.set(finger.id, finger);
    if (this.#fingers.size >= 2) return this.#scrolled(finger.y - before.y);
    if (this.#mostFingers > 1 || this.#isRightPressed) return [];
    if (!this.#hasMoved && Math.hypot(finger.x - start.x, finger.y - start.y) < STILL_PX) return [];
    const isFirst = !this.#hasMoved;
    this.#hasMoved = true;
    if (this.#mode === "touch-pad")
      return [{ move: { kind: "by", x: finger.x - before.x, y: finger.y - before.y }, buttons: 0 }];
    // The press belongs to where the finger first touched, or a drag would miss its handle.
    const press = isFirst ? [this.#at(start, Button.left)] : [];
    return [...press, this.#at(finger, Button.left)];
  }

  /** To be called while a finger rests: presses the right button when it has rested long enough. */
  rest(nowMs: number): TouchAction[] {
    const isLong = nowMs - this.#startedAtMs >= LONG_PRESS_MS;
    if (this.#fingers.size !== 1 || this.#hasMoved || this.#isRightPressed || !isLong) return [];
    this.#isRightPressed = true;
    return this.#click(Button.right);
  }

  up(id: number): TouchAction[] {
    const finger = this.#fingers.get(id);
    this.#fingers.delete(id);
    if (finger === undefined || this.#fingers.size > 0) return [];
    const { mostFingers, hasMoved } = { mostFingers: this.#mostFingers, hasMoved: this.#hasMoved };
    this.#mostFingers = 0;
    this.#scroll = 0;
    if (this.#isRightPressed) return [];
    if (mostFingers === 2) return hasMoved ? [] : this.#click(Button.right);
    if (mostFingers > 2) return [];
    if (!hasMoved) return this.#click(Button.left);
    return this.#mode === "direct" ? [this.#at(finger, 0)] : [];
  }

  #scrolled(deltaY: number): TouchAction[] {
    this.#scroll += deltaY;
    const notches = Math.trunc(this.#scroll / SCROLL_PX);
    if (notches === 0) return [];
    this.#hasMoved = true;
    this.#scroll -= notches * SCROLL_PX;
    const wheel = notches > 0 ? Button.wheelUp : Button.wheelDown;
    return Array.from({ length: Math.min(10, Math.abs(notches)) }, () => this.#press(wheel)).flat();
  }

  #click(button: number): TouchAction[] {
    const start = this.#start;
    if (this.#mode === "direct" && start !== null) return [this.#at(start, button), this.#at(start, 0)];
    return this.#press(button);
  }

  #press(button: number): TouchAction[] {
    return [
      { move: STAY, buttons: button },
      { move: STAY, buttons: 0 },
    ];
  }

  #at(finger: Finger, buttons: number): TouchAction {
    return { move: { kind: "to", x: finger.x, y: finger.y }, buttons };
  }
}

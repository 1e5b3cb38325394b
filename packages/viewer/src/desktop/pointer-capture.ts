import type { InputEvent } from "@poterne/wire";
import { WheelNotches, wireButtons } from "./pointer-buttons.ts";
import { LONG_PRESS_MS, type TouchAction, TouchMachine, type TouchMode } from "./touch-machine.ts";

/** What the pointer needs of the desktop it moves on. */
export interface PointerGround {
  /** The remote pixel under a point of the page. */
  toRemote(x: number, y: number): { x: number; y: number };
  /** How many remote pixels one CSS pixel is. */
  readonly remotePerCss: number;
  readonly remoteSize: { readonly width: number; readonly height: number };
  send(events: readonly InputEvent[]): void;
  /** A press: the desktop takes the keyboard, the clipboard may be asked for. */
  pressed(): void;
}

/** Listens to mouse, wheel, pen and touch on an element and sends them as pointer input. */
export class PointerCapture {
  readonly #element: HTMLElement;
  readonly #ground: PointerGround;
  readonly #wheel = new WheelNotches();
  readonly #abort = new AbortController();
  #touch: TouchMachine;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #place = { x: 0, y: 0 };
  #buttons = 0;
  #pendingMove: InputEvent | null = null;

  constructor(element: HTMLElement, ground: PointerGround, touchMode: TouchMode) {
    this.#element = element;
    this.#ground = ground;
    this.#touch = new TouchMachine(touchMode);
    const { signal } = this.#abort;
    element.addEventListener("pointerdown", (event) => this.#pointer(event), { signal });
    element.addEventListener("pointerup", (event) => this.#pointer(event), { signal });
    element.addEventListener("pointercancel", (event) => this.#pointer(event), { signal });
    element.addEventListener("pointermove", (event) => this.#pointer(event), { signal });
    element.addEventListener("wheel", (event) => this.#onWheel(event), { signal, passive: false });
    element.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  }

  /** Changes how fingers move the pointer. */
  setTouchMode(mode: TouchMode): void {
    this.#touch = new TouchMachine(mode);
  }

  dispose(): void {
    clearTimeout(this.#restTimer);
    this.#abort.abort();
  }

  #pointer(event: PointerEvent): void {
    event.preventDefault();
    if (event.type === "pointerdown") {
      this.#ground.pressed();
      this.#element.setPointerCapture(event.pointerId);
    }
    if (event.pointerType === "touch") return this.#onTouch(event);
    this.#place = this.#ground.toRemote(event.clientX, event.clientY);
    const buttons = event.type === "pointercancel" ? 0 : wireButtons(event.buttons);
    if (event.type === "pointermove" && buttons === this.#buttons) this.#moveSoon();
    else {
      this.#flushMove();
      this.#buttons = buttons;
      this.#ground.send([this.#event(buttons)]);
    }
  }

  /** Moves go out once per drawn picture at most: nobody sees more, and a mouse tells a thousand a second. */
  #moveSoon(): void {
    const isScheduled = this.#pendingMove !== null;
    this.#pendingMove = this.#event(this.#buttons);
    if (!isScheduled) requestAnimationFrame(() => this.#flushMove());
  }

  #flushMove(): void {
    const move = this.#pendingMove;
    this.#pendingMove = null;
    if (move !== null) this.#ground.send([move]);
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    this.#place = this.#ground.toRemote(event.clientX, event.clientY);
    const wheels = this.#wheel.add({ x: event.deltaX, y: event.deltaY, mode: event.deltaMode });
    const events = wheels.flatMap((wheel) => [
      this.#event(this.#buttons | wheel),
      this.#event(this.#buttons),
    ]);
    if (events.length > 0) this.#ground.send(events);
  }

  #onTouch(event: PointerEvent): void {
    const finger = { id: event.pointerId, x: event.clientX, y: event.clientY };
    clearTimeout(this.#restTimer);
    if (event.type === "pointerdown") {
      this.#do(this.#touch.down(finger, event.timeStamp));
      this.#restTimer = setTimeout(() => this.#do(this.#touch.rest(performance.now())), LONG_PRESS_MS + 10);
    } else if (event.type === "pointermove") {
      this.#do(this.#touch.move(finger));
      const left = Math.max(10, LONG_PRESS_MS);
      this.#restTimer = setTimeout(() => this.#do(this.#touch.rest(performance.now())), left);
    } else this.#do(this.#touch.up(finger.id));
  }

  #do(actions: readonly TouchAction[]): void {
    const events = actions.map((action) => {
      this.#place =
        action.move.kind === "to" ? this.#ground.toRemote(action.move.x, action.move.y) : this.#by(action);
      this.#buttons = action.buttons;
      return this.#event(action.buttons);
    });
    if (events.length > 0) this.#ground.send(events);
  }

  #by({ move }: TouchAction): { x: number; y: number } {
    const { width, height } = this.#ground.remoteSize;
    const scale = this.#ground.remotePerCss;
    return {
      x: Math.min(width - 1, Math.max(0, Math.round(this.#place.x + move.x * scale))),
      y: Math.min(height - 1, Math.max(0, Math.round(this.#place.y + move.y * scale))),
    };
  }

  #event(buttons: number): InputEvent {
    return { type: "pointer", x: this.#place.x, y: this.#place.y, buttons };
  }
}

import {
  type EncodedEvent,
  encodeExtendedMouse,
  encodeMouse,
  encodeScancode,
  encodeSync,
  encodeUnicode,
  PointerFlag,
} from "./fast-path-input.ts";

/** Bits of a viewer's buttons: left, middle, right, wheel up, down, left, right, back, forward. */
const BUTTONS = [
  PointerFlag.PTRFLAGS_BUTTON1,
  PointerFlag.PTRFLAGS_BUTTON3,
  PointerFlag.PTRFLAGS_BUTTON2,
] as const;
const WHEELS = [
  { bit: 3, flag: PointerFlag.PTRFLAGS_WHEEL, isNegative: false },
  { bit: 4, flag: PointerFlag.PTRFLAGS_WHEEL, isNegative: true },
  { bit: 5, flag: PointerFlag.PTRFLAGS_HWHEEL, isNegative: true },
  { bit: 6, flag: PointerFlag.PTRFLAGS_HWHEEL, isNegative: false },
] as const;
const EXTENDED_BUTTONS = [
  { bit: 7, flag: 1 },
  { bit: 8, flag: 2 },
] as const;
/** One notch of a wheel, as Windows counts. */
const WHEEL_NOTCH = 120;
/** Keys held down at one time that are remembered for release. */
const MAX_KEYS_DOWN = 64;

/** What is down, so that it can be let go; turns a viewer's input into fast-path events. */
export class InputState {
  readonly #keysDown = new Set<number>();
  #x = 0;
  #y = 0;
  #buttons = 0;
  #locks: number | null = null;

  /** A key by its position; scancode 0 is unknown and gives nothing. */
  key(isDown: boolean, scancode: number): EncodedEvent[] {
    if (scancode === 0) return [];
    if (!isDown) this.#keysDown.delete(scancode);
    else if (this.#keysDown.size < MAX_KEYS_DOWN) this.#keysDown.add(scancode);
    if (scancode === 0xe11d) return encodePause(isDown);
    return [encodeScancode(scancode, isDown)];
  }

  /** Characters, each as going down and up. */
  text(text: string): EncodedEvent[] {
    const events: EncodedEvent[] = [];
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      events.push(encodeUnicode(unit, true), encodeUnicode(unit, false));
    }
    return events;
  }

  /** The pointer's place and the buttons down, bits as in the wire's pointer event (docs/wire.md). */
  pointer(x: number, y: number, buttons: number): EncodedEvent[] {
    const events: EncodedEvent[] = [];
    const changed = this.#buttons ^ buttons;
    if (x !== this.#x || y !== this.#y || changed === 0)
      events.push(encodeMouse(PointerFlag.PTRFLAGS_MOVE, x, y));
    this.#x = x;
    this.#y = y;
    this.#buttons = buttons;
    const state = (bit: number): number => (((buttons >> bit) & 1) !== 0 ? PointerFlag.PTRFLAGS_DOWN : 0);
    BUTTONS.forEach((flag, bit) => {
      if (((changed >> bit) & 1) !== 0) events.push(encodeMouse(flag | state(bit), x, y));
    });
    for (const { bit, flag, isNegative } of WHEELS)
      if (((changed & buttons) >> bit) & 1)
        events.push(
          encodeMouse(
            flag | (isNegative ? PointerFlag.PTRFLAGS_WHEEL_NEGATIVE | (0x100 - WHEEL_NOTCH) : WHEEL_NOTCH),
            x,
            y,
          ),
        );
    for (const { bit, flag } of EXTENDED_BUTTONS)
      if (((changed >> bit) & 1) !== 0) events.push(encodeExtendedMouse(flag | state(bit), x, y));
    return events;
  }

  /** Lets go of all keys and buttons. */
  release(): EncodedEvent[] {
    const events: EncodedEvent[] = [];
    for (const scancode of this.#keysDown)
      events.push(...(scancode === 0xe11d ? encodePause(false) : [encodeScancode(scancode, false)]));
    this.#keysDown.clear();
    if (this.#buttons !== 0) events.push(...this.pointer(this.#x, this.#y, 0));
    return events;
  }

  /** Makes the server's lock keys what the viewer's are; nothing when it was told these already. */
  setLocks(locks: number): EncodedEvent[] {
    if (locks === this.#locks) return [];
    this.#locks = locks;
    return [encodeSync(locks)];
  }
}

/** Pause is E1 1D 45 going down and E1 9D C5 going up: two scancodes each way. */
function encodePause(isDown: boolean): EncodedEvent[] {
  return [encodeScancode(0xe11d, isDown), encodeScancode(0x45, isDown)];
}

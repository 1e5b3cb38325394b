import { type InputEvent, type KeyInput, keysymOfCharacter } from "@poterne/wire";
import type { CommandKeyAs, KeyboardMode, KeyboardPlatform, KeyFacts, KeyModifiers } from "./key-facts.ts";
import { isCharacter, keysymOfKey, LOCATION_NUMPAD, scancodeOfPosition } from "./keysym.ts";

/** How long a left Control is held back on Windows: AltGr is announced by a fake one just before it. */
export const FAKE_CONTROL_HOLD_MS = 50;
/** A text that repeats the character just sent within this time is the same key told twice by the browser. */
const SAME_KEY_MS = 30;
/** The most characters of one composition; longer text is a paste. */
export const MAX_COMPOSED_CHARACTERS = 1000;

const LOCK_BITS = { ScrollLock: 1, NumLock: 2, CapsLock: 4 } as const;
const NO_TEXT_KEYS: ReadonlySet<string> = new Set(["Dead", "Process", "Unidentified", ""]);
const COMMAND_CODES: Readonly<Record<CommandKeyAs, readonly [left: string, right: string, key: string]>> = {
  control: ["ControlLeft", "ControlRight", "Control"],
  super: ["MetaLeft", "MetaRight", "Meta"],
  alt: ["AltLeft", "AltLeft", "Alt"],
};

/** What became of an event: what to send, and whether the browser must not act on it. */
export interface KeyOutcome {
  readonly events: readonly InputEvent[];
  readonly isTaken: boolean;
}

/** How a machine is set up. */
export interface KeyboardOptions {
  readonly mode: KeyboardMode;
  readonly platform: KeyboardPlatform;
  readonly commandKeyAs: CommandKeyAs;
}

/**
 * Turns a browser's keyboard events into wire events. Holds which keys are down, so that each goes up as what it went
 * down as, whatever the modifiers have become. No timers: the owner calls `flush` when `deadlineMs` has come.
 */
export class KeyboardMachine {
  readonly #options: KeyboardOptions;
  readonly #down = new Map<string, KeyInput>();
  #heldControl: KeyFacts | null = null;
  #isControlFake = false;
  #locks: number | null = null;
  #isLastByPosition = false;
  #lastCharacter = { text: "", timeMs: Number.NEGATIVE_INFINITY };

  constructor(options: KeyboardOptions) {
    this.#options = options;
  }

  /** When `flush` is due, null when nothing is held. */
  get deadlineMs(): number | null {
    return this.#heldControl === null ? null : this.#heldControl.timeMs + FAKE_CONTROL_HOLD_MS;
  }

  /** Sends a Control that was held and turned out to be real. */
  flush(): InputEvent[] {
    const held = this.#heldControl;
    this.#heldControl = null;
    return held === null ? [] : this.#press(held);
  }

  keyDown(facts: KeyFacts): KeyOutcome {
    this.#isLastByPosition = scancodeOfPosition(facts.code) !== 0;
    if (this.#holdsControl(facts)) return { events: [], isTaken: true };
    const events = this.#settleControl(facts);
    events.push(...this.#releaseStuck(facts));
    if (facts.code in LOCK_BITS) return { events: [...events, ...this.#lockKey(facts)], isTaken: true };
    events.push(...this.#syncLocks(facts.modifiers));
    if (this.#options.mode === "characters") return this.#character(facts, events);
    events.push(...this.#press(facts));
    return { events, isTaken: true };
  }

  keyUp(facts: KeyFacts): KeyOutcome {
    if (facts.code === "ControlLeft" && this.#isControlFake) {
      this.#isControlFake = false;
      return { events: [], isTaken: true };
    }
    const events = facts.code === "ControlLeft" ? this.flush() : [];
    if (facts.code in LOCK_BITS) return { events: [...events, ...this.#lockKeyUp(facts)], isTaken: true };
    const pressed = this.#down.get(facts.code);
    // Windows tells Print Screen only when it goes up.
    if (pressed === undefined && facts.code === "PrintScreen") events.push(...this.#press(facts));
    const known = this.#down.get(facts.code);
    if (known !== undefined) {
      this.#down.delete(facts.code);
      events.push({ ...known, isDown: false });
    }
    events.push(...this.#releaseStuck(facts));
    return { events, isTaken: known !== undefined };
  }

  /** Text that the browser or an input method composed: each character goes down and up. */
  text(text: string, timeMs: number): InputEvent[] {
    // The target composes what went over by position; the browser's own composition of the same keys would double it.
    // A soft keyboard has no positions: its text is all there is.
    if (this.#options.mode === "positions" && this.#isLastByPosition) return [];
    const last = this.#lastCharacter;
    if (text === last.text && timeMs - last.timeMs <= SAME_KEY_MS) return [];
    const events: InputEvent[] = [];
    for (const character of [...text].slice(0, MAX_COMPOSED_CHARACTERS)) {
      const keysym = character === "\n" ? keysymOfKey("Enter", 0) : keysymOfCharacter(character);
      events.push({ type: "key", isDown: true, keysym, scancode: 0 });
      events.push({ type: "key", isDown: false, keysym, scancode: 0 });
    }
    return events;
  }

  /** The page lost the keyboard: everything goes up, locks are told again on return. */
  blur(): InputEvent[] {
    this.#heldControl = null;
    this.#isControlFake = false;
    this.#locks = null;
    this.#down.clear();
    return [{ type: "release" }];
  }

  #holdsControl(facts: KeyFacts): boolean {
    const isCandidate =
      this.#options.platform === "windows" && facts.code === "ControlLeft" && !this.#down.has("ControlLeft");
    if (!isCandidate || this.#heldControl !== null || this.#isControlFake)
      return isCandidate && facts.isRepeat;
    this.#heldControl = facts;
    return true;
  }

  /** Decides on a held Control now that another key goes down. */
  #settleControl(facts: KeyFacts): InputEvent[] {
    const held = this.#heldControl;
    if (held === null) return [];
    const isAltGraph = facts.code === "AltRight" && (facts.key === "AltGraph" || facts.modifiers.altGraph);
    if (!isAltGraph || facts.timeMs - held.timeMs > FAKE_CONTROL_HOLD_MS) return this.flush();
    this.#heldControl = null;
    this.#isControlFake = true;
    return [];
  }

  #character(facts: KeyFacts, events: InputEvent[]): KeyOutcome {
    if (facts.isComposing || NO_TEXT_KEYS.has(facts.key)) return { events, isTaken: false };
    // What AltGr, and Option on a Mac, are for is in the character already.
    if (facts.key === "AltGraph") return { events, isTaken: true };
    if (facts.key === "Alt" && this.#options.platform === "mac") return { events, isTaken: true };
    if (isCharacter(facts.key)) {
      if (facts.modifiers.altGraph) events.push(...this.#release(["ControlLeft", "AltLeft"]));
      this.#lastCharacter = { text: facts.key, timeMs: facts.timeMs };
    }
    events.push(...this.#press(facts));
    return { events, isTaken: true };
  }

  #press(facts: KeyFacts): InputEvent[] {
    const known = this.#down.get(facts.code);
    if (known !== undefined && isModifier(facts.code)) return [];
    const key = this.#describe(facts);
    if (key.keysym === 0 && key.scancode === 0) return [];
    // A Mac never tells that a key went up while Command is held.
    if (this.#options.platform === "mac" && facts.modifiers.meta && !isModifier(facts.code))
      return [key, { ...key, isDown: false }];
    const isChanged = known !== undefined && known.keysym !== key.keysym;
    this.#down.set(facts.code, key);
    return isChanged ? [{ ...known, isDown: false }, key] : [key];
  }

  #describe(facts: KeyFacts): KeyInput {
    const mapped = this.#mapCommand(facts);
    const { control, alt, meta } = facts.modifiers;
    // In a shortcut a key of the numeric pad is told by its place: no other key is the same to a program.
    const isShortcut = mapped.location === LOCATION_NUMPAD && (control || alt || meta);
    const isTyped = this.#options.mode === "characters" && isCharacter(mapped.key) && !isShortcut;
    return {
      type: "key",
      isDown: true,
      keysym: keysymOfKey(mapped.key, mapped.location),
      scancode: isTyped ? 0 : scancodeOfPosition(mapped.code),
    };
  }

  #mapCommand(facts: KeyFacts): { code: string; key: string; location: number } {
    const isCommand = this.#options.platform === "mac" && facts.code.startsWith("Meta");
    if (!isCommand) return facts;
    const [left, right, key] = COMMAND_CODES[this.#options.commandKeyAs];
    return { code: facts.code === "MetaRight" ? right : left, key, location: facts.location };
  }

  #release(codes: readonly string[]): InputEvent[] {
    const events: InputEvent[] = [];
    for (const code of codes) {
      const key = this.#down.get(code);
      if (key === undefined) continue;
      this.#down.delete(code);
      events.push({ ...key, isDown: false });
    }
    return events;
  }

  /** Modifiers we hold down that the browser says are up: their going up was told to another window. */
  #releaseStuck(facts: KeyFacts): InputEvent[] {
    const stuck = [...this.#down.keys()].filter(
      (code) => code !== facts.code && isModifier(code) && !isHeld(code, facts.modifiers),
    );
    return this.#release(stuck);
  }

  /** Locks: in *positions* the key itself goes over; in *characters* only its effect, when the key comes up. */
  #lockKey(facts: KeyFacts): InputEvent[] {
    if (this.#options.mode === "characters" || facts.isRepeat) return [];
    return this.#toggle(facts);
  }

  #lockKeyUp(facts: KeyFacts): InputEvent[] {
    if (this.#options.mode === "characters") return this.#syncLocks(facts.modifiers);
    // A Mac tells Caps Lock down when it goes on and up when it goes off.
    const isMacCaps = this.#options.platform === "mac" && facts.code === "CapsLock";
    return isMacCaps ? this.#toggle(facts) : [];
  }

  #toggle(facts: KeyFacts): InputEvent[] {
    const bit = LOCK_BITS[facts.code as keyof typeof LOCK_BITS];
    // The first key after the keyboard came back tells the locks; from then on the key itself changes them.
    if (this.#locks !== null) this.#locks ^= bit;
    const key = this.#describe(facts);
    return [key, { ...key, isDown: false }];
  }

  #syncLocks(modifiers: KeyModifiers): InputEvent[] {
    // What Caps Lock is for is in a character already: on the target it would turn the letter round once more.
    const isCapsTold = modifiers.capsLock && this.#options.mode === "positions";
    const locks =
      (modifiers.scrollLock ? LOCK_BITS.ScrollLock : 0) |
      (modifiers.numLock ? LOCK_BITS.NumLock : 0) |
      (isCapsTold ? LOCK_BITS.CapsLock : 0);
    if (locks === this.#locks) return [];
    this.#locks = locks;
    return [{ type: "locks", locks }];
  }
}

function isModifier(code: string): boolean {
  return /^(Shift|Control|Alt|Meta)(Left|Right)$/.test(code);
}

function isHeld(code: string, modifiers: KeyModifiers): boolean {
  if (code.startsWith("Shift")) return modifiers.shift;
  if (code.startsWith("Control")) return modifiers.control;
  if (code.startsWith("Meta")) return modifiers.meta;
  return modifiers.alt || modifiers.altGraph;
}

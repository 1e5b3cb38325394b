import functionKeysyms from "./function-keysyms.json" with { type: "json" };
import legacyKeysyms from "./legacy-keysyms.json" with { type: "json" };
import scancodes from "./scancodes.json" with { type: "json" };

// The tables are facts of public headers: keysyms of X11's keysymdef.h (a character's own keysym where it has one older
// than Unicode's), scancodes of the IBM PC/AT keyboard, set 1, by the position names of W3C UI Events.
const functions: Readonly<Record<string, number>> = functionKeysyms.functions;
const sided: Readonly<Record<string, readonly number[]>> = functionKeysyms.sided;
const numpad: Readonly<Record<string, number>> = functionKeysyms.numpad;
const legacy: Readonly<Record<string, number>> = legacyKeysyms;
const positions: Readonly<Record<string, number>> = scancodes;

/** `KeyboardEvent.location` of the right-hand modifier keys and of the numeric pad. */
const LOCATION_RIGHT = 2;
const LOCATION_NUMPAD = 3;
/** Keysyms of characters without one of their own (X11 protocol, appendix A). */
const UNICODE_KEYSYM = 0x0100_0000;

/** The X11 keysym of a character. */
export function keysymOfCharacter(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  if ((point >= 0x20 && point <= 0x7e) || (point >= 0xa0 && point <= 0xff)) return point;
  const own = legacy[point.toString(16).toUpperCase().padStart(4, "0")];
  return own ?? UNICODE_KEYSYM + point;
}

/** Whether a `KeyboardEvent.key` is one typed character, not a key's name. */
export function isCharacter(key: string): boolean {
  const point = key.codePointAt(0);
  if (point === undefined) return false;
  return key.length === (point > 0xffff ? 2 : 1);
}

/** The X11 keysym of a `KeyboardEvent.key` at its `location`; 0 when only its position is known (`Dead`, `Process`). */
export function keysymOfKey(key: string, location: number): number {
  if (location === LOCATION_NUMPAD && Object.hasOwn(numpad, key)) return numpad[key] ?? 0;
  if (isCharacter(key)) return keysymOfCharacter(key);
  const pair = Object.hasOwn(sided, key) ? sided[key] : undefined;
  if (pair !== undefined) return pair[location === LOCATION_RIGHT ? 1 : 0] ?? 0;
  return Object.hasOwn(functions, key) ? (functions[key] ?? 0) : 0;
}

/** The XT set 1 scancode of a `KeyboardEvent.code` (0xE0xx when extended, 0xE11D for Pause); 0 when unknown. */
export function scancodeOfPosition(code: string): number {
  return Object.hasOwn(positions, code) ? (positions[code] ?? 0) : 0;
}

/** The character a keysym stands for, null for keys that are no characters. */
export function characterOfKeysym(keysym: number): string | null {
  if ((keysym >= 0x20 && keysym <= 0x7e) || (keysym >= 0xa0 && keysym <= 0xff))
    return String.fromCodePoint(keysym);
  if (keysym >= UNICODE_KEYSYM && keysym <= UNICODE_KEYSYM + 0x10ffff)
    return String.fromCodePoint(keysym - UNICODE_KEYSYM);
  const entry = Object.entries(legacy).find(([, value]) => value === keysym);
  return entry === undefined ? null : String.fromCodePoint(Number.parseInt(entry[0], 16));
}

import { keysymOfCharacter } from "@poterne/wire";
import functionKeysyms from "./function-keysyms.json" with { type: "json" };
import scancodes from "./scancodes.json" with { type: "json" };

// The tables are facts of public headers: keysyms of X11's keysymdef.h, scancodes of the IBM PC/AT keyboard, set 1,
// by the position names of W3C UI Events.
const functions: Readonly<Record<string, number>> = functionKeysyms.functions;
const sided: Readonly<Record<string, readonly number[]>> = functionKeysyms.sided;
const numpad: Readonly<Record<string, number>> = functionKeysyms.numpad;
const positions: Readonly<Record<string, number>> = scancodes;

/** `KeyboardEvent.location` of the right-hand modifier keys. */
const LOCATION_RIGHT = 2;
/** `KeyboardEvent.location` of the numeric pad. */
export const LOCATION_NUMPAD = 3;

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

import legacyKeysyms from "./legacy-keysyms.json" with { type: "json" };

// Facts of X11's public keysymdef.h: a character's own keysym where it has one older than Unicode's.
const legacy: Readonly<Record<string, number>> = legacyKeysyms;
const characterByLegacy: ReadonlyMap<number, string> = new Map(
  Object.entries(legacy).map(([point, keysym]) => [keysym, String.fromCodePoint(Number.parseInt(point, 16))]),
);

/** Keysyms of characters without one of their own (X11 protocol, appendix A). */
const UNICODE_KEYSYM = 0x0100_0000;
const MAX_CODE_POINT = 0x10ffff;

/** The X11 keysym of a character. */
export function keysymOfCharacter(character: string): number {
  const point = character.codePointAt(0) ?? 0;
  if ((point >= 0x20 && point <= 0x7e) || (point >= 0xa0 && point <= 0xff)) return point;
  const own = legacy[point.toString(16).toUpperCase().padStart(4, "0")];
  return own ?? UNICODE_KEYSYM + point;
}

/** The character a keysym stands for, null for keys that are no characters. */
export function characterOfKeysym(keysym: number): string | null {
  if ((keysym >= 0x20 && keysym <= 0x7e) || (keysym >= 0xa0 && keysym <= 0xff))
    return String.fromCodePoint(keysym);
  if (keysym >= UNICODE_KEYSYM && keysym <= UNICODE_KEYSYM + MAX_CODE_POINT)
    return String.fromCodePoint(keysym - UNICODE_KEYSYM);
  return characterByLegacy.get(keysym) ?? null;
}

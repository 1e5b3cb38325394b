import { concatBytes } from "@poterne/bytes";
import type { RdpLayout } from "@poterne/contract";
import type { RdpClient } from "@poterne/rdp";
import { characterOfKeysym, type KeyInput } from "@poterne/wire";
import { type Composition, composeOnLayout, type KeyStroke } from "./dead-keys.ts";

/** XT scancodes of the modifiers that make a shortcut: left and right Control, left Alt, both Windows keys. */
const SHORTCUT_KEYS: ReadonlySet<number> = new Set([0x1d, 0xe01d, 0x38, 0xe05b, 0xe05c]);

const LEFT_SHIFT = 0x2a;
const RIGHT_SHIFT = 0x36;
const ALT_GR = 0xe038;

/** X11 keysyms that come without a position (soft keyboards, composed text), and the positions they have everywhere. */
const POSITION_OF_FUNCTION: ReadonlyMap<number, number> = new Map([
  [0xff08, 0x0e],
  [0xff09, 0x0f],
  [0xff0d, 0x1c],
  [0xff1b, 0x01],
  [0xff50, 0xe047],
  [0xff51, 0xe04b],
  [0xff52, 0xe048],
  [0xff53, 0xe04d],
  [0xff54, 0xe050],
  [0xff55, 0xe049],
  [0xff56, 0xe051],
  [0xff57, 0xe04f],
  [0xff63, 0xe052],
  [0xffff, 0xe053],
]);

/** Letters by rows of positions, from scancodes 0x10, 0x1e and 0x2c on. */
const ROW_STARTS = [0x10, 0x1e, 0x2c] as const;
const QWERTY = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
const LETTER_ROWS: Readonly<Partial<Record<RdpLayout, readonly string[]>>> = {
  fr: ["azertyuiop", "qsdfghjklm", "wxcvbn"],
  be: ["azertyuiop", "qsdfghjklm", "wxcvbn"],
  "ch-fr": ["qwertzuiop", "asdfghjkl", "yxcvbnm"],
  de: ["qwertzuiop", "asdfghjkl", "yxcvbnm"],
};
const FIRST_DIGIT_POSITION = 0x02;
const SPACE_POSITION = 0x39;

/** Where a letter, digit or the space stands on a layout; 0 for anything else. */
export function positionOfCharacter(layout: RdpLayout, character: string): number {
  if (character === " ") return SPACE_POSITION;
  const digit = "1234567890".indexOf(character);
  if (digit >= 0) return FIRST_DIGIT_POSITION + digit;
  const letter = character.toLowerCase();
  for (const [row, letters] of (LETTER_ROWS[layout] ?? QWERTY).entries()) {
    const column = letters.indexOf(letter);
    if (column >= 0) return (ROW_STARTS[row] ?? 0) + column;
  }
  return 0;
}

/** X11's KP_Multiply and KP_9: the numeric pad's characters, in the order of ASCII. */
const KEYPAD = { first: 0xffaa, last: 0xffb9, ascii: 0xff80 } as const;

/** The character a keysym types, also on the numeric pad; null for other keys. */
function typedCharacter(keysym: number): string | null {
  const isKeypad = keysym >= KEYPAD.first && keysym <= KEYPAD.last;
  return isKeypad ? String.fromCharCode(keysym - KEYPAD.ascii) : characterOfKeysym(keysym);
}

/** What the keyboard needs of the core. */
type KeyboardClient = Pick<RdpClient, "key" | "text" | "hasMessageChannel">;

/**
 * Turns a viewer's keys into RDP's: positions go as they are; a character that was composed in the browser goes as
 * Unicode, but with Control, Alt or the Windows key held as the position it has on the target's layout, since no
 * shortcut hears of Unicode.
 *
 * A server without a message channel (xrdp, Windows before 8) looks Unicode up on its layout: the key that it finds is
 * pressed together with what is held, and a letter that needs a dead key is lost. For those Shift is lifted meanwhile
 * and dead keys are pressed (decision 0129).
 */
export class RdpKeyboard {
  readonly #layout: RdpLayout;
  readonly #modifiersDown = new Set<number>();
  readonly #shiftsDown = new Set<number>();
  /** Keysyms that went down as a position, so that they go up as the same. */
  readonly #downAs = new Map<number, number>();

  constructor(layout: RdpLayout) {
    this.#layout = layout;
  }

  /** The bytes for one key event, empty for a key the target has no means for. */
  key(client: KeyboardClient, event: KeyInput): Uint8Array {
    const { isDown, keysym, scancode } = event;
    if (scancode !== 0) {
      if (SHORTCUT_KEYS.has(scancode) && isDown) this.#modifiersDown.add(scancode);
      else this.#modifiersDown.delete(scancode);
      if (isDown && (scancode === LEFT_SHIFT || scancode === RIGHT_SHIFT)) this.#shiftsDown.add(scancode);
      else this.#shiftsDown.delete(scancode);
      return client.key(isDown, scancode);
    }
    const position = this.#positionOf(keysym, isDown);
    if (position !== 0) return client.key(isDown, position);
    const character = isDown ? typedCharacter(keysym) : null;
    if (character === null) return client.text("");
    return client.hasMessageChannel ? client.text(character) : this.#typeOnLayout(client, character);
  }

  #typeOnLayout(client: KeyboardClient, character: string): Uint8Array {
    const composed = composeOnLayout(this.#layout, character);
    const held = [...this.#shiftsDown];
    return concatBytes([
      ...held.map((scancode) => client.key(false, scancode)),
      ...(composed === null ? [client.text(character)] : pressComposed(client, composed)),
      ...held.map((scancode) => client.key(true, scancode)),
    ]);
  }

  #positionOf(keysym: number, isDown: boolean): number {
    const known = this.#downAs.get(keysym);
    if (!isDown) {
      this.#downAs.delete(keysym);
      return known ?? 0;
    }
    const position = known ?? POSITION_OF_FUNCTION.get(keysym) ?? this.#shortcutPosition(keysym);
    if (position !== 0) this.#downAs.set(keysym, position);
    return position;
  }

  #shortcutPosition(keysym: number): number {
    if (this.#modifiersDown.size === 0) return 0;
    const character = characterOfKeysym(keysym);
    return character === null ? 0 : positionOfCharacter(this.#layout, character);
  }

  /** All keys are up. */
  release(): void {
    this.#modifiersDown.clear();
    this.#shiftsDown.clear();
    this.#downAs.clear();
  }
}

function pressComposed(client: KeyboardClient, { dead, base }: Composition): Uint8Array[] {
  return [...press(client, dead), ...(base === null ? press(client, dead) : [client.text(base)])];
}

function press(client: KeyboardClient, { scancode, isShifted, hasAltGr }: KeyStroke): Uint8Array[] {
  const keys = [...(isShifted ? [LEFT_SHIFT] : []), ...(hasAltGr ? [ALT_GR] : []), scancode];
  return [
    ...keys.map((key) => client.key(true, key)),
    ...keys.toReversed().map((key) => client.key(false, key)),
  ];
}

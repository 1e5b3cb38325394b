import type { InputEvent, KeyInput } from "@poterne/wire";
import { keysymOfKey, scancodeOfPosition } from "./keysym.ts";

/** A key by the browser's names: position, meaning, side. */
interface KeyName {
  readonly code: string;
  readonly key: string;
  readonly location?: number;
}

const CONTROL: KeyName = { code: "ControlLeft", key: "Control" };
const ALT: KeyName = { code: "AltLeft", key: "Alt" };
const SHIFT: KeyName = { code: "ShiftLeft", key: "Shift" };
const SUPER: KeyName = { code: "MetaLeft", key: "Meta" };
const single = (code: string): readonly KeyName[] => [{ code, key: code }];

/** The keys a browser or the system keeps for itself, as the keys menu offers them for desktops. */
export const DESKTOP_CHORDS = {
  "ctrl-alt-del": [CONTROL, ALT, { code: "Delete", key: "Delete" }],
  "alt-tab": [ALT, { code: "Tab", key: "Tab" }],
  "alt-f4": [ALT, { code: "F4", key: "F4" }],
  "ctrl-esc": [CONTROL, { code: "Escape", key: "Escape" }],
  "ctrl-shift-esc": [CONTROL, SHIFT, { code: "Escape", key: "Escape" }],
  "ctrl-w": [CONTROL, { code: "KeyW", key: "w" }],
  "ctrl-t": [CONTROL, { code: "KeyT", key: "t" }],
  super: [SUPER],
  "super-l": [SUPER, { code: "KeyL", key: "l" }],
  "print-screen": single("PrintScreen"),
  escape: single("Escape"),
  pause: single("Pause"),
  menu: single("ContextMenu"),
  f1: single("F1"),
  f2: single("F2"),
  f3: single("F3"),
  f4: single("F4"),
  f5: single("F5"),
  f6: single("F6"),
  f7: single("F7"),
  f8: single("F8"),
  f9: single("F9"),
  f10: single("F10"),
  f11: single("F11"),
  f12: single("F12"),
} as const satisfies Readonly<Record<string, readonly KeyName[]>>;

/** The name of one entry of the keys menu. */
export type DesktopChord = keyof typeof DESKTOP_CHORDS;

/** Modifiers that the keys menu can hold down. */
export const STICKY_KEYS = {
  control: CONTROL,
  alt: ALT,
  altGraph: { code: "AltRight", key: "AltGraph", location: 2 },
  shift: SHIFT,
  super: SUPER,
} as const satisfies Readonly<Record<string, KeyName>>;

/** One of the modifiers the keys menu can hold down. */
export type StickyKey = keyof typeof STICKY_KEYS;

/**
 * How long a chord's keys stay down, in milliseconds. A window manager takes the keyboard when its chord comes; one that
 * was let go before (Openbox on Alt+Tab) waits for a release that never comes.
 */
export const CHORD_HOLD_MS = 80;

/** The keys of a chord going down in order, and, `CHORD_HOLD_MS` later, up in reverse. */
export function chordEvents(chord: DesktopChord): { readonly down: InputEvent[]; readonly up: InputEvent[] } {
  const down = DESKTOP_CHORDS[chord].map((name) => keyInput(name, true));
  return { down, up: down.toReversed().map((key) => ({ ...key, isDown: false })) };
}

/** A held modifier going down or up. */
export function stickyEvent(name: StickyKey, isDown: boolean): InputEvent {
  return keyInput(STICKY_KEYS[name], isDown);
}

function keyInput(name: KeyName, isDown: boolean): KeyInput {
  return {
    type: "key",
    isDown,
    keysym: keysymOfKey(name.key, name.location ?? 0),
    scancode: scancodeOfPosition(name.code),
  };
}

/** What the keys menu sends to a terminal, as xterm would type it. */
export const TERMINAL_CHORDS = {
  escape: "\x1b",
  tab: "\t",
  "ctrl-c": "\x03",
  "ctrl-d": "\x04",
  "ctrl-z": "\x1a",
  "ctrl-l": "\x0c",
  "ctrl-r": "\x12",
  "ctrl-w": "\x17",
  "ctrl-t": "\x14",
  "ctrl-backslash": "\x1c",
  "ctrl-bracket": "\x1d",
  f1: "\x1bOP",
  f2: "\x1bOQ",
  f3: "\x1bOR",
  f4: "\x1bOS",
  f5: "\x1b[15~",
  f6: "\x1b[17~",
  f7: "\x1b[18~",
  f8: "\x1b[19~",
  f9: "\x1b[20~",
  f10: "\x1b[21~",
  f11: "\x1b[23~",
  f12: "\x1b[24~",
} as const;

/** The name of one entry of a terminal's keys menu. */
export type TerminalChord = keyof typeof TERMINAL_CHORDS;

import {
  type CommandKeyAs,
  type DesktopPreferences,
  type KeyboardMode,
  ObservableValue,
  type TerminalPreferences,
} from "@poterne/viewer";
import { chooseKeyboard, keyboardModeInForce, onKeyboardMode } from "./keyboard-choice.ts";

/** How a person likes sessions shown and typed in; kept in this browser, nothing secret. */
export interface SessionPreferences {
  readonly terminal: TerminalPreferences;
  readonly desktop: DesktopPreferences;
  /** The profile's, unless another one was chosen in this browser (keyboard-choice.ts). */
  readonly keyboardMode: KeyboardMode;
  readonly commandKeyAs: CommandKeyAs;
  readonly isBarPinned: boolean;
  /** The target's sound is not played. */
  readonly isMuted: boolean;
}

const STORAGE_KEY = "poterne-session";
/** The smallest and largest text of a terminal. */
export const MIN_FONT_PX = 9;
export const MAX_FONT_PX = 32;

const DEFAULTS: SessionPreferences = {
  terminal: {
    fontFamily: "'JetBrains Mono Variable', ui-monospace, monospace",
    fontSizePx: 15,
    theme: "dark",
    isCopyOnSelect: false,
    isScreenReader: false,
  },
  desktop: { scale: "resize", isSharp: false, touch: "direct" },
  keyboardMode: keyboardModeInForce(),
  commandKeyAs: "control",
  isBarPinned: false,
  isMuted: false,
};

/** The preferences of this browser; every open page section follows them. */
export const preferences = new ObservableValue<SessionPreferences>(readStored());

onKeyboardMode((keyboardMode) => preferences.write({ ...preferences.read(), keyboardMode }));

/** Changes some preferences and remembers them. */
export function changePreferences(part: Partial<SessionPreferences>): void {
  if (part.keyboardMode !== undefined) chooseKeyboard(part.keyboardMode);
  const next = { ...preferences.read(), ...part };
  preferences.write(next);
  localStorage.setItem(STORAGE_KEY, JSON.stringify(next));
}

function readStored(): SessionPreferences {
  try {
    return mergeStored(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}"));
  } catch {
    return DEFAULTS;
  }
}

/** Takes from a stored value what has the right form, the defaults for the rest: an older page may have written it. */
function mergeStored(stored: unknown): SessionPreferences {
  if (typeof stored !== "object" || stored === null) return DEFAULTS;
  const { terminal, desktop, commandKeyAs, isBarPinned, isMuted } = stored as Record<string, unknown>;
  const terminalPart = mergeSame(DEFAULTS.terminal, terminal);
  const fontSizePx = Math.min(MAX_FONT_PX, Math.max(MIN_FONT_PX, terminalPart.fontSizePx));
  return {
    terminal: {
      ...terminalPart,
      fontFamily: DEFAULTS.terminal.fontFamily,
      fontSizePx,
      theme: pick(terminalPart.theme, ["dark", "light", "contrast"]),
    },
    desktop: {
      ...mergeSame(DEFAULTS.desktop, desktop),
      scale: pick((desktop as Record<string, unknown> | undefined)?.scale, ["resize", "fit", "actual"]),
      touch: pick((desktop as Record<string, unknown> | undefined)?.touch, ["direct", "touch-pad"]),
    },
    keyboardMode: keyboardModeInForce(),
    commandKeyAs: pick(commandKeyAs, ["control", "super", "alt"]),
    isBarPinned: isBarPinned === true,
    isMuted: isMuted === true,
  };
}

function mergeSame<Shape extends object>(defaults: Shape, stored: unknown): Shape {
  const merged = { ...defaults } as Record<string, unknown>;
  if (typeof stored !== "object" || stored === null) return defaults;
  for (const [name, value] of Object.entries(stored))
    if (name in merged && typeof value === typeof merged[name]) merged[name] = value;
  return merged as Shape;
}

function pick<const Word extends string>(value: unknown, words: readonly [Word, ...Word[]]): Word {
  return words.find((word) => word === value) ?? words[0];
}

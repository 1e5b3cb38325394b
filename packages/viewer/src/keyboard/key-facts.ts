/** How keys are sent. `positions`: where the key is, the target composes. `characters`: what was typed, composed here. */
export type KeyboardMode = "positions" | "characters";

/** The viewer's own system, as far as its keyboard events differ. */
export type KeyboardPlatform = "windows" | "mac" | "other";

/** What the Command key of a Mac becomes on the target. */
export type CommandKeyAs = "control" | "super" | "alt";

/** The modifiers and locks a keyboard event tells of. */
export interface KeyModifiers {
  readonly shift: boolean;
  readonly control: boolean;
  readonly alt: boolean;
  readonly meta: boolean;
  readonly altGraph: boolean;
  readonly capsLock: boolean;
  readonly numLock: boolean;
  readonly scrollLock: boolean;
}

/** What matters of a `KeyboardEvent`, so that the rules can be tested without a browser. */
export interface KeyFacts {
  readonly code: string;
  readonly key: string;
  readonly location: number;
  readonly isRepeat: boolean;
  readonly isComposing: boolean;
  /** Monotonic milliseconds. */
  readonly timeMs: number;
  readonly modifiers: KeyModifiers;
}

/** Reads what matters of a browser's event. */
export function readKeyFacts(event: KeyboardEvent): KeyFacts {
  return {
    code: event.code,
    key: event.key,
    location: event.location,
    isRepeat: event.repeat,
    isComposing: event.isComposing,
    timeMs: event.timeStamp,
    modifiers: {
      shift: event.shiftKey,
      control: event.ctrlKey,
      alt: event.altKey,
      meta: event.metaKey,
      altGraph: event.getModifierState("AltGraph"),
      capsLock: event.getModifierState("CapsLock"),
      numLock: event.getModifierState("NumLock"),
      scrollLock: event.getModifierState("ScrollLock"),
    },
  };
}

/** The platform by the browser's own words. */
export function detectPlatform(navigatorPlatform: string): KeyboardPlatform {
  if (/^mac|iphone|ipad/i.test(navigatorPlatform)) return "mac";
  return /^win/i.test(navigatorPlatform) ? "windows" : "other";
}

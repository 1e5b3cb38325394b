import type { RdpLayout } from "@poterne/contract";

/** A key and what is held with it: scancode of set 1. */
export interface KeyStroke {
  readonly scancode: number;
  readonly isShifted: boolean;
  readonly hasAltGr: boolean;
}

/** Combining marks by the names below. */
const MARK = {
  grave: "\u0300",
  acute: "\u0301",
  circumflex: "\u0302",
  tilde: "\u0303",
  diaeresis: "\u0308",
} as const;
type Mark = keyof typeof MARK;

/**
 * Dead keys, as `S` (Shift), `A` (AltGr) and the scancode, and the letters that have keys of their own although Unicode
 * takes them apart. Facts of xkeyboard-config's symbols, which Windows shares where no AltGr is needed.
 */
interface DeadKeys {
  readonly keys: Readonly<Partial<Record<Mark, string>>>;
  readonly whole: string;
}
const DEAD_KEYS: Readonly<Partial<Record<RdpLayout, DeadKeys>>> = {
  fr: { keys: { circumflex: "1a", diaeresis: "S1a", grave: "A2b", acute: "A32" }, whole: "éèàçù" },
  be: {
    keys: { circumflex: "1a", diaeresis: "S1a", grave: "A2b", acute: "A28", tilde: "A35" },
    whole: "éèàçù",
  },
  "ch-fr": {
    keys: { circumflex: "0d", grave: "S0d", diaeresis: "1b", acute: "A0c", tilde: "A0d" },
    whole: "éèàçüöä",
  },
  de: { keys: { circumflex: "29", acute: "0d", grave: "S0d" }, whole: "äöüÄÖÜ" },
  es: {
    keys: { grave: "1a", circumflex: "S1a", acute: "28", diaeresis: "S28", tilde: "A27" },
    whole: "ñÑçÇ",
  },
  pt: {
    keys: { acute: "1b", grave: "S1b", tilde: "2b", circumflex: "S2b", diaeresis: "A1a" },
    whole: "çÇ",
  },
};

/** Accents that stand alone: X makes them of the dead key and the space, or of the dead key pressed twice. */
const WITH_SPACE: ReadonlyMap<string, Mark> = new Map([
  ["^", "circumflex"],
  ["`", "grave"],
  ["~", "tilde"],
]);
const TWICE: ReadonlyMap<string, Mark> = new Map([
  ["¨", "diaeresis"],
  ["´", "acute"],
]);

/** How a character is composed on a layout: its dead key, then a character, or the dead key again. */
export interface Composition {
  readonly dead: KeyStroke;
  /** Null: the dead key again. */
  readonly base: string | null;
}

/** How a character is composed on a layout; null where it has a key of its own or none, or the layout is not known. */
export function composeOnLayout(layout: RdpLayout, character: string): Composition | null {
  const known = DEAD_KEYS[layout];
  if (known === undefined || known.whole.includes(character)) return null;
  const spaced = WITH_SPACE.get(character);
  if (spaced !== undefined) return withKey(known.keys[spaced], " ");
  const twice = TWICE.get(character);
  if (twice !== undefined) return withKey(known.keys[twice], null);
  const [base = "", mark, ...more] = character.normalize("NFD");
  const name = (Object.keys(MARK) as Mark[]).find((one) => MARK[one] === mark);
  return name === undefined || more.length > 0 ? null : withKey(known.keys[name], base);
}

function withKey(written: string | undefined, base: string | null): Composition | null {
  if (written === undefined) return null;
  const dead = {
    scancode: Number.parseInt(written.replace(/^[SA]/, ""), 16),
    isShifted: written.startsWith("S"),
    hasAltGr: written.startsWith("A"),
  };
  return { dead, base };
}

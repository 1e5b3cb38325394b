import { Failure } from "@poterne/contract";
import { foldText } from "../store/fold-text.ts";
import { COMMON_WORDS, KEY_RUNS } from "./common-passwords.ts";
import { normalisePassword, PASSWORD_MAX_BYTES } from "./password-hasher.ts";

/** Fewer different characters than this is a repetition. */
const MIN_DISTINCT_CHARACTERS = 5;
/** From this share of neighbours that follow each other on a keyboard or in the alphabet, it is a run of keys. */
const RUN_SHARE = 0.6;
/** So many common words, with whatever digits and signs, are still easy to guess; more make a phrase. */
const MAX_COMMON_WORDS = 2;
/** Letters that must be left once the person's own names are taken out. */
const MIN_LETTERS_OF_ONES_OWN = 5;
/** Shorter parts of names are too frequent in other words. */
const MIN_NAME_PART = 3;

/** Whose password it is to be, for the rules about one's own names. */
export interface PasswordOwner {
  readonly login: string;
  readonly name: string;
  readonly email: string;
  readonly organisation: string;
}

/**
 * Checks a password somebody chooses (reuse is checked where the old ones are). Throws `password-too-short`,
 * `password-too-long`, `password-common` or `password-personal`.
 */
export function checkPassword(password: string, owner: PasswordOwner, minLength: number): void {
  const normal = normalisePassword(password);
  if ([...normal].length < minLength) throw new Failure("password-too-short", { limit: minLength });
  if (Buffer.byteLength(normal) > PASSWORD_MAX_BYTES)
    throw new Failure("password-too-long", { limit: PASSWORD_MAX_BYTES });
  if (isEasyToGuess(normal)) throw new Failure("password-common");
  if (isPersonal(normal, owner)) throw new Failure("password-personal");
}

/** Whether a password is a repetition, a run of keys, or common words with digits and signs around them. */
function isEasyToGuess(password: string): boolean {
  const plain = foldText(password);
  if (new Set(plain).size < MIN_DISTINCT_CHARACTERS) return true;
  const packed = plain.replace(/[^\p{L}\p{N}]/gu, "");
  if (isRepetition(packed) || isKeyRun(packed)) return true;
  return readings(password).some((letters) => letters === "" || countCommonWords(letters) !== null);
}

function isPersonal(password: string, owner: PasswordOwner): boolean {
  const parts = nameParts(owner);
  return readings(password).some((letters) => {
    let rest = letters;
    for (const part of parts) rest = rest.replaceAll(part, "");
    if (rest === letters) return false;
    return rest.length < MIN_LETTERS_OF_ONES_OWN || countCommonWords(rest) !== null;
  });
}

/** Parts of the person's names, longest first, so that the whole goes before its pieces. */
function nameParts(owner: PasswordOwner): string[] {
  const texts = [owner.login, owner.name, owner.email, owner.organisation];
  const parts = texts.flatMap((text) => foldText(text).split(/[^\p{L}]+/u));
  return [...new Set(parts)]
    .filter((part) => part.length >= MIN_NAME_PART)
    .sort((a, b) => b.length - a.length);
}

/** Signs people put for letters; `1` and `!` stand for two, hence two readings. */
const STAND_INS: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "€": "e",
  "!": "i",
};

/** The letters of a password in the ways a guesser reads them: as they are, and with stand-ins read as letters. */
function readings(password: string): string[] {
  const plain = foldText(password);
  const onlyLetters = (text: string) => text.replace(/[^\p{L}]/gu, "");
  // Digits and signs at the ends are more often a year or an ornament than letters.
  const core = plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  const bare = plain.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
  const read = (text: string, one: string) =>
    onlyLetters([...text].map((sign) => (sign === "1" ? one : (STAND_INS[sign] ?? sign))).join(""));
  return [
    ...new Set([onlyLetters(plain), read(core, "i"), read(core, "l"), read(bare, "i"), read(plain, "i")]),
  ];
}

/** Whether text is one short piece again and again. */
function isRepetition(text: string): boolean {
  for (let size = 1; size <= text.length / 2; size++) {
    const piece = text.slice(0, size);
    if (piece.repeat(Math.ceil(text.length / size)).startsWith(text)) return true;
  }
  return false;
}

/** Whether most neighbours follow each other on a keyboard row, in the alphabet or in counting, either way. */
function isKeyRun(text: string): boolean {
  let following = 0;
  for (let index = 1; index < text.length; index++) {
    const pair = text.slice(index - 1, index + 1);
    const back = `${pair[1]}${pair[0]}`;
    if (KEY_RUNS.some((run) => run.includes(pair) || run.includes(back))) following++;
  }
  return text.length > 1 && following / (text.length - 1) >= RUN_SHARE;
}

/** In how few common words text can be cut without rest, null when it cannot or takes more than the limit. */
function countCommonWords(text: string): number | null {
  const fewest = new Array<number>(text.length + 1).fill(Number.POSITIVE_INFINITY);
  fewest[0] = 0;
  for (let end = 1; end <= text.length; end++) {
    for (let start = Math.max(0, end - LONGEST_WORD); start < end; start++) {
      const before = fewest[start] ?? Number.POSITIVE_INFINITY;
      if (before + 1 < (fewest[end] ?? 0) && COMMON_WORDS.has(text.slice(start, end)))
        fewest[end] = before + 1;
    }
  }
  const count = fewest[text.length] ?? Number.POSITIVE_INFINITY;
  return count <= MAX_COMMON_WORDS ? count : null;
}

const LONGEST_WORD = Math.max(...[...COMMON_WORDS].map((word) => word.length));

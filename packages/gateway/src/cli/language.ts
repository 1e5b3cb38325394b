import type { Words } from "../health/check.ts";

/** The languages of commands. */
export type Language = keyof Words;

/** The language of a command's words: the option's, else the terminal's, else French. */
export function chooseLanguage(option: string | boolean | undefined): Language {
  if (option === "fr" || option === "en") return option;
  const locale = process.env.LC_ALL ?? process.env.LC_MESSAGES ?? process.env.LANG ?? "";
  return locale.startsWith("en") ? "en" : "fr";
}

/** The language that words for a command ask for with `--lang`, before they are read; else the terminal's. */
export function languageOf(words: readonly string[]): Language {
  const at = words.indexOf("--lang");
  const joined = words.find((word) => word.startsWith("--lang="))?.slice("--lang=".length);
  return chooseLanguage(joined ?? (at < 0 ? undefined : words[at + 1]));
}

/** A number with its noun, which takes the plural from two on in French, and for all but one in English. */
export function counted(
  language: Language,
  count: number,
  nouns: Readonly<Record<Language, Plural>>,
): string {
  const isPlural = language === "fr" ? Math.abs(count) >= 2 : count !== 1;
  const { one, many } = nouns[language];
  return `${count} ${isPlural ? many : one}`;
}

/** A noun in singular and plural. */
export interface Plural {
  readonly one: string;
  readonly many: string;
}

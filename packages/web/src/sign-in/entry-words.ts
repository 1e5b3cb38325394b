import type { Language } from "../i18n/format.ts";
import type { EntryWords } from "../i18n/tongue.tsx";

/** Fetches the words of the sign-in page in one language. */
export async function loadEntryWords(language: Language): Promise<EntryWords> {
  return language === "fr" ? (await import("./words-fr.ts")).words : (await import("./words-en.ts")).words;
}

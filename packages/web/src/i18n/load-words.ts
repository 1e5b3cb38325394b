import type { Language } from "./format.ts";
import type { Words } from "./fr.ts";

/** Fetches all words of one language; each language is a chunk of its own. */
export async function loadWords(language: Language): Promise<Words> {
  return language === "fr" ? (await import("./fr.ts")).fr : (await import("./en.ts")).en;
}

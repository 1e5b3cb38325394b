// The table of error codes in the guides, from the contract's catalogue.
// `node tools/run.mjs tools/error-table.ts fr|en` prints it; `--write` puts it into both guides.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { errorCatalogue } from "../packages/contract/src/errors/catalogue.ts";
import type { ErrorEntry } from "../packages/contract/src/errors/entry.ts";

/** A language of the guides. */
export type GuideLanguage = "fr" | "en";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** The guide that holds the table of a language, relative to the project. */
export const GUIDE_WITH_TABLE: Readonly<Record<GuideLanguage, string>> = {
  fr: "docs/guide/fr/administrateur.md",
  en: "docs/guide/en/administrator.md",
};

const BEGIN = "<!-- error-table: made by tools/error-table.ts -->";
const END = "<!-- /error-table -->";

const HEADS: Readonly<Record<GuideLanguage, string>> = {
  fr: "| Code | HTTP | Journal | Ce qui s'est passé | Que faire |",
  en: "| Code | HTTP | Journal | What happened | What next |",
};

const JOURNAL_WORDS: Readonly<Record<GuideLanguage, Readonly<Record<ErrorEntry["journal"], string>>>> = {
  fr: { none: "–", notice: "à noter", alarm: "alarme" },
  en: { none: "–", notice: "notice", alarm: "alarm" },
};

/** The table in Markdown, codes in alphabetical order. */
export function errorTable(language: GuideLanguage): string {
  const rows = Object.entries(errorCatalogue as Readonly<Record<string, ErrorEntry>>)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, entry]) => {
      const { what, next } = entry[language];
      return `| \`${code}\` | ${entry.status} | ${JOURNAL_WORDS[language][entry.journal]} | ${cell(what)} | ${cell(next)} |`;
    });
  return [HEADS[language], "|---|---|---|---|---|", ...rows].join("\n");
}

/** A guide's text with the table as the catalogue has it now. Throws when the guide has no place for it. */
export function withErrorTable(text: string, language: GuideLanguage): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`no “${BEGIN}” … “${END}” in the guide`);
  return `${text.slice(0, begin)}${BEGIN}\n\n${errorTable(language)}\n\n${text.slice(end)}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

function main(words: readonly string[]): void {
  if (words[0] === "--write") {
    for (const language of ["fr", "en"] as const) {
      const file = path.join(root, GUIDE_WITH_TABLE[language]);
      writeFileSync(file, withErrorTable(readFileSync(file, "utf8"), language));
    }
  } else console.log(errorTable(words[0] === "en" ? "en" : "fr"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));

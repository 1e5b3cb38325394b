import type { RefusalHint } from "@poterne/contract";
import { formatDateTime, type Language } from "../i18n/format.ts";
import type { Words } from "../i18n/fr.ts";

/** What would change a refusal, in words; empty for nothing to add. */
export function hintText(language: Language, words: Words, hint: RefusalHint | null): string {
  const { hints } = words.rules;
  if (hint === null) return "";
  switch (hint.kind) {
    case "opens":
      return hint.atMs === null
        ? hints.neverOpens
        : hints.opens(formatDateTime(language, hint.atMs), hint.timeZone);
    case "from":
      return hints.from[hint.of](hint.networks.join(", "));
    case "pass":
      return hints.pass(dateText(language, hint.fromMs), dateText(language, hint.toMs));
    case "ask":
      return hints.ask(hint.maxMinutes, hint.quorum);
  }
}

function dateText(language: Language, atMs: number | null): string {
  return atMs === null ? "…" : formatDateTime(language, atMs);
}

import type { Obstacle, RefusalHint } from "@poterne/contract";
import { formatDateTime, type Language } from "../i18n/format.ts";
import { hintsEn, hintsFr } from "./hint-words.ts";

const wordsOf = (language: Language): typeof hintsFr => (language === "fr" ? hintsFr : hintsEn);

/** What would change a refusal, in words; empty for nothing to add. */
export function hintText(language: Language, hint: RefusalHint | null): string {
  const hints = wordsOf(language);
  if (hint === null) return "";
  switch (hint.kind) {
    case "opens":
      return hint.atMs === null
        ? hints.neverOpens
        : hints.opens(formatDateTime(language, hint.atMs), hint.timeZone);
    case "from":
      return hints.from[hint.of](hint.networks.join(", "));
    case "pass":
    case "valid":
      return hints[hint.kind](dateText(language, hint.fromMs), dateText(language, hint.toMs));
    case "ask":
      return hints.ask(hint.maxMinutes, hint.quorum);
    case "give":
    case "account":
      return hints[hint.kind];
    case "enable":
      return hints.enable[hint.of];
    case "limit":
      return hints.limit[hint.of](hint.live, hint.most);
  }
}

/** What else stands between a person and a session, with what would change it; `■` stands before what stops it. */
export function obstacleText(language: Language, obstacle: Obstacle): string {
  return `${obstacle.isBlocking ? "■ " : "▲ "}${sayObstacle(language, obstacle)}`;
}

function sayObstacle(language: Language, obstacle: Obstacle): string {
  const words = wordsOf(language).obstacles;
  switch (obstacle.kind) {
    case "portal":
      return words.portal(obstacle.networks.join(", "));
    case "pass": {
      const [from, to] = [dateText(language, obstacle.fromMs), dateText(language, obstacle.toMs)];
      if (obstacle.state === "none") return words.pass.none;
      return obstacle.state === "after" ? words.pass.after(to) : words.pass[obstacle.state](from, to);
    }
    case "shared":
      return obstacle.holderName === null
        ? words.sharedFree
        : words.shared(obstacle.holderName, dateText(language, obstacle.endsAtMs));
    case "as-me":
      return obstacle.provider === null ? words.asMeNobody : words.asMe(obstacle.provider);
    case "guardian":
      return words.guardian(obstacle.waitMinutes);
    case "report":
      return words.report(obstacle.target);
  }
}

function dateText(language: Language, atMs: number | null): string {
  return atMs === null ? "…" : formatDateTime(language, atMs);
}

import type { Language } from "../i18n/format.ts";

/** From when to when, to the minute, saying the day once where it is the same: "22 nov. 2026, 13:56 – 14:16". */
export function slotText(language: Language, fromMs: number, toMs: number): string {
  const locale = language === "fr" ? "fr-FR" : "en-GB";
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).formatRange(
    fromMs,
    toMs,
  );
}

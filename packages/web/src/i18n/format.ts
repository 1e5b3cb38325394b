/** The languages the product speaks. */
export type Language = "fr" | "en";

/** Words for one and for many, chosen by the language's own plural rules; `#` is the formatted count. */
export interface CountWords {
  readonly one: string;
  readonly other: string;
}

const LOCALES: Readonly<Record<Language, string>> = { fr: "fr-FR", en: "en-GB" };
const plurals: Readonly<Record<Language, Intl.PluralRules>> = {
  fr: new Intl.PluralRules(LOCALES.fr),
  en: new Intl.PluralRules(LOCALES.en),
};

/** A count with its noun: `counted("fr", 2, { one: "# machine", other: "# machines" })`. */
export function counted(language: Language, count: number, words: CountWords): string {
  const word = plurals[language].select(count) === "one" ? words.one : words.other;
  return word.replace("#", new Intl.NumberFormat(LOCALES[language]).format(count));
}

/** A date and time in the person's language and the browser's time zone. */
export function formatDateTime(language: Language, timeMs: number): string {
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle: "medium", timeStyle: "medium" }).format(
    timeMs,
  );
}

/** A date without time. */
export function formatDate(language: Language, timeMs: number): string {
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle: "long" }).format(timeMs);
}

/** A number with the language's own grouping and decimal sign. */
export function formatNumber(language: Language, value: number): string {
  return new Intl.NumberFormat(LOCALES[language], { maximumFractionDigits: 1 }).format(value);
}

const SIZE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** A size in SI units (1 kB is 1 000 bytes). */
export function formatSize(language: Language, sizeBytes: number): string {
  const power = sizeBytes < 1 ? 0 : Math.floor(Math.log10(sizeBytes) / 3);
  const index = Math.min(SIZE_UNITS.length - 1, power);
  return new Intl.NumberFormat(LOCALES[language], {
    style: "unit",
    unit: SIZE_UNITS[index] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: index === 0 ? 0 : 1,
  }).format(sizeBytes / 1000 ** index);
}

const DURATION_UNITS = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3600 },
  { unit: "minute", seconds: 60 },
  { unit: "second", seconds: 1 },
] as const;

/** A duration in words, its two largest units: "2 heures 5 minutes". */
export function formatDuration(language: Language, durationMs: number): string {
  let rest = Math.max(0, Math.round(durationMs / 1000));
  const parts: string[] = [];
  for (const { unit, seconds } of DURATION_UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0 && parts.length < 2) parts.push(formatUnit(language, count, unit));
  }
  return parts.length === 0 ? formatUnit(language, 0, "second") : parts.join(" ");
}

function formatUnit(language: Language, count: number, unit: "day" | "hour" | "minute" | "second"): string {
  return new Intl.NumberFormat(LOCALES[language], { style: "unit", unit, unitDisplay: "long" }).format(count);
}

const RELATIVE_UNITS = [
  { unit: "day", ms: 86_400_000 },
  { unit: "hour", ms: 3_600_000 },
  { unit: "minute", ms: 60_000 },
] as const;

/** How long ago, in words: "il y a 3 minutes". */
export function formatAgo(language: Language, timeMs: number, nowMs: number): string {
  const relative = new Intl.RelativeTimeFormat(LOCALES[language], { numeric: "auto" });
  const elapsed = timeMs - nowMs;
  for (const { unit, ms } of RELATIVE_UNITS) {
    if (Math.abs(elapsed) >= ms) return relative.format(Math.round(elapsed / ms), unit);
  }
  return relative.format(0, "minute");
}

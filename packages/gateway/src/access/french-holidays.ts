import type { Holiday } from "@poterne/contract";

const DAY_MS = 86_400_000;

/** Easter Sunday of a Gregorian year as UTC midnight, by the anonymous Gregorian computus (Meeus, Astronomical Algorithms ch. 8). */
export function easterOf(year: number): number {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const yearInCentury = year % 100;
  const correction = Math.floor((century + 8) / 25);
  const moonShift = Math.floor((century - correction + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - moonShift + 15) % 30;
  const weekShift =
    (32 + 2 * (century % 4) + 2 * Math.floor(yearInCentury / 4) - epact - (yearInCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekShift) / 451);
  const days = epact + weekShift - 7 * late + 114;
  return Date.UTC(year, Math.floor(days / 31) - 1, (days % 31) + 1);
}

/** The eleven French public holidays of a year (Code du travail L3133-1), in order; not those of Alsace-Moselle or overseas. */
export function frenchHolidays(year: number): readonly Holiday[] {
  const easter = easterOf(year);
  const fixed = (month: number, day: number) => Date.UTC(year, month - 1, day);
  const days: readonly (readonly [number, string])[] = [
    [fixed(1, 1), "Jour de l'An"],
    [easter + DAY_MS, "Lundi de Pâques"],
    [fixed(5, 1), "Fête du Travail"],
    [fixed(5, 8), "Victoire de 1945"],
    [easter + 39 * DAY_MS, "Ascension"],
    [easter + 50 * DAY_MS, "Lundi de Pentecôte"],
    [fixed(7, 14), "Fête nationale"],
    [fixed(8, 15), "Assomption"],
    [fixed(11, 1), "Toussaint"],
    [fixed(11, 11), "Armistice de 1918"],
    [fixed(12, 25), "Noël"],
  ];
  return [...days]
    .sort(([a], [b]) => a - b)
    .map(([atMs, name]) => ({ day: new Date(atMs).toISOString().slice(0, 10), name }));
}

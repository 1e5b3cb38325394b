import type { HoursRule } from "@poterne/contract";
import { dayText, localTime, offsetAt, offsetChanges } from "./local-time.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How far ahead the next opening or closing is looked for. */
export const SEARCH_DAYS = 370;

/** Whether a rule is open at a moment: by the wall clock of its zone, and not on a holiday that closes it. */
export function isOpenAt(rule: HoursRule, holidays: ReadonlySet<string>, atMs: number): boolean {
  const { day, weekday, minutes } = localTime(rule.timeZone, atMs);
  if (rule.onHolidays === "closed" && holidays.has(dayText(day))) return false;
  return rule.slots.some(
    ({ days, from, to }) => days.includes(weekday) && minutes >= minutesOf(from) && minutes < minutesOf(to),
  );
}

/**
 * The next moment at which the rule opens (when it is closed now) or closes (when it is open), null for none within
 * `SEARCH_DAYS`. Where the clocks change, what the wall clock shows counts: an hour that is skipped opens at the change.
 */
export function nextChange(rule: HoursRule, holidays: ReadonlySet<string>, atMs: number): number | null {
  const isOpen = isOpenAt(rule, holidays, atMs);
  const edges = [...new Set(["00:00", ...rule.slots.flatMap(({ from, to }) => [from, to])])].map(minutesOf);
  const { day: firstDay } = localTime(rule.timeZone, atMs);
  for (let index = 0; index <= SEARCH_DAYS; index++) {
    const startMs = firstDay + index * DAY_MS;
    for (const momentMs of momentsOf(rule.timeZone, startMs, edges)) {
      if (momentMs > atMs && isOpenAt(rule, holidays, momentMs) !== isOpen) return momentMs;
    }
  }
  return null;
}

/** The moments of one local day at which something may change, in order. */
function momentsOf(timeZone: string, localDayMs: number, edges: readonly number[]): readonly number[] {
  const before = offsetAt(timeZone, localDayMs - DAY_MS);
  const after = offsetAt(timeZone, localDayMs + 2 * DAY_MS);
  const moments = edges.flatMap((minutes) => {
    const localMs = localDayMs + minutes * MINUTE_MS;
    return before === after ? [localMs - before] : [localMs - before, localMs - after];
  });
  if (before !== after)
    moments.push(...offsetChanges(timeZone, localDayMs - DAY_MS, localDayMs + 2 * DAY_MS));
  return moments.sort((a, b) => a - b);
}

function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

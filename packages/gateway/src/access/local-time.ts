const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
/** Offsets remembered per zone; more are forgotten at once. */
const MAX_OFFSETS = 4096;

/** A moment on the wall clock of a time zone. */
export interface LocalTime {
  /** The local day's midnight as if it were UTC, in milliseconds. */
  readonly day: number;
  /** ISO weekday, 1 for Monday. */
  readonly weekday: number;
  readonly minutes: number;
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly offsets: Map<number, number>;
}

const zones = new Map<string, Zone>();

/** What the wall clock of an IANA zone shows. */
export function localTime(timeZone: string, atMs: number): LocalTime {
  const localMs = atMs + offsetAt(timeZone, atMs);
  const day = Math.floor(localMs / DAY_MS) * DAY_MS;
  // 1 January 1970 was a Thursday.
  const weekday = ((((day / DAY_MS + 3) % 7) + 7) % 7) + 1;
  return { day, weekday, minutes: Math.floor((localMs - day) / 60_000) };
}

/** `2026-12-25` of a local day. */
export function dayText(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}

/** Local time less UTC in milliseconds. Zones change on quarters of an hour of UTC: one answer per quarter is kept. */
export function offsetAt(timeZone: string, atMs: number): number {
  const zone = zoneOf(timeZone);
  const quarter = Math.floor(atMs / QUARTER_MS);
  const known = zone.offsets.get(quarter);
  if (known !== undefined) return known;
  if (zone.offsets.size >= MAX_OFFSETS) zone.offsets.clear();
  const startMs = quarter * QUARTER_MS;
  const parts: Record<string, number> = {};
  for (const { type, value } of zone.format.formatToParts(startMs)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - startMs;
  zone.offsets.set(quarter, offset);
  return offset;
}

/** The moments between two others at which the zone's offset changes, to the quarter of an hour. */
export function offsetChanges(timeZone: string, fromMs: number, toMs: number): readonly number[] {
  const changes: number[] = [];
  let before = offsetAt(timeZone, fromMs);
  for (let atMs = (Math.floor(fromMs / QUARTER_MS) + 1) * QUARTER_MS; atMs <= toMs; atMs += QUARTER_MS) {
    const offset = offsetAt(timeZone, atMs);
    if (offset !== before) changes.push(atMs);
    before = offset;
  }
  return changes;
}

function zoneOf(timeZone: string): Zone {
  let zone = zones.get(timeZone);
  if (zone === undefined) {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      calendar: "gregory",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    zone = { format, offsets: new Map() };
    zones.set(timeZone, zone);
  }
  return zone;
}

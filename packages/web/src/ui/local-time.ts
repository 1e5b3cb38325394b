/** A moment as `<input type="datetime-local">` wants it, in the browser's time zone; empty for null. */
export function writeLocalTime(atMs: number | null): string {
  if (atMs === null) return "";
  const offsetMs = new Date(atMs).getTimezoneOffset() * 60_000;
  return new Date(atMs - offsetMs).toISOString().slice(0, 16);
}

/** The moment a `datetime-local` field holds, Unix milliseconds; null when it is empty or not whole. */
export function readLocalTime(text: string): number | null {
  // The date parser alone accepts half a date.
  if (!/^\d{4,6}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return null;
  const atMs = new Date(text).getTime();
  return Number.isNaN(atMs) ? null : atMs;
}

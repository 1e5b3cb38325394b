/** A place in a recording as `h:mm:ss`, or `m:ss` under an hour. */
export function writeClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

/** The place a link names (`?t=` in seconds), in milliseconds; the beginning when it is no number. */
export function readPlace(text: string | undefined): number {
  const seconds = Number(text ?? "0");
  return Number.isFinite(seconds) && seconds > 0 ? Math.round(seconds * 1000) : 0;
}

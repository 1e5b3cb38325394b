/** A silence longer than this is skipped. */
export const IDLE_LIMIT_MS = 2000;
/** So much of the silence is still shown before the next change, so that it does not come out of nowhere. */
export const IDLE_LEAD_MS = 500;

/**
 * Where playing may jump to from `positionMs` when nothing changes for a while; null when it should go on as it is.
 * `nextChangeMs` is the next loaded change; without one the activity line tells the next bucket in which something
 * happens, and the recording's end when there is none.
 */
export function findIdleJump(
  positionMs: number,
  known: {
    readonly nextChangeMs: number | null;
    readonly loadedUntilMs: number;
    readonly durationMs: number;
    readonly activity: { readonly bucketMs: number; readonly bytes: readonly number[] };
  },
): number | null {
  const next = known.nextChangeMs ?? nextActivity(known.loadedUntilMs, known.activity) ?? known.durationMs;
  if (next - positionMs <= IDLE_LIMIT_MS) return null;
  return next - IDLE_LEAD_MS;
}

function nextActivity(
  fromMs: number,
  activity: { readonly bucketMs: number; readonly bytes: readonly number[] },
): number | null {
  const first = Math.floor(fromMs / activity.bucketMs);
  for (let bucket = first; bucket < activity.bytes.length; bucket++)
    if ((activity.bytes[bucket] ?? 0) > 0) return Math.max(fromMs, bucket * activity.bucketMs);
  return null;
}

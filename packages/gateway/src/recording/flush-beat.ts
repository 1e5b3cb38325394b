/** A frame waits so long at most before its chunk is made; writing takes the rest of the second allowed. */
export const FLUSH_AFTER_MS = 400;

/** Recordings served before the event loop gets its turn: about a millisecond of sealing. */
const AT_ONCE = 8;

let waiting: (() => void)[] = [];

/**
 * Calls back within `FLUSH_AFTER_MS`, together with all other recordings of the process that wait: one wake-up and one
 * round of writing for all of them. A timer a recording would wake an otherwise idle process for each.
 */
export function onNextBeat(flush: () => void): void {
  if (waiting.push(flush) === 1) setTimeout(beat, FLUSH_AFTER_MS);
}

function beat(): void {
  const due = waiting;
  waiting = [];
  serve(due, 0);
}

function serve(due: readonly (() => void)[], from: number): void {
  for (const flush of due.slice(from, from + AT_ONCE)) flush();
  if (from + AT_ONCE < due.length) setImmediate(serve, due, from + AT_ONCE);
}

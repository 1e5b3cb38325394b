/** The wait before the first attempt to attach again. */
export const FIRST_WAIT_MS = 250;
/** The longest wait between two attempts. */
export const LONGEST_WAIT_MS = 5000;

/**
 * How long to wait before attempt `attempt` (1 is the first): doubling, at most `LONGEST_WAIT_MS`, spread by
 * `random` (0 to 1) over its upper half so that the viewers of a restarted gateway do not all come at once.
 */
export function waitBeforeAttempt(attempt: number, random: number): number {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(full / 2 + (full / 2) * random);
}

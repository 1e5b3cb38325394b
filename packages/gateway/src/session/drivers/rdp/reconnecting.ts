import { Failure } from "@poterne/contract";

/** How a connection that was open came to its end. */
export type RdpCut =
  /** The server said so, in one way or another. */
  | "no"
  /** It closed in good order without a word: servers that want their client back gave it a cookie. */
  | "closed"
  /** The network broke, or the server fell silent. */
  | "broken";

/** Waits before each attempt to come back, in milliseconds: about half a minute in all. */
export const RECONNECT_WAITS_MS = [300, 1000, 2000, 4000, 8000, 16_000] as const;

/** Failures of an attempt that another one may not meet. */
const PASSING: ReadonlySet<string> = new Set([
  "target-refused",
  "target-unreachable",
  "target-closed",
  "target-silent",
  "closed-by-target",
  // It was RDP before: something on the way closes at once.
  "not-rdp",
]);

/** Whether a session may come back by itself: never where the target ended it, or a new session would open there. */
export function mayReconnect(cut: RdpCut, hasCookie: boolean): boolean {
  return cut === "broken" || (cut === "closed" && hasCookie);
}

/** What an attempt needs. */
export interface Reconnecting {
  /** Connects and signs in; rejects with a `Failure`. */
  open(): Promise<void>;
  /** Resolves after so long. */
  wait(delayMs: number): Promise<void>;
  /** The session was ended meanwhile. */
  readonly isClosed: boolean;
}

/** Tries to come back; null when it did or nobody wants it any more, else the failure that ends the session. */
export async function reconnect(attempt: Reconnecting, reason: Failure): Promise<Failure | null> {
  for (const delayMs of RECONNECT_WAITS_MS) {
    await attempt.wait(delayMs);
    if (attempt.isClosed) return null;
    try {
      await attempt.open();
      return null;
    } catch (error) {
      if (attempt.isClosed) return null;
      if (!(error instanceof Failure)) throw error;
      if (!PASSING.has(error.code)) return error;
    }
  }
  return reason;
}

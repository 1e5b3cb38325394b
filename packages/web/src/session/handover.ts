import type { Protocol } from "@poterne/contract";
import { browserTimers, type Timers } from "@poterne/viewer";
import type { BegunSession } from "./connect.ts";

/** A session that attaches while its page is on the way. */
export interface Handover {
  readonly sessionId: string;
  readonly protocol: Protocol;
  readonly begun: BegunSession;
}

/** A page that does not come within this time is not coming: the session's own grace time goes on. */
const WAIT_MS = 20_000;

let handed: { readonly handover: Handover; readonly cancelTimer: () => void } | null = null;

/** Leaves it for the session's page, which is about to be shown. */
export function handOver(handover: Handover, timers: Timers = browserTimers): void {
  letGo();
  handed = { handover, cancelTimer: timers.after(WAIT_MS, letGo) };
}

/** Takes what was left for this session, once; null when nothing was, or too long ago. One of another session is let go. */
export function takeHandover(sessionId: string): Handover | null {
  if (handed?.handover.sessionId !== sessionId) {
    letGo();
    return null;
  }
  const { handover, cancelTimer } = handed;
  cancelTimer();
  handed = null;
  return handover;
}

function letGo(): void {
  if (handed === null) return;
  handed.cancelTimer();
  handed.handover.begun.connection.close();
  handed = null;
}

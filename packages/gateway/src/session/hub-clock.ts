import { endsAtMsOf, type HubState, type SessionFacts } from "./hub-facts.ts";

/** A question nobody answered ends after so long. */
export const QUESTION_TIMEOUT_MS = 120_000;

/** A session nobody ever attached to ends after so long. */
export const FIRST_ATTACH_TIMEOUT_MS = 60_000;

/** How long before the end people are warned. */
export const END_WARNINGS_MS = [300_000, 60_000] as const;

/** Why the clock ends a session: a catalogue code and its details. */
export interface ClockEnd {
  readonly code:
    | "grace-over"
    | "time-over"
    | "hours-over"
    | "grant-over"
    | "checkout-over"
    | "idle-too-long"
    | "no-guardian";
  readonly details: Readonly<Record<string, number>>;
}

/** Moments the clock compares with; all in milliseconds since the session opened. */
export interface ClockMarks {
  /** Since when nobody of the person is attached, null while someone is. */
  detachedAtMs: number | null;
  wasAttached: boolean;
  /** Since when the session waits for its guardian, null when it does not. */
  guardianAwaitedAtMs: number | null;
  lastInputAtMs: number;
}

/** What a session is doing, by its marks and whether its target is open. */
export function stateOf(marks: ClockMarks, isOpen: boolean): Exclude<HubState, "ended"> {
  if (marks.guardianAwaitedAtMs !== null) return "waiting";
  if (!isOpen) return "opening";
  return marks.detachedAtMs === null ? "open" : "detached";
}

/** The marks of a session nobody has attached to yet. */
export function startMarks(): ClockMarks {
  return { detachedAtMs: 0, wasAttached: false, guardianAwaitedAtMs: null, lastInputAtMs: 0 };
}

/** What the clock looks at. */
export interface ClockState extends Readonly<ClockMarks> {
  readonly facts: SessionFacts;
  readonly nowMs: number;
  readonly guardianWaitMs: number;
}

/** The rule that ends a session now, or null. Pure, so that every limit can be tested without waiting. */
export function decideEnd(state: ClockState): ClockEnd | null {
  const { nowMs } = state;
  const { policy, lease, openedAtMs } = state.facts;
  if (policy.maxMinutes !== null && nowMs >= policy.maxMinutes * 60_000) {
    return { code: "time-over", details: { minutes: policy.maxMinutes } };
  }
  if (lease.end !== null && nowMs >= lease.end.atMs - openedAtMs)
    return { code: lease.end.code, details: {} };
  if (state.detachedAtMs !== null) {
    const graceMs = state.wasAttached ? policy.graceSeconds * 1000 : FIRST_ATTACH_TIMEOUT_MS;
    if (nowMs - state.detachedAtMs >= graceMs)
      return { code: "grace-over", details: { seconds: graceMs / 1000 } };
  }
  if (state.guardianAwaitedAtMs !== null && nowMs - state.guardianAwaitedAtMs >= state.guardianWaitMs) {
    return { code: "no-guardian", details: {} };
  }
  if (policy.idleMinutes !== null && nowMs - state.lastInputAtMs >= policy.idleMinutes * 60_000) {
    return { code: "idle-too-long", details: { minutes: policy.idleMinutes } };
  }
  return null;
}

/** The warning due between two looks at the clock, in seconds before the end, or null. */
export function dueWarning(facts: SessionFacts, beforeMs: number, nowMs: number): number | null {
  const endsAtMs = endsAtMsOf(facts);
  if (endsAtMs === null) return null;
  const endMs = endsAtMs - facts.openedAtMs;
  for (const warningMs of END_WARNINGS_MS) {
    const atMs = endMs - warningMs;
    if (beforeMs < atMs && nowMs >= atMs) return warningMs / 1000;
  }
  return null;
}

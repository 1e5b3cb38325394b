import type { RequestState } from "@poterne/contract";
import type { AccessRequestTableRow } from "../access/access-tables.ts";
import { compareGrants, covers, grantsOf, type Subject } from "../access/decide.ts";
import type { AccessFacts, GrantFact, TargetFact } from "../access/facts.ts";
import { needsApproval } from "../access/grant-conditions.ts";

/** A request that asks for "from the approval on" waits so long. */
export const WAITING_MS = 7 * 86_400_000;

const MINUTE_MS = 60_000;

/** Where a request stands at a moment: as decided, or what the clock has made of it. */
export function stateOf(row: AccessRequestTableRow, nowMs: number): RequestState {
  if (row.state === "pending" && nowMs >= deadlineOf(row)) return "expired";
  if (row.state === "approved" && nowMs >= (row.to_ms ?? 0)) return "ended";
  return row.state;
}

/** The first moment at which nobody can decide it any more: its time is over, or it has waited too long. */
export function deadlineOf(row: AccessRequestTableRow): number {
  return row.from_ms === null ? row.created_at_ms + WAITING_MS : row.from_ms + row.minutes * MINUTE_MS;
}

/** From when to when an approval at this moment gives access. */
export function slotOf(row: Pick<AccessRequestTableRow, "from_ms" | "minutes">, nowMs: number) {
  const fromMs = row.from_ms ?? nowMs;
  return { fromMs, toMs: fromMs + row.minutes * MINUTE_MS };
}

/** The same as columns. */
export function slotColumns(row: Pick<AccessRequestTableRow, "from_ms" | "minutes">, nowMs: number) {
  const { fromMs, toMs } = slotOf(row, nowMs);
  return { from_ms: fromMs, to_ms: toMs };
}

/** Whether the report of an emergency is due: it gave access, that is over, and no report came. */
export function isReportDue(row: AccessRequestTableRow, nowMs: number): boolean {
  if (row.is_emergency === 0 || row.report !== null) return false;
  return stateOf(row, nowMs) !== "approved";
}

/** What a person asks for. */
export interface Wish {
  readonly targetId: string;
  readonly minutes: number;
  readonly isEmergency: boolean;
}

/** Longest time a grant under approval lets ask for, null when it lets not ask at all (for an emergency). */
export function longestMinutes(facts: AccessFacts, grant: GrantFact, isEmergency: boolean): number | null {
  const approval = facts.policies.get(grant.policyId)?.rules.approval ?? null;
  if (approval === null) return null;
  return isEmergency ? approval.emergencyMinutes : approval.maxMinutes;
}

/** The grants under approval that cover a target for a person, the one that would decide first. */
export function requestableGrants(
  facts: AccessFacts,
  subject: Subject,
  target: TargetFact,
): readonly GrantFact[] {
  return grantsOf(facts, subject)
    .filter((grant) => {
      const policy = facts.policies.get(grant.policyId);
      return policy !== undefined && needsApproval(policy.rules, grant) && covers(facts, grant, target);
    })
    .sort((a, b) => compareGrants(facts, a, b));
}

/** The grant a wish would rest on; null when none lets ask for that long. */
export function baseGrantOf(facts: AccessFacts, subject: Subject, wish: Wish): GrantFact | null {
  const target = facts.targets.get(wish.targetId);
  if (target === undefined || !subject.isActive) return null;
  const found = requestableGrants(facts, subject, target).find((grant) => {
    const longest = longestMinutes(facts, grant, wish.isEmergency);
    return longest !== null && wish.minutes <= longest;
  });
  return found ?? null;
}

import type { HoursRule, Policy } from "@poterne/contract";
import type { ConditionLack, Question, SessionCounts } from "./decide.ts";
import type { AccessFacts, GrantFact, PolicyFact } from "./facts.ts";
import { isOpenAt, nextChange } from "./hours.ts";
import { type AddressWords, isAdmitted } from "./networks.ts";

/** The moment and the address a grant is looked at for. */
export type Circumstances = Pick<Question, "atMs" | "source">;

/** What a grant lacks at a moment, from an address and beside the live sessions. */
export function conditionLacks(
  facts: AccessFacts,
  grant: GrantFact,
  question: Question,
): readonly ConditionLack[] {
  const lacks: ConditionLack[] = [...timeAndPlaceLacks(facts, grant, question)];
  if (!grant.accountIds.some((id) => facts.accounts.get(id)?.isUsable === true)) lacks.push("no-account");
  const policy = facts.policies.get(grant.policyId);
  if (policy !== undefined) lacks.push(...sessionLacks(policy, question.sessions));
  return lacks;
}

/** What a grant lacks that no closing of sessions and no account would mend. */
export function timeAndPlaceLacks(
  facts: AccessFacts,
  grant: GrantFact,
  at: Circumstances,
): readonly ConditionLack[] {
  const lacks: ConditionLack[] = [];
  const fromMs = startOf(facts, grant);
  const toMs = endOfValidity(facts, grant);
  if (fromMs !== null && at.atMs < fromMs) lacks.push("not-yet-valid");
  if (toMs !== null && at.atMs >= toMs) lacks.push("expired");
  const policy = facts.policies.get(grant.policyId);
  if (policy === undefined) return lacks;
  if (needsApproval(policy.rules, grant)) lacks.push("approval-needed");
  const hours = hoursOf(facts, grant);
  if (hours !== null && !isOpenAt(hours, facts.holidays, at.atMs)) lacks.push("outside-hours");
  if (at.source !== undefined) {
    const isRefused =
      !isAdmitted(policy.sources, at.source) || !isSourceAdmitted(facts, grant.grantId, at.source);
    if (isRefused) lacks.push("source-refused");
  }
  return lacks;
}

/** Whether an object's own list of source addresses admits an address; one without a list admits all. */
export function isSourceAdmitted(facts: AccessFacts, objectId: string, source: AddressWords | null): boolean {
  const fact = facts.sources.get(objectId);
  return fact === undefined || isAdmitted(fact.list, source);
}

/** Whether a grant must be asked for: it is under approval, and no approved request or vendor pass gave it. */
export function needsApproval(rules: Policy, grant: GrantFact): boolean {
  return rules.approval !== null && grant.baseGrantId === null && grant.passId === null;
}

/** Why an allowed session will end by itself, and when. */
export interface AccessEnd {
  readonly atMs: number;
  readonly code: "hours-over" | "grant-over" | "checkout-over";
}

/** When a grant that allows now will end by its validity or its policy's hours, whichever comes first; null for never. */
export function endOfGrant(facts: AccessFacts, grant: GrantFact, atMs: number): AccessEnd | null {
  const toMs = endOfValidity(facts, grant);
  const hours = hoursOf(facts, grant);
  const closesMs = hours === null ? null : nextChange(hours, facts.holidays, atMs);
  if (closesMs !== null && (toMs === null || closesMs < toMs)) return { atMs: closesMs, code: "hours-over" };
  return toMs === null ? null : { atMs: toMs, code: "grant-over" };
}

/** The next moment at which a grant's answer changes by the clock alone; infinity for none. */
export function nextChangeOf(facts: AccessFacts, grant: GrantFact, atMs: number): number {
  const hours = hoursOf(facts, grant);
  const changesMs = hours === null ? null : nextChange(hours, facts.holidays, atMs);
  const edges = [startOf(facts, grant), endOfValidity(facts, grant), changesMs];
  return Math.min(...edges.map((edge) => (edge !== null && edge > atMs ? edge : Number.POSITIVE_INFINITY)));
}

/** The hours that bind a grant: its policy's, but for an emergency, which comes when it comes. */
function hoursOf(facts: AccessFacts, grant: GrantFact): HoursRule | null {
  return grant.isEmergency ? null : (facts.policies.get(grant.policyId)?.rules.hours ?? null);
}

/** A grant given on another one begins no earlier than it. */
function startOf(facts: AccessFacts, grant: GrantFact): number | null {
  const base = grant.baseGrantId === null ? undefined : facts.grants.get(grant.baseGrantId);
  if (base === undefined || base.validFromMs === null) return grant.validFromMs;
  return Math.max(base.validFromMs, grant.validFromMs ?? 0);
}

/** A grant given on another one ends no later than it. */
function endOfValidity(facts: AccessFacts, grant: GrantFact): number | null {
  const base = grant.baseGrantId === null ? undefined : facts.grants.get(grant.baseGrantId);
  if (base === undefined || base.validToMs === null) return grant.validToMs;
  return Math.min(base.validToMs, grant.validToMs ?? Number.POSITIVE_INFINITY);
}

/** A limit of live sessions that is reached. */
export type SessionLack = Extract<ConditionLack, `sessions-${string}`>;

/** Which of a policy's limits leave no room for one session more: the one rule for deciding and for taking a place. */
export function sessionLacks(
  policy: Pick<PolicyFact, "policyId" | "rules">,
  sessions: SessionCounts,
): readonly SessionLack[] {
  const lacks: SessionLack[] = [];
  const { maxSessionsPerPerson, maxSessionsPerTarget, maxSessionsInTotal } = policy.rules;
  if (maxSessionsPerPerson !== null && sessions.ofPerson >= maxSessionsPerPerson)
    lacks.push("sessions-per-person");
  if (maxSessionsPerTarget !== null && sessions.onTarget >= maxSessionsPerTarget)
    lacks.push("sessions-per-target");
  if (maxSessionsInTotal !== null && (sessions.byPolicy?.get(policy.policyId) ?? 0) >= maxSessionsInTotal)
    lacks.push("sessions-in-total");
  return lacks;
}

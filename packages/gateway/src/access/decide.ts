import type { Policy } from "@poterne/contract";
import type { RefusalReason, Verdict } from "./access.ts";
import type { AccessFacts, AccountFact, GrantFact, PolicyFact, TargetFact } from "./facts.ts";

/** The person asked about: groups are all it is in, also through other groups. */
export interface Subject {
  readonly personId: string;
  readonly isActive: boolean;
  readonly groupIds: readonly string[];
}

/** Sessions live now, for the policies that limit them; zero for another moment than now. */
export interface SessionCounts {
  readonly ofPerson: number;
  readonly onTarget: number;
}

/** Person × target × time. */
export interface Question {
  readonly subject: Subject;
  readonly targetId: string;
  readonly atMs: number;
  readonly sessions: SessionCounts;
}

/** What one grant lacks to allow what is asked. */
export type GrantLack =
  | "subject"
  | "object"
  | "disabled"
  | "not-yet-valid"
  | "expired"
  | "no-account"
  | "sessions-per-person"
  | "sessions-per-target";

/**
 * Decides over facts alone; default deny. Among the grants that allow, the one whose policy demands least of the person
 * decides (`compareDemands`), then the older one.
 */
export function decide(facts: AccessFacts, question: Question): Verdict {
  const target = facts.targets.get(question.targetId);
  const covering = target === undefined ? [] : coveringGrants(facts, question.subject, target);
  if (target === undefined || covering.length === 0) {
    return { isAllowed: false, reasons: [...personReasons(question.subject), noGrant] };
  }
  const reasons: { reason: RefusalReason; grantId: string | null }[] = [];
  let best: GrantFact | null = null;
  for (const grant of covering) {
    const lacks = conditionLacks(facts, grant, question);
    if (lacks.length === 0) {
      if (best === null || compareGrants(facts, grant, best) < 0) best = grant;
    } else {
      for (const lack of lacks) reasons.push({ reason: REASON_OF_LACK[lack], grantId: grant.grantId });
    }
  }
  const objectReasons = [...targetReasons(facts, target), ...personReasons(question.subject)];
  const policy = best === null ? undefined : facts.policies.get(best.policyId);
  if (best === null || policy === undefined || objectReasons.length > 0) {
    const ofGrants = best === null ? reasons : [];
    return { isAllowed: false, reasons: inOrder([...ofGrants, ...objectReasons]) };
  }
  return {
    isAllowed: true,
    grantId: best.grantId,
    policyId: policy.policyId,
    policyName: policy.name,
    policy: policy.rules,
    accounts: usableAccounts(facts, best).map(({ accountId, name, kind }) => ({ accountId, name, kind })),
  };
}

/** Everything one grant lacks for the question, the subject and the object included; empty when it allows. */
export function grantLacks(facts: AccessFacts, grant: GrantFact, question: Question): readonly GrantLack[] {
  const target = facts.targets.get(question.targetId);
  const lacks: GrantLack[] = [];
  if (!hasSubject(grant, question.subject)) lacks.push("subject");
  if (target === undefined || !covers(facts, grant, target)) lacks.push("object");
  if (grant.isDisabled) lacks.push("disabled");
  return [...lacks, ...conditionLacks(facts, grant, question)];
}

/** Whether a grant reaches a target: by name, by its machine, or by a site above it. */
export function covers(facts: AccessFacts, grant: GrantFact, target: TargetFact): boolean {
  if (grant.targetIds.has(target.targetId) || grant.machineIds.has(target.machineId)) return true;
  return hasAny(grant.siteIds, sitesAbove(facts, target));
}

/** Whether a grant is given to this person or one of its groups. */
export function hasSubject(grant: GrantFact, subject: Subject): boolean {
  if (grant.personId !== null) return grant.personId === subject.personId;
  return grant.groupId !== null && subject.groupIds.includes(grant.groupId);
}

/** The grants of a person and its groups, switched off ones left out. */
export function grantsOf(facts: AccessFacts, subject: Subject): readonly GrantFact[] {
  const found: GrantFact[] = [];
  for (const grant of facts.grantsOfSubject.get(subject.personId)) {
    if (!grant.isDisabled && grant.personId !== null) found.push(grant);
  }
  for (const groupId of subject.groupIds) {
    for (const grant of facts.grantsOfSubject.get(groupId)) {
      if (!grant.isDisabled && grant.groupId !== null) found.push(grant);
    }
  }
  return found;
}

/** The accounts a grant offers that can be used now. */
export function usableAccounts(facts: AccessFacts, grant: GrantFact): readonly AccountFact[] {
  return grant.accountIds
    .map((id) => facts.accounts.get(id))
    .filter((account) => account?.isUsable === true) as AccountFact[];
}

/** Which of two grants decides: the less demanding policy first, then the older grant. */
export function compareGrants(facts: AccessFacts, a: GrantFact, b: GrantFact): number {
  const policyA = facts.policies.get(a.policyId);
  const policyB = facts.policies.get(b.policyId);
  const byDemand = policyA === undefined || policyB === undefined ? 0 : compareDemands(policyA, policyB);
  if (byDemand !== 0) return byDemand;
  return a.createdAtMs - b.createdAtMs || (a.grantId < b.grantId ? -1 : 1);
}

const REASON_RANK = { none: 0, reason: 1, ticket: 2 } as const;

/**
 * Compares what two policies ask of the person: a guardian, then a reason, then to only look. Recording is evidence and
 * no demand: it never makes the other grant win (docs/decisions/0022).
 */
function compareDemands(a: PolicyFact, b: PolicyFact): number {
  return (
    Number(a.rules.needsGuardian) - Number(b.rules.needsGuardian) ||
    REASON_RANK[a.rules.reason] - REASON_RANK[b.rules.reason] ||
    Number(a.rules.readOnly) - Number(b.rules.readOnly)
  );
}

const noGrant = { reason: "no-grant", grantId: null } as const;

const REASON_OF_LACK: Readonly<Record<ConditionLack, RefusalReason>> = {
  "not-yet-valid": "grant-not-yet-valid",
  expired: "grant-expired",
  "no-account": "no-account",
  "sessions-per-person": "sessions-per-person",
  "sessions-per-target": "sessions-per-target",
};

type ConditionLack = Exclude<GrantLack, "subject" | "object" | "disabled">;

const REASON_ORDER: readonly RefusalReason[] = [
  "no-grant",
  "grant-not-yet-valid",
  "grant-expired",
  "target-disabled",
  "machine-disabled",
  "person-disabled",
  "no-account",
  "sessions-per-person",
  "sessions-per-target",
];

function inOrder<Reason extends { readonly reason: RefusalReason }>(reasons: readonly Reason[]): Reason[] {
  return [...reasons].sort((a, b) => REASON_ORDER.indexOf(a.reason) - REASON_ORDER.indexOf(b.reason));
}

function coveringGrants(facts: AccessFacts, subject: Subject, target: TargetFact): readonly GrantFact[] {
  const { targetId, machineId } = target;
  const sites = sitesAbove(facts, target);
  const covering: GrantFact[] = [];
  for (const grant of grantsOf(facts, subject)) {
    if (grant.targetIds.has(targetId) || grant.machineIds.has(machineId) || hasAny(grant.siteIds, sites)) {
      covering.push(grant);
    }
  }
  return covering;
}

function sitesAbove(facts: AccessFacts, target: TargetFact): readonly string[] {
  const machine = facts.machines.get(target.machineId);
  return machine === undefined ? [] : facts.tree.ancestorsOf(machine.siteId);
}

function hasAny(set: ReadonlySet<string>, values: readonly string[]): boolean {
  if (set.size === 0) return false;
  for (const value of values) if (set.has(value)) return true;
  return false;
}

function conditionLacks(facts: AccessFacts, grant: GrantFact, question: Question): readonly ConditionLack[] {
  const lacks: ConditionLack[] = [];
  if (grant.validFromMs !== null && question.atMs < grant.validFromMs) lacks.push("not-yet-valid");
  if (grant.validToMs !== null && question.atMs >= grant.validToMs) lacks.push("expired");
  if (!grant.accountIds.some((id) => facts.accounts.get(id)?.isUsable === true)) lacks.push("no-account");
  const rules = facts.policies.get(grant.policyId)?.rules;
  if (rules !== undefined) lacks.push(...sessionLacks(rules, question.sessions));
  return lacks;
}

function sessionLacks(rules: Policy, sessions: SessionCounts): readonly ConditionLack[] {
  const lacks: ConditionLack[] = [];
  const { maxSessionsPerPerson, maxSessionsPerTarget } = rules;
  if (maxSessionsPerPerson !== null && sessions.ofPerson >= maxSessionsPerPerson)
    lacks.push("sessions-per-person");
  if (maxSessionsPerTarget !== null && sessions.onTarget >= maxSessionsPerTarget)
    lacks.push("sessions-per-target");
  return lacks;
}

function personReasons(subject: Subject) {
  return subject.isActive ? [] : [{ reason: "person-disabled" as const, grantId: null }];
}

function targetReasons(facts: AccessFacts, target: TargetFact) {
  const reasons: { reason: RefusalReason; grantId: null }[] = [];
  if (target.isDisabled) reasons.push({ reason: "target-disabled", grantId: null });
  if (facts.machines.get(target.machineId)?.isDisabled !== false) {
    reasons.push({ reason: "machine-disabled", grantId: null });
  }
  return reasons;
}

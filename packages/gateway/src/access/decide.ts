import type { RefusalReason, Verdict } from "./access.ts";
import type { AccessFacts, AccountFact, GrantFact, PolicyFact, TargetFact } from "./facts.ts";
import { conditionLacks, isSourceAdmitted } from "./grant-conditions.ts";
import type { AddressWords } from "./networks.ts";

/** The person asked about: groups are all it is in, also through other groups. */
export interface Subject {
  readonly personId: string;
  readonly isActive: boolean;
  readonly groupIds: readonly string[];
  /** An outside person: only what a vendor pass gives opens anything (docs/decisions/0107). */
  readonly isVendor?: boolean;
}

/** Sessions live now, for the policies that limit them; zero for another moment than now. */
export interface SessionCounts {
  readonly ofPerson: number;
  readonly onTarget: number;
  /** Of all people under each policy, by its id. */
  readonly byPolicy?: ReadonlyMap<string, number>;
}

/** Person × target × time × address. */
export interface Question {
  readonly subject: Subject;
  readonly targetId: string;
  readonly atMs: number;
  readonly sessions: SessionCounts;
  /** Where from; left out, addresses are not examined, and null (no address) is in no list. */
  readonly source?: AddressWords | null;
  /** For a live session: what it was opened under. Its own grant, or another under the same policy, must allow it. */
  readonly held?: HeldGrant;
}

/** What a live session was opened under. */
export interface HeldGrant {
  readonly grantId: string;
  readonly policyId: string;
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
  | "sessions-per-target"
  | "sessions-in-total"
  | "outside-hours"
  | "source-refused"
  | "approval-needed"
  | "pass-needed";

/** The verdict, without the end that only an opening asks for. */
export type Decision =
  | Omit<Extract<Verdict, { isAllowed: true }>, "end">
  | Extract<Verdict, { isAllowed: false }>;

/**
 * Decides over facts alone; default deny. Among the grants that allow, the one whose policy demands least of the person
 * decides (`compareDemands`), then the older one; one that an approved request gave comes before all others.
 */
export function decide(facts: AccessFacts, question: Question): Decision {
  const target = facts.targets.get(question.targetId);
  const covering = target === undefined ? [] : coveringGrants(facts, question, target);
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
  const objectReasons = [
    ...targetReasons(facts, target),
    ...personReasons(question.subject),
    ...sourceReasons(facts, question),
  ];
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
    policy: rulesUnder(best, policy),
    accounts: usableAccounts(facts, best).map(({ accountId, name, kind }) => ({ accountId, name, kind })),
  };
}

/** The rules a grant is used under: its policy's, with a guardian when the grant itself asks for one. */
export function rulesUnder(grant: GrantFact, policy: PolicyFact): PolicyFact["rules"] {
  return grant.needsGuardian ? { ...policy.rules, needsGuardian: true } : policy.rules;
}

/** Everything one grant lacks for the question, the subject and the object included; empty when it allows. */
export function grantLacks(facts: AccessFacts, grant: GrantFact, question: Question): readonly GrantLack[] {
  const target = facts.targets.get(question.targetId);
  const lacks: GrantLack[] = [];
  if (!hasSubject(grant, question.subject)) lacks.push("subject");
  if (target === undefined || !covers(facts, grant, target)) lacks.push("object");
  if (grant.isDisabled) lacks.push("disabled");
  if (question.subject.isVendor === true && grant.passId === null) lacks.push("pass-needed");
  if (grant.baseGrantId !== null && !restsOnBase(facts, grant, question.subject)) lacks.push("disabled");
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

/** Whether the grant under approval that a given one rests on still holds for the person and its target. */
function restsOnBase(facts: AccessFacts, grant: GrantFact, subject: Subject): boolean {
  const base = facts.grants.get(grant.baseGrantId ?? "");
  if (base === undefined || base.isDisabled || !hasSubject(base, subject)) return false;
  for (const targetId of grant.targetIds) {
    const target = facts.targets.get(targetId);
    if (target === undefined || !covers(facts, base, target)) return false;
  }
  return true;
}

/** The grants of a person and its groups; left out are those switched off, or given on a grant that is no more. */
export function grantsOf(facts: AccessFacts, subject: Subject): readonly GrantFact[] {
  const found: GrantFact[] = [];
  for (const grant of facts.grantsOfSubject.get(subject.personId)) {
    if (grant.isDisabled || grant.personId === null) continue;
    if (subject.isVendor === true && grant.passId === null) continue;
    if (grant.baseGrantId === null || restsOnBase(facts, grant, subject)) found.push(grant);
  }
  if (subject.isVendor === true) return found;
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

/** Which of two grants decides: one given by an approved request, then the less demanding policy, then the older grant. */
export function compareGrants(facts: AccessFacts, a: GrantFact, b: GrantFact): number {
  const byRequest = Number(isGiven(b)) - Number(isGiven(a));
  if (byRequest !== 0) return byRequest;
  const policyA = facts.policies.get(a.policyId);
  const policyB = facts.policies.get(b.policyId);
  const byDemand = policyA === undefined || policyB === undefined ? 0 : compareDemands(policyA, policyB);
  if (byDemand !== 0) return byDemand;
  return a.createdAtMs - b.createdAtMs || (a.grantId < b.grantId ? -1 : 1);
}

/** Whether somebody approved it: a request or a vendor pass gave it. */
function isGiven(grant: GrantFact): boolean {
  return grant.baseGrantId !== null || grant.passId !== null;
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
  "sessions-in-total": "sessions-in-total",
  "outside-hours": "outside-hours",
  "source-refused": "source-refused",
  "approval-needed": "approval-needed",
};

/** What a grant lacks beside its subject and object. */
export type ConditionLack = Exclude<GrantLack, "subject" | "object" | "disabled" | "pass-needed">;

const REASON_ORDER: readonly RefusalReason[] = [
  "no-grant",
  "grant-not-yet-valid",
  "grant-expired",
  "target-disabled",
  "machine-disabled",
  "person-disabled",
  "source-refused",
  "outside-hours",
  "approval-needed",
  "no-account",
  "sessions-per-person",
  "sessions-per-target",
  "sessions-in-total",
];

function inOrder<Reason extends { readonly reason: RefusalReason }>(reasons: readonly Reason[]): Reason[] {
  return [...reasons].sort((a, b) => REASON_ORDER.indexOf(a.reason) - REASON_ORDER.indexOf(b.reason));
}

function coveringGrants(facts: AccessFacts, question: Question, target: TargetFact): readonly GrantFact[] {
  const { targetId, machineId } = target;
  const sites = sitesAbove(facts, target);
  const covering: GrantFact[] = [];
  const { held } = question;
  for (const grant of grantsOf(facts, question.subject)) {
    if (held !== undefined && grant.grantId !== held.grantId && grant.policyId !== held.policyId) continue;
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

function personReasons(subject: Subject) {
  return subject.isActive ? [] : [{ reason: "person-disabled" as const, grantId: null }];
}

/** Lists of the person, its groups and the target: no grant can make up for them. */
function sourceReasons(facts: AccessFacts, { subject, targetId, source }: Question) {
  if (source === undefined || facts.sources.size === 0) return [];
  const isRefused = [subject.personId, ...subject.groupIds, targetId].some(
    (id) => !isSourceAdmitted(facts, id, source),
  );
  return isRefused ? [{ reason: "source-refused" as const, grantId: null }] : [];
}

function targetReasons(facts: AccessFacts, target: TargetFact) {
  const reasons: { reason: RefusalReason; grantId: null }[] = [];
  if (target.isDisabled) reasons.push({ reason: "target-disabled", grantId: null });
  if (facts.machines.get(target.machineId)?.isDisabled !== false) {
    reasons.push({ reason: "machine-disabled", grantId: null });
  }
  return reasons;
}

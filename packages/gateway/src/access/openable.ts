import { compareGrants, grantsOf, type Subject, usableAccounts } from "./decide.ts";
import type { AccessFacts, AccountFact, GrantFact, MachineFact, PolicyFact, TargetFact } from "./facts.ts";
import { type Circumstances, isSourceAdmitted, nextChangeOf, timeAndPlaceLacks } from "./grant-conditions.ts";

/** A target a person may open, with what decides it. */
export interface OpenableTarget {
  readonly target: TargetFact;
  readonly grant: GrantFact;
  readonly policy: PolicyFact;
  readonly accounts: readonly AccountFact[];
}

/** A machine with the targets a person may open. */
export interface OpenableMachine {
  readonly machine: MachineFact;
  /** Folded names of the machine, its sites and these targets, and its addresses. */
  readonly searchText: string;
  readonly targets: readonly OpenableTarget[];
}

/** All a person may open at a moment, machines by name, and until when the answer holds while no fact changes. */
export interface Openable {
  readonly machines: readonly OpenableMachine[];
  readonly byTarget: ReadonlyMap<string, OpenableTarget>;
  readonly validUntilMs: number;
}

/**
 * Everything a person may open at a moment: the same decisions as `decide`, made for all targets in one pass. Limits of
 * live sessions are left to the opening, they pass by themselves.
 */
export function findOpenable(facts: AccessFacts, subject: Subject, at: Circumstances): Openable {
  const byTarget = new Map<string, OpenableTarget>();
  const { source } = at;
  const isRefused =
    source !== undefined &&
    [subject.personId, ...subject.groupIds].some((id) => !isSourceAdmitted(facts, id, source));
  if (!subject.isActive || isRefused)
    return { machines: [], byTarget, validUntilMs: Number.POSITIVE_INFINITY };
  let validUntilMs = Number.POSITIVE_INFINITY;
  const active: GrantFact[] = [];
  for (const grant of grantsOf(facts, subject)) {
    validUntilMs = Math.min(validUntilMs, nextChangeOf(facts, grant, at.atMs));
    if (timeAndPlaceLacks(facts, grant, at).length === 0) active.push(grant);
  }
  // The deciding grant comes first, so that whoever takes a target keeps it.
  active.sort((a, b) => compareGrants(facts, a, b));
  for (const grant of active) takeTargets(facts, grant, byTarget);
  if (source !== undefined && facts.sources.size > 0) {
    for (const targetId of byTarget.keys())
      if (!isSourceAdmitted(facts, targetId, source)) byTarget.delete(targetId);
  }
  return { machines: groupByMachine(facts, byTarget), byTarget, validUntilMs };
}

function takeTargets(facts: AccessFacts, grant: GrantFact, byTarget: Map<string, OpenableTarget>): void {
  const accounts = usableAccounts(facts, grant);
  const policy = facts.policies.get(grant.policyId);
  if (accounts.length === 0 || policy === undefined) return;
  const take = (target: TargetFact | undefined) => {
    if (target === undefined || target.isDisabled || byTarget.has(target.targetId)) return;
    if (facts.machines.get(target.machineId)?.isDisabled !== false) return;
    byTarget.set(target.targetId, { target, grant, policy, accounts });
  };
  const takeMachine = (machineId: string) => {
    for (const target of facts.targetsOfMachine.get(machineId)) take(target);
  };
  for (const targetId of grant.targetIds) take(facts.targets.get(targetId));
  for (const machineId of grant.machineIds) takeMachine(machineId);
  for (const siteId of facts.tree.underAny([...grant.siteIds])) {
    for (const machine of facts.machinesOfSite.get(siteId)) takeMachine(machine.machineId);
  }
}

function groupByMachine(
  facts: AccessFacts,
  byTarget: ReadonlyMap<string, OpenableTarget>,
): readonly OpenableMachine[] {
  const targetsOf = new Map<string, OpenableTarget[]>();
  for (const openable of byTarget.values()) {
    const list = targetsOf.get(openable.target.machineId);
    if (list === undefined) targetsOf.set(openable.target.machineId, [openable]);
    else list.push(openable);
  }
  const machines: OpenableMachine[] = [];
  const siteTexts = new Map<string, string>();
  for (const machine of facts.machinesByName()) {
    const targets = targetsOf.get(machine.machineId);
    if (targets === undefined) continue;
    targets.sort((a, b) => (a.target.name < b.target.name ? -1 : 1));
    const siteText = siteTexts.get(machine.siteId) ?? foldedPath(facts, machine.siteId);
    siteTexts.set(machine.siteId, siteText);
    const targetText = targets.map((openable) => openable.target.foldedName).join(" ");
    machines.push({ machine, targets, searchText: `${machine.searchText} ${siteText} ${targetText}` });
  }
  return machines;
}

function foldedPath(facts: AccessFacts, siteId: string): string {
  return facts.tree
    .ancestorsOf(siteId)
    .map((id) => facts.tree.sites.get(id)?.foldedName ?? "")
    .join(" ");
}

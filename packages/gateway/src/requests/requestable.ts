import type { listRequestable } from "@poterne/contract";
import type { z } from "zod";
import { compareGrants, grantsOf, type Subject } from "../access/decide.ts";
import type { AccessFacts, GrantFact, TargetFact } from "../access/facts.ts";
import { needsApproval } from "../access/grant-conditions.ts";
import { foldText } from "../store/fold-text.ts";

/** Targets told at once. */
const MAX_TARGETS = 200;

type Requestable = z.infer<(typeof listRequestable)["reply"]>["items"][number];

/** What a person may ask for, by machine: living targets under a grant that needs an approval. */
export function findRequestable(facts: AccessFacts, subject: Subject, search: string): Requestable[] {
  if (!subject.isActive) return [];
  const byTarget = new Map<string, GrantFact>();
  const grants = grantsOf(facts, subject).filter((grant) => {
    const policy = facts.policies.get(grant.policyId);
    return policy !== undefined && needsApproval(policy.rules, grant);
  });
  for (const grant of [...grants].sort((a, b) => compareGrants(facts, a, b)))
    for (const target of targetsOf(facts, grant))
      if (!byTarget.has(target.targetId)) byTarget.set(target.targetId, grant);
  const words = foldText(search).split(" ");
  const found: Requestable[] = [];
  for (const machine of facts.machinesByName()) {
    if (machine.isDisabled || found.length >= MAX_TARGETS) continue;
    for (const target of facts.targetsOfMachine.get(machine.machineId)) {
      const grant = byTarget.get(target.targetId);
      const text = `${machine.searchText} ${target.foldedName}`;
      if (grant === undefined || target.isDisabled || !words.every((word) => text.includes(word))) continue;
      const shown = toRequestable(facts, grant, target, machine.name);
      if (shown !== null) found.push(shown);
    }
  }
  return found.slice(0, MAX_TARGETS);
}

function* targetsOf(facts: AccessFacts, grant: GrantFact): Generator<TargetFact> {
  for (const targetId of grant.targetIds) {
    const target = facts.targets.get(targetId);
    if (target !== undefined) yield target;
  }
  for (const machineId of grant.machineIds) yield* facts.targetsOfMachine.get(machineId);
  for (const siteId of facts.tree.underAny([...grant.siteIds]))
    for (const machine of facts.machinesOfSite.get(siteId))
      yield* facts.targetsOfMachine.get(machine.machineId);
}

function toRequestable(
  facts: AccessFacts,
  grant: GrantFact,
  target: TargetFact,
  machineName: string,
): Requestable | null {
  const rules = facts.policies.get(grant.policyId)?.rules;
  if (rules?.approval == null) return null;
  const { targetId, name, protocol } = target;
  const { maxMinutes, quorum, emergencyMinutes } = rules.approval;
  const needsTicket = rules.reason === "ticket";
  return { targetId, name, machineName, protocol, maxMinutes, quorum, needsTicket, emergencyMinutes };
}

import type { RefusalHint } from "@poterne/contract";
import type { RefusalReason } from "./access.ts";
import type { Question } from "./decide.ts";
import type { AccessFacts } from "./facts.ts";
import { isSourceAdmitted } from "./grant-conditions.ts";
import { nextChange } from "./hours.ts";
import { isAdmitted } from "./networks.ts";

/** What would change a refusal: when it opens, from where it is open, that it can be asked for, who could enable it; never without one but where the facts are gone. */
export function hintOf(
  facts: AccessFacts,
  question: Question,
  refusal: { readonly reason: RefusalReason; readonly grantId: string | null },
): RefusalHint | null {
  const grant = refusal.grantId === null ? undefined : facts.grants.get(refusal.grantId);
  const policy = grant === undefined ? undefined : facts.policies.get(grant.policyId);
  switch (refusal.reason) {
    case "outside-hours": {
      const hours = policy?.rules.hours;
      if (hours == null) return null;
      const atMs = nextChange(hours, facts.holidays, question.atMs);
      return { kind: "opens", atMs, timeZone: hours.timeZone };
    }
    case "grant-not-yet-valid":
    case "grant-expired": {
      if (grant === undefined) return null;
      const kind = grant.passId === null ? "valid" : "pass";
      return { kind, fromMs: grant.validFromMs, toMs: grant.validToMs };
    }
    case "source-refused":
      return sourceHint(facts, question, refusal.grantId);
    case "approval-needed": {
      const approval = policy?.rules.approval;
      if (approval == null) return null;
      const { maxMinutes, quorum, emergencyMinutes } = approval;
      return { kind: "ask", maxMinutes, quorum, emergencyMinutes };
    }
    case "no-grant":
      return { kind: "give" };
    case "person-disabled":
      return { kind: "enable", of: "person" };
    case "target-disabled":
      return { kind: "enable", of: "target" };
    case "machine-disabled":
      return { kind: "enable", of: "machine" };
    case "no-account":
      return { kind: "account" };
    case "sessions-per-person":
      return limit("person", policy?.rules.maxSessionsPerPerson, question.sessions.ofPerson);
    case "sessions-per-target":
      return limit("target", policy?.rules.maxSessionsPerTarget, question.sessions.onTarget);
    case "sessions-in-total":
      return limit(
        "total",
        policy?.rules.maxSessionsInTotal,
        question.sessions.byPolicy?.get(policy?.policyId ?? "") ?? 0,
      );
  }
}

function limit(
  of: "person" | "target" | "total",
  most: number | null | undefined,
  live: number,
): RefusalHint | null {
  return most == null ? null : { kind: "limit", of, most, live };
}

/** The first list that leaves the address out: of the person, its groups or the target, or of the grant or its policy. */
function sourceHint(facts: AccessFacts, question: Question, grantId: string | null): RefusalHint | null {
  const source = question.source ?? null;
  const { subject, targetId } = question;
  const ids = grantId === null ? [subject.personId, ...subject.groupIds, targetId] : [grantId];
  for (const id of ids) {
    const fact = facts.sources.get(id);
    if (fact !== undefined && !isSourceAdmitted(facts, id, source))
      return { kind: "from", of: fact.kind, networks: [...fact.list.texts] };
  }
  const policy = facts.policies.get(facts.grants.get(grantId ?? "")?.policyId ?? "");
  if (policy === undefined || isAdmitted(policy.sources, source)) return null;
  return { kind: "from", of: "policy", networks: [...policy.sources.texts] };
}

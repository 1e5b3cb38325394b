import type { RefusalHint } from "@poterne/contract";
import type { RefusalReason } from "./access.ts";
import type { Question } from "./decide.ts";
import type { AccessFacts } from "./facts.ts";
import { isSourceAdmitted } from "./grant-conditions.ts";
import { nextChange } from "./hours.ts";
import { isAdmitted } from "./networks.ts";

/** What would change a refusal: when it opens, from where it is open, that it can be asked for; null for nothing to add. */
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
      if (grant === undefined || grant.passId === null) return null;
      return { kind: "pass", fromMs: grant.validFromMs, toMs: grant.validToMs };
    }
    case "source-refused":
      return sourceHint(facts, question, refusal.grantId);
    case "approval-needed": {
      const approval = policy?.rules.approval;
      if (approval == null) return null;
      const { maxMinutes, quorum, emergencyMinutes } = approval;
      return { kind: "ask", maxMinutes, quorum, emergencyMinutes };
    }
    default:
      return null;
  }
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

import type { TargetRecord, Verdict } from "../access/access.ts";
import { foldText } from "../store/fold-text.ts";
import type { OpenRequest } from "./broker-dependencies.ts";
import type { SessionFacts } from "./hub-facts.ts";
import type { SessionTableRow } from "./session-tables.ts";

/** The store's row of a session that opens now. */
export function makeSessionRow(parts: {
  readonly nodeId: string;
  readonly facts: SessionFacts;
  readonly request: OpenRequest;
  readonly verdict: Extract<Verdict, { isAllowed: true }>;
  readonly target: TargetRecord;
}): SessionTableRow {
  const { facts, request, verdict, target } = parts;
  const words = [
    facts.personName,
    target.name,
    target.machineName,
    facts.accountName,
    request.reason,
    request.ticketNumber,
  ];
  return {
    id: facts.sessionId,
    node_id: parts.nodeId,
    person_id: facts.personId,
    person_name: facts.personName,
    target_id: target.targetId,
    target_name: target.name,
    machine_id: target.machineId,
    machine_name: target.machineName,
    site_id: target.siteId,
    protocol: target.protocol,
    kind: facts.kind,
    account_name: facts.accountName,
    grant_id: verdict.grantId,
    policy_name: verdict.policyName,
    reason: request.reason,
    ticket_number: request.ticketNumber,
    source_address: request.sourceAddress,
    is_recorded: verdict.policy.recording === "off" ? 0 : 1,
    needs_guardian: verdict.policy.needsGuardian ? 1 : 0,
    search_text: foldText(words.join(" ")),
    opened_at_ms: facts.openedAtMs,
    ended_at_ms: null,
    end_code: null,
  };
}

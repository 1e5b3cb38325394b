import { type ComplianceRule, getCompliance } from "@poterne/contract";
import type { Services } from "../app-services.ts";
import { checkClock, checkDisk } from "../health/machine-checks.ts";
import { type Handler, handle } from "../http/handlers.ts";
import { loggingRules } from "./anssi-logging.ts";
import { administrationRules } from "./anssi-pa-022.ts";
import { surroundingRules } from "./anssi-pa-022-surroundings.ts";
import { remoteAssistanceRules } from "./anssi-remote-assistance.ts";
import { cnilRules } from "./cnil.ts";
import { type ComplianceFacts, readComplianceFacts } from "./facts.ts";
import { lostRules } from "./not-recovered.ts";
import { PROOFS, type ProofName } from "./proofs.ts";
import { protectedUsersRules } from "./protected-users.ts";
import type { Rule } from "./rule.ts";

const RULES: readonly Rule[] = [
  ...remoteAssistanceRules,
  ...administrationRules,
  ...surroundingRules,
  ...loggingRules,
  ...cnilRules,
  ...protectedUsersRules,
  ...lostRules,
];

/** The compliance page: every rule judged on this installation, anew at each reading. */
export function complianceHandlers(services: Services): Handler[] {
  const { store, settings, folders, environment, version, isDemo } = services;
  return [
    handle(getCompliance, async () => {
      const nowMs = environment.now();
      const facts = await readComplianceFacts({
        store,
        settings,
        version,
        isFactorRequired: !isDemo,
        clock: checkClock(nowMs),
        disk: checkDisk(folders.data, settings.recording.freeSpaceAlarmBytes),
        nowMs,
      });
      return { organisation: settings.organisation, version, judgedAtMs: nowMs, rules: judgeAll(facts) };
    }),
  ];
}

/** Judges every rule, in the order of their sources. */
export function judgeAll(facts: ComplianceFacts): ComplianceRule[] {
  const nothing = { evidence: [], proofs: [], remedy: null, place: null };
  return RULES.map(({ source, number, meaning, judge, proofs = [] }) => {
    if (judge === null) return { ...nothing, source, number, meaning, state: "not-recovered" as const };
    const { state, evidence, remedy, place } = judge(facts);
    const shown = proofs.map((name) => showProof(facts, name));
    return { source, number, meaning, state, evidence: [...evidence], proofs: shown, remedy, place };
  });
}

function showProof({ proofs }: ComplianceFacts, name: ProofName): ComplianceRule["proofs"][number] {
  const { what } = PROOFS[name];
  const { atMs = null, entryId = null, isGood = false } = proofs.get(name) ?? {};
  return { what, atMs, entryId, isGood };
}

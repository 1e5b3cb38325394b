import { type ComplianceRule, getCompliance } from "@poterne/contract";
import type { Services } from "../app-services.ts";
import { checkClock, checkDisk } from "../health/machine-checks.ts";
import { type Handler, handle } from "../http/handlers.ts";
import { loggingRules } from "./anssi-logging.ts";
import { administrationRules } from "./anssi-pa-022.ts";
import { remoteAssistanceRules } from "./anssi-remote-assistance.ts";
import { cnilRules } from "./cnil.ts";
import { type ComplianceFacts, readComplianceFacts } from "./facts.ts";
import { protectedUsersRules } from "./protected-users.ts";
import type { Rule } from "./rule.ts";

const RULES: readonly Rule[] = [
  ...remoteAssistanceRules,
  ...administrationRules,
  ...loggingRules,
  ...cnilRules,
  ...protectedUsersRules,
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
  return RULES.map(({ source, number, meaning, judge }) => {
    if (judge === null)
      return { source, number, meaning, state: "not-recovered", evidence: [], remedy: null, place: null };
    const { state, evidence, remedy, place } = judge(facts);
    return { source, number, meaning, state, evidence: [...evidence], remedy, place };
  });
}

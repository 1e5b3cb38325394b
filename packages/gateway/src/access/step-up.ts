import { Failure } from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import type { Store } from "../store/store.ts";
import type { FactorRuleStore } from "./factor-rule-store.ts";
import { rulingAtOpening } from "./factor-rules.ts";
import type { FactsCache } from "./facts-cache.ts";
import { parseAddress } from "./networks.ts";
import { loadSubject } from "./subject.ts";

/** What asking for a factor before an opening takes. */
export interface StepUpParts {
  readonly store: Store;
  readonly facts: FactsCache;
  readonly factorRules: FactorRuleStore;
  readonly now: () => number;
  /** Whether a person has a device of their own. */
  readonly hasDevice: (personId: string) => Promise<boolean>;
}

/**
 * Asks for a fresh factor before a target opens, where a rule says so: throws `fresh-factor-needed`, which the page answers by
 * asking, or `factor-device-needed` of somebody without a device. Only a device used counts: neither a remembered browser nor
 * a federation's factor; a script's token never passes.
 */
export async function requireStepUp(
  parts: StepUpParts,
  context: RequestContext,
  targetId: string,
): Promise<{ readonly ruleName: string } | null> {
  const { rules } = await parts.factorRules.read();
  if (!rules.some(({ moment }) => moment === "opening")) return null;
  const caller = context.person();
  const subject = await loadSubject(parts.store, caller.personId);
  const facts = await parts.facts.current();
  const machine = facts.machines.get(facts.targets.get(targetId)?.machineId ?? "");
  const { freshMinutes, ruleName } = rulingAtOpening(
    rules,
    {
      groupIds: subject?.groupIds ?? [],
      isAdministrator: caller.roles.includes("administrator"),
      source: parseAddress(context.sourceAddress),
    },
    { targetId, siteIds: machine === undefined ? [] : facts.tree.ancestorsOf(machine.siteId) },
  );
  if (freshMinutes === null || ruleName === null) return null;
  if (!(await parts.hasDevice(caller.personId))) throw new Failure("factor-device-needed");
  const usedAtMs = caller.by.kind === "sign-in" ? caller.by.factorAtMs : 0;
  if (parts.now() - usedAtMs >= freshMinutes * 60_000) throw new Failure("fresh-factor-needed");
  return { ruleName };
}

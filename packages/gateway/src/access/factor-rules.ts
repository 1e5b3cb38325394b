import type { FactorRule, FactorRuling, SignInDemand } from "@poterne/contract";
import { type AddressWords, isAdmitted, readNetworks } from "./networks.ts";

/** Who asks, from where. */
export interface FactorSubject {
  /** All groups the person is in, also through others. */
  readonly groupIds: readonly string[];
  readonly isAdministrator: boolean;
  /** Null or left out: no address is known, and no rule with networks fits. */
  readonly source?: AddressWords | null;
}

/** What is to be opened. */
export interface FactorObject {
  readonly targetId: string;
  /** The target's site and all above it. */
  readonly siteIds: readonly string[];
}

/** Without a rule: a device of the gateway's, or the federation's own where its settings say so. */
export const DEFAULT_DEMAND: SignInDemand = "any";

/** What a sign-in needs: the first rule that fits decides; who administers is never let off. */
export function rulingAtSignIn(rules: readonly FactorRule[], subject: FactorSubject): FactorRuling["signIn"] {
  for (const rule of rules) {
    if (rule.moment !== "sign-in" || !fits(rule, subject)) continue;
    const isLax = rule.demand === "remembered" || rule.demand === "never";
    const isRaised = isLax && subject.isAdministrator;
    return { demand: isRaised ? DEFAULT_DEMAND : rule.demand, ruleName: rule.name, isRaised };
  }
  return { demand: DEFAULT_DEMAND, ruleName: null, isRaised: false };
}

/** Whether a device must have been used just before a target opens: the first rule that fits decides. */
export function rulingAtOpening(
  rules: readonly FactorRule[],
  subject: FactorSubject,
  object: FactorObject,
): FactorRuling["opening"] {
  for (const rule of rules) {
    if (rule.moment !== "opening" || !fits(rule, subject)) continue;
    const { targetIds, siteIds } = rule;
    const isEverywhere = targetIds.length + siteIds.length === 0;
    const isHere = targetIds.includes(object.targetId) || siteIds.some((id) => object.siteIds.includes(id));
    if (isEverywhere || isHere) return { freshMinutes: rule.freshMinutes, ruleName: rule.name };
  }
  return { freshMinutes: null, ruleName: null };
}

function fits(rule: FactorRule, { groupIds, source = null }: FactorSubject): boolean {
  if (!rule.isEnabled) return false;
  if (rule.groupIds.length > 0 && !rule.groupIds.some((id) => groupIds.includes(id))) return false;
  return rule.networks.length === 0 || (source !== null && isAdmitted(readNetworks(rule.networks), source));
}

import { type FactorRule, listFactorRules, setFactorRules } from "@poterne/contract";
import { entryAbout, journalThenDo } from "../auth/auth-journal.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { Journal } from "../journal/journal.ts";
import type { FactorRuleStore } from "./factor-rule-store.ts";

/** Most of a rule that goes into the journal. */
const MAX_TOLD = 400;

/** What the handlers of the rules need. */
export interface FactorRuleParts {
  readonly factorRules: FactorRuleStore;
  readonly journal: Journal;
  /** How long a browser may be remembered, days. */
  readonly rememberedDays: () => number;
}

/** Handlers of the rules of the second factor. */
export function factorRuleHandlers(parts: FactorRuleParts): Handler[] {
  const { factorRules, journal } = parts;
  return [
    handle(listFactorRules, () => show(parts)),
    handle(setFactorRules, async ({ body }, context) => {
      const before = await factorRules.read();
      const details = { ...told("before", before.rules), ...told("after", body.rules) };
      const entry = entryAbout(context, { kind: "factor-rules.changed", details });
      await journalThenDo(journal, entry, () => factorRules.replace(body.revision, body.rules));
      return show(parts);
    }),
  ];
}

async function show({ factorRules, rememberedDays }: FactorRuleParts) {
  const { revision, rules } = await factorRules.read();
  const names = await factorRules.names(rules);
  return { revision, rules: [...rules], names, rememberedDays: rememberedDays() };
}

/** The rules as facts: number and words of each. */
function told(when: "before" | "after", rules: readonly FactorRule[]): Record<string, string> {
  const facts = rules.map((rule, index) => {
    const { name, ...rest } = rule;
    return [`${when}.${index + 1} ${name}`.slice(0, 100), JSON.stringify(rest).slice(0, MAX_TOLD)];
  });
  return Object.fromEntries(facts);
}

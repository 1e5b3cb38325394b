import type { ComplianceState, RuleSource } from "@poterne/contract";
import type { Words } from "../health/check.ts";
import type { ComplianceFacts } from "./facts.ts";
import type { ProofName } from "./proofs.ts";

/** How a rule stands here and why. */
export interface Verdict {
  readonly state: Exclude<ComplianceState, "not-recovered">;
  readonly evidence: readonly Words[];
  readonly remedy: Words | null;
  /** Path of the console's page where it is changed. */
  readonly place: string | null;
}

/** A rule in our own words; `judge` is null where its text was not recovered, so that nothing is claimed about it. */
export interface Rule {
  readonly source: RuleSource;
  readonly number: string;
  readonly meaning: Words;
  /** What the journal may hold as evidence of it. */
  readonly proofs?: readonly ProofName[];
  readonly judge: ((facts: ComplianceFacts) => Verdict) | null;
}

/** Something said in both languages. */
export const both = (fr: string, en: string): Words => ({ fr, en });

/** The product itself keeps the rule, whatever the settings. */
export function always(evidence: Words, place: string | null = null): Verdict {
  return { state: "met", evidence: [evidence], remedy: null, place };
}

/** The rule speaks of something this installation does not do. */
export function notHere(evidence: Words): Verdict {
  return { state: "not-applicable", evidence: [evidence], remedy: null, place: null };
}

/** Poterne gives the means, the rest is people's own work that no program sees. */
export function inPart(evidence: Words, remedy: Words, place: string | null = null): Verdict {
  return { state: "partly", evidence: [evidence], remedy, place };
}

/** Met when nothing is left to mend, else as said. */
export function byCount(
  count: number,
  parts: {
    readonly none: Words;
    readonly some: Words;
    readonly remedy: Words;
    readonly place: string | null;
    readonly otherwise?: "partly" | "not-met";
  },
): Verdict {
  if (count === 0) return { state: "met", evidence: [parts.none], remedy: null, place: parts.place };
  return {
    state: parts.otherwise ?? "partly",
    evidence: [parts.some],
    remedy: parts.remedy,
    place: parts.place,
  };
}

/** Several looks at one rule: the worst state, all evidence, the first remedy. */
export function together(...verdicts: readonly Verdict[]): Verdict {
  const order = ["not-met", "partly", "met", "not-applicable"] as const;
  const worst =
    order.find((state) => verdicts.some((verdict) => verdict.state === state)) ?? "not-applicable";
  const telling = verdicts.find((verdict) => verdict.state === worst);
  return {
    state: worst,
    evidence: verdicts.flatMap(({ evidence }) => evidence),
    remedy: verdicts.find(({ remedy }) => remedy !== null)?.remedy ?? null,
    place: telling?.place ?? null,
  };
}

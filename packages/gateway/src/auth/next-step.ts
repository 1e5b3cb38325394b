import type { LinkKind } from "./auth-tables.ts";

/** What a sign-in still asks for. */
export type Step = "password" | "new-password" | "factor" | "enrolment" | "charter" | "done";

/** All a sign-in's next step depends on. */
export interface StepFacts {
  readonly linkKind: LinkKind | "";
  readonly isComplete: boolean;
  readonly hasPassword: boolean;
  readonly hasFactor: boolean;
  readonly deviceCount: number;
  readonly isFactorRequired: boolean;
  readonly hasCharterToAccept: boolean;
}

/** The next step: the password as the link wants it, the factor or a first device, the charter, done. */
export function nextStep(facts: StepFacts): Step {
  if (facts.isComplete) return "done";
  return passwordStep(facts) ?? factorStep(facts) ?? (facts.hasCharterToAccept ? "charter" : "done");
}

function passwordStep(facts: StepFacts): Step | null {
  if (facts.linkKind === "demo" || facts.hasPassword) return null;
  switch (facts.linkKind) {
    case "first":
    case "first-administrator":
    case "both":
      return "new-password";
    case "password":
      // Whoever holds the link alone must not set the password: the device, if there is one, comes first.
      return facts.deviceCount > 0 && !facts.hasFactor ? "factor" : "new-password";
    default:
      return "password";
  }
}

function factorStep(facts: StepFacts): Step | null {
  if (facts.linkKind === "demo" || facts.hasFactor) return null;
  if (facts.deviceCount > 0) return "factor";
  return facts.isFactorRequired ? "enrolment" : null;
}

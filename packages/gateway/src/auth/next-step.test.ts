import assert from "node:assert/strict";
import { it } from "node:test";
import type { LinkKind } from "./auth-tables.ts";
import { nextStep, type StepFacts } from "./next-step.ts";

const NOTHING: StepFacts = {
  linkKind: "",
  isComplete: false,
  hasPassword: false,
  hasFactor: false,
  deviceCount: 0,
  isFactorRequired: true,
  hasCharterToAccept: true,
};

/** The steps in order, each done as soon as it is asked. */
function walk(start: Partial<StepFacts>): string {
  let facts: StepFacts = { ...NOTHING, ...start };
  const steps: string[] = [];
  for (let count = 0; count < 10; count++) {
    const step = nextStep(facts);
    steps.push(step);
    if (step === "done") break;
    if (step === "password" || step === "new-password") facts = { ...facts, hasPassword: true };
    if (step === "factor") facts = { ...facts, hasFactor: true };
    if (step === "enrolment") facts = { ...facts, hasFactor: true, deviceCount: 1 };
    if (step === "charter") facts = { ...facts, hasCharterToAccept: false };
  }
  return steps.join(" ");
}

it("asks each thing once, in the order that suits how the sign-in began", () => {
  const table: readonly (readonly [Partial<StepFacts>, string])[] = [
    [{}, "password enrolment charter done"],
    [{ deviceCount: 2 }, "password factor charter done"],
    [{ isFactorRequired: false }, "password charter done"],
    [{ isFactorRequired: false, deviceCount: 1 }, "password factor charter done"],
    [{ linkKind: "first" }, "new-password enrolment charter done"],
    [{ linkKind: "first-administrator" }, "new-password enrolment charter done"],
    [{ linkKind: "both" }, "new-password enrolment charter done"],
    [{ linkKind: "factor" }, "password enrolment charter done"],
    [{ linkKind: "password", deviceCount: 1 }, "factor new-password charter done"],
    [{ linkKind: "password" }, "new-password enrolment charter done"],
    [{ linkKind: "demo" }, "charter done"],
    [{ linkKind: "demo", hasCharterToAccept: false }, "done"],
    [{ isComplete: true }, "done"],
  ];
  for (const [facts, expected] of table) assert.equal(walk(facts), expected, JSON.stringify(facts));
});

it("never lets a link alone pass a person's device", () => {
  const kinds: readonly (LinkKind | "")[] = [
    "",
    "first",
    "first-administrator",
    "password",
    "factor",
    "both",
  ];
  for (const linkKind of kinds) assert.match(walk({ linkKind, deviceCount: 1 }), /factor/, linkKind);
});

import { z } from "zod";
import { defineRoute } from "../route.ts";

const none = z.object({});
const words = z.object({ fr: z.string(), en: z.string() });

/** The texts the compliance page speaks of. */
export const ruleSource = z.enum([
  "anssi-remote-assistance",
  "anssi-pa-022",
  "anssi-logging",
  "cnil",
  "protected-users",
  "cnrs",
  "pgssi-s",
  "recyf",
]);
export type RuleSource = z.infer<typeof ruleSource>;

/**
 * How a rule stands on this installation. `not-recovered`: its text was not found by the authors of Poterne, so that
 * nobody claims anything about it.
 */
export const complianceState = z.enum(["met", "partly", "not-met", "not-applicable", "not-recovered"]);
export type ComplianceState = z.infer<typeof complianceState>;

/** One rule: what it asks (our words), how it stands here, why, and where to change it. */
export const complianceRule = z.object({
  source: ruleSource,
  /** As its publisher numbers it, empty where it does not. */
  number: z.string(),
  meaning: words,
  state: complianceState,
  /** What was looked at and found: settings and counts. */
  evidence: z.array(words),
  /** Acts and tests the journal tells of: the last of each kind. `atMs` is null while there is none. */
  proofs: z.array(
    z.object({
      what: words,
      atMs: z.number().nullable(),
      /** The entry in the journal: `/journal?entry=ENTRY`. */
      entryId: z.string().nullable(),
      /** Whether it went well. */
      isGood: z.boolean(),
    }),
  ),
  /** What would improve the state; null where nothing is left to do. */
  remedy: words.nullable(),
  /** Path of the console's page where it is changed, null where a file or command does it. */
  place: z.string().nullable(),
});
export type ComplianceRule = z.infer<typeof complianceRule>;

/** Every rule Poterne knows of, judged on this installation now. */
export const getCompliance = defineRoute({
  method: "GET",
  path: "/api/v1/compliance",
  summary: "Judge this installation by the rules of ANSSI and CNIL that Poterne knows",
  right: "settings:read",
  scope: "none",
  params: none,
  query: none,
  body: none,
  reply: z.object({
    organisation: z.string(),
    version: z.string(),
    judgedAtMs: z.number(),
    rules: z.array(complianceRule),
  }),
});

import { z } from "zod";
import { sourceNetworks } from "../hours.ts";
import { defineRoute } from "../route.ts";
import { name } from "./inventory-parts.ts";

const none = z.object({});
const onRules = { scope: "none", params: none, query: none, body: none } as const;

/**
 * What a sign-in needs beside its first proof. `own`: a device of this gateway's, always. `any`: that, or the second factor
 * of a federation whose settings name it; what holds without a rule. `remembered`: a remembered browser is enough too.
 * `never`: nothing. Who administers is never let off: `remembered` and `never` are `any` for them.
 */
export const signInDemand = z.enum(["own", "any", "remembered", "never"]);
export type SignInDemand = z.infer<typeof signInDemand>;

const who = {
  name,
  isEnabled: z.boolean().default(true),
  /** Members of one of these, also through other groups; empty: everybody. */
  groupIds: z.array(z.uuid()).max(50).default([]),
  /** From one of these; empty: from anywhere. */
  networks: sourceNetworks.default([]),
};

/** One rule of the second factor. Of each moment the first that fits decides. */
export const factorRule = z.discriminatedUnion("moment", [
  z.strictObject({ moment: z.literal("sign-in"), ...who, demand: signInDemand }),
  z.strictObject({
    moment: z.literal("opening"),
    ...who,
    /** These targets and those of these sites and below; both empty: every target. */
    targetIds: z.array(z.uuid()).max(100).default([]),
    siteIds: z.array(z.uuid()).max(50).default([]),
    /** How long ago a device must have been used at most; null: nothing is asked. */
    freshMinutes: z.int().min(1).max(60).nullable(),
  }),
]);
export type FactorRule = z.infer<typeof factorRule>;

const ruleSet = z.object({
  /** To be given back with a change. */
  revision: z.number(),
  rules: z.array(factorRule),
  /** Names of the groups, targets and sites in them, by id. */
  names: z.record(z.string(), z.string()),
  /** How long a browser may be remembered (`signIn.rememberedDeviceDays`); 0: not at all. */
  rememberedDays: z.number(),
});
export type FactorRuleSet = z.infer<typeof ruleSet>;

/** The rules of the second factor, in their order. */
export const listFactorRules = defineRoute({
  ...onRules,
  method: "GET",
  path: "/api/v1/factor-rules",
  summary: "The rules of the second factor, in their order",
  right: "settings:read",
  reply: ruleSet,
});

/** Replaces all of them. Fails with `conflict` on an old revision. */
export const setFactorRules = defineRoute({
  ...onRules,
  method: "PUT",
  path: "/api/v1/factor-rules",
  summary: "Replace the rules of the second factor",
  right: "settings:write",
  needsFreshFactor: true,
  body: z.strictObject({ revision: z.int().min(0), rules: z.array(factorRule).max(100) }),
  reply: ruleSet,
});

/** Which rule decides for somebody, for the simulator; the name is null where none fits. */
export const factorRuling = z.object({
  signIn: z.object({
    demand: signInDemand,
    ruleName: z.string().nullable(),
    /** The rule would let this person off, but who administers is not. */
    isRaised: z.boolean(),
  }),
  opening: z.object({ freshMinutes: z.number().nullable(), ruleName: z.string().nullable() }),
});
export type FactorRuling = z.infer<typeof factorRuling>;

import { z } from "zod";
import { policyRules } from "../policy.ts";
import { defineRoute } from "../route.ts";
import { accountKind } from "./accounts.ts";
import { factorRuling } from "./factor-rules.ts";
import {
  line,
  listOf,
  listQuery,
  none,
  objectFields,
  queryFlag,
  timeMs,
  version,
} from "./inventory-parts.ts";

const onGrants = { scope: "site", params: none, query: none, body: none } as const;
const grantParams = z.object({ grantId: z.uuid() });

/** Objects of each sort that one grant may name. */
export const MAX_GRANT_OBJECTS = 1000;

const objects = z.array(z.uuid()).max(MAX_GRANT_OBJECTS);

const grantFields = {
  /** The site that administers the grant; null: the whole organisation. */
  siteId: z.uuid().nullable(),
  /** Who: one of the two. */
  personId: z.uuid().nullable(),
  groupId: z.uuid().nullable(),
  /** What: at least one in all. A machine brings all its targets, a site all machines there and in the sites below. */
  targetIds: objects,
  machineIds: objects,
  siteIds: objects,
  /** As whom: the person chooses among them at each opening. */
  accountIds: z.array(z.uuid()).min(1).max(20),
  /** How. */
  policyId: z.uuid(),
  /** When: null on either side for open-ended. `validToMs` is the first moment it no longer holds. */
  validFromMs: timeMs.nullable(),
  validToMs: timeMs.nullable(),
  /** Why it was given. */
  note: line(500),
  isDisabled: z.boolean(),
};

const named = z.object({ id: z.string(), name: z.string(), isDeleted: z.boolean() });

/** A permission: who may open what, as whom, how and when. */
export const grantRow = z.object({
  grantId: z.string(),
  ...grantFields,
  /** Names of what the ids point at, for display. */
  subject: z.object({ kind: z.enum(["person", "group"]), ...named.shape }),
  targets: z.array(named),
  machines: z.array(named),
  sites: z.array(named),
  accounts: z.array(named.extend({ kind: accountKind })),
  policyName: z.string(),
  /** Now: in force, not yet, no longer, or switched off. */
  state: z.enum(["active", "future", "expired", "disabled"]),
  ...objectFields,
});
export type GrantRow = z.infer<typeof grantRow>;

/** Grants, the newest first. */
export const listGrants = defineRoute({
  ...onGrants,
  method: "GET",
  path: "/api/v1/grants",
  summary: "Grants, the newest first",
  right: "access:read",
  query: z.object({
    ...listQuery,
    /** This site and those below administer it. */
    siteId: z.uuid().optional(),
    personId: z.uuid().optional(),
    groupId: z.uuid().optional(),
    targetId: z.uuid().optional(),
    machineId: z.uuid().optional(),
    accountId: z.uuid().optional(),
    policyId: z.uuid().optional(),
    state: z.enum(["active", "future", "expired", "disabled"]).optional(),
    deleted: queryFlag.optional(),
  }),
  reply: listOf(grantRow),
});

/** One grant. */
export const getGrant = defineRoute({
  ...onGrants,
  method: "GET",
  path: "/api/v1/grants/:grantId",
  summary: "One grant",
  right: "access:read",
  params: grantParams,
  reply: grantRow,
});

/**
 * Gives access. The caller must hold `access:write` at the grant's site, at every object's and at every account's; the
 * policy must be of that site or one above. Fails with `grant-incomplete`, `grant-times-wrong`, `policy-out-of-reach`.
 */
export const createGrant = defineRoute({
  ...onGrants,
  method: "POST",
  path: "/api/v1/grants",
  summary: "Give access",
  right: "access:write",
  body: z.strictObject({
    siteId: grantFields.siteId.default(null),
    personId: grantFields.personId.default(null),
    groupId: grantFields.groupId.default(null),
    targetIds: objects.default([]),
    machineIds: objects.default([]),
    siteIds: objects.default([]),
    accountIds: grantFields.accountIds,
    policyId: grantFields.policyId,
    validFromMs: grantFields.validFromMs.default(null),
    validToMs: grantFields.validToMs.default(null),
    note: grantFields.note.default(""),
    isDisabled: z.boolean().default(false),
  }),
  reply: grantRow,
});

/** Changes a grant; what is left out stays. Sessions under way are not ended by it. */
export const updateGrant = defineRoute({
  ...onGrants,
  method: "PATCH",
  path: "/api/v1/grants/:grantId",
  summary: "Change a grant",
  right: "access:write",
  params: grantParams,
  body: z.strictObject({ version, ...z.strictObject(grantFields).partial().shape }),
  reply: grantRow,
});

/** Withdraws a grant. */
export const deleteGrant = defineRoute({
  ...onGrants,
  method: "DELETE",
  path: "/api/v1/grants/:grantId",
  summary: "Withdraw a grant",
  right: "access:write",
  params: grantParams,
  reply: grantRow,
});

/** Restores a grant withdrawn within the last 30 days. */
export const restoreGrant = defineRoute({
  ...onGrants,
  method: "POST",
  path: "/api/v1/grants/:grantId/restore",
  summary: "Restore a withdrawn grant",
  right: "access:write",
  params: grantParams,
  reply: grantRow,
});

/** Does the same to many grants, all or none. */
export const bulkGrants = defineRoute({
  ...onGrants,
  method: "POST",
  path: "/api/v1/grants/bulk",
  summary: "Edit many grants at once",
  right: "access:write",
  body: z.strictObject({
    grantIds: z.array(z.uuid()).min(1).max(1000),
    action: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("disable") }),
      z.strictObject({ kind: z.literal("enable") }),
      z.strictObject({ kind: z.literal("delete") }),
      z.strictObject({ kind: z.literal("restore") }),
      z.strictObject({ kind: z.literal("end-at"), validToMs: timeMs.nullable() }),
    ]),
  }),
  reply: z.object({ changedCount: z.number() }),
});

/** Why a person may not open a target; each has words in the catalogue as `refused-` and its name. */
export const refusalReason = z.enum([
  "no-grant",
  "grant-not-yet-valid",
  "grant-expired",
  "target-disabled",
  "machine-disabled",
  "person-disabled",
  "no-account",
  "sessions-per-person",
  "sessions-per-target",
  "sessions-in-total",
  "outside-hours",
  "source-refused",
  "approval-needed",
]);

/** What would change a refusal: when it opens by itself, from where it is open, or that it can be asked for. */
export const refusalHint = z.discriminatedUnion("kind", [
  /** `atMs` null: not within the next year. */
  z.object({ kind: z.literal("opens"), atMs: z.number().nullable(), timeZone: z.string() }),
  z.object({
    kind: z.literal("from"),
    /** What the list belongs to. */
    of: z.enum(["person", "group", "target", "grant", "policy"]),
    networks: z.array(z.string()),
  }),
  z.object({
    kind: z.literal("ask"),
    maxMinutes: z.number(),
    quorum: z.number(),
    emergencyMinutes: z.number().nullable(),
  }),
  /** The slot of the vendor pass that gave the grant. */
  z.object({ kind: z.literal("pass"), fromMs: z.number().nullable(), toMs: z.number().nullable() }),
  /** When another grant holds. */
  z.object({ kind: z.literal("valid"), fromMs: z.number().nullable(), toMs: z.number().nullable() }),
  /** No grant covers it: one would have to be given. */
  z.object({ kind: z.literal("give") }),
  /** What is disabled could be enabled. */
  z.object({ kind: z.literal("enable"), of: z.enum(["person", "target", "machine"]) }),
  /** How many sessions the policy allows, and how many live now. */
  z.object({
    kind: z.literal("limit"),
    of: z.enum(["person", "target", "total"]),
    most: z.number(),
    live: z.number(),
  }),
  /** The grant's accounts are disabled, or have no secret. */
  z.object({ kind: z.literal("account") }),
]);
export type RefusalHint = z.infer<typeof refusalHint>;

/** What one grant lacks for the question asked. */
export const grantLack = z.enum([
  "subject",
  "object",
  "disabled",
  "not-yet-valid",
  "expired",
  "no-account",
  "sessions-per-person",
  "sessions-per-target",
  "sessions-in-total",
  "outside-hours",
  "source-refused",
  "approval-needed",
  /** The person is a vendor: only what a vendor pass gives counts. */
  "pass-needed",
]);

/** Whether it stops a session that a grant allows; otherwise it is told, and passes. */
const stops = { isBlocking: z.boolean() };

/** What else stands between a person and a session, whatever the grants say. */
export const obstacle = z.discriminatedUnion("kind", [
  /** The gateway itself is not open from this address: nobody signs in from there. */
  z.object({ ...stops, kind: z.literal("portal"), networks: z.array(z.string()) }),
  /** An outside person with no pass open at that moment: none at all, not approved yet, before its slot or after. */
  z.object({
    ...stops,
    kind: z.literal("pass"),
    state: z.enum(["none", "pending", "before", "after"]),
    fromMs: z.number().nullable(),
    toMs: z.number().nullable(),
  }),
  /** All accounts are shared, and the person has none of them; who has the first, until when. */
  z.object({
    ...stops,
    kind: z.literal("shared"),
    holderName: z.string().nullable(),
    endsAtMs: z.number().nullable(),
  }),
  /** Opened as the person: their directory's password is asked for once; null for somebody of no directory. */
  z.object({ ...stops, kind: z.literal("as-me"), provider: z.string().nullable() }),
  /** A guardian must come within so long. */
  z.object({ ...stops, kind: z.literal("guardian"), waitMinutes: z.number() }),
  /** A report of an emergency is owed: no other emergency, and once it is over no request. */
  z.object({ ...stops, kind: z.literal("report"), target: z.string() }),
]);
export type Obstacle = z.infer<typeof obstacle>;

/** The answer to person × target × time. */
export const simulation = z.object({
  /** By the grants; `obstacles` may stop it all the same. */
  isAllowed: z.boolean(),
  obstacles: z.array(obstacle),
  atMs: z.number(),
  person: z.object({ personId: z.string(), name: z.string() }),
  target: z.object({
    targetId: z.string(),
    name: z.string(),
    machineId: z.string(),
    machineName: z.string(),
    siteId: z.string(),
  }),
  /** Why not, all reasons; empty when allowed. */
  reasons: z.array(
    z.object({ reason: refusalReason, grantId: z.string().nullable(), hint: refusalHint.nullable() }),
  ),
  /** When a session opened at that moment would end by hours or validity; null for neither. */
  endsAtMs: z.number().nullable(),
  /** The grant that decides and its policy; null when refused. */
  decidedBy: z
    .object({
      grantId: z.string(),
      policyId: z.string(),
      policyName: z.string(),
      rules: policyRules,
      accounts: z.array(z.object({ accountId: z.string(), name: z.string(), kind: accountKind })),
      /** Those of them that are shared: a session needs a check-out. Who has it now, null for nobody. */
      sharedAccounts: z.array(
        z.object({
          name: z.string(),
          isHeldByPerson: z.boolean(),
          holderName: z.string().nullable(),
          endsAtMs: z.number().nullable(),
        }),
      ),
    })
    .nullable(),
  /** What the rules of the second factor ask of this person; those with networks fit only when an address is given. */
  factor: factorRuling,
  /** Grants that come near: of the person or one of its groups, or on the target; at most 100, the nearest first. */
  considered: z.array(
    z.object({
      grantId: z.string(),
      note: z.string(),
      subjectName: z.string(),
      policyName: z.string(),
      /** Empty when this grant would allow; the one deciding is named above. */
      lacks: z.array(grantLack),
    }),
  ),
});
export type Simulation = z.infer<typeof simulation>;

/** Asks what would be decided; nothing is opened, limits of live sessions count only for the present moment. */
export const simulateAccess = defineRoute({
  ...onGrants,
  method: "POST",
  path: "/api/v1/access/simulate",
  summary: "Person × target × time × address: the verdict and the deciding grant",
  right: "access:read",
  body: z.strictObject({
    personId: z.uuid(),
    targetId: z.uuid(),
    /** Now when left out. */
    atMs: timeMs.optional(),
    /** Where from; left out, addresses are not examined. */
    sourceAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
  }),
  reply: simulation,
});

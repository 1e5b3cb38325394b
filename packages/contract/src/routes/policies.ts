import { z } from "zod";
import { policyRules } from "../policy.ts";
import { defineRoute } from "../route.ts";
import {
  line,
  listOf,
  listQuery,
  name,
  none,
  notes,
  objectFields,
  queryFlag,
  version,
} from "./inventory-parts.ts";

const onPolicies = { scope: "site", params: none, query: none, body: none } as const;
const policyParams = z.object({ policyId: z.uuid() });

const policyFields = {
  name,
  /** The site that administers the policy; null: the whole organisation. It may be used there and in the sites below. */
  siteId: z.uuid().nullable(),
  notes,
  rules: policyRules,
};

/** How sessions may be used. A change holds for sessions opened from then on. */
export const policyRow = z.object({
  policyId: z.string(),
  ...policyFields,
  /** The one proposed for new grants. */
  isDefault: z.boolean(),
  /** Grants that use it. */
  grantCount: z.number(),
  /** Whether the caller may change it, or only use it. */
  canChange: z.boolean(),
  ...objectFields,
});
export type PolicyRow = z.infer<typeof policyRow>;

/** Policies, by name: those the caller administers and those of the sites above, which may be used. */
export const listPolicies = defineRoute({
  ...onPolicies,
  method: "GET",
  path: "/api/v1/policies",
  summary: "Policies, by name",
  right: "access:read",
  query: z.object({ ...listQuery, siteId: z.uuid().optional(), deleted: queryFlag.optional() }),
  reply: listOf(policyRow),
});

/** One policy. */
export const getPolicy = defineRoute({
  ...onPolicies,
  method: "GET",
  path: "/api/v1/policies/:policyId",
  summary: "One policy",
  right: "access:read",
  params: policyParams,
  reply: policyRow,
});

/** Creates a policy; rules left out take their default. Fails with `purpose-missing` when input is recorded without one. */
export const createPolicy = defineRoute({
  ...onPolicies,
  method: "POST",
  path: "/api/v1/policies",
  summary: "Create a policy",
  right: "access:write",
  body: z.strictObject({
    name,
    siteId: policyFields.siteId.default(null),
    notes: notes.default(""),
    rules: policyRules.prefault({}),
  }),
  reply: policyRow,
});

/** Publishes a new version of a policy; `rules` are replaced as a whole, what else is left out stays. */
export const updatePolicy = defineRoute({
  ...onPolicies,
  method: "PATCH",
  path: "/api/v1/policies/:policyId",
  summary: "Publish a new version of a policy",
  right: "access:write",
  params: policyParams,
  body: z.strictObject({
    version,
    ...z.strictObject(policyFields).partial().shape,
    /** Why it changes, kept in the history. */
    comment: line(500).default(""),
  }),
  reply: policyRow,
});

/** One published version of a policy. */
export const policyVersion = z.object({
  version: z.number(),
  name: z.string(),
  rules: policyRules,
  comment: z.string(),
  publishedBy: z.string(),
  publishedAtMs: z.number(),
  /** Which rules differ from the version before. */
  changedRules: z.array(z.string()),
});
export type PolicyVersion = z.infer<typeof policyVersion>;

/** The versions of a policy, the newest first. */
export const listPolicyVersions = defineRoute({
  ...onPolicies,
  method: "GET",
  path: "/api/v1/policies/:policyId/versions",
  summary: "The history of a policy",
  right: "access:read",
  params: policyParams,
  query: z.object({ limit: listQuery.limit, cursor: listQuery.cursor }),
  reply: listOf(policyVersion),
});

/** Publishes an earlier version again, the one before the newest by default: undo. */
export const revertPolicy = defineRoute({
  ...onPolicies,
  method: "POST",
  path: "/api/v1/policies/:policyId/revert",
  summary: "Publish an earlier version again",
  right: "access:write",
  params: policyParams,
  body: z.strictObject({ version, toVersion: version.optional() }),
  reply: policyRow,
});

/** Makes a policy of the whole organisation the one proposed for new grants. */
export const makePolicyDefault = defineRoute({
  ...onPolicies,
  method: "POST",
  path: "/api/v1/policies/:policyId/default",
  summary: "Make a policy the default",
  right: "access:write",
  params: policyParams,
  reply: policyRow,
});

/** Deletes a policy no grant uses. Fails with `policy-in-use`, `policy-is-default`. */
export const deletePolicy = defineRoute({
  ...onPolicies,
  method: "DELETE",
  path: "/api/v1/policies/:policyId",
  summary: "Delete an unused policy",
  right: "access:write",
  params: policyParams,
  reply: policyRow,
});

/** Restores a policy deleted within the last 30 days. */
export const restorePolicy = defineRoute({
  ...onPolicies,
  method: "POST",
  path: "/api/v1/policies/:policyId/restore",
  summary: "Restore a deleted policy",
  right: "access:write",
  params: policyParams,
  reply: policyRow,
});

import { z } from "zod";
import { defineRoute } from "../route.ts";

/** What may lie unused: a grant, somebody's place in a group, an account on targets, a person. */
export const unusedKind = z.enum(["grant", "membership", "account", "person"]);
export type UnusedKind = z.infer<typeof unusedKind>;

/** Something that nobody used since the day asked for. */
export const unusedRow = z.object({
  kind: unusedKind,
  /** The grant, account or person; of a membership the person. */
  objectId: z.string(),
  /** The group of a membership, null otherwise. */
  groupId: z.string().nullable(),
  name: z.string(),
  /** To whom a grant was given with its note, the group of a membership, the login of a person. */
  detail: z.string(),
  /** When it was used last, as far as sessions are kept; null: not as far as is known. */
  lastUsedMs: z.number().nullable(),
  createdAtMs: z.number(),
});
export type UnusedRow = z.infer<typeof unusedRow>;

/**
 * Rights nobody used for so many days, by kind, those longest unused first, 2 000 at most: only what was there all that
 * time. By sessions and sign-ins; an account by its name, so that two of one name count as used together.
 */
export const listUnusedRights = defineRoute({
  scope: "site",
  method: "GET",
  path: "/api/v1/reports/unused-rights",
  summary: "Grants, memberships, accounts and people unused for some days",
  right: "access:read",
  params: z.object({}),
  body: z.object({}),
  query: z.object({
    days: z.coerce.number().int().min(1).max(3650).default(90),
    kind: unusedKind.optional(),
    search: z.string().max(200).optional(),
  }),
  reply: z.object({
    items: z.array(unusedRow),
    /** Nothing since then counts as unused. */
    sinceMs: z.number(),
    /** The oldest session kept: what was used before it and not since is unknown. Null without any session. */
    knownSinceMs: z.number().nullable(),
    isCut: z.boolean(),
  }),
});

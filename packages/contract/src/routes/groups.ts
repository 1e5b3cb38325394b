import { z } from "zod";
import { defineRoute } from "../route.ts";

const none = z.object({});
const onGroups = { scope: "site", params: none, query: none, body: none } as const;
const groupParams = z.object({ groupId: z.uuid() });

const groupFields = {
  name: z.string().trim().min(1).max(120),
  description: z.string().trim().max(1000),
  /** The site that administers the group; null: the whole organisation. */
  siteId: z.uuid().nullable(),
};

/** A group in lists; counts are of direct members. */
export const groupRow = z.object({
  groupId: z.string(),
  ...groupFields,
  personCount: z.number(),
  groupCount: z.number(),
  createdAtMs: z.number(),
});
export type GroupRow = z.infer<typeof groupRow>;

/** Groups, by name. */
export const listGroups = defineRoute({
  ...onGroups,
  method: "GET",
  path: "/api/v1/groups",
  summary: "Groups, by name",
  right: "people:read",
  query: z.object({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: z.string().max(200).optional(),
    search: z.string().max(200).optional(),
    siteId: z.uuid().optional(),
  }),
  reply: z.object({ items: z.array(groupRow), nextCursor: z.string().nullable(), total: z.number() }),
});

/** One group with its direct members and the groups it is in. At most 5000 people and 200 groups. */
export const getGroup = defineRoute({
  ...onGroups,
  method: "GET",
  path: "/api/v1/groups/:groupId",
  summary: "One group with its members",
  right: "people:read",
  params: groupParams,
  reply: groupRow.extend({
    people: z.array(z.object({ personId: z.string(), name: z.string(), login: z.string() })),
    groups: z.array(z.object({ groupId: z.string(), name: z.string() })),
    memberOf: z.array(z.object({ groupId: z.string(), name: z.string() })),
  }),
});

/** Creates a group. Fails with `conflict` on a name taken. */
export const createGroup = defineRoute({
  ...onGroups,
  method: "POST",
  path: "/api/v1/groups",
  summary: "Create a group",
  right: "people:write",
  body: z.strictObject({
    ...groupFields,
    description: groupFields.description.default(""),
    siteId: groupFields.siteId.default(null),
  }),
  reply: groupRow,
});

/** Changes a group; what is left out stays. */
export const updateGroup = defineRoute({
  ...onGroups,
  method: "PATCH",
  path: "/api/v1/groups/:groupId",
  summary: "Change a group",
  right: "people:write",
  params: groupParams,
  body: z.strictObject(groupFields).partial(),
  reply: groupRow,
});

/** Deletes a group and its memberships; grants given to it no longer reach anybody. */
export const deleteGroup = defineRoute({
  ...onGroups,
  method: "DELETE",
  path: "/api/v1/groups/:groupId",
  summary: "Delete a group",
  right: "people:write",
  params: groupParams,
  reply: none,
});

/** Adds and removes members, at most 200 people and 50 groups each way at once; one journal entry each. Fails with `group-cycle`. */
export const changeGroupMembers = defineRoute({
  ...onGroups,
  method: "POST",
  path: "/api/v1/groups/:groupId/members",
  summary: "Add and remove members of a group",
  right: "people:write",
  params: groupParams,
  body: z.strictObject({
    addPersonIds: z.array(z.uuid()).max(200).default([]),
    removePersonIds: z.array(z.uuid()).max(200).default([]),
    addGroupIds: z.array(z.uuid()).max(50).default([]),
    removeGroupIds: z.array(z.uuid()).max(50).default([]),
  }),
  reply: groupRow,
});

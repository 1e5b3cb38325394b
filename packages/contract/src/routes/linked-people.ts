import { z } from "zod";
import { defineRoute } from "../route.ts";

const none = z.object({});
const onLinks = { scope: "site", query: none } as const;
const ofPerson = z.object({ personId: z.uuid() });

/** Another identity of the same human being. An erased one shows no name, only when it went. */
export const linkedPersonRow = z.object({
  personId: z.string(),
  name: z.string(),
  login: z.string(),
  roles: z.array(z.string()),
  state: z.enum(["active", "invited", "disabled", "erased"]),
  linkedAtMs: z.number(),
  linkedByName: z.string(),
  erasedAtMs: z.number().nullable(),
});
export type LinkedPersonRow = z.infer<typeof linkedPersonRow>;

/** The other identities of a person's human being, those at sites the caller may see. */
export const listLinkedPeople = defineRoute({
  ...onLinks,
  method: "GET",
  path: "/api/v1/people/:personId/linked",
  summary: "Other identities of the same human being",
  right: "people:read",
  params: ofPerson,
  body: none,
  reply: z.object({ items: z.array(linkedPersonRow) }),
});

/**
 * Says that two identities are one human being's. It gives no right of the one to the other; neither approves, guards
 * or votes for the other any more. Fails with `not-found`, `role-beyond-yours`, `linked-to-itself`.
 */
export const linkPeople = defineRoute({
  ...onLinks,
  method: "POST",
  path: "/api/v1/people/:personId/linked",
  summary: "Link two identities of one human being",
  right: "people:write",
  needsFreshFactor: true,
  params: ofPerson,
  body: z.strictObject({ otherPersonId: z.uuid() }),
  reply: z.object({ items: z.array(linkedPersonRow) }),
});

/** Takes an identity out of the link. Fails with `linked-own` for somebody's own identities, with `not-found`. */
export const unlinkPerson = defineRoute({
  ...onLinks,
  method: "DELETE",
  path: "/api/v1/people/:personId/linked/:otherPersonId",
  summary: "Take an identity out of a link",
  right: "people:write",
  needsFreshFactor: true,
  params: z.object({ personId: z.uuid(), otherPersonId: z.uuid() }),
  body: none,
  reply: z.object({ items: z.array(linkedPersonRow) }),
});

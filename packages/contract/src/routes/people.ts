import { z } from "zod";
import { ROLES } from "../rights.ts";
import { defineRoute } from "../route.ts";
import { apiTokenRow, factorRow, signInRow } from "./me.ts";
import { language, login, personName } from "./sign-in.ts";

const none = z.object({});
const onPeople = { scope: "site", params: none, query: none, body: none } as const;
const personParams = z.object({ personId: z.uuid() });

const personFields = {
  login,
  name: personName,
  email: z.union([z.literal(""), z.email().max(254)]),
  language,
  /** The site that administers the person; null: the whole organisation. */
  siteId: z.uuid().nullable(),
  roles: z.array(z.enum(ROLES)).max(ROLES.length),
  /** Where the administrator's role holds: roots of subtrees, null for everywhere. Ignored without that role. */
  administeredSiteIds: z.array(z.uuid()).max(200).nullable(),
};

/** A person in lists. */
export const personRow = z.object({
  personId: z.string(),
  ...personFields,
  login: z.string(),
  email: z.string(),
  /** `invited`: has not used the first link yet. `erased`: only the pseudonym is left. */
  state: z.enum(["active", "invited", "disabled", "erased"]),
  factors: z.array(z.enum(["totp", "passkey"])),
  lastSignInAtMs: z.number().nullable(),
  createdAtMs: z.number(),
});
export type PersonRow = z.infer<typeof personRow>;

/** A one-time link to hand to the person; shown once, the token is kept hashed. */
export const oneTimeLink = z.object({ url: z.string(), expiresAtMs: z.number() });

/** Why a directory lets somebody in no longer. `not-admitted`: it still knows them, but no rule of the mapping does. */
export const barredReason = z.enum(["gone", "disabled", "expired", "not-admitted"]);

const listQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
  search: z.string().max(200).optional(),
};

/** People, by name. */
export const listPeople = defineRoute({
  ...onPeople,
  method: "GET",
  path: "/api/v1/people",
  summary: "People, by name",
  right: "people:read",
  query: z.object({
    ...listQuery,
    role: z.enum(ROLES).optional(),
    state: z.enum(["active", "invited", "disabled", "erased"]).optional(),
    groupId: z.uuid().optional(),
    siteId: z.uuid().optional(),
  }),
  reply: z.object({ items: z.array(personRow), nextCursor: z.string().nullable(), total: z.number() }),
});

/** One person with groups and devices (names and dates, never a secret). */
export const getPerson = defineRoute({
  ...onPeople,
  method: "GET",
  path: "/api/v1/people/:personId",
  summary: "One person",
  right: "people:read",
  params: personParams,
  reply: personRow.extend({
    groups: z.array(z.object({ groupId: z.string(), name: z.string() })),
    devices: z.array(factorRow),
    charterVersion: z.number().nullable(),
    /** The identity provider the person comes from and belongs to, null for one of this gateway. */
    origin: z
      .object({
        providerId: z.string(),
        providerName: z.string(),
        subject: z.string(),
        checkedAtMs: z.number(),
        /** Why the provider lets the person in no longer; null while it does. */
        barred: barredReason.nullable(),
      })
      .nullable(),
    /** When the link still open ends; null without one. */
    linkExpiresAtMs: z.number().nullable(),
  }),
});

/** Creates a person and the one-time link for the first sign-in. Fails with `login-taken`, `role-beyond-yours`. */
export const createPerson = defineRoute({
  ...onPeople,
  method: "POST",
  path: "/api/v1/people",
  summary: "Create a person",
  right: "people:write",
  needsFreshFactor: true,
  body: z.strictObject({
    ...personFields,
    email: personFields.email.default(""),
    language: language.default("fr"),
    siteId: personFields.siteId.default(null),
    roles: personFields.roles.default(["user"]),
    administeredSiteIds: personFields.administeredSiteIds.default(null),
    groupIds: z.array(z.uuid()).max(200).default([]),
  }),
  reply: z.object({ person: personRow, link: oneTimeLink }),
});

/** Changes a person; what is left out stays. A change of roles or `isDisabled: true` ends the person's sign-ins. */
export const updatePerson = defineRoute({
  ...onPeople,
  method: "PATCH",
  path: "/api/v1/people/:personId",
  summary: "Change, disable or enable a person",
  right: "people:write",
  needsFreshFactor: true,
  params: personParams,
  body: z.strictObject({ ...personFields, isDisabled: z.boolean() }).partial(),
  reply: personRow,
});

/**
 * Help desk: makes a one-time link; nothing of the person's is shown. `password`: the link asks the second factor, then
 * a new password. `factor`: forgets the devices; the link asks the password, then enrols. `both`: the link asks neither,
 * tokens end too, and it is journaled as an alarm. Earlier links end.
 */
export const resetPerson = defineRoute({
  ...onPeople,
  method: "POST",
  path: "/api/v1/people/:personId/reset",
  summary: "Reset a person's password, devices or both by a one-time link",
  right: "people:write",
  needsFreshFactor: true,
  params: personParams,
  body: z.strictObject({ what: z.enum(["password", "factor", "both"]) }),
  reply: z.object({ link: oneTimeLink }),
});

/** A person's open sign-ins. */
export const listPersonSignIns = defineRoute({
  ...onPeople,
  method: "GET",
  path: "/api/v1/people/:personId/sign-ins",
  summary: "A person's open sign-ins",
  right: "people:read",
  params: personParams,
  reply: z.object({ items: z.array(signInRow) }),
});

/** Ends one sign-in of a person, or `all`. */
export const endPersonSignIn = defineRoute({
  ...onPeople,
  method: "DELETE",
  path: "/api/v1/people/:personId/sign-ins/:signInId",
  summary: "End a person's sign-in, or all",
  right: "people:write",
  params: z.object({ personId: z.uuid(), signInId: z.union([z.uuid(), z.literal("all")]) }),
  reply: none,
});

/** A person's API tokens. */
export const listPersonTokens = defineRoute({
  ...onPeople,
  method: "GET",
  path: "/api/v1/people/:personId/tokens",
  summary: "A person's API tokens",
  right: "people:read",
  params: personParams,
  reply: z.object({ items: z.array(apiTokenRow) }),
});

/** Revokes a person's API token. */
export const revokePersonToken = defineRoute({
  ...onPeople,
  method: "DELETE",
  path: "/api/v1/people/:personId/tokens/:tokenId",
  summary: "Revoke a person's API token",
  right: "people:write",
  params: z.object({ personId: z.uuid(), tokenId: z.uuid() }),
  reply: none,
});

/** All that is kept about a person, one JSON object by sort of data; journaled. */
export const exportPersonData = defineRoute({
  ...onPeople,
  method: "GET",
  path: "/api/v1/people/:personId/data",
  summary: "Export everything kept about a person",
  right: "people:write",
  needsFreshFactor: true,
  params: personParams,
  reply: z.record(z.string(), z.unknown()),
});

/**
 * Erases a person: credentials, tokens, sign-ins, memberships and roles go, name and login become a pseudonym. The
 * journal and the sessions' history are evidence and stay until their retention ends; `kept` names them. Of the recordings,
 * those go whose retention has ended; those within it or under legal hold stay, and are counted.
 */
export const erasePerson = defineRoute({
  ...onPeople,
  method: "POST",
  path: "/api/v1/people/:personId/erase",
  summary: "Erase a person's data, keeping the evidence under a pseudonym",
  right: "people:write",
  needsFreshFactor: true,
  params: personParams,
  body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
  reply: z.object({
    pseudonym: z.string(),
    kept: z.array(z.enum(["journal", "recordings", "sessions"])),
    recordings: z.object({
      deletedCount: z.int().min(0),
      /** Kept: under legal hold. */
      heldCount: z.int().min(0),
      /** Kept: within the retention of their policy. */
      retainedCount: z.int().min(0),
      /** When the last of these goes by itself; null when none stays. */
      retainedUntilMs: z.number().nullable(),
    }),
  }),
});

const charterVersion = z.object({
  version: z.number(),
  textFr: z.string(),
  textEn: z.string(),
  createdAtMs: z.number(),
  createdByName: z.string(),
  acceptedCount: z.number(),
});

/** Versions of the charter, newest first. */
export const listCharters = defineRoute({
  ...onPeople,
  scope: "none",
  method: "GET",
  path: "/api/v1/charters",
  summary: "Versions of the charter",
  right: "settings:read",
  reply: z.object({ items: z.array(charterVersion) }),
});

/** Publishes a new version: everybody accepts it at the next sign-in. Texts are Markdown. */
export const publishCharter = defineRoute({
  ...onPeople,
  scope: "none",
  method: "POST",
  path: "/api/v1/charters",
  summary: "Publish a new version of the charter",
  right: "settings:write",
  needsFreshFactor: true,
  body: z.strictObject({ textFr: z.string().min(1).max(50_000), textEn: z.string().min(1).max(50_000) }),
  reply: charterVersion,
});

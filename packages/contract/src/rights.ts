/** The four roles a person may have, together or alone; the names are fixed, who has them where is data. */
export const ROLES = ["administrator", "approver", "auditor", "user"] as const;

/** One of `ROLES`. */
export type Role = (typeof ROLES)[number];

/** What a route may ask for. Administration may be held for a subtree of sites only; the rights are the same there. */
export const RIGHTS = [
  "people:read",
  "people:write",
  "inventory:read",
  "inventory:write",
  "vault:write",
  "access:read",
  "access:write",
  "requests:decide",
  "sessions:open",
  "sessions:read",
  "sessions:watch",
  "sessions:guard",
  "recordings:read",
  "recordings:manage",
  "journal:read",
  "settings:read",
  "settings:write",
] as const;

/** One of `RIGHTS`. */
export type Right = (typeof RIGHTS)[number];

/** Which rights a role brings. Default deny: what is not listed is refused. */
export const RIGHTS_OF_ROLE: Readonly<Record<Role, readonly Right[]>> = {
  administrator: [
    "people:read",
    "people:write",
    "inventory:read",
    "inventory:write",
    "vault:write",
    "access:read",
    "access:write",
    "requests:decide",
    "sessions:read",
    "sessions:watch",
    "sessions:guard",
    "recordings:manage",
    "journal:read",
    "settings:read",
    "settings:write",
  ],
  approver: [
    "inventory:read",
    "access:read",
    "requests:decide",
    "sessions:read",
    "sessions:watch",
    "sessions:guard",
  ],
  auditor: [
    "people:read",
    "inventory:read",
    "access:read",
    "sessions:read",
    "recordings:read",
    "journal:read",
    "settings:read",
  ],
  user: ["sessions:open"],
};

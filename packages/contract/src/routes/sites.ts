import { z } from "zod";
import { defineRoute } from "../route.ts";
import { line, listOf, name, none, notes, objectFields, version } from "./inventory-parts.ts";

const onSites = { scope: "site", params: none, query: none, body: none } as const;
const siteParams = z.object({ siteId: z.uuid() });

/** The tree's greatest depth, and the most sites it may have. */
export const MAX_SITE_DEPTH = 12;
export const MAX_SITES = 10_000;

const siteFields = {
  name,
  /** The site above; null at the top of the tree. */
  parentId: z.uuid().nullable(),
  /** Operational priority: 1 is served first, 5 last. */
  priority: z.int().min(1).max(5),
  /** A short code of the organisation's own, such as `CIS-042`; empty for none. */
  code: line(40),
  notes,
};

/** A territorial unit. */
export const siteRow = z.object({
  siteId: z.string(),
  ...siteFields,
  /** Names from the top of the tree down to this site. */
  path: z.array(z.string()),
  /** Machines of this site itself, not of the sites below. */
  machineCount: z.number(),
  ...objectFields,
});
export type SiteRow = z.infer<typeof siteRow>;

/** The sites the caller may see, parents before children, siblings by name; the whole tree by default. */
export const listSites = defineRoute({
  ...onSites,
  method: "GET",
  path: "/api/v1/sites",
  summary: "The tree of sites, parents before children",
  right: "inventory:read",
  query: z.object({
    limit: z.coerce.number().int().min(1).max(MAX_SITES).default(MAX_SITES),
    cursor: z.string().max(400).optional(),
    search: z.string().trim().max(200).optional(),
    /** Only this site and those below. */
    underSiteId: z.uuid().optional(),
    /** Only deleted sites, which can still be restored. */
    deleted: z.enum(["true", "false"]).optional(),
  }),
  reply: listOf(siteRow),
});

/** One site. */
export const getSite = defineRoute({
  ...onSites,
  method: "GET",
  path: "/api/v1/sites/:siteId",
  summary: "One site",
  right: "inventory:read",
  params: siteParams,
  reply: siteRow,
});

/** Creates a site under another, or at the top. Fails with `name-taken` beside a sibling of the same name, `site-too-deep`. */
export const createSite = defineRoute({
  ...onSites,
  method: "POST",
  path: "/api/v1/sites",
  summary: "Create a site",
  right: "inventory:write",
  body: z.strictObject({
    ...siteFields,
    priority: siteFields.priority.default(3),
    code: siteFields.code.default(""),
    notes: siteFields.notes.default(""),
  }),
  reply: siteRow,
});

/** Changes or moves a site; what is left out stays. Fails with `conflict`, `site-cycle`, `site-too-deep`, `name-taken`. */
export const updateSite = defineRoute({
  ...onSites,
  method: "PATCH",
  path: "/api/v1/sites/:siteId",
  summary: "Change or move a site",
  right: "inventory:write",
  params: siteParams,
  body: z.strictObject({ version, ...z.strictObject(siteFields).partial().shape }),
  reply: siteRow,
});

/** Deletes a site that has neither sites below nor machines. Fails with `site-not-empty`. */
export const deleteSite = defineRoute({
  ...onSites,
  method: "DELETE",
  path: "/api/v1/sites/:siteId",
  summary: "Delete an empty site",
  right: "inventory:write",
  params: siteParams,
  reply: siteRow,
});

/** Restores a site deleted within the last 30 days. */
export const restoreSite = defineRoute({
  ...onSites,
  method: "POST",
  path: "/api/v1/sites/:siteId/restore",
  summary: "Restore a deleted site",
  right: "inventory:write",
  params: siteParams,
  reply: siteRow,
});

import { z } from "zod";
import { defineRoute } from "../route.ts";
import { none } from "./inventory-parts.ts";

/** Sorts of objects that can be restored after a deletion. */
export const DELETED_KINDS = ["site", "machine", "target", "account", "policy", "grant"] as const;

/** One of `DELETED_KINDS`. */
export type DeletedKind = (typeof DELETED_KINDS)[number];

const deletedObject = z.object({
  kind: z.enum(DELETED_KINDS),
  /** For the kind's own restore route. */
  id: z.string(),
  /** The object's name; of a target with its machine's, of a grant whom it served and by which policy. */
  name: z.string(),
  /** Path of the site it belongs to, empty for the whole organisation or a site that is deleted itself. */
  sitePath: z.array(z.string()),
  deletedAtMs: z.number(),
  /** After that it is gone for good. */
  restorableUntilMs: z.number(),
});
export type DeletedObject = z.infer<typeof deletedObject>;

/** What was deleted within the last 30 days at the caller's sites, the newest first; each comes back by its own route. */
export const listDeleted = defineRoute({
  method: "GET",
  path: "/api/v1/deleted",
  summary: "List deleted objects that can still be restored",
  right: "inventory:write",
  scope: "site",
  params: none,
  query: z.object({
    kind: z.enum(DELETED_KINDS).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(200),
  }),
  body: none,
  reply: z.object({
    items: z.array(deletedObject),
    /** There are older ones than `limit` lets through. */
    isCut: z.boolean(),
  }),
});

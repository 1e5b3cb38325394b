import { z } from "zod";
import { defineRoute } from "../route.ts";
import { protocol } from "../target.ts";
import { accountKind } from "./accounts.ts";
import { obstacle, refusalHint, refusalReason } from "./grants.ts";
import { listOf, listQuery, none } from "./inventory-parts.ts";

const onMine = { scope: "own", params: none, query: none, body: none, right: "sessions:open" } as const;
const targetParams = z.object({ targetId: z.uuid() });

/** A target the person may open now. */
export const myTarget = z.object({
  targetId: z.string(),
  name: z.string(),
  protocol,
  isFavourite: z.boolean(),
  /** When the person last opened it; null for never. */
  lastOpenedAtMs: z.number().nullable(),
  /** As whom it can be opened, at least one. */
  accounts: z.array(z.object({ accountId: z.string(), name: z.string(), kind: accountKind })),
  policyName: z.string(),
  /** The policy in facts, to be told before opening. */
  facts: z.object({
    /** The session is recorded, or refused where that is impossible (`must`). */
    recording: z.enum(["must", "should", "off"]),
    isInputRecorded: z.boolean(),
    needsReason: z.enum(["none", "reason", "ticket"]),
    needsGuardian: z.boolean(),
    isReadOnly: z.boolean(),
    maxMinutes: z.number().nullable(),
    clipboardToTarget: z.boolean(),
    clipboardFromTarget: z.boolean(),
    filesToTarget: z.boolean(),
    filesFromTarget: z.boolean(),
  }),
  /** When the deciding grant ends; null for open-ended. */
  validToMs: z.number().nullable(),
});
export type MyTarget = z.infer<typeof myTarget>;

/** A machine with at least one target the person may open now. */
export const myMachine = z.object({
  machineId: z.string(),
  name: z.string(),
  siteId: z.string(),
  /** Names from the top of the tree of sites down to the machine's. */
  sitePath: z.array(z.string()),
  /** The site's operational priority, 1 first. */
  priority: z.number(),
  targets: z.array(myTarget),
});
export type MyMachine = z.infer<typeof myMachine>;

/** Machines the caller may open now, by name; `view` narrows to favourites, or to recently opened, the latest first. */
export const listMyMachines = defineRoute({
  ...onMine,
  method: "GET",
  path: "/api/v1/my/machines",
  summary: "Machines the caller may open now",
  query: z.object({
    ...listQuery,
    /** This site and those below. */
    siteId: z.uuid().optional(),
    protocol: protocol.optional(),
    view: z.enum(["all", "favourites", "recent"]).default("all"),
  }),
  reply: listOf(myMachine),
});

/** Sites that hold machines the caller may open, with how many, for the filter. */
export const listMySites = defineRoute({
  ...onMine,
  method: "GET",
  path: "/api/v1/my/sites",
  summary: "Sites of the caller's machines",
  reply: z.object({
    items: z.array(
      z.object({
        siteId: z.string(),
        parentId: z.string().nullable(),
        name: z.string(),
        /** Machines there and in the sites below. */
        machineCount: z.number(),
      }),
    ),
  }),
});

/** One target the caller may open now; `not-found` otherwise, whether it exists or not. */
export const getMyTarget = defineRoute({
  ...onMine,
  method: "GET",
  path: "/api/v1/my/targets/:targetId",
  summary: "One target the caller may open now",
  params: targetParams,
  reply: myTarget.extend({
    machineId: z.string(),
    machineName: z.string(),
    sitePath: z.array(z.string()),
  }),
});

/** Sets or removes a favourite. At most 500 per person. */
export const setFavourite = defineRoute({
  ...onMine,
  method: "PUT",
  path: "/api/v1/my/targets/:targetId/favourite",
  summary: "Set or remove a favourite",
  params: targetParams,
  body: z.strictObject({ isFavourite: z.boolean() }),
  reply: none,
});

/** Why the caller may not open a target. It names no other person and no grant; an unknown target reads as `no-grant`. */
export const whyNot = defineRoute({
  ...onMine,
  method: "GET",
  path: "/api/v1/my/targets/:targetId/why",
  summary: "Why the caller may not open a target",
  params: targetParams,
  reply: z.object({
    isAllowed: z.boolean(),
    /** What else stands between the caller and a session. */
    obstacles: z.array(obstacle),
    reasons: z.array(
      z.object({
        reason: refusalReason,
        /** For `grant-not-yet-valid` when it begins, for `grant-expired` when it ended. */
        atMs: z.number().nullable(),
        /** What would change it. */
        hint: refusalHint.nullable(),
      }),
    ),
  }),
});

import { z } from "zod";

/** Longest entry, as JSON. Details beyond are the caller's mistake. */
export const MAX_ENTRY_BYTES = 32_768;

/** Facts in one entry. */
const MAX_DETAILS = 100;

const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const id = z.string().regex(/^[A-Za-z0-9._-]{1,36}$/);

/** An entry as it stands in the journal's file, under `entry`. */
export const entrySchema = z.strictObject({
  entryId: uuid,
  kind: z.string().regex(/^[a-z][a-z0-9-]{0,39}\.[a-z][a-z0-9-]{0,39}$/),
  level: z.enum(["info", "notice", "alarm"]),
  actor: z.strictObject({ personId: id.nullable(), name: z.string().max(200) }),
  sourceAddress: z.string().max(64),
  subject: z.strictObject({
    personId: id.optional(),
    targetId: id.optional(),
    machineId: id.optional(),
    siteId: id.optional(),
    sessionId: id.optional(),
    grantId: id.optional(),
  }),
  details: z
    .record(z.string().max(100), z.union([z.string().max(8_192), z.number(), z.boolean(), z.null()]))
    .refine((details) => Object.keys(details).length <= MAX_DETAILS, "too many details"),
});

/** An entry with its id, as it is written down. */
export type WrittenEntry = z.infer<typeof entrySchema>;

/** Kinds that only the keeper writes; the gateway cannot forge them. */
export const KEEPER_KIND_PREFIX = "keeper.";

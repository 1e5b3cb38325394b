import { z } from "zod";
import { defineRoute } from "../route.ts";
import { protocol } from "../target.ts";
import {
  address,
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
import { newTarget, targetRow } from "./targets.ts";

const onMachines = { scope: "site", params: none, query: none, body: none } as const;
const machineParams = z.object({ machineId: z.uuid() });

/** Addresses and facts of one machine, objects of one bulk edit, bytes and lines of one import, at most. */
export const MAX_ADDRESSES = 16;
export const MAX_FACTS = 40;
export const MAX_BULK = 1000;
export const MAX_IMPORT_BYTES = 8_388_608;
export const MAX_IMPORT_LINES = 50_000;

const facts = z
  .record(line(60).min(1), line(300))
  .refine((all) => Object.keys(all).length <= MAX_FACTS, `at most ${MAX_FACTS} facts`);

const machineFields = {
  name,
  siteId: z.uuid(),
  /** Host names or IP addresses, the first one is where targets connect. */
  addresses: z.array(address).min(1).max(MAX_ADDRESSES),
  /** Small asset facts, such as `serial: XC12`, `room: B2`. */
  facts,
  /** Name of the machine in the directory (`HOST/server.example.org`), empty for none. */
  kerberosName: line(200),
  notes,
  isDisabled: z.boolean(),
};

/** What stands there. */
export const machineRow = z.object({
  machineId: z.string(),
  ...machineFields,
  facts: z.record(z.string(), z.string()),
  addresses: z.array(z.string()),
  /** Names from the top of the tree of sites down to the machine's. */
  sitePath: z.array(z.string()),
  /** Its ways in, shortly; deleted ones left out. */
  targets: z.array(
    z.object({
      targetId: z.string(),
      name: z.string(),
      protocol,
      port: z.number(),
      isDisabled: z.boolean(),
    }),
  ),
  ...objectFields,
});
export type MachineRow = z.infer<typeof machineRow>;

const machineFilters = {
  search: listQuery.search,
  /** This site and those below. */
  siteId: z.uuid().optional(),
  protocol: protocol.optional(),
  isDisabled: queryFlag.optional(),
};

/** Machines, by name. */
export const listMachines = defineRoute({
  ...onMachines,
  method: "GET",
  path: "/api/v1/machines",
  summary: "Machines, by name",
  right: "inventory:read",
  query: z.object({
    ...listQuery,
    ...machineFilters,
    /** Only deleted machines, which can still be restored. */
    deleted: queryFlag.optional(),
  }),
  reply: listOf(machineRow),
});

/** One machine with its targets in full. */
export const getMachine = defineRoute({
  ...onMachines,
  method: "GET",
  path: "/api/v1/machines/:machineId",
  summary: "One machine with its targets",
  right: "inventory:read",
  params: machineParams,
  reply: machineRow.extend({ targets: z.array(targetRow) }),
});

/** Creates a machine, with its first targets if given. Fails with `name-taken` in the same site. */
export const createMachine = defineRoute({
  ...onMachines,
  method: "POST",
  path: "/api/v1/machines",
  summary: "Create a machine",
  right: "inventory:write",
  body: z.strictObject({
    ...machineFields,
    facts: facts.default({}),
    kerberosName: machineFields.kerberosName.default(""),
    notes: notes.default(""),
    isDisabled: z.boolean().default(false),
    targets: z.array(newTarget).max(20).default([]),
  }),
  reply: machineRow,
});

/** Changes or moves a machine; what is left out stays. Fails with `conflict`, `name-taken`. */
export const updateMachine = defineRoute({
  ...onMachines,
  method: "PATCH",
  path: "/api/v1/machines/:machineId",
  summary: "Change or move a machine",
  right: "inventory:write",
  params: machineParams,
  body: z.strictObject({ version, ...z.strictObject(machineFields).partial().shape }),
  reply: machineRow,
});

/** Deletes a machine and with it its targets. */
export const deleteMachine = defineRoute({
  ...onMachines,
  method: "DELETE",
  path: "/api/v1/machines/:machineId",
  summary: "Delete a machine with its targets",
  right: "inventory:write",
  params: machineParams,
  reply: machineRow,
});

/** Restores a machine deleted within the last 30 days, with the targets deleted along with it. */
export const restoreMachine = defineRoute({
  ...onMachines,
  method: "POST",
  path: "/api/v1/machines/:machineId/restore",
  summary: "Restore a deleted machine",
  right: "inventory:write",
  params: machineParams,
  reply: machineRow,
});

/**
 * Does the same to many machines, all or none. `grant` gives them together in one new grant (which needs `access:write`
 * at their sites) and answers its id.
 */
export const bulkMachines = defineRoute({
  ...onMachines,
  method: "POST",
  path: "/api/v1/machines/bulk",
  summary: "Edit many machines at once",
  right: "inventory:write",
  body: z.strictObject({
    machineIds: z.array(z.uuid()).min(1).max(MAX_BULK),
    action: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("move"), siteId: z.uuid() }),
      z.strictObject({ kind: z.literal("disable") }),
      z.strictObject({ kind: z.literal("enable") }),
      z.strictObject({ kind: z.literal("delete") }),
      z.strictObject({ kind: z.literal("restore") }),
      z.strictObject({
        kind: z.literal("grant"),
        personId: z.uuid().nullable().default(null),
        groupId: z.uuid().nullable().default(null),
        accountIds: z.array(z.uuid()).min(1).max(20),
        policyId: z.uuid(),
        validFromMs: z.int().min(0).nullable().default(null),
        validToMs: z.int().min(0).nullable().default(null),
        note: line(500).default(""),
      }),
    ]),
  }),
  reply: z.object({ changedCount: z.number(), grantId: z.string().nullable() }),
});

/** What an import did, or with `dryRun` would do. Nothing at all is written while a line has an error. */
export const importReport = z.object({
  isDryRun: z.boolean(),
  /** Whether it was written: false for a dry run and when a line has an error. */
  isApplied: z.boolean(),
  separator: z.enum([",", ";", "\t"]),
  lineCount: z.number(),
  sitesCreated: z.number(),
  machinesCreated: z.number(),
  machinesChanged: z.number(),
  targetsCreated: z.number(),
  targetsChanged: z.number(),
  unchangedLines: z.number(),
  /** What is wrong, by line of the file, the first is 1; at most 500 are told, `errorCount` is exact. */
  errorCount: z.number(),
  errors: z.array(
    z.object({
      line: z.number(),
      column: z.string(),
      /** A code of the catalogue's `import-…`, with words in both languages. */
      code: z.string(),
      value: z.string(),
    }),
  ),
});
export type ImportReport = z.infer<typeof importReport>;

/**
 * Imports machines and targets from CSV (`site`, `machine`, `addresses`, `machine_disabled`, `kerberos_name`, `notes`,
 * `target`, `protocol`, `port`, `address`, `target_disabled`, `options` and `fact:NAME` columns, any other is an error;
 * UTF-8 with or without BOM, or Windows-1252; separated by `,` `;` or tabs). Levels of a site are separated by `/`, a
 * slash of a name is `//`. A machine is found again by site and name, a target by its name. The body is the file, as
 * `text/csv` or `application/octet-stream`. Fails with `import-unreadable`.
 */
export const importMachines = defineRoute({
  ...onMachines,
  method: "POST",
  path: "/api/v1/machines/import",
  summary: "Import machines and targets from CSV",
  right: "inventory:write",
  query: z.object({
    dryRun: queryFlag.default(true),
    /** Whether sites that do not exist yet are created. */
    createSites: queryFlag.default(true),
  }),
  isRawBody: true,
  bodyMediaTypes: ["text/csv", "application/octet-stream"],
  reply: importReport,
});

/** Exports machines and targets as CSV that `importMachines` reads back; formulas of spreadsheets are neutralised. */
export const exportMachines = defineRoute({
  ...onMachines,
  method: "GET",
  path: "/api/v1/machines/export",
  summary: "Export machines and targets as CSV",
  right: "inventory:read",
  query: z.object({ ...machineFilters, separator: z.enum([",", ";"]).default(",") }),
  reply: z.unknown(),
  replyMediaType: "text/csv",
});

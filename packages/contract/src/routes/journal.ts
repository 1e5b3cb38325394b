import { z } from "zod";
import { defineRoute } from "../route.ts";

/** How grave an entry is: a fact, a fact worth a look, something that needs somebody now. */
export const journalLevel = z.enum(["info", "notice", "alarm"]);
/** One of the levels. */
export type JournalLevel = z.infer<typeof journalLevel>;

/** Shortest text that can be searched: shorter ones would match nearly everything. */
export const MIN_JOURNAL_SEARCH_LENGTH = 3;

const filters = {
  /** Unix milliseconds, inclusive. */
  fromMs: z.coerce.number().int().min(0).optional(),
  /** Unix milliseconds, exclusive. */
  toMs: z.coerce.number().int().min(0).optional(),
  /** A whole kind (`session.opened`) or a noun with a final dot for all its kinds (`session.`). */
  kind: z
    .string()
    .regex(/^[a-z-]{1,40}\.[a-z-]{0,40}$/)
    .optional(),
  level: journalLevel.optional(),
  /** Who did it, or whom it was done to. */
  personId: z.uuid().optional(),
  targetId: z.uuid().optional(),
  machineId: z.uuid().optional(),
  siteId: z.uuid().optional(),
  sessionId: z.uuid().optional(),
  /** The exact source address. */
  sourceAddress: z.string().max(64).optional(),
  /** Words of the entry (names, addresses, details), all of which must be there; each may be a beginning. */
  search: z.string().trim().min(MIN_JOURNAL_SEARCH_LENGTH).max(200).optional(),
};

/** Filters of the journal, as they stand in the page's URL; all given ones must hold. */
export const journalFilters = z.strictObject(filters);
/** What a search asks for. */
export type JournalFilters = z.infer<typeof journalFilters>;

/** One value of an entry's details. */
const detail = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** One entry in a list. */
export const journalItem = z.object({
  entryId: z.uuid(),
  /** When the keeper wrote it, Unix milliseconds. */
  atMs: z.int(),
  kind: z.string(),
  level: journalLevel,
  actor: z.object({ personId: z.string().nullable(), name: z.string() }),
  /** Empty for the system. */
  sourceAddress: z.string(),
  subject: z.object({
    personId: z.string().nullable(),
    targetId: z.string().nullable(),
    machineId: z.string().nullable(),
    siteId: z.string().nullable(),
    sessionId: z.string().nullable(),
    grantId: z.string().nullable(),
  }),
  /** Flat facts; a change's old and new values are under `before.NAME` and `after.NAME`. */
  details: z.record(z.string(), detail),
});
/** One entry in a list. */
export type JournalItem = z.infer<typeof journalItem>;

/** One entry with its place in the chain. */
export const journalItemFull = journalItem.extend({
  nodeId: z.string(),
  epoch: z.int(),
  sequence: z.int(),
  /** SHA-256 of the entry's line in the journal's file, hex. */
  hash: z.string(),
  /** The old and new values of a change, side by side; empty when the entry is not a change. */
  changes: z.array(z.object({ name: z.string(), before: detail.optional(), after: detail.optional() })),
});
/** One entry with its place in the chain. */
export type JournalItemFull = z.infer<typeof journalItemFull>;

/** How many entries `total` counts at most; beyond it `isTotalExact` is false. */
export const MAX_JOURNAL_COUNT = 10_000;

const none = z.strictObject({});

/** `GET /api/v1/journal`: entries, newest first. The reading is itself an entry. */
export const listJournal = defineRoute({
  method: "GET",
  path: "/api/v1/journal",
  summary: "List journal entries, newest first, by filters.",
  right: "journal:read",
  scope: "site",
  params: none,
  query: z.strictObject({
    ...filters,
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: z.uuid().optional(),
  }),
  body: none,
  reply: z.object({
    items: z.array(journalItem),
    nextCursor: z.string().nullable(),
    /** Entries that match, counted up to `MAX_JOURNAL_COUNT`. */
    total: z.int(),
    isTotalExact: z.boolean(),
  }),
});

/** `GET /api/v1/journal/entries/ID`: one entry, its changes and its place in the chain. */
export const readJournalEntry = defineRoute({
  method: "GET",
  path: "/api/v1/journal/entries/:entryId",
  summary: "Read one journal entry with the values before and after.",
  right: "journal:read",
  scope: "site",
  params: z.strictObject({ entryId: z.uuid() }),
  query: none,
  body: none,
  reply: journalItemFull,
});

/** `GET /api/v1/journal/state`: how far the chain has come, and whether everything that should follow it does. */
export const readJournalState = defineRoute({
  method: "GET",
  path: "/api/v1/journal/state",
  summary: "Read the state of the journal's chain, its searchable copy and its syslog collector.",
  right: "journal:read",
  scope: "none",
  params: none,
  query: none,
  body: none,
  reply: z.object({
    nodeId: z.string(),
    /** False when the keeper does not answer: then nothing new opens. */
    isAvailable: z.boolean(),
    epoch: z.int(),
    /** Last line on disk and its hash (hex). */
    sequence: z.int(),
    head: z.string(),
    /** Last signed line: everything up to it is proven. */
    checkpoint: z.object({ sequence: z.int(), atMs: z.int(), keyId: z.string() }).nullable(),
    segmentCount: z.int(),
    sizeBytes: z.int(),
    /** Last sequence in the searchable copy; behind `sequence` while the store was away. */
    copiedSequence: z.int(),
    retentionMonths: z.int(),
    /** Public signing keys, newest last: what `poterne verify-journal` needs. */
    publicKeys: z.array(
      z.object({
        keyId: z.string(),
        /** Base64 of the 32 bytes of an Ed25519 public key. */
        publicKey: z.string(),
        fromMs: z.int(),
        signedBy: z.string().nullable(),
      }),
    ),
    syslog: z
      .object({
        address: z.string(),
        isConnected: z.boolean(),
        /** Last sequence the collector has certainly read; what follows is kept and sent again if need be. */
        confirmedSequence: z.int(),
        lastError: z.string().nullable(),
      })
      .nullable(),
  }),
});

/** `GET /api/v1/journal/export.csv`: what the filters match, oldest first, as CSV (RFC 4180, UTF-8, cells safe for spreadsheets). */
export const exportJournalCsv = defineRoute({
  method: "GET",
  path: "/api/v1/journal/export.csv",
  summary: "Export journal entries as CSV.",
  right: "journal:read",
  scope: "site",
  params: none,
  query: journalFilters,
  body: none,
  reply: z.unknown(),
  replyMediaType: "text/csv",
});

/** `GET /api/v1/journal/export.jsonl`: the same as JSON lines, each a `journalItemFull` without `changes`. */
export const exportJournalJson = defineRoute({
  method: "GET",
  path: "/api/v1/journal/export.jsonl",
  summary: "Export journal entries as JSON lines.",
  right: "journal:read",
  scope: "site",
  params: none,
  query: journalFilters,
  body: none,
  reply: z.unknown(),
  replyMediaType: "application/jsonl",
});

/** `GET /api/v1/journal/alarms`: alarms the caller has not marked as read yet, newest first, at most 100. */
export const listUnreadAlarms = defineRoute({
  method: "GET",
  path: "/api/v1/journal/alarms",
  summary: "List the alarms the caller has not read yet.",
  right: "journal:read",
  scope: "site",
  params: none,
  query: none,
  body: none,
  reply: z.object({
    items: z.array(journalItem),
    /** Counted up to `MAX_JOURNAL_COUNT`. */
    unreadCount: z.int(),
  }),
});

/** `POST /api/v1/journal/alarms/read`: marks the caller's alarms up to this entry as read. */
export const markAlarmsRead = defineRoute({
  method: "POST",
  path: "/api/v1/journal/alarms/read",
  summary: "Mark alarms up to an entry as read by the caller.",
  right: "journal:read",
  scope: "own",
  params: none,
  query: none,
  body: z.strictObject({ upToEntryId: z.uuid() }),
  reply: z.object({ unreadCount: z.int() }),
});

import {
  exportJournalCsv,
  exportJournalJson,
  Failure,
  type JournalFilters,
  listJournal,
  listUnreadAlarms,
  markAlarmsRead,
  readJournalEntry,
  readJournalState,
} from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import { toBase64 } from "../keeper/byte-text.ts";
import type { FullKeeper } from "../keeper/remote-keeper.ts";
import type { Store } from "../store/store.ts";
import { countUnread, listUnread, markRead } from "./alarm-reads.ts";
import type { Journal } from "./journal.ts";
import { exportCsv, exportJsonLines } from "./journal-export.ts";
import { findEntry, type JournalQuestion, listEntries } from "./journal-queries.ts";
import type { JournalPlace } from "./journal-reader.ts";
import { toFullItem, toItem } from "./journal-rows.ts";
import { ReadingNotes } from "./reading-notes.ts";
import type { SyslogState } from "./syslog/syslog-state.ts";

/** What the journal's handlers need. */
export interface JournalHandlersDependencies {
  readonly store: Store;
  readonly keeper: FullKeeper;
  readonly environment: Environment;
  readonly nodeId: string;
  readonly journal: Journal & {
    settle(): Promise<void>;
    readonly copied: JournalPlace | null;
  };
  /** The collector's state, null when none is configured. */
  readonly syslog: { readonly state: SyslogState } | null;
}

/** The journal's part of the API. */
export function journalHandlers(deps: JournalHandlersDependencies): Handler[] {
  const notes = new ReadingNotes(deps.journal, deps.environment);
  return [
    ...readingHandlers(deps, notes),
    ...exportHandlers(deps, notes),
    ...alarmHandlers(deps),
    handle(readJournalState, () => readState(deps)),
  ];
}

function readingHandlers({ store, journal }: JournalHandlersDependencies, notes: ReadingNotes): Handler[] {
  return [
    handle(listJournal, async ({ query }, context) => {
      const { limit, cursor, ...filters } = query;
      // Following pages belong to the reading that began with the first.
      if (cursor === undefined) await notes.note(context, "journal.searched", describe(filters));
      await journal.settle();
      const question = await questionOf(context, filters);
      const found = await listEntries(store, question, { limit, cursor: cursor ?? null });
      const { rows, hasMore, total, isTotalExact } = found;
      const nextCursor = hasMore ? (rows.at(-1)?.id ?? null) : null;
      return { items: rows.map(toItem), nextCursor, total, isTotalExact };
    }),
    handle(readJournalEntry, async ({ params }, context) => {
      await journal.settle();
      const row = await findEntry(store, params.entryId);
      if (row === null) throw new Failure("not-found");
      await context.requireAt("journal:read", row.site_id);
      await notes.note(context, "journal.entry-read", { entryId: row.id, entryKind: row.kind });
      return toFullItem(row);
    }),
  ];
}

function exportHandlers({ store, journal }: JournalHandlersDependencies, notes: ReadingNotes): Handler[] {
  return [
    handle(exportJournalCsv, async ({ query }, context) => {
      await notes.noteAlways(context, "journal.exported", { format: "csv", ...describe(query) });
      await journal.settle();
      context.setHeader("content-disposition", 'attachment; filename="journal.csv"');
      return exportCsv(store, await questionOf(context, query), context.signal);
    }),
    handle(exportJournalJson, async ({ query }, context) => {
      await notes.noteAlways(context, "journal.exported", { format: "jsonl", ...describe(query) });
      await journal.settle();
      context.setHeader("content-disposition", 'attachment; filename="journal.jsonl"');
      return exportJsonLines(store, await questionOf(context, query), context.signal);
    }),
  ];
}

function alarmHandlers({ store, environment }: JournalHandlersDependencies): Handler[] {
  return [
    handle(listUnreadAlarms, async (_input, context) => {
      const reader = {
        personId: context.person().personId,
        siteIds: await context.sitesWith("journal:read"),
      };
      const [rows, unreadCount] = await Promise.all([listUnread(store, reader), countUnread(store, reader)]);
      return { items: rows.map(toItem), unreadCount };
    }),
    handle(markAlarmsRead, async ({ body }, context) => {
      const reader = {
        personId: context.person().personId,
        siteIds: await context.sitesWith("journal:read"),
      };
      // Only an alarm that is there can be read: a mark in the future would hide what has not happened yet.
      const upTo = await findEntry(store, body.upToEntryId);
      if (upTo === null) throw new Failure("not-found");
      await context.requireAt("journal:read", upTo.site_id);
      await markRead(store, reader.personId, { entryId: body.upToEntryId, atMs: environment.now() });
      return { unreadCount: await countUnread(store, reader) };
    }),
  ];
}

async function readState({ keeper, journal, nodeId, syslog }: JournalHandlersDependencies) {
  const answers = await Promise.all([keeper.journalState(), keeper.publicKeys()]).catch(() => null);
  const [state, keys] = answers ?? [null, []];
  return {
    nodeId,
    isAvailable: state?.isAvailable ?? false,
    epoch: state?.epoch ?? 0,
    sequence: state?.sequence ?? 0,
    head: state?.head ?? "",
    checkpoint: state?.checkpoint ?? null,
    segmentCount: state?.segmentCount ?? 0,
    sizeBytes: state?.sizeBytes ?? 0,
    copiedSequence: journal.copied?.sequence ?? 0,
    retentionMonths: state?.retentionMonths ?? 0,
    publicKeys: keys.map(({ keyId, publicKey, fromMs, signedBy }) => ({
      keyId,
      publicKey: toBase64(publicKey),
      fromMs,
      signedBy,
    })),
    syslog: syslog?.state ?? null,
  };
}

async function questionOf(context: RequestContext, filters: JournalFilters): Promise<JournalQuestion> {
  return { filters, siteIds: await context.sitesWith("journal:read") };
}

/** What was looked for, as details of the entry about it. */
function describe(filters: JournalFilters): Record<string, string | number> {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [`filter.${name}`, value ?? ""]));
}

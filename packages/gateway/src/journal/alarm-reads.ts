import { MAX_JOURNAL_COUNT } from "@poterne/contract";
import type { Store } from "../store/store.ts";
import { isDuplicate } from "../store/store-errors.ts";
import type { JournalEntryRow } from "./journal-tables.ts";

/** Alarms listed at once. */
const MAX_LISTED = 100;

/** Who reads alarms, and of which sites (null: all entries). */
export interface AlarmReader {
  readonly personId: string;
  readonly siteIds: readonly string[] | null;
}

/** The newest alarms a person has not read. */
export async function listUnread(store: Store, reader: AlarmReader): Promise<readonly JournalEntryRow[]> {
  if (reader.siteIds?.length === 0) return [];
  const afterId = await readUpTo(store, reader.personId);
  return unread(store, reader, afterId).selectAll().orderBy("id", "desc").limit(MAX_LISTED).execute();
}

/** How many a person has not read, up to `MAX_JOURNAL_COUNT`. */
export async function countUnread(store: Store, reader: AlarmReader): Promise<number> {
  if (reader.siteIds?.length === 0) return 0;
  const afterId = await readUpTo(store, reader.personId);
  const some = unread(store, reader, afterId).select("id").limit(MAX_JOURNAL_COUNT);
  const { count } = await store.db
    .selectFrom(some.as("some"))
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Marks everything up to an entry as read by a person; never goes back. */
export async function markRead(
  store: Store,
  personId: string,
  upTo: { readonly entryId: string; readonly atMs: number },
): Promise<void> {
  const { changedRows } = await update(store, personId, upTo);
  if (changedRows > 0 || (await readUpTo(store, personId)) !== "") return;
  const row = { person_id: personId, entry_id: upTo.entryId, at_ms: upTo.atMs };
  try {
    await store.db.insertInto("alarm_read").values(row).execute();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    await update(store, personId, upTo);
  }
}

async function update(
  store: Store,
  personId: string,
  upTo: { readonly entryId: string; readonly atMs: number },
): Promise<{ readonly changedRows: number }> {
  const result = await store.db
    .updateTable("alarm_read")
    .set({ entry_id: upTo.entryId, at_ms: upTo.atMs })
    .where("person_id", "=", personId)
    .where("entry_id", "<", upTo.entryId)
    .executeTakeFirst();
  return { changedRows: Number(result.numUpdatedRows) };
}

function unread(store: Store, reader: AlarmReader, afterId: string) {
  return store.db
    .selectFrom("journal_entry")
    .where("level", "=", "alarm")
    .where("id", ">", afterId)
    .$if(reader.siteIds !== null, (query) => query.where("site_id", "in", reader.siteIds ?? []));
}

async function readUpTo(store: Store, personId: string): Promise<string> {
  const row = await store.db
    .selectFrom("alarm_read")
    .select("entry_id")
    .where("person_id", "=", personId)
    .executeTakeFirst();
  return row?.entry_id ?? "";
}

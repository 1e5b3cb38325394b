import { type IntegrityState, MAX_LIST_COUNT, type RecordingListQuery } from "@poterne/contract";
import type { SelectQueryBuilder } from "kysely";
import { countList, type ListTotal } from "../store/count-rows.ts";
import { searchTable } from "../store/search.ts";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import type { RecordingCommentRow, RecordingRow } from "./recording-tables.ts";

/** Marks kept per recording. */
export const MAX_COMMENTS = 500;

/** A list's filters, and where the asking person may look. */
export type RecordingFilter = Partial<Omit<RecordingListQuery, "limit" | "cursor">> & {
  /** Site ids, null for everywhere. */
  readonly siteIds: readonly string[] | null;
};

/** One page of rows. */
export interface RecordingRows extends ListTotal {
  readonly rows: readonly RecordingRow[];
  readonly nextCursor: string | null;
}

/** The recordings' rows in the store. */
export class RecordingStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async insert(row: RecordingRow): Promise<void> {
    await this.#store.db.insertInto("recording").values(row).execute();
  }

  async update(sessionId: string, change: Partial<RecordingRow>): Promise<void> {
    await this.#store.db.updateTable("recording").set(change).where("id", "=", sessionId).execute();
  }

  /** Takes a row away: only for a recording that never began. */
  async remove(sessionId: string): Promise<void> {
    await this.#store.db.deleteFrom("recording").where("id", "=", sessionId).execute();
  }

  async find(sessionId: string): Promise<RecordingRow | null> {
    const query = this.#store.db.selectFrom("recording").selectAll().where("id", "=", sessionId);
    return (await query.executeTakeFirst()) ?? null;
  }

  /** The pseudonym of a person who was erased; null for anybody else. */
  async pseudonymOf(personId: string): Promise<string | null> {
    const person = this.#store.db.selectFrom("person").select("name").where("id", "=", personId);
    const erased = await person.where("erased_at_ms", "is not", null).executeTakeFirst();
    return erased?.name ?? null;
  }

  /** Newest first. A cursor that is none of ours begins at the newest. */
  async list(
    filter: RecordingFilter,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<RecordingRows> {
    const { query: matching, rowCount } = await this.#filtered(filter);
    const counted = await countList(this.#store, matching.select("id"), rowCount);
    if (counted.total === 0) return { rows: [], nextCursor: null, ...counted };
    const after = decodeCursor(page.cursor);
    let query = matching.selectAll().orderBy("started_at_ms", "desc").orderBy("id", "desc");
    if (after !== null)
      query = query.where(({ and, eb, or }) =>
        or([
          eb("started_at_ms", "<", after.startedAtMs),
          and([eb("started_at_ms", "=", after.startedAtMs), eb("id", "<", after.sessionId)]),
        ]),
      );
    const rows = await query.limit(page.limit + 1).execute();
    const last = rows.length > page.limit ? rows[page.limit - 1] : undefined;
    return {
      rows: rows.slice(0, page.limit),
      nextCursor: last === undefined ? null : encodeCursor(last),
      ...counted,
    };
  }

  /** What this node wrote and did not end. */
  async unfinished(nodeId: string): Promise<readonly RecordingRow[]> {
    const states: IntegrityState[] = ["running", "unfinished"];
    const query = this.#store.db.selectFrom("recording").selectAll().where("node_id", "=", nodeId);
    return query.where("integrity", "in", states).execute();
  }

  /** Rows whose retention has ended at a time and that no legal hold keeps, oldest first. */
  async expired(filter: { atMs: number; siteIds: readonly string[] | null; limit: number }) {
    const query = this.#expiring(filter).where("is_on_hold", "=", 0);
    const sums = await query
      .select(({ fn }) => [fn.countAll().as("count"), fn.sum("size_bytes").as("bytes")])
      .executeTakeFirst();
    const held = await this.#expiring(filter)
      .where("is_on_hold", "=", 1)
      .select(({ fn }) => fn.countAll().as("count"))
      .executeTakeFirst();
    return {
      rows: await query.selectAll().orderBy("expires_at_ms").limit(filter.limit).execute(),
      total: Number(sums?.count ?? 0),
      totalBytes: Number(sums?.bytes ?? 0),
      heldCount: Number(held?.count ?? 0),
    };
  }

  async comments(sessionId: string): Promise<readonly RecordingCommentRow[]> {
    const query = this.#store.db
      .selectFrom("recording_comment")
      .selectAll()
      .where("session_id", "=", sessionId);
    return query.orderBy("at_ms").orderBy("id").limit(MAX_COMMENTS).execute();
  }

  async addComment(comment: RecordingCommentRow): Promise<void> {
    await this.#store.db.insertInto("recording_comment").values(comment).execute();
    await this.#countComments(comment.session_id);
  }

  /** Removes an author's own mark; false when there is none. */
  async removeComment(comment: { id: string; sessionId: string; authorId: string }): Promise<boolean> {
    const result = await this.#store.db
      .deleteFrom("recording_comment")
      .where("id", "=", comment.id)
      .where("session_id", "=", comment.sessionId)
      .where("author_id", "=", comment.authorId)
      .executeTakeFirst();
    if (Number(result.numDeletedRows) === 0) return false;
    await this.#countComments(comment.sessionId);
    return true;
  }

  async #countComments(sessionId: string): Promise<void> {
    const counted = await this.#store.db
      .selectFrom("recording_comment")
      .where("session_id", "=", sessionId)
      .select(({ fn }) => fn.countAll().as("count"))
      .executeTakeFirst();
    await this.update(sessionId, { comment_count: Number(counted?.count ?? 0) });
  }

  #expiring({ atMs, siteIds }: { atMs: number; siteIds: readonly string[] | null }) {
    const query = this.#store.db.selectFrom("recording").where("expires_at_ms", "<=", atMs);
    return atSites(query, siteIds);
  }

  /** In an object: a query is thenable, and would run when awaited. */
  async #filtered(filter: RecordingFilter) {
    let query = atSites(this.#store.db.selectFrom("recording"), filter.siteIds);
    if (filter.personId !== undefined) query = query.where("person_id", "=", filter.personId);
    if (filter.targetId !== undefined) query = query.where("target_id", "=", filter.targetId);
    if (filter.machineName !== undefined) query = query.where("machine_name", "=", filter.machineName);
    if (filter.siteId !== undefined) query = query.where("site_id", "=", filter.siteId);
    if (filter.protocol !== undefined) query = query.where("protocol", "=", filter.protocol);
    if (filter.kind !== undefined) query = query.where("kind", "=", filter.kind);
    if (filter.integrity !== undefined) query = query.where("integrity", "=", filter.integrity);
    if (filter.isOnHold !== undefined) query = query.where("is_on_hold", "=", filter.isOnHold ? 1 : 0);
    if (filter.fromMs !== undefined) query = query.where("started_at_ms", ">=", filter.fromMs);
    if (filter.toMs !== undefined) query = query.where("started_at_ms", "<", filter.toMs);
    if (filter.search === undefined) return { query, rowCount: null };
    const { search: text, siteIds, ...narrowing } = filter;
    const search = await searchTable(this.#store, "recording", { text, maxCount: MAX_LIST_COUNT });
    const isAlone = siteIds === null && Object.values(narrowing).every((value) => value === undefined);
    return { query: query.where(search.condition), rowCount: isAlone ? search.rowCount : null };
  }
}

function atSites<Output>(
  query: SelectQueryBuilder<Tables, "recording", Output>,
  siteIds: readonly string[] | null,
): SelectQueryBuilder<Tables, "recording", Output> {
  if (siteIds === null) return query;
  if (siteIds.length === 0) return query.where("id", "=", "");
  return query.where("site_id", "in", siteIds);
}

function encodeCursor(row: RecordingRow): string {
  return Buffer.from(`${row.started_at_ms} ${row.id}`).toString("base64url");
}

function decodeCursor(cursor: string | undefined): { startedAtMs: number; sessionId: string } | null {
  if (cursor === undefined) return null;
  const [startedAt, sessionId] = Buffer.from(cursor, "base64url").toString("utf8").split(" ");
  const startedAtMs = Number(startedAt);
  return Number.isSafeInteger(startedAtMs) && sessionId !== undefined ? { startedAtMs, sessionId } : null;
}

import { Failure, MAX_LIST_COUNT, type SessionRow } from "@poterne/contract";
import { countList, type ListTotal } from "../store/count-rows.ts";
import { searchTable } from "../store/search.ts";
import type { Store } from "../store/store.ts";
import type { SessionTableRow } from "./session-tables.ts";

/** What the history may be narrowed by. `siteIds` null means everywhere. */
export interface SessionFilter {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly search?: string | undefined;
  readonly personId?: string | undefined;
  readonly targetId?: string | undefined;
  readonly siteId?: string | undefined;
  readonly siteIds: readonly string[] | null;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly isLive?: boolean | undefined;
}

/** Sessions in the store: written at open and end, read by the history pages. */
export class SessionStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async insert(row: SessionTableRow): Promise<void> {
    await this.#store.db.insertInto("session").values(row).execute();
  }

  async end(sessionId: string, endCode: string, atMs: number): Promise<void> {
    await this.#store.db
      .updateTable("session")
      .set({ end_code: endCode, ended_at_ms: atMs })
      .where("id", "=", sessionId)
      .where("ended_at_ms", "is", null)
      .execute();
  }

  /** Ends what a node that died left open; returns the ids. */
  async endAbandoned(nodeId: string, atMs: number): Promise<readonly string[]> {
    const rows = await this.#store.db
      .selectFrom("session")
      .select("id")
      .where("node_id", "=", nodeId)
      .where("ended_at_ms", "is", null)
      .execute();
    for (const row of rows) await this.end(row.id, "gateway-died", atMs);
    return rows.map((row) => row.id);
  }

  async find(sessionId: string): Promise<SessionTableRow | null> {
    const row = await this.#store.db
      .selectFrom("session")
      .selectAll()
      .where("id", "=", sessionId)
      .executeTakeFirst();
    return row ?? null;
  }

  /** One page, newest first; the cursor is the last row's time and id. */
  async list(
    filter: SessionFilter,
  ): Promise<{ rows: SessionTableRow[]; nextCursor: string | null } & ListTotal> {
    if (filter.siteIds !== null && filter.siteIds.length === 0)
      return { rows: [], nextCursor: null, total: 0, isTotalExact: true };
    let query = this.#store.db.selectFrom("session");
    if (filter.siteIds !== null) query = query.where("site_id", "in", [...filter.siteIds]);
    if (filter.personId !== undefined) query = query.where("person_id", "=", filter.personId);
    if (filter.targetId !== undefined) query = query.where("target_id", "=", filter.targetId);
    if (filter.siteId !== undefined) query = query.where("site_id", "=", filter.siteId);
    if (filter.fromMs !== undefined) query = query.where("opened_at_ms", ">=", filter.fromMs);
    if (filter.toMs !== undefined) query = query.where("opened_at_ms", "<", filter.toMs);
    if (filter.isLive !== undefined)
      query = query.where("ended_at_ms", filter.isLive ? "is" : "is not", null);
    let rowCount: number | null = null;
    if (filter.search !== undefined && filter.search !== "") {
      const { limit: _, cursor: __, search: text, siteIds, ...narrowing } = filter;
      const search = await searchTable(this.#store, "session", { text, maxCount: MAX_LIST_COUNT });
      query = query.where(search.condition);
      const isAlone = siteIds === null && Object.values(narrowing).every((value) => value === undefined);
      if (isAlone) rowCount = search.rowCount;
    }
    const counted = await countList(this.#store, query.select("id"), rowCount);
    if (counted.total === 0) return { rows: [], nextCursor: null, ...counted };
    let page = query
      .selectAll()
      .orderBy("opened_at_ms", "desc")
      .orderBy("id", "desc")
      .limit(filter.limit + 1);
    if (filter.cursor !== undefined) {
      const { openedAtMs, id } = parseCursor(filter.cursor);
      page = page.where((e) =>
        e.or([
          e("opened_at_ms", "<", openedAtMs),
          e.and([e("opened_at_ms", "=", openedAtMs), e("id", "<", id)]),
        ]),
      );
    }
    const rows = await page.execute();
    const shown = rows.slice(0, filter.limit);
    const last = shown.at(-1);
    const nextCursor =
      rows.length > filter.limit && last !== undefined ? `${last.opened_at_ms}.${last.id}` : null;
    return { rows: shown, nextCursor, ...counted };
  }
}

function parseCursor(cursor: string): { openedAtMs: number; id: string } {
  const match = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor);
  if (match === null) throw new Failure("bad-request", { detail: "cursor" });
  return { openedAtMs: Number(match[1]), id: match[2] ?? "" };
}

/** A stored session as the API shows it; what only a live one knows comes in `live`. */
export function toSessionRow(
  row: SessionTableRow,
  live: Pick<SessionRow, "state" | "isPaused" | "viewers" | "isRecorded"> | null,
): SessionRow {
  return {
    sessionId: row.id,
    state: live?.state ?? "ended",
    personId: row.person_id,
    personName: row.person_name,
    targetId: row.target_id,
    targetName: row.target_name,
    machineId: row.machine_id,
    machineName: row.machine_name,
    siteId: row.site_id,
    protocol: row.protocol as SessionRow["protocol"],
    kind: row.kind as SessionRow["kind"],
    accountName: row.account_name,
    grantId: row.grant_id,
    policyName: row.policy_name,
    reason: row.reason,
    ticketNumber: row.ticket_number,
    sourceAddress: row.source_address,
    isRecorded: live?.isRecorded ?? row.is_recorded === 1,
    needsGuardian: row.needs_guardian === 1,
    isPaused: live?.isPaused ?? false,
    openedAtMs: row.opened_at_ms,
    endedAtMs: row.ended_at_ms,
    endCode: row.end_code,
    viewers: live?.viewers ?? [],
  };
}

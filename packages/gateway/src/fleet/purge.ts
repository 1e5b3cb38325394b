import type { Journal } from "../journal/journal.ts";
import type { Store } from "../store/store.ts";
import { RESTORABLE_MS } from "./changes.ts";

/** Rows removed of each sort in one run; the next run takes the rest. */
const MAX_ROWS = 1000;

/** Tables in the order in which nothing removed is still referred to. */
const ORDER = ["access_grant", "target", "machine", "account", "policy", "site"] as const;

/**
 * Removes for good what was deleted more than 30 days ago, sealed secrets of accounts included; to be called daily.
 * What another row still refers to stays until that one goes. Returns how many rows went.
 */
export async function purgeDeleted(dependencies: {
  readonly store: Store;
  readonly journal: Journal;
  readonly nowMs: number;
}): Promise<number> {
  const { store, journal, nowMs } = dependencies;
  const counts: Record<string, number> = {};
  for (const table of ORDER) {
    const ids = await purgeable(store, table, nowMs - RESTORABLE_MS);
    if (ids.length > 0) counts[table] = ids.length;
  }
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (total === 0) return 0;
  await journal.append({
    kind: "inventory.purged",
    level: "notice",
    actor: { personId: null, name: "system" },
    sourceAddress: "",
    subject: {},
    details: counts,
  });
  let purged = 0;
  for (const table of ORDER) {
    // Asked again: what went before may have been the last to refer to it.
    const ids = await purgeable(store, table, nowMs - RESTORABLE_MS);
    if (ids.length === 0) continue;
    const result = await store.db
      .deleteFrom(table as "site")
      .where("id", "in", ids)
      .executeTakeFirst();
    purged += Number(result.numDeletedRows);
  }
  return purged;
}

async function purgeable(
  store: Store,
  table: (typeof ORDER)[number],
  before: number,
): Promise<readonly string[]> {
  const { db } = store;
  const rows = await db
    .selectFrom(table as "site")
    .select("id")
    .where("deleted_at_ms", "<", before)
    .orderBy("deleted_at_ms")
    .limit(MAX_ROWS)
    .execute();
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return ids;
  const used = await usedIds(store, table, ids);
  return ids.filter((id) => !used.has(id));
}

async function usedIds(
  { db }: Store,
  table: (typeof ORDER)[number],
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  const collect = (rows: readonly { readonly used: string | null }[]) => {
    for (const row of rows) if (row.used !== null) used.add(row.used);
  };
  if (table === "policy") {
    collect(
      await db.selectFrom("access_grant").select("policy_id as used").where("policy_id", "in", ids).execute(),
    );
  }
  if (table === "site") {
    for (const referring of ["machine", "account", "policy", "access_grant"] as const) {
      const query = db.selectFrom(referring as "machine").select("site_id as used");
      collect(await query.where("site_id", "in", ids).execute());
    }
    collect(await db.selectFrom("site").select("parent_id as used").where("parent_id", "in", ids).execute());
  }
  return used;
}

import { MAX_LIST_COUNT } from "@poterne/contract";
import type { SelectQueryBuilder } from "kysely";
import type { Store } from "./store.ts";
import type { Tables } from "./tables.ts";

/** How long a list is, as the API tells it. */
export interface ListTotal {
  /** At most `MAX_LIST_COUNT`. */
  readonly total: number;
  /** False where there are more. */
  readonly isTotalExact: boolean;
}

/** Counts a list's rows as far as anybody wants to know, unless a search has counted them already. */
export async function countList<Table extends keyof Tables, Output>(
  store: Store,
  rows: SelectQueryBuilder<Tables, Table, Output>,
  rowCount: number | null,
): Promise<ListTotal> {
  const count = rowCount ?? (await countRows(store, rows.limit(MAX_LIST_COUNT + 1)));
  return { total: Math.min(count, MAX_LIST_COUNT), isTotalExact: count <= MAX_LIST_COUNT };
}

/** How many rows a query has; give it a limit, and counting ends there. */
export async function countRows<Table extends keyof Tables, Output>(
  store: Store,
  rows: SelectQueryBuilder<Tables, Table, Output>,
): Promise<number> {
  const { count } = await store.db
    .selectFrom(rows.as("some"))
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

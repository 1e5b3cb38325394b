import { type JournalFilters, MAX_JOURNAL_COUNT } from "@poterne/contract";
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely";
import { countRows } from "../store/count-rows.ts";
import { hasTerms, journalTerms } from "../store/journal-search.ts";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import { firstIdAt } from "./entry-id.ts";
import type { JournalEntryRow } from "./journal-tables.ts";
import { type FoundEntries, type PageRequest, searchEntries } from "./journal-text-search.ts";

/** An entry's id is made shortly before the keeper writes its time down; a range of ids is wider by so much. */
const ID_SLACK_MS = 120_000;

/** What to look for: filters, and what the caller may see. */
export interface JournalQuestion {
  readonly filters: JournalFilters;
  /** Sites whose entries the caller may see, null for all entries. */
  readonly siteIds: readonly string[] | null;
}

type Where = (eb: ExpressionBuilder<Tables, "journal_entry">) => Expression<SqlBool>;

/** One page, newest first, and how many match. */
export interface JournalPage {
  readonly rows: readonly JournalEntryRow[];
  readonly hasMore: boolean;
  /** Up to `MAX_JOURNAL_COUNT`; for a frequent text, how many of the newest entries. */
  readonly total: number;
  readonly isTotalExact: boolean;
}

/** The entries that match, newest first, behind a cursor. */
export async function listEntries(
  store: Store,
  question: JournalQuestion,
  page: PageRequest,
): Promise<JournalPage> {
  if (question.siteIds?.length === 0) return { rows: [], hasMore: false, total: 0, isTotalExact: true };
  const found = await Promise.all(
    branches(question.filters).map((branch) => readBranch(store, question, { ...page, branch })),
  );
  const rows = found.flatMap((one) => one.rows).sort((one, other) => (one.id < other.id ? 1 : -1));
  const shown = rows.slice(0, page.limit);
  // A sample may count fewer than the page shows.
  const total = Math.max(
    found.reduce((sum, one) => sum + one.total, 0),
    rows.length,
  );
  return {
    rows: shown,
    hasMore: rows.length > page.limit,
    total: Math.min(total, MAX_JOURNAL_COUNT),
    isTotalExact: found.every((one) => one.isExact) && total < MAX_JOURNAL_COUNT,
  };
}

/** One entry, null when it is not in the copy. */
export async function findEntry(store: Store, entryId: string): Promise<JournalEntryRow | null> {
  const row = await store.db
    .selectFrom("journal_entry")
    .selectAll()
    .where("id", "=", entryId)
    .executeTakeFirst();
  return row ?? null;
}

/** The entries that match, oldest first, behind an id: for exports. */
export async function exportEntries(
  store: Store,
  question: JournalQuestion,
  page: { readonly limit: number; readonly afterId: string },
): Promise<readonly JournalEntryRow[]> {
  if (question.siteIds?.length === 0) return [];
  const terms = termsOf(question.filters);
  const found = await Promise.all(
    branches(question.filters).map((branch) =>
      store.db
        .selectFrom("journal_entry")
        .selectAll()
        .where(conditions(question, branch))
        .where(terms === null ? sql<SqlBool>`1 = 1` : hasTerms(terms))
        .where("id", ">", page.afterId)
        .orderBy("id", "asc")
        .limit(page.limit)
        .execute(),
    ),
  );
  const rows = found.flat().sort((one, other) => (one.id > other.id ? 1 : -1));
  return rows.slice(0, page.limit);
}

async function readBranch(
  store: Store,
  question: JournalQuestion,
  { branch, ...page }: PageRequest & { readonly branch: Where },
): Promise<FoundEntries> {
  const all = store.db.selectFrom("journal_entry").where(conditions(question, branch));
  const terms = termsOf(question.filters);
  if (terms !== null) return searchEntries(store, { all, terms, ...page });
  const { cursor, limit } = page;
  const rows = await all
    .selectAll()
    .$if(cursor !== null, (query) => query.where("id", "<", cursor ?? ""))
    .orderBy("id", "desc")
    .limit(limit + 1)
    .execute();
  const total = await countRows(store, all.select("id").limit(MAX_JOURNAL_COUNT));
  return { rows, total, isExact: true };
}

function termsOf(filters: JournalFilters): readonly string[] | null {
  const terms = journalTerms(filters.search ?? "");
  return terms.length === 0 ? null : terms;
}

/** A person is looked for as who did it and as whom it was done to: two disjoint questions, each with an index of its own. */
function branches(filters: JournalFilters): readonly Where[] {
  const { personId } = filters;
  if (personId === undefined) return [() => sql<SqlBool>`1 = 1`];
  return [
    (eb) => eb("actor_person_id", "=", personId),
    (eb) =>
      eb.and([
        eb("person_id", "=", personId),
        eb.or([eb("actor_person_id", "is", null), eb("actor_person_id", "<>", personId)]),
      ]),
  ];
}

function conditions({ filters, siteIds }: JournalQuestion, branch: Where): Where {
  return (eb) => {
    const all: Expression<SqlBool>[] = [branch(eb)];
    const { fromMs, toMs, kind } = filters;
    if (fromMs !== undefined) {
      all.push(eb("id", ">=", firstIdAt(fromMs - ID_SLACK_MS)), eb("at_ms", ">=", fromMs));
    }
    if (toMs !== undefined) all.push(eb("id", "<", firstIdAt(toMs + ID_SLACK_MS)), eb("at_ms", "<", toMs));
    if (kind?.endsWith(".")) all.push(eb("noun", "=", kind.slice(0, -1)));
    else if (kind !== undefined) all.push(eb("kind", "=", kind));
    const equal = {
      level: filters.level,
      target_id: filters.targetId,
      machine_id: filters.machineId,
      site_id: filters.siteId,
      session_id: filters.sessionId,
      source_address: filters.sourceAddress,
    };
    for (const [column, value] of Object.entries(equal) as [keyof typeof equal, string | undefined][]) {
      if (value !== undefined) all.push(eb(column, "=", value));
    }
    if (siteIds !== null) all.push(eb("site_id", "in", siteIds));
    return eb.and(all);
  };
}

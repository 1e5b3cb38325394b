import { type RawBuilder, type SqlBool, sql } from "kysely";
import { foldText } from "./fold-text.ts";
import type { MigrationDb } from "./migrations/migration.ts";
import type { Store, StoreEngine } from "./store.ts";

/** Words of one search that count; further ones are left out. */
const MAX_WORDS = 8;

/** Up to so many rows SQLite's index is asked for; a word that more have is found sooner by reading rows in order. */
const MAX_FROM_INDEX = 1_000;

/** What SQLite's trigram index can find: shorter words are looked for row by row. */
const TRIGRAM = 3;

/**
 * Gives a table with the columns `id` and `search_text` (folded, see `searchText`) its search index: a trigram FTS5
 * table on SQLite, kept by triggers; a trigram index on PostgreSQL where the extension is there; MariaDB reads the rows.
 */
export async function addSearchIndex(db: MigrationDb, engine: StoreEngine, table: string): Promise<void> {
  if (engine === "sqlite") await addSqliteIndex(db, table);
  if (engine === "postgresql") await addPostgresqlIndex(db, table);
}

/** A search that was looked up. */
export interface TableSearch {
  /** The table's row has all words. */
  readonly condition: RawBuilder<SqlBool>;
  /** How many rows of the whole table that are, null where only reading them would tell. */
  readonly rowCount: number | null;
}

/**
 * A condition: `table`'s row has all words of `text`, whatever their case and accents. On SQLite the index is asked
 * first; what it finds too often is not worth its list, and is read row by row instead.
 */
export async function searchCondition(
  store: Store,
  table: string,
  text: string,
): Promise<RawBuilder<SqlBool>> {
  return (await searchTable(store, table, { text, maxCount: MAX_FROM_INDEX })).condition;
}

/** Like `searchCondition`, and counts up to `maxCount` rows by the index alone. */
export async function searchTable(
  store: Store,
  table: string,
  { text, maxCount }: { readonly text: string; readonly maxCount: number },
): Promise<TableSearch> {
  const words = wordsOf(text);
  const phrases = store.engine === "sqlite" ? words.filter(isIndexed) : [];
  const readingRows = allOf(words.map((word) => hasWord(table, word)));
  if (phrases.length === 0) return { condition: readingRows, rowCount: null };
  const found = await readIndex(store, table, phrases);
  if (found === null) {
    const count = maxCount > MAX_FROM_INDEX ? await countInIndex(store, { table, phrases, maxCount }) : null;
    return { condition: readingRows, rowCount: phrases.length < words.length ? null : count };
  }
  const shortWords = words.filter((word) => !isIndexed(word)).map((word) => hasWord(table, word));
  const isFound = sql<SqlBool>`${sql.ref(`${table}.id`)} in (select value from json_each(${found.ids}))`;
  return {
    condition: found.count === 0 ? sql<SqlBool>`1 = 0` : allOf([isFound, ...shortWords]),
    rowCount: found.count === 0 || shortWords.length === 0 ? found.count : null,
  };
}

interface FoundIds {
  readonly count: number;
  /** A JSON array: one value for the thread to hand over, and one text of a statement for all searches. */
  readonly ids: string;
}

/** The rows that have all phrases; null when there are more than `MAX_FROM_INDEX`. */
async function readIndex(store: Store, table: string, phrases: readonly string[]): Promise<FoundIds | null> {
  const { rows } = await sql<FoundIds>`select count(*) as count, json_group_array(object_id) as ids
    from (${indexQuery(table, phrases)} limit ${MAX_FROM_INDEX + 1})`.execute(store.db);
  const found = rows[0] ?? { count: 0, ids: "[]" };
  return found.count > MAX_FROM_INDEX ? null : found;
}

/** How many rows have all phrases, without reading one of them; null when there are more than a bound. */
async function countInIndex(
  store: Store,
  { table, phrases, maxCount }: { table: string; phrases: readonly string[]; maxCount: number },
): Promise<number | null> {
  const index = sql.table(`${table}_fts`);
  const counting = sql<{ count: number }>`select count(*) as count
    from (select rowid from ${index} where ${index} match ${matchOf(phrases)} limit ${maxCount + 1})`;
  const count = (await counting.execute(store.db)).rows[0]?.count ?? 0;
  return count > maxCount ? null : count;
}

/** Like `searchCondition` without looking ahead: for callers that build a query in one go. */
export function matchesSearch(engine: StoreEngine, table: string, text: string): RawBuilder<SqlBool> {
  const words = wordsOf(text);
  const phrases = engine === "sqlite" ? words.filter(isIndexed) : [];
  const conditions = words.filter((word) => !phrases.includes(word)).map((word) => hasWord(table, word));
  if (phrases.length > 0) {
    conditions.push(sql<SqlBool>`${sql.ref(`${table}.id`)} in (${indexQuery(table, phrases)})`);
  }
  return allOf(conditions);
}

function isIndexed(word: string): boolean {
  return [...word].length >= TRIGRAM;
}

function wordsOf(text: string): readonly string[] {
  return foldText(text)
    .split(" ")
    .filter((word) => word !== "")
    .slice(0, MAX_WORDS);
}

function hasWord(table: string, word: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.ref(`${table}.search_text`)} like ${likePattern(word)} escape '!'`;
}

function indexQuery(table: string, phrases: readonly string[]): RawBuilder<{ object_id: string }> {
  return sql<{ object_id: string }>`select t.object_id from ${sql.table(`${table}_fts`)} as f
    join ${sql.table(`${table}_text`)} as t on t.row_number = f.rowid
    where ${sql.ref(`${table}_fts`)} match ${matchOf(phrases)}`;
}

function matchOf(phrases: readonly string[]): string {
  return phrases.map((word) => `"${word.replaceAll('"', '""')}"`).join(" ");
}

/** A condition: a column of lower-case text has all words of `text`. For tables without a search index. */
export function hasWords(column: string, text: string): RawBuilder<SqlBool> {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
    .slice(0, MAX_WORDS);
  return allOf(words.map((word) => sql<SqlBool>`${sql.ref(column)} like ${likePattern(word)} escape '!'`));
}

function allOf(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return conditions.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`(${sql.join(conditions, sql` and `)})`;
}

function likePattern(word: string): string {
  return `%${word.replace(/[!%_]/g, (special) => `!${special}`)}%`;
}

async function addSqliteIndex(db: MigrationDb, table: string): Promise<void> {
  const name = (suffix: string) => sql.table(`${table}_${suffix}`);
  // Row numbers of their own: those of a table with a text key may change when the file is compacted.
  await sql`create table ${name("text")} (row_number integer primary key, object_id text not null unique)`.execute(
    db,
  );
  await sql`create virtual table ${name("fts")} using fts5(search_text, tokenize = 'trigram')`.execute(db);
  const row = sql`(select row_number from ${name("text")} where object_id = new.id)`;
  await sql`create trigger ${name("fts_insert")} after insert on ${sql.table(table)} begin
    insert into ${name("text")} (object_id) values (new.id);
    insert into ${name("fts")} (rowid, search_text) values (${row}, new.search_text);
  end`.execute(db);
  await sql`create trigger ${name("fts_update")} after update of search_text on ${sql.table(table)}
    when new.search_text <> old.search_text begin
    update ${name("fts")} set search_text = new.search_text where rowid = ${row};
  end`.execute(db);
  await sql`create trigger ${name("fts_delete")} after delete on ${sql.table(table)} begin
    delete from ${name("fts")} where rowid = (select row_number from ${name("text")} where object_id = old.id);
    delete from ${name("text")} where object_id = old.id;
  end`.execute(db);
}

async function addPostgresqlIndex(db: MigrationDb, table: string): Promise<void> {
  if (!(await hasTrigramExtension(db))) return;
  const index = sql.ref(`${table}_by_trigram`);
  await sql`create index ${index} on ${sql.table(table)} using gin (search_text gin_trgm_ops)`.execute(db);
}

async function hasTrigramExtension(db: MigrationDb): Promise<boolean> {
  const { rows } = await sql`select 1 from pg_available_extensions where name = 'pg_trgm'`.execute(db);
  if (rows.length === 0) return false;
  // Creating it may be forbidden to this role; the migration's transaction must survive that.
  await sql`savepoint trigram`.execute(db);
  try {
    await sql`create extension if not exists pg_trgm`.execute(db);
    return true;
  } catch {
    await sql`rollback to savepoint trigram`.execute(db);
    return false;
  }
}

import { type RawBuilder, type SqlBool, sql } from "kysely";
import { foldText } from "./fold-text.ts";
import type { MigrationDb } from "./migrations/migration.ts";
import type { Store, StoreEngine } from "./store.ts";

/** Longest searchable text of an entry. */
const MAX_JOURNAL_TEXT = 1_500;

/** Terms of one search that count. */
const MAX_TERMS = 8;

/** Shorter words are not in MariaDB's index (innodb_ft_min_token_size). */
const SHORTEST_INDEXED = 3;

/** Longer words are not in it either (innodb_ft_max_token_size is 84). */
const LONGEST_WORD = 80;

/** InnoDB's built-in stopwords of three letters and more: never in the index, so asking for them finds nothing. */
const STOPWORDS: ReadonlySet<string> = new Set(
  "about are com for from how that the this und was what when where who will with www".split(" "),
);

/**
 * The words of a text as they are stored: folded, a space between and before. What is written together (`192.0.2.7`,
 * `srv-web-2`) is one word, its parts joined by `_`, followed by the parts.
 */
export function journalText(parts: readonly string[]): string {
  const words = new Set<string>();
  for (const token of foldText(parts.join(" ")).split(" ")) {
    const pieces = piecesOf(token);
    if (pieces.length > 1) words.add(joined(pieces));
    for (const piece of pieces) words.add(piece.slice(0, LONGEST_WORD));
  }
  return [...words]
    .map((word) => ` ${word}`)
    .join("")
    .slice(0, MAX_JOURNAL_TEXT);
}

/** What one search looks for: beginnings of words, as `journalText` writes them. */
export function journalTerms(search: string): readonly string[] {
  const terms = foldText(search)
    .split(" ")
    .map((token) => joined(piecesOf(token)));
  return terms.filter((term) => term !== "").slice(0, MAX_TERMS);
}

/** A condition read row by row: the text has each term, from the beginning of a word. */
export function hasTerms(terms: readonly string[]): RawBuilder<SqlBool> {
  // Of what LIKE knows, only `_` can stand in a term.
  const patterns = terms.map((term) => `% ${term.replaceAll("_", "!_")}%`);
  return allOf(patterns.map((pattern) => sql<SqlBool>`search_text like ${pattern} escape '!'`));
}

/** Row numbers taken from SQLite's index the first time: their entries lie all over the table. */
const FIRST_PART_ROWS = 1_000;

/** Each further part is so many times as long, since the index reads a term's whole list for each. */
const PART_GROWTH = 8;

/** The longest part. */
const MAX_PART_ROWS = 64_000;

/** Entries are numbered as they are copied and identified as they are made; so far apart the two orders may be. */
const ROW_SLACK = 5_000;

/** Reading an entry takes about so many times as long as reading its number in a term's list. */
const ENTRY_COST = 50;

/** Taken for the share of what a sample does not have. */
const SMALLEST_SHARE = 0.0002;

/** A term, with the share (0–1) of some newest entries that have it. */
export interface SampledTerm {
  readonly term: string;
  readonly share: number;
}

/** What the index is asked for. */
export interface IndexQuestion {
  readonly terms: readonly SampledTerm[];
  /** Only entries older than this id, null for all: an upper bound, which the caller's query still has to keep. */
  readonly beforeId: string | null;
}

/**
 * Conditions that together leave the entries with all terms, found by the engine's index of words, the newest part
 * first. Only the rarest terms are looked up: what most entries have makes the index read lists of a million numbers.
 * The others are read row by row among what those leave.
 */
export async function* indexParts(
  store: Store,
  { terms, beforeId }: IndexQuestion,
): AsyncGenerator<RawBuilder<SqlBool>> {
  const all = hasTerms(terms.map(({ term }) => term));
  const rarestFirst = [...terms].sort(
    (one, other) => one.share - other.share || other.term.length - one.term.length,
  );
  if (store.engine !== "sqlite") {
    yield allOf([...matchesOnServer(store.engine, rarestFirst), all]);
    return;
  }
  const match = chooseTerms(rarestFirst)
    .map(({ term }) => `"${term}"*`)
    .join(" ");
  let below = beforeId === null ? Number.MAX_SAFE_INTEGER : await rowBehind(store, beforeId);
  for (let limit = FIRST_PART_ROWS; ; limit = Math.min(MAX_PART_ROWS, limit * PART_GROWTH)) {
    const { count, low, numbers } = await readPart(store, { match, below, limit });
    if (count > 0) yield allOf([sql<SqlBool>`row_number in (select value from json_each(${numbers}))`, all]);
    if (count < limit) return;
    below = low;
  }
}

/** The terms worth looking up in SQLite's index: the rarest, and others while they spare more entries than they cost. */
function chooseTerms(rarestFirst: readonly SampledTerm[]): readonly SampledTerm[] {
  const chosen: SampledTerm[] = [];
  let left = 1;
  for (const term of rarestFirst) {
    if (chosen.length > 0 && term.share >= ENTRY_COST * left * (1 - term.share)) break;
    chosen.push(term);
    left *= Math.max(term.share, SMALLEST_SHARE);
  }
  return chosen;
}

interface PartRow {
  readonly count: number;
  readonly low: number;
  /** Row numbers as a JSON array: one value for the thread to hand over, and one text of a statement for all parts. */
  readonly numbers: string;
}

async function readPart(
  store: Store,
  { match, below, limit }: { match: string; below: number; limit: number },
): Promise<PartRow> {
  const { rows } = await sql<PartRow>`
    select count(*) as count, min(rowid) as low, json_group_array(rowid) as numbers
    from (select rowid from journal_entry_fts where journal_entry_fts match ${match} and rowid < ${below}
      order by rowid desc limit ${limit})`.execute(store.db);
  return rows[0] ?? { count: 0, low: 0, numbers: "[]" };
}

/** A number behind those of all entries older than one. */
async function rowBehind(store: Store, entryId: string): Promise<number> {
  const query = sql<{ number: number }>`select row_number as number from journal_entry where id = ${entryId}`;
  const found = (await query.execute(store.db)).rows[0];
  return found === undefined ? Number.MAX_SAFE_INTEGER : found.number + ROW_SLACK;
}

/** The rarest terms by the server's index, none when no term is in it. */
function matchesOnServer(engine: StoreEngine, rarestFirst: readonly SampledTerm[]): RawBuilder<SqlBool>[] {
  if (engine === "postgresql") {
    const query = rarestFirst.slice(0, 2).map(({ term }) => `'${term}':*`);
    // As an array found first: left in the plan, the order by id tempts the planner to walk through the whole table.
    return [
      sql<SqlBool>`id = any(array(select id from journal_entry
        where array_to_tsvector(string_to_array(btrim(search_text), ' ')) @@ ${query.join(" & ")}::tsquery))`,
    ];
  }
  const rarest = rarestFirst.find(({ term }) => term.length >= SHORTEST_INDEXED && !STOPWORDS.has(term));
  if (rarest === undefined) return [];
  // One term: joining another to it inside the index takes longer than reading on.
  return [sql<SqlBool>`match (search_text) against (${`+${rarest.term}*`} in boolean mode)`];
}

/** Adds the index that `indexParts` uses. */
export async function addJournalSearchIndex(db: MigrationDb, engine: StoreEngine): Promise<void> {
  if (engine === "postgresql") {
    await sql`create index journal_entry_by_words on journal_entry
      using gin (array_to_tsvector(string_to_array(btrim(search_text), ' ')))`.execute(db);
  } else if (engine === "mariadb") {
    await sql`create fulltext index journal_entry_by_words on journal_entry (search_text)`.execute(db);
  } else {
    await addSqliteIndex(db);
  }
}

/** The index keeps no text of its own: the table has it. Words, not trigrams: the commonest trigrams are in every entry. */
async function addSqliteIndex(db: MigrationDb): Promise<void> {
  await sql`create virtual table journal_entry_fts using fts5(search_text, content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 0 tokenchars '_'", prefix = '3', detail = 'none')`.execute(db);
  await sql`create trigger journal_entry_fts_insert after insert on journal_entry begin
    insert into journal_entry_fts (rowid, search_text) values (new.row_number, new.search_text);
  end`.execute(db);
  await sql`create trigger journal_entry_fts_delete after delete on journal_entry begin
    delete from journal_entry_fts where rowid = old.row_number;
  end`.execute(db);
}

function piecesOf(token: string): readonly string[] {
  return token.split(/[^\p{L}\p{N}]+/u).filter((piece) => piece !== "");
}

function joined(pieces: readonly string[]): string {
  return pieces.join("_").slice(0, LONGEST_WORD);
}

function allOf(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return conditions.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`(${sql.join(conditions, sql` and `)})`;
}

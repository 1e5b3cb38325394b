import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Kysely } from "kysely";
import type { Store } from "../store/store.ts";

type AnyDb = Kysely<Record<string, Record<string, unknown>>>;
type Row = Record<string, unknown>;

const PAGE_ROWS = 500;
/** A row of the dump is at most a policy with its history; more is not ours. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/**
 * Tables a backup holds: all but the migrations' own, SQLite's search shadows (made anew by triggers) and the journal's
 * searchable copy (made anew from the journal's files).
 */
export async function listTables(store: Store): Promise<readonly string[]> {
  const tables = await store.db.introspection.getTables();
  return tables
    .filter(({ isView }) => !isView)
    .map(({ name }) => name)
    .filter(
      (name) =>
        !name.startsWith("store_migration") && !/_(fts|text)(_|$)/.test(name) && !name.startsWith("journal_"),
    )
    .sort();
}

/** Rows of one table as JSON lines; the same on every engine, so that a backup may be restored on another one. */
export async function* dumpTable(store: Store, table: string): AsyncGenerator<string> {
  const db = store.db as unknown as AnyDb;
  const columns = await keyColumns(store, table);
  for (let offset = 0; ; offset += PAGE_ROWS) {
    let query = db.selectFrom(table).selectAll().limit(PAGE_ROWS).offset(offset);
    for (const column of columns) query = query.orderBy(column);
    const rows = await query.execute();
    for (const row of rows) yield `${JSON.stringify(encodeRow(row))}\n`;
    if (rows.length < PAGE_ROWS) return;
  }
}

/** A total order for paging: every column that can be ordered on all engines. */
async function keyColumns(store: Store, table: string): Promise<string[]> {
  const tables = await store.db.introspection.getTables();
  const columns = tables.find(({ name }) => name === table)?.columns ?? [];
  const isOrderable = (type: string) => !/blob|bytea|text$|json/i.test(type) || /char/i.test(type);
  const orderable = columns.filter(({ dataType }) => isOrderable(dataType)).map(({ name }) => name);
  return orderable.length > 0 ? orderable : columns.map(({ name }) => name);
}

function encodeRow(row: Row): Row {
  const entries = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : value,
  ]);
  return Object.fromEntries(entries);
}

function decodeRow(line: string): Row {
  const parsed = JSON.parse(line) as Row;
  const isBytes = (value: unknown): value is { base64: string } =>
    typeof value === "object" && value !== null && "base64" in value && typeof value.base64 === "string";
  return Object.fromEntries(
    Object.entries(parsed).map(([name, value]) => [
      name,
      isBytes(value) ? Buffer.from(value.base64, "base64") : value,
    ]),
  );
}

/** Rows of a dump, read back from the archive. */
export async function readRows(content: AsyncIterable<Uint8Array>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const line of createInterface({
    input: Readable.from(content),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    if (line.length > MAX_LINE_BYTES) throw new Error("a line of the backup is too long");
    if (line !== "") rows.push(decodeRow(line));
  }
  return rows;
}

const INSERT_ROWS = 100;

/** Something that may be refused because of what refers to it; tried again while the others make progress. */
interface Work {
  readonly what: string;
  run(): Promise<unknown>;
}

/**
 * Puts all rows into an empty, migrated store, in place of the few that migrations seed. Tables refer to each other and
 * to themselves, so what is refused is tried again after the rest. Throws with the first refusal when nothing moves.
 */
export async function loadTables(store: Store, tables: ReadonlyMap<string, readonly Row[]>): Promise<void> {
  const db = store.db as unknown as AnyDb;
  await runInRounds(
    [...tables.keys()].map((table) => ({ what: table, run: () => db.deleteFrom(table).execute() })),
  );
  const work: Insertion[] = [];
  for (const [table, rows] of tables) {
    for (let at = 0; at < rows.length; at += INSERT_ROWS)
      work.push(insertion(db, table, rows.slice(at, at + INSERT_ROWS)));
  }
  const alone = await runOnce(work);
  await runInRounds(alone.flatMap(({ table, rows }) => rows.map((row) => insertion(db, table, [row]))));
}

interface Insertion extends Work {
  readonly table: string;
  readonly rows: readonly Row[];
}

function insertion(db: AnyDb, table: string, rows: readonly Row[]): Insertion {
  return {
    what: table,
    table,
    rows,
    run: () =>
      db
        .insertInto(table)
        .values([...rows])
        .execute(),
  };
}

async function runOnce<T extends Work>(work: readonly T[]): Promise<T[]> {
  const refused: T[] = [];
  for (const item of work) await item.run().catch(() => refused.push(item));
  return refused;
}

async function runInRounds(work: readonly Work[]): Promise<void> {
  let waiting = work;
  while (waiting.length > 0) {
    const refused = await runOnce(waiting);
    const first = refused[0];
    if (first !== undefined && refused.length === waiting.length) {
      await first.run().catch((error: unknown) => {
        throw new Error(`${refused.length} rows could not be restored, the first in ${first.what}`, {
          cause: error,
        });
      });
    }
    waiting = refused;
  }
}

/**
 * The thread that owns the SQLite file: takes batches of statements, runs them in order, answers in one batch.
 * It is started by `SqliteLink` and knows nothing of Kysely.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { SqliteReply, SqliteRequest, SqliteValue, SqliteWorkerData } from "./sqlite-messages.ts";

/** Prepared statements kept; the least recently used goes first. */
const MAX_PREPARED = 500;

/** SQLite's code for an error that is not the engine's own (SQLITE_ERROR). */
const SQLITE_ERROR = 1;

interface Prepared {
  readonly statement: StatementSync;
  readonly hasRows: boolean;
}

const { file, busyTimeoutMs, isReader } = workerData as SqliteWorkerData;
const prepared = new Map<string, Prepared>();
let database: DatabaseSync | null = null;

function open(): DatabaseSync {
  const opened = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: busyTimeoutMs });
  if (isReader) {
    opened.exec("pragma query_only = on; pragma trusted_schema = off; pragma cache_size = -32000;");
    return opened;
  }
  // FULL: a grant revoked just before a power cut stays revoked.
  opened.exec("pragma journal_mode = wal; pragma synchronous = full; pragma trusted_schema = off;");
  opened.exec("pragma cache_size = -32000; pragma temp_store = memory; pragma recursive_triggers = on;");
  return opened;
}

function prepare(sql: string): Prepared {
  const known = prepared.get(sql);
  if (known !== undefined) {
    prepared.delete(sql);
    prepared.set(sql, known);
    return known;
  }
  database ??= open();
  const statement = database.prepare(sql);
  const made = { statement, hasRows: statement.columns().length > 0 };
  prepared.set(sql, made);
  if (prepared.size > MAX_PREPARED) {
    const oldest = prepared.keys().next().value;
    if (oldest !== undefined) prepared.delete(oldest);
  }
  return made;
}

function run(request: SqliteRequest): SqliteReply {
  try {
    const { statement, hasRows } = prepare(request.sql);
    if (hasRows) {
      const rows = statement.all(...request.parameters) as Record<string, SqliteValue>[];
      return { id: request.id, isOk: true, rows, changedCount: null };
    }
    const { changes } = statement.run(...request.parameters);
    return { id: request.id, isOk: true, rows: [], changedCount: Number(changes) };
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    return { id: request.id, isOk: false, message, errcode: errcode ?? SQLITE_ERROR };
  }
}

const port = parentPort;
if (port === null) throw new Error("the SQLite worker runs in a thread only");
port.on("message", (message: readonly SqliteRequest[] | "close") => {
  if (message === "close") {
    prepared.clear();
    try {
      database?.close();
    } finally {
      port.close();
    }
    return;
  }
  port.postMessage(message.map(run));
});

import { Failure } from "@poterne/contract";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { SqliteLink } from "./sqlite-link.ts";
import { TransactionGate } from "./transaction-gate.ts";

/**
 * Kysely's dialect for SQLite in worker threads. One thread writes, transactions one after the other; selects outside a
 * transaction go to a second one that only reads, and wait for no writer (WAL).
 */
export class SqliteThreadDialect implements Dialect {
  readonly #links: Links;

  constructor(options: { readonly file: string; readonly busyTimeoutMs: number }) {
    const writer = new SqliteLink({ ...options, isReader: false });
    // A database in memory is its connection's own.
    const isShared = options.file !== ":memory:";
    this.#links = { writer, reader: isShared ? new SqliteLink({ ...options, isReader: true }) : writer };
  }

  createDriver(): Driver {
    return new SqliteThreadDriver(this.#links);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new SqliteThreadAdapter();
  }

  createIntrospector<T>(db: Kysely<T>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** Kysely would let one query at a time through to SQLite; here the gate does that, and only where it must. */
class SqliteThreadAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

interface Links {
  readonly writer: SqliteLink;
  readonly reader: SqliteLink;
}

class SqliteThreadDriver implements Driver {
  readonly #links: Links;
  readonly #gate = new TransactionGate();

  constructor(links: Links) {
    this.#links = links;
  }

  async init(): Promise<void> {
    // The writer makes the file and turns WAL on; a reader that came first would find neither.
    await this.#links.writer.run("select 1", []);
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return new SqliteThreadConnection(this.#links, this.#gate);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SqliteThreadConnection).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SqliteThreadConnection).end("commit");
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SqliteThreadConnection).end("rollback");
  }

  async savepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await (connection as SqliteThreadConnection).run(`savepoint ${quoteName(name)}`, []);
  }

  async rollbackToSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await (connection as SqliteThreadConnection).run(`rollback to ${quoteName(name)}`, []);
  }

  async releaseSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await (connection as SqliteThreadConnection).run(`release ${quoteName(name)}`, []);
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    (connection as SqliteThreadConnection).release();
  }

  async destroy(): Promise<void> {
    await this.#links.reader.close();
    await this.#links.writer.close();
  }
}

class SqliteThreadConnection implements DatabaseConnection {
  readonly #link: SqliteLink;
  readonly #reader: SqliteLink;
  readonly #gate: TransactionGate;
  /** The worker's generation when the transaction began, null outside one. */
  #generation: number | null = null;

  constructor(links: Links, gate: TransactionGate) {
    this.#link = links.writer;
    this.#reader = links.reader;
    this.#gate = gate;
  }

  async begin(): Promise<void> {
    try {
      // `immediate` takes the write lock now: a later upgrade could fail at once on another process's lock.
      await this.#gate.enter(this, () => this.#link.run("begin immediate", []));
      this.#generation = this.#link.generation;
    } catch (error) {
      this.#gate.leave(this);
      throw error;
    }
  }

  async end(how: "commit" | "rollback"): Promise<void> {
    await this.run(how, []);
    this.release();
  }

  release(): void {
    this.#generation = null;
    this.#gate.leave(this);
  }

  async run(sql: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>> {
    if (this.#generation !== null && this.#generation !== this.#link.generation) {
      throw new Failure("store-unavailable", {}, new Error("the transaction was lost with its thread"));
    }
    const result = await this.#gate.pass(this, () => this.#link.run(sql, parameters));
    const rows = result.rows as unknown[];
    return result.changedCount === null ? { rows } : { rows, numAffectedRows: BigInt(result.changedCount) };
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#generation === null && isSelect(query)) {
      const { rows } = await this.#reader.run(query.sql, query.parameters);
      return { rows: rows as R[] };
    }
    return (await this.run(query.sql, query.parameters)) as QueryResult<R>;
  }

  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }
}

function isSelect(query: CompiledQuery): boolean {
  return query.query.kind === "SelectQueryNode" || /^\s*select\b/i.test(query.sql);
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

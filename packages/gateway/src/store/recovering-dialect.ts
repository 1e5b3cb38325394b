import { setTimeout as sleep } from "node:timers/promises";
import type {
  CompiledQuery,
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
  QueryResult,
  TransactionSettings,
} from "kysely";
import { isUnavailable, toStoreError } from "./store-errors.ts";

/** First pause between two attempts; it doubles up to the longest. */
const FIRST_PAUSE_MS = 40;
const LONGEST_PAUSE_MS = 640;

/** For so long after trying in vain everybody else tries once only: a queue must not wait its turn to wait in vain. */
const KNOWN_DOWN_MS = 2_000;

/**
 * Wraps an engine's dialect so that a store that went away and came back is used again without a restart: connecting,
 * beginning a transaction and reading outside one are tried again with growing pauses for `retryForMs`; whatever may
 * have changed something is not. What stays unreachable fails as `store-unavailable`.
 */
export class RecoveringDialect implements Dialect {
  readonly #inner: Dialect;
  readonly #retryForMs: number;

  constructor(inner: Dialect, retryForMs: number) {
    this.#inner = inner;
    this.#retryForMs = retryForMs;
  }

  createDriver(): Driver {
    return new RecoveringDriver(this.#inner.createDriver(), this.#retryForMs);
  }

  createQueryCompiler(): QueryCompiler {
    return this.#inner.createQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return this.#inner.createAdapter();
  }

  createIntrospector<T>(db: Kysely<T>): DatabaseIntrospector {
    return this.#inner.createIntrospector(db);
  }
}

class RecoveringDriver implements Driver {
  readonly #inner: Driver;
  readonly #retryForMs: number;
  #downUntilMs = 0;

  constructor(inner: Driver, retryForMs: number) {
    this.#inner = inner;
    this.#retryForMs = retryForMs;
  }

  async init(): Promise<void> {
    await this.#retry(() => this.#inner.init());
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const first = await this.#retry(() => this.#inner.acquireConnection());
    return new RecoveringConnection(first, (work) => this.#retry(work), this.#inner);
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const recovering = connection as RecoveringConnection;
    await this.#retry(async () => {
      await recovering.renewIfBroken();
      await recovering.guard(() => this.#inner.beginTransaction(recovering.inner, settings));
    });
    recovering.isInTransaction = true;
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const recovering = connection as RecoveringConnection;
    await mapped(() => this.#inner.commitTransaction(recovering.inner));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    const recovering = connection as RecoveringConnection;
    try {
      await this.#inner.rollbackTransaction(recovering.inner);
    } catch (error) {
      // The connection is gone and the engine has rolled back by itself; the first error is the one to report.
      if (!isUnavailable(error)) throw error;
    }
  }

  async savepoint(
    connection: DatabaseConnection,
    name: string,
    compileQuery: QueryCompiler["compileQuery"],
  ): Promise<void> {
    await this.#inner.savepoint?.((connection as RecoveringConnection).inner, name, compileQuery);
  }

  async rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
    compileQuery: QueryCompiler["compileQuery"],
  ): Promise<void> {
    await this.#inner.rollbackToSavepoint?.((connection as RecoveringConnection).inner, name, compileQuery);
  }

  async releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
    compileQuery: QueryCompiler["compileQuery"],
  ): Promise<void> {
    await this.#inner.releaseSavepoint?.((connection as RecoveringConnection).inner, name, compileQuery);
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    const recovering = connection as RecoveringConnection;
    recovering.isInTransaction = false;
    await this.#inner.releaseConnection(recovering.inner);
  }

  async destroy(): Promise<void> {
    await this.#inner.destroy();
  }

  async #retry<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const endsAt = startedAt < this.#downUntilMs ? startedAt : startedAt + this.#retryForMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        const result = await work();
        this.#downUntilMs = 0;
        return result;
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        const now = performance.now();
        if (now + pauseMs > endsAt) {
          this.#downUntilMs = now + KNOWN_DOWN_MS;
          throw toStoreError(error);
        }
        await sleep(pauseMs);
      }
    }
  }
}

class RecoveringConnection implements DatabaseConnection {
  inner: DatabaseConnection;
  isInTransaction = false;
  readonly #retry: <T>(work: () => Promise<T>) => Promise<T>;
  readonly #driver: Driver;
  #isBroken = false;

  constructor(inner: DatabaseConnection, retry: <T>(work: () => Promise<T>) => Promise<T>, driver: Driver) {
    this.inner = inner;
    this.#retry = retry;
    this.#driver = driver;
  }

  /** Runs work on the connection and remembers whether it broke on it. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isUnavailable(error)) this.#isBroken = true;
      throw error;
    }
  }

  /** Takes another connection of the pool in place of a broken one. */
  async renewIfBroken(): Promise<void> {
    if (!this.#isBroken) return;
    const fresh = await this.#driver.acquireConnection();
    await this.#driver.releaseConnection(this.inner);
    this.inner = fresh;
    this.#isBroken = false;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.isInTransaction || query.query.kind !== "SelectQueryNode") {
      return mapped(() => this.guard(() => this.inner.executeQuery<R>(query)));
    }
    return this.#retry(async () => {
      await this.renewIfBroken();
      return this.guard(() => this.inner.executeQuery<R>(query));
    });
  }

  async *streamQuery<R>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<R>> {
    try {
      yield* this.inner.streamQuery<R>(query, chunkSize);
    } catch (error) {
      throw toStoreError(error);
    }
  }
}

async function mapped<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toStoreError(error);
  }
}

import { Worker } from "node:worker_threads";
import { Failure } from "@poterne/contract";
import {
  SqliteError,
  type SqliteReply,
  type SqliteRequest,
  type SqliteValue,
  type SqliteWorkerData,
} from "./sqlite-messages.ts";

/** Statements sent to the worker in one message; a longer batch would hold back the first answers. */
const MAX_BATCH = 64;

/** Statements sent and not answered; more means that the disk stands still. */
const MAX_PENDING = 20_000;

/** What a statement gave. */
export interface SqliteResult {
  readonly rows: readonly Record<string, SqliteValue>[];
  readonly changedCount: number | null;
}

interface Waiting {
  resolve(result: SqliteResult): void;
  reject(error: unknown): void;
}

/** The main thread's end of the SQLite worker: statements of one turn travel as one message, answers come in order. */
export class SqliteLink {
  readonly #data: SqliteWorkerData;
  readonly #pending = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #batch: SqliteRequest[] = [];
  #nextId = 1;
  #generation = 0;

  constructor(data: SqliteWorkerData) {
    this.#data = data;
  }

  /** Grows each time the worker had to be started again: a transaction begun before is lost. */
  get generation(): number {
    return this.#generation;
  }

  /** Sends a statement; statements run in the order of the calls. Rejects with a `SqliteError` or `store-unavailable`. */
  run(sql: string, parameters: readonly unknown[]): Promise<SqliteResult> {
    return new Promise((resolve, reject) => {
      if (this.#pending.size >= MAX_PENDING) {
        reject(new Failure("store-unavailable", {}, new Error("too many statements are waiting")));
        return;
      }
      const request = { id: this.#nextId++, sql, parameters: parameters.map(toSqliteValue) };
      this.#pending.set(request.id, { resolve, reject });
      this.#batch.push(request);
      if (this.#batch.length === 1) queueMicrotask(() => this.#flush());
      else if (this.#batch.length >= MAX_BATCH) this.#flush();
    });
  }

  /** Lets what was sent finish, then closes the file and ends the thread. */
  async close(): Promise<void> {
    this.#flush();
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    worker.ref();
    worker.postMessage("close");
    await ended;
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    const worker = this.#worker ?? this.#start();
    worker.ref();
    worker.postMessage(batch);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./sqlite-worker.ts", import.meta.url), { workerData: this.#data });
    worker.on("message", (replies: readonly SqliteReply[]) => {
      for (const reply of replies) this.#settle(reply);
      // An idle store does not keep the process alive.
      if (this.#pending.size === 0) worker.unref();
    });
    worker.on("error", (error) => this.#lose(worker, error));
    worker.on("exit", () => this.#lose(worker, new Error("the SQLite thread has ended")));
    this.#worker = worker;
    return worker;
  }

  #settle(reply: SqliteReply): void {
    const waiting = this.#pending.get(reply.id);
    if (waiting === undefined) return;
    this.#pending.delete(reply.id);
    if (reply.isOk) waiting.resolve(reply);
    else waiting.reject(new SqliteError(reply.message, reply.errcode));
  }

  #lose(worker: Worker, cause: unknown): void {
    // The end of a lost thread may come when the next one runs already.
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#generation++;
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    this.#batch = [];
    for (const waiting of lost) waiting.reject(new Failure("store-unavailable", {}, cause));
  }
}

function toSqliteValue(value: unknown): SqliteValue {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value === undefined) return null;
  return value as SqliteValue;
}

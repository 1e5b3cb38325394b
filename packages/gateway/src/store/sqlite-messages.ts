/** A statement on its way to the SQLite worker. */
export interface SqliteRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly SqliteValue[];
}

/** The worker's answer: rows and counts, or the engine's error. */
export type SqliteReply =
  | {
      readonly id: number;
      readonly isOk: true;
      readonly rows: readonly Record<string, SqliteValue>[];
      /** Rows changed; null for a statement that returns rows. */
      readonly changedCount: number | null;
    }
  | { readonly id: number; readonly isOk: false; readonly message: string; readonly errcode: number };

/** What a column or a parameter may hold. */
export type SqliteValue = string | number | bigint | null | Uint8Array;

/** What the worker is started with. */
export interface SqliteWorkerData {
  /** The database file, or `:memory:`. */
  readonly file: string;
  /** How long a statement waits for another process's lock. */
  readonly busyTimeoutMs: number;
  /** Only reads: for the thread beside the one that writes. */
  readonly isReader: boolean;
}

/** An error of the SQLite engine, with its extended result code (https://sqlite.org/rescode.html). */
export class SqliteError extends Error {
  readonly errcode: number;

  constructor(message: string, errcode: number) {
    super(message);
    this.name = "SqliteError";
    this.errcode = errcode;
  }
}

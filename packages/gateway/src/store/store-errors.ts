import { Failure } from "@poterne/contract";

/** Node's and the drivers' codes for a server that is not there or went away. */
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "PROTOCOL_CONNECTION_LOST",
  "PROTOCOL_SEQUENCE_TIMEOUT",
  "ER_SERVER_SHUTDOWN",
  "ER_CON_COUNT_ERROR",
  "ER_CONNECTION_KILLED",
  "ER_OPTION_PREVENTS_STATEMENT",
  "53300",
  "57P01",
  "57P02",
  "57P03",
]);

/** What the drivers say without a code when a connection is gone. */
const UNAVAILABLE_TEXTS: readonly string[] = [
  "connection terminated",
  "timeout exceeded when trying to connect",
  "not queryable",
  "connection is in closed state",
  "connection lost",
  "pool is closed",
];

/** SQLite's primary result codes for a file that cannot be used now: busy, locked, read-only, I/O, full, cannot open. */
const UNAVAILABLE_SQLITE: ReadonlySet<number> = new Set([5, 6, 8, 10, 13, 14]);

interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly errcode?: unknown;
  readonly message?: unknown;
}

/** Whether a statement failed because a row with the same key exists, on any engine. */
export function isDuplicate(error: unknown): boolean {
  const { code, errno, errcode } = asDriverError(error);
  // PostgreSQL unique_violation; MariaDB ER_DUP_ENTRY; SQLITE_CONSTRAINT_PRIMARYKEY and _UNIQUE.
  return (
    code === "23505" || (code === "ER_DUP_ENTRY" && errno === 1062) || errcode === 1555 || errcode === 2067
  );
}

/** Whether a statement failed because another row refers to this one, or the one referred to is missing, on any engine. */
export function isBrokenReference(error: unknown): boolean {
  const { code, errno, errcode } = asDriverError(error);
  // PostgreSQL foreign_key_violation and restrict_violation; MariaDB 1451, 1452; SQLITE_CONSTRAINT_FOREIGNKEY and _TRIGGER.
  return code === "23503" || code === "23001" || errno === 1451 || errno === 1452 || errcode === 787;
}

/** Whether an error means that the store cannot be reached or used now, and may come back. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof Failure) return error.code === "store-unavailable";
  const { code, errcode, message } = asDriverError(error);
  if (typeof errcode === "number") return UNAVAILABLE_SQLITE.has(errcode & 0xff);
  if (typeof code === "string" && (UNAVAILABLE_CODES.has(code) || /^08...$/.test(code))) return true;
  const text = typeof message === "string" ? message.toLowerCase() : "";
  return UNAVAILABLE_TEXTS.some((known) => text.includes(known));
}

/** The error as the nouns see it: `store-unavailable` with its cause, or the engine's own. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof Failure || !isUnavailable(error)) return error;
  return new Failure("store-unavailable", {}, error);
}

function asDriverError(error: unknown): DriverError {
  return typeof error === "object" && error !== null ? (error as DriverError) : {};
}

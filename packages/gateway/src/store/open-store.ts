import { Kysely } from "kysely";
import { RecoveringDialect } from "./recovering-dialect.ts";
import { mariadbDialect, postgresqlDialect, type ServerStoreOptions } from "./server-dialects.ts";
import { SqliteThreadDialect } from "./sqlite-dialect.ts";
import type { Store } from "./store.ts";
import type { Tables } from "./tables.ts";

/** Which store to open. */
export type StoreOptions = (
  | { readonly engine: "sqlite"; readonly file: string; readonly busyTimeoutMs?: number }
  | ({ readonly engine: "postgresql" | "mariadb" } & ServerStoreOptions)
) & {
  /** How long what cannot have changed anything is tried again on a store that went away; 3 s by default. */
  readonly retryForMs?: number;
};

const DEFAULT_RETRY_FOR_MS = 3_000;
const DEFAULT_BUSY_TIMEOUT_MS = 5_000;

/** Opens the store; it connects with the first query and migrates nothing (see `migrateStore`). */
export function openStore(options: StoreOptions): Store {
  const retryForMs = options.retryForMs ?? DEFAULT_RETRY_FOR_MS;
  const dialect = new RecoveringDialect(engineDialect(options), retryForMs);
  const db = new Kysely<Tables>({ dialect });
  return { engine: options.engine, db, close: () => db.destroy() };
}

function engineDialect(options: StoreOptions) {
  if (options.engine === "sqlite") {
    const busyTimeoutMs = options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS;
    return new SqliteThreadDialect({ file: options.file, busyTimeoutMs });
  }
  return options.engine === "postgresql" ? postgresqlDialect(options) : mariadbDialect(options);
}

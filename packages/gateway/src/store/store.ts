import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** Which engine holds the store. */
export type StoreEngine = "sqlite" | "postgresql" | "mariadb";

/** The store: one Kysely schema on three engines. SQLite runs in a worker thread, so no query blocks a session. */
export interface Store {
  readonly engine: StoreEngine;
  readonly db: Kysely<Tables>;
  close(): Promise<void>;
}

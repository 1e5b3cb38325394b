import type { Kysely } from "kysely";
import type { StoreEngine } from "../store.ts";
import type { ColumnTypes } from "./column-types.ts";

/** The store while a migration runs: tables of any name, since their rows change from step to step. */
export type MigrationDb = Kysely<Record<string, Record<string, unknown>>>;

/** One step of the schema, from nothing to the newest. Once released it never changes; the next step corrects it. */
export interface StoreMigration {
  /** `NNNN-noun`, the file's name; the order is that of the list in `index.ts`. */
  readonly name: string;
  /** Makes the change; runs once per store, inside a transaction where the engine has them for tables. */
  up(db: MigrationDb, dialect: MigrationDialect): Promise<void>;
}

/** What a migration needs to know of the engine. */
export interface MigrationDialect {
  readonly engine: StoreEngine;
  /** Column types of this engine. */
  readonly types: ColumnTypes;
}

import { type Migration, type MigrationProvider, Migrator } from "kysely/migration";
import { columnTypes } from "./migrations/column-types.ts";
import { storeMigrations } from "./migrations/index.ts";
import type { MigrationDb, StoreMigration } from "./migrations/migration.ts";
import type { Store, StoreEngine } from "./store.ts";

/** Brings the schema to the newest version; returns the names of what was applied, empty when it was there already. */
export async function migrateStore(
  store: Store,
  migrations: readonly StoreMigration[] = storeMigrations,
): Promise<readonly string[]> {
  const { error, results } = await migrator(store, migrations).migrateToLatest();
  if (error !== undefined) {
    const failed = results?.find((result) => result.status === "Error")?.migrationName ?? "none begun";
    throw new Error(`the schema could not be brought up to date (step: ${failed})`, { cause: error });
  }
  return (results ?? [])
    .filter((result) => result.status === "Success")
    .map((result) => result.migrationName);
}

/** Names of the migrations not applied yet: `upgrade` makes a backup when there are any. */
export async function pendingMigrations(
  store: Store,
  migrations: readonly StoreMigration[] = storeMigrations,
): Promise<readonly string[]> {
  const all = await migrator(store, migrations).getMigrations();
  return all.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name);
}

/** Whether the store holds this product's tables already: a first start or an empty database does not. */
export async function isStoreInUse(store: Store): Promise<boolean> {
  const tables = await store.db.introspection.getTables();
  return tables.some(({ name }) => name === "person");
}

function migrator(store: Store, migrations: readonly StoreMigration[]): Migrator {
  return new Migrator({
    db: store.db,
    provider: new ListProvider(store.engine, migrations),
    migrationTableName: "store_migration",
    migrationLockTableName: "store_migration_lock",
  });
}

class ListProvider implements MigrationProvider {
  readonly #engine: StoreEngine;
  readonly #migrations: readonly StoreMigration[];

  constructor(engine: StoreEngine, migrations: readonly StoreMigration[]) {
    this.#engine = engine;
    this.#migrations = migrations;
  }

  async getMigrations(): Promise<Record<string, Migration>> {
    const dialect = { engine: this.#engine, types: columnTypes(this.#engine) };
    return Object.fromEntries(
      this.#migrations.map((migration) => [
        migration.name,
        { up: (db) => migration.up(db as MigrationDb, dialect) } satisfies Migration,
      ]),
    );
  }
}

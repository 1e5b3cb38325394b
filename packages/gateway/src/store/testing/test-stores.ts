import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { migrateStore } from "../migrate-store.ts";
import { openStore, type StoreOptions } from "../open-store.ts";
import type { Store, StoreEngine } from "../store.ts";

/** A fresh, migrated store for one test file. `dispose` closes it and drops its database. */
export interface TestStore {
  readonly engine: StoreEngine;
  readonly store: Store;
  /** What it was opened with, to open it a second time or through a proxy. */
  readonly options: StoreOptions;
  dispose(): Promise<void>;
}

/** Where the tests find PostgreSQL, as a person that may create databases; the path is ignored. */
export function postgresqlUrl(): string {
  return process.env.POTERNE_TEST_POSTGRESQL ?? "postgresql://postgres@127.0.0.1:5432/postgres";
}

/** Where the tests find MariaDB, as a person that may create databases; the path is ignored. */
function mariadbUrl(): string {
  return process.env.POTERNE_TEST_MARIADB ?? "mariadb://root@127.0.0.1:3306/mysql";
}

/** Fresh stores on all three engines. A missing server is an error: nothing is skipped. */
export async function testStores(): Promise<readonly TestStore[]> {
  return [await testStore("sqlite"), await testStore("postgresql"), await testStore("mariadb")];
}

/** A fresh store on one engine; SQLite is the quickest where the engine does not matter. */
export async function testStore(engine: StoreEngine = "sqlite"): Promise<TestStore> {
  const { options, drop } = await makers[engine]();
  const store = openStore(options);
  const dispose = async () => {
    await store.close();
    await drop();
  };
  try {
    await migrateStore(store);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { engine, store, options, dispose };
}

interface Made {
  readonly options: StoreOptions;
  drop(): Promise<void>;
}

const makers: Readonly<Record<StoreEngine, () => Promise<Made>>> = {
  sqlite: async () => {
    const folder = await mkdtemp(join(tmpdir(), "poterne-store-"));
    return {
      options: { engine: "sqlite", file: join(folder, "store.sqlite") },
      drop: () => rm(folder, { recursive: true, force: true }),
    };
  },
  postgresql: async () => {
    const name = databaseName();
    await onPostgresql(`create database ${name} encoding 'UTF8' template template0`);
    return {
      options: { engine: "postgresql", url: withDatabase(postgresqlUrl(), name), maxConnections: 4 },
      drop: () => onPostgresql(`drop database if exists ${name} with (force)`),
    };
  },
  mariadb: async () => {
    const name = databaseName();
    await onMariadb(`create database ${name} character set utf8mb4`);
    return {
      options: { engine: "mariadb", url: withDatabase(mariadbUrl(), name), maxConnections: 4 },
      drop: () => onMariadb(`drop database if exists ${name}`),
    };
  },
};

function databaseName(): string {
  return `poterne_test_${randomBytes(6).toString("hex")}`;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function onPostgresql(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresqlUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function onMariadb(statement: string): Promise<void> {
  const url = new URL(mariadbUrl());
  const connection = await createConnection({
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  });
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}

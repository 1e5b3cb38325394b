import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "@poterne/contract";
import { sql } from "kysely";
import { openStore, type StoreOptions } from "./open-store.ts";
import type { Store } from "./store.ts";
import { TcpGate } from "./testing/tcp-gate.ts";
import { type TestStore, testStore } from "./testing/test-stores.ts";

/** How long a store of these tests tries again. */
const RETRY_FOR_MS = 600;

function isUnavailableFailure(error: unknown): boolean {
  return error instanceof Failure && error.code === "store-unavailable" && error.cause !== undefined;
}

function readRevision(store: Store): Promise<{ revision: number } | undefined> {
  return store.db.selectFrom("store_revision").select("revision").executeTakeFirst();
}

function addRevision(store: Store): Promise<unknown> {
  return store.db
    .updateTable("store_revision")
    .set((update) => ({ revision: update("revision", "+", 1) }))
    .execute();
}

for (const engine of ["postgresql", "mariadb"] as const) {
  describe(`a ${engine} server that stops and comes back`, () => {
    async function withGate(
      run: (parts: { gate: TcpGate; store: Store; direct: TestStore }) => Promise<void>,
    ): Promise<void> {
      const direct = await testStore(engine);
      const options = direct.options as Extract<StoreOptions, { url: string }>;
      const url = new URL(options.url);
      const gate = await TcpGate.open({ host: url.hostname, port: Number(url.port) });
      url.hostname = "127.0.0.1";
      url.port = String(gate.port);
      const store = openStore({ ...options, url: url.href, maxConnections: 2, retryForMs: RETRY_FOR_MS });
      try {
        await run({ gate, store, direct });
      } finally {
        await store.close();
        await gate.cut().catch(() => undefined);
        await direct.dispose();
      }
    }

    test("is unavailable while away, and used again without a restart", () =>
      withGate(async ({ gate, store }) => {
        await readRevision(store);
        await gate.cut();
        const startedAt = performance.now();
        await assert.rejects(readRevision(store), isUnavailableFailure);
        assert.ok(performance.now() - startedAt < RETRY_FOR_MS + 3000);
        await assert.rejects(addRevision(store), isUnavailableFailure);
        await gate.mend();
        assert.ok(await readRevision(store));
        await addRevision(store);
      }));

    test("a read during a short cut waits for the server instead of failing", () =>
      withGate(async ({ gate, store }) => {
        await readRevision(store);
        await gate.cut();
        const reading = readRevision(store);
        await sleep(150);
        await gate.mend();
        assert.ok(await reading);
      }));

    test("a transaction cut in the middle has done nothing and fails; the next one works", () =>
      withGate(async ({ gate, store, direct }) => {
        const before = await readRevision(direct.store);
        const work = store.db.transaction().execute(async (transaction) => {
          await transaction.updateTable("store_revision").set({ revision: 999 }).execute();
          await gate.cut();
          await transaction.updateTable("store_revision").set({ revision: 1000 }).execute();
        });
        await assert.rejects(work, isUnavailableFailure);
        await gate.mend();
        assert.deepEqual(await readRevision(direct.store), before);
        await store.db
          .transaction()
          .execute((transaction) => transaction.updateTable("store_revision").set({ revision: 7 }).execute());
        assert.equal((await readRevision(direct.store))?.revision, 7);
      }));

    test("many questions during the cut all get an answer, and none hangs afterwards", () =>
      withGate(async ({ gate, store }) => {
        await Promise.all(Array.from({ length: 20 }, () => readRevision(store)));
        await gate.cut();
        const results = await Promise.allSettled(Array.from({ length: 20 }, () => readRevision(store)));
        assert.ok(
          results.every((result) => result.status === "rejected" && isUnavailableFailure(result.reason)),
        );
        await gate.mend();
        const again = await Promise.all(Array.from({ length: 20 }, () => readRevision(store)));
        assert.ok(again.every((row) => row !== undefined));
      }));
  });
}

describe("a SQLite file", () => {
  test("locked by another process is unavailable until it is free again", async () => {
    const direct = await testStore("sqlite");
    const options = direct.options as Extract<StoreOptions, { file: string }>;
    const store = openStore({ ...options, busyTimeoutMs: 50, retryForMs: 200 });
    const other = new DatabaseSync(options.file);
    try {
      other.exec("begin immediate");
      assert.ok(await readRevision(store), "reading goes on beside a writer");
      await assert.rejects(addRevision(store), isUnavailableFailure);
      const work = store.db.transaction().execute(async (transaction) => {
        await transaction.updateTable("store_revision").set({ revision: 5 }).execute();
      });
      await assert.rejects(work, isUnavailableFailure);
      other.exec("commit");
      await addRevision(store);
    } finally {
      other.close();
      await store.close();
      await direct.dispose();
    }
  });

  test("in a folder that is not there is unavailable, not a crash", async () => {
    const store = openStore({ engine: "sqlite", file: "/nonexistent/folder/store.sqlite", retryForMs: 50 });
    await assert.rejects(sql`select 1`.execute(store.db), isUnavailableFailure);
    await store.close();
  });

  test("is read while a long transaction writes", async () => {
    const direct = await testStore("sqlite");
    try {
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const work = direct.store.db.transaction().execute(async (transaction) => {
        await transaction.updateTable("store_revision").set({ revision: 41 }).execute();
        await held;
      });
      const before = await readRevision(direct.store);
      assert.notEqual(before?.revision, 41);
      release();
      await work;
      assert.equal((await readRevision(direct.store))?.revision, 41);
    } finally {
      await direct.dispose();
    }
  });

  test("does not hold up the event loop while a statement takes long", async () => {
    const direct = await testStore("sqlite");
    try {
      let turns = 0;
      const timer = setInterval(() => turns++, 5);
      await sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500000) select max(i) from n`.execute(
        direct.store.db,
      );
      clearInterval(timer);
      assert.ok(turns >= 5, `${turns} turns`);
    } finally {
      await direct.dispose();
    }
  });
});

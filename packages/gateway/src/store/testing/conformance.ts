import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Kysely, sql } from "kysely";
import { migrateStore, pendingMigrations } from "../migrate-store.ts";
import { columnTypes } from "../migrations/column-types.ts";
import type { MigrationDb } from "../migrations/migration.ts";
import { addSearchIndex, hasWords, matchesSearch, searchCondition, searchTable } from "../search.ts";
import type { Store, StoreEngine } from "../store.ts";
import { isBrokenReference, isDuplicate } from "../store-errors.ts";
import { type TestStore, testStore } from "./test-stores.ts";

interface SampleRow {
  id: string;
  name: string | null;
  body: string;
  bytes: Uint8Array | null;
  size: number;
  flag: number;
  search_text: string;
  parent_id: string | null;
}

/** What every engine must do alike, as tests; called once per engine. */
export function storeConformance(engine: StoreEngine): void {
  describe(`the store on ${engine}`, () => {
    let tested: TestStore;
    let store: Store;
    let db: Kysely<{ sample: SampleRow }>;
    before(async () => {
      tested = await testStore(engine);
      store = tested.store;
      db = store.db as unknown as Kysely<{ sample: SampleRow }>;
      await createSample(store);
    });
    after(() => tested.dispose());

    let count = 0;
    async function insert(row: Partial<SampleRow>): Promise<string> {
      const id = row.id ?? `row-${count++}`;
      const rest = { name: id, body: "", bytes: null, size: 0, flag: 0, search_text: "", parent_id: null };
      await db
        .insertInto("sample")
        .values({ ...rest, ...row, id })
        .execute();
      return id;
    }

    async function read(id: string): Promise<SampleRow> {
      return db.selectFrom("sample").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    }

    test("has all migrations, and applying them again changes nothing", async () => {
      assert.deepEqual(await pendingMigrations(store), []);
      assert.deepEqual(await migrateStore(store), []);
    });

    test("gives back text, bytes and numbers as they were", async () => {
      const row = {
        name: "Été 😀 'x' \"y\" \\ % _ trailing ",
        body: "é".repeat(200_000),
        bytes: Uint8Array.from({ length: 70_000 }, (_, index) => index % 256),
        size: Number.MAX_SAFE_INTEGER,
        flag: 1,
      };
      const found = await read(await insert(row));
      assert.equal(found.name, row.name);
      assert.equal(found.body, row.body);
      assert.deepEqual(new Uint8Array(found.bytes ?? []), row.bytes);
      assert.equal(found.size, row.size);
      assert.equal(found.flag, 1);
      assert.equal(found.parent_id, null);
    });

    test("compares text byte by byte: case, accents and trailing spaces differ", async () => {
      for (const name of ["cmp-a", "cmp-A", "cmp-á", "cmp-a "]) await insert({ name });
      const found = await db.selectFrom("sample").select("name").where("name", "=", "cmp-a").execute();
      assert.deepEqual(found, [{ name: "cmp-a" }]);
      const ordered = await db
        .selectFrom("sample")
        .select("name")
        .where("name", "like", "cmp-%")
        .orderBy("name")
        .execute();
      assert.deepEqual(
        ordered.map((row) => row.name),
        ["cmp-A", "cmp-a", "cmp-a ", "cmp-á"],
      );
    });

    test("counts and sums are numbers", async () => {
      const row = await db
        .selectFrom("sample")
        .select((select) => [
          select.fn.countAll<number>().as("rows"),
          select.fn.sum<number>("flag").as("flags"),
        ])
        .executeTakeFirstOrThrow();
      assert.equal(typeof row.rows, "number");
      assert.equal(typeof row.flags, "number");
    });

    test("a second row with the same key is a duplicate; empty unique keys are not", async () => {
      const id = await insert({ name: "once" });
      await assert.rejects(insert({ id }), isDuplicate);
      await assert.rejects(insert({ name: "once" }), isDuplicate);
      await insert({ name: null });
      await insert({ name: null });
      await assert.rejects(
        insert({ parent_id: "nobody" }),
        (error) => isBrokenReference(error) && !isDuplicate(error),
      );
    });

    test("an update counts the rows it matched, also where nothing changed", async () => {
      const id = await insert({ size: 5 });
      const update = () => db.updateTable("sample").set({ size: 5 }).where("id", "=", id).executeTakeFirst();
      assert.equal((await update()).numUpdatedRows, 1n);
      const none = await db
        .updateTable("sample")
        .set({ size: 6 })
        .where("id", "=", "none")
        .executeTakeFirst();
      assert.equal(none.numUpdatedRows, 0n);
      const gone = await db.deleteFrom("sample").where("id", "=", id).executeTakeFirst();
      assert.equal(gone.numDeletedRows, 1n);
    });

    test("a transaction that fails leaves nothing", async () => {
      const failing = db.transaction().execute(async (transaction) => {
        await transaction.updateTable("sample").set({ body: "half" }).execute();
        throw new Error("on purpose");
      });
      await assert.rejects(failing, /on purpose/);
      const half = await db.selectFrom("sample").select("id").where("body", "=", "half").execute();
      assert.deepEqual(half, []);
    });

    test("others see a transaction whole or not at all", async () => {
      const id = await insert({ size: 0 });
      const work = db.transaction().execute(async (transaction) => {
        for (let size = 1; size <= 20; size++) {
          await transaction.updateTable("sample").set({ size }).where("id", "=", id).execute();
        }
      });
      const seen = await Promise.all(Array.from({ length: 30 }, async () => (await read(id)).size));
      await work;
      assert.ok(seen.every((size) => size === 0 || size === 20));
      assert.equal((await read(id)).size, 20);
    });

    test("of many increments at once none is lost", async () => {
      const id = await insert({ size: 0 });
      const add = () =>
        db.transaction().execute(async (transaction) => {
          await transaction
            .updateTable("sample")
            .set((update) => ({ size: update("size", "+", 1) }))
            .where("id", "=", id)
            .execute();
          const row = await transaction
            .selectFrom("sample")
            .select("size")
            .where("id", "=", id)
            .executeTakeFirstOrThrow();
          return row.size;
        });
      const results = await Promise.all(Array.from({ length: 25 }, add));
      assert.deepEqual(
        results.sort((a, b) => a - b),
        Array.from({ length: 25 }, (_, index) => index + 1),
      );
    });

    test("finds all words anywhere, special characters as they are, also after a change", async () => {
      const id = await insert({ search_text: 'serveur evry 100%_a "q" c\\d 192.0.2.17' });
      const other = await insert({ search_text: "serveur lille" });
      const find = async (text: string) => {
        const query = db.selectFrom("sample").select("id").orderBy("id");
        const rows = await query.where(await searchCondition(store, "sample", text)).execute();
        const same = await query.where(matchesSearch(engine, "sample", text)).execute();
        assert.deepEqual(rows, same);
        return rows.map((row) => row.id);
      };
      assert.deepEqual((await find("SERVEUR")).sort(), [id, other].sort());
      for (const text of ["Évry serv", "100%_", '"q"', "c\\d", "2.17", "ev", "erveu 0.2"]) {
        assert.deepEqual(await find(text), [id], text);
      }
      for (const text of ["100%b", "1__%_a", "evry lille", "* OR serveur", "zz"]) {
        assert.deepEqual(await find(text), [], text);
      }
      await db.updateTable("sample").set({ search_text: "routeur" }).where("id", "=", id).execute();
      assert.deepEqual(await find("evry"), []);
      assert.deepEqual(await find("routeur"), [id]);
      await db.deleteFrom("sample").where("id", "=", id).execute();
      assert.deepEqual(await find("routeur"), []);
      const words = await db
        .selectFrom("sample")
        .select("id")
        .where(hasWords("search_text", "LIL serv"))
        .execute();
      assert.deepEqual(words, [{ id: other }]);
    });

    test("finds what very many rows have", async () => {
      const rest = { name: null, body: "", bytes: null, size: 0, flag: 0, parent_id: null };
      const values = Array.from({ length: 1500 }, (_, index) => ({
        ...rest,
        id: `c-${index}`,
        search_text: `common ${index}`,
      }));
      await db.insertInto("sample").values(values).execute();
      const count = async (text: string) => {
        const condition = await searchCondition(store, "sample", text);
        return (await db.selectFrom("sample").select("id").where(condition).execute()).length;
      };
      assert.equal(await count("common"), 1500);
      const with77 = values.filter((value) => value.id.includes("77")).length;
      assert.equal(await count("common 77"), with77);
      assert.equal(await count("common 777"), 1);
      for (const [text, maxCount, counted] of [
        ["common", 5000, 1500],
        ["common", 1200, null],
        ["common 777", 5000, 1],
        ["common 77", 5000, null],
        ["common 7777", 5000, 0],
      ] as const) {
        const { rowCount } = await searchTable(store, "sample", { text, maxCount });
        assert.equal(rowCount, engine === "sqlite" ? counted : null, `${text} up to ${maxCount}`);
      }
    });

    test("takes a thousand parameters and a hundred rows in one statement", async () => {
      const ids = Array.from({ length: 1000 }, (_, index) => `many-${index}`);
      const rest = { name: null, body: "", bytes: null, size: 0, flag: 0, search_text: "", parent_id: null };
      for (let start = 0; start < ids.length; start += 100) {
        const values = ids.slice(start, start + 100).map((id) => ({ ...rest, id }));
        await db.insertInto("sample").values(values).execute();
      }
      const found = await db.selectFrom("sample").select("id").where("id", "in", ids).execute();
      assert.equal(found.length, 1000);
    });

    test("an error of the engine is told and leaves the connection usable", async () => {
      await assert.rejects(sql`select * from no_such_table`.execute(store.db), /no_such_table/);
      assert.deepEqual((await sql<{ n: number }>`select 1 as n`.execute(store.db)).rows, [{ n: 1 }]);
    });
  });
}

async function createSample(store: Store): Promise<void> {
  const types = columnTypes(store.engine);
  const db = store.db as unknown as MigrationDb;
  await db.schema
    .createTable("sample")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("name", types.text(190), (column) => column.unique())
    .addColumn("body", types.longText, (column) => column.notNull())
    .addColumn("bytes", types.blob)
    .addColumn("size", types.bigint, (column) => column.notNull())
    .addColumn("flag", types.flag, (column) => column.notNull())
    .addColumn("search_text", types.longText, (column) => column.notNull())
    .addColumn("parent_id", types.id, (column) => column.references("sample.id"))
    .execute();
  await db.transaction().execute((transaction) => addSearchIndex(transaction, store.engine, "sample"));
}

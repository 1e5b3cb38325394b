import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { makeUuidV7 } from "@poterne/bytes";
import { searchText } from "../store/fold-text.ts";
import type { StoreEngine } from "../store/store.ts";
import { type TestStore, testStore } from "../store/testing/test-stores.ts";
import { RecordingStore } from "./recording-store.ts";
import type { RecordingRow } from "./recording-tables.ts";

let number = 0;

function makeRow(change: Partial<RecordingRow> = {}): RecordingRow {
  number += 1;
  const random = new Uint8Array(10).fill(number);
  return {
    id: makeUuidV7(1_700_000_000_000 + number, random),
    node_id: "node-1",
    file_name: `2026-11/${number}.ptnr`,
    kind: "terminal",
    protocol: "ssh",
    person_id: "p-1",
    person_name: "Alice",
    target_id: "t-1",
    target_name: "web1",
    machine_name: "web1",
    site_id: "north",
    account_name: "root",
    grant_id: "g-1",
    reason: "",
    search_text: searchText(["Alice", `Évreux ${number} 100%`]),
    retention_days: 90,
    started_at_ms: 1_000 + number,
    ended_at_ms: 2_000,
    duration_ms: 1_000,
    size_bytes: 5_000_000_000,
    end_code: "closed-by-person",
    integrity: "complete",
    journal_count: 0,
    journal_head: "",
    expires_at_ms: 5_000 + number,
    is_on_hold: 0,
    hold_reason: null,
    hold_by_name: null,
    hold_at_ms: null,
    deleted_reason: null,
    deleted_by_name: null,
    deleted_at_ms: null,
    deletion_entry_id: null,
    verdict: null,
    comment_count: 0,
    ...change,
  };
}

for (const engine of ["sqlite", "postgresql", "mariadb"] as const satisfies readonly StoreEngine[])
  describe(`recordings in the store on ${engine}`, () => {
    let tested: TestStore;
    let rows: RecordingStore;
    before(async () => {
      tested = await testStore(engine);
      rows = new RecordingStore(tested.store);
    });
    after(() => tested.dispose());

    test("a row comes back as it was written, and changes", async () => {
      const row = makeRow();
      await rows.insert(row);
      assert.deepEqual({ ...(await rows.find(row.id)) }, row);
      await rows.update(row.id, { integrity: "altered", size_bytes: 6_000_000_000 });
      assert.equal((await rows.find(row.id))?.size_bytes, 6_000_000_000);
      await rows.remove(row.id);
      assert.equal(await rows.find(row.id), null);
    });

    test("lists are filtered, searched without case and accents, confined to sites and paged", async () => {
      for (let at = 0; at < 5; at++)
        await rows.insert(makeRow({ site_id: at < 3 ? "north" : "south", started_at_ms: 7 }));
      const everywhere = { siteIds: null };
      const first = await rows.list(everywhere, { limit: 2 });
      const second = await rows.list(everywhere, { limit: 9, cursor: first.nextCursor ?? undefined });
      const ids = [...first.rows, ...second.rows].map(({ id }) => id);
      assert.deepEqual([ids.length, new Set(ids).size, second.nextCursor], [5, 5, null]);
      assert.equal((await rows.list({ siteIds: ["south"] }, { limit: 9 })).total, 2);
      assert.equal((await rows.list({ siteIds: [] }, { limit: 9 })).total, 0);
      assert.equal((await rows.list({ siteIds: null, search: "EVREUX alice 100%" }, { limit: 9 })).total, 5);
      assert.equal((await rows.list({ siteIds: null, search: "evreux% bob" }, { limit: 9 })).total, 0);
      assert.equal(
        (await rows.list({ siteIds: null, isOnHold: true, kind: "terminal" }, { limit: 9 })).total,
        0,
      );
    });

    test("expired rows are summed, those under hold counted apart", async () => {
      await rows.insert(makeRow({ is_on_hold: 1, expires_at_ms: 1 }));
      const found = await rows.expired({ atMs: 1_000_000, siteIds: ["north"], limit: 2 });
      assert.deepEqual(
        [found.total, found.totalBytes, found.heldCount, found.rows.length],
        [3, 15_000_000_000, 1, 2],
      );
      assert.equal((await rows.expired({ atMs: 2, siteIds: null, limit: 2 })).total, 0);
    });

    test("marks are counted, and removed by their author only", async () => {
      const row = makeRow();
      await rows.insert(row);
      const comment = {
        session_id: row.id,
        at_ms: 5,
        text: "hé",
        author_id: "p-9",
        author_name: "Nina",
        created_at_ms: 1,
      };
      await rows.addComment({ ...comment, id: "c-1" });
      await rows.addComment({ ...comment, id: "c-2", at_ms: 1 });
      assert.deepEqual(
        (await rows.comments(row.id)).map(({ id }) => id),
        ["c-2", "c-1"],
      );
      assert.equal((await rows.find(row.id))?.comment_count, 2);
      assert.equal(await rows.removeComment({ id: "c-1", sessionId: row.id, authorId: "p-1" }), false);
      assert.equal(await rows.removeComment({ id: "c-1", sessionId: row.id, authorId: "p-9" }), true);
      assert.equal((await rows.find(row.id))?.comment_count, 1);
    });
  });

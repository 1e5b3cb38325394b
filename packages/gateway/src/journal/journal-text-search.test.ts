import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { makeUuidV7 } from "@poterne/bytes";
import type { JournalFilters } from "@poterne/contract";
import { journalText } from "../store/journal-search.ts";
import type { StoreEngine } from "../store/store.ts";
import { type TestStore, testStore } from "../store/testing/test-stores.ts";
import { listEntries } from "./journal-queries.ts";
import type { JournalEntryRow } from "./journal-tables.ts";

/** More than the sample of the newest holds, so that the index is asked. */
const ENTRIES = 9_000;
const FIRST_MS = 1_700_000_000_000;

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) searchesByIndex(engine);

function searchesByIndex(engine: StoreEngine): void {
  describe(`searching ${ENTRIES} journal entries on ${engine}`, () => {
    let tested: TestStore;
    const entries = Array.from({ length: ENTRIES }, (_, index) => makeEntry(index));
    before(async () => {
      tested = await testStore(engine);
      for (let start = 0; start < ENTRIES; start += 100)
        await tested.store.db
          .insertInto("journal_entry")
          .values(entries.slice(start, start + 100))
          .execute();
    });
    after(() => tested.dispose());

    /** All pages of a search, and what the first said of the total. */
    async function readAll(filters: JournalFilters, limit = 50) {
      const question = { filters, siteIds: null };
      const first = await listEntries(tested.store, question, { limit, cursor: null });
      const ids = first.rows.map(({ id }) => id);
      for (let page = first; page.hasMore; ) {
        page = await listEntries(tested.store, question, { limit, cursor: ids.at(-1) ?? null });
        ids.push(...page.rows.map(({ id }) => id));
      }
      return { ids, total: first.total, isTotalExact: first.isTotalExact };
    }

    /** What reading every entry finds. */
    function expected(words: readonly string[], kind?: string): string[] {
      const found = entries.filter((entry) => words.every((word) => entry.search_text.includes(` ${word}`)));
      const ofKind = found.filter((entry) => kind === undefined || entry.kind === kind);
      return ofKind.map(({ id }) => id).reverse();
    }

    it("finds a rare word among the oldest, alone and with one that every entry has, page by page", async () => {
      const all = expected(["rare"]);
      assert.ok(all.length > 50);
      for (const search of ["rare", "common rare", "rare common"]) {
        assert.deepEqual(await readAll({ search }, 20), { ids: all, total: all.length, isTotalExact: true });
      }
    });

    it("finds every entry of a word that was frequent once and is no more", async () => {
      const all = expected(["past"]);
      assert.ok(all.length > 2_000);
      const { ids, total, isTotalExact } = await readAll({ search: "past" }, 200);
      assert.deepEqual(ids, all);
      assert.ok(isTotalExact ? total === all.length : total < all.length);
    });

    it("finds frequent words without counting them all", async () => {
      const all = expected(["com", "left"]);
      const { ids, total, isTotalExact } = await readAll({ search: "com left" }, 200);
      assert.deepEqual(ids, all);
      assert.equal(isTotalExact, false);
      assert.ok(total <= all.length);
    });

    it("finds a word of medium frequency by reading on behind the sample", async () => {
      const all = expected(["medium"]);
      assert.deepEqual((await readAll({ search: "medium" }, 40)).ids, all);
    });

    it("finds nothing where two frequent words never meet, nor for a word nobody wrote", async () => {
      for (const search of ["left right", "zyzzyva", "common zyzzyva"])
        assert.deepEqual(await readAll({ search }), { ids: [], total: 0, isTotalExact: true });
    });

    it("keeps the other filters", async () => {
      const all = expected(["past"], "odd.kind");
      const { ids } = await readAll({ search: "past", kind: "odd.kind" }, 200);
      assert.deepEqual(ids, all);
    });
  });
}

function makeEntry(index: number): JournalEntryRow {
  const random = new Uint8Array(10).fill(index % 251);
  const words = ["common", index % 2 === 0 ? "left" : "right"];
  if (index < 3_500 && index % 50 === 0) words.push("rare");
  if (index < 3_000) words.push("past");
  if (index % 200 === 0) words.push("medium");
  const kind = index % 3 === 0 ? "odd.kind" : "even.kind";
  return {
    id: makeUuidV7(FIRST_MS + index * 1_000, random),
    node_id: "node",
    epoch: 1,
    sequence: index,
    hash: index.toString(16).padStart(64, "0"),
    at_ms: FIRST_MS + index * 1_000,
    kind,
    noun: kind.slice(0, kind.indexOf(".")),
    level: "info",
    actor_person_id: null,
    actor_name: "Système",
    source_address: "192.0.2.7",
    person_id: null,
    target_id: null,
    machine_id: null,
    site_id: null,
    session_id: null,
    grant_id: null,
    details: "{}",
    search_text: journalText(words),
  };
}

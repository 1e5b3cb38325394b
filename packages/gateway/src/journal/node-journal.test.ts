import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { kill } from "node:process";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  exportJournalCsv,
  exportJournalJson,
  Failure,
  listJournal,
  listUnreadAlarms,
  markAlarmsRead,
  type Route,
  readJournalEntry,
  readJournalState,
} from "@poterne/contract";
import type { z } from "zod";
import type { RequestContext } from "../http/context.ts";
import type { Handler } from "../http/handlers.ts";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import { openStore } from "../store/open-store.ts";
import { type TestStore, testStores } from "../store/testing/test-stores.ts";
import type { JournalEntry } from "./journal.ts";
import { toCell } from "./journal-export.ts";
import { journalHandlers } from "./journal-handlers.ts";
import { NodeJournal } from "./node-journal.ts";

const environment = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  randomBytes: () => assert.fail("not used"),
};

function entry(changed: Partial<JournalEntry> = {}): JournalEntry {
  return {
    kind: "session.opened",
    level: "info",
    actor: { personId: null, name: "Système" },
    sourceAddress: "192.0.2.7",
    subject: {},
    details: {},
    ...changed,
  };
}

function contextOf(personId: string, siteIds: readonly string[] | null): RequestContext {
  const person = { personId, name: "Auditrice" };
  return {
    person: () => person,
    sourceAddress: "198.51.100.4",
    sitesWith: async () => siteIds,
    requireAt: async (_right: string, siteId: string | null) => {
      const isVisible = siteIds === null || (siteId !== null && siteIds.includes(siteId));
      if (!isVisible) throw new Failure("not-found");
    },
    setHeader: () => undefined,
    signal: new AbortController().signal,
  } as unknown as RequestContext;
}

function caller(handlers: readonly Handler[]) {
  return async <R extends Route>(
    route: R,
    context: RequestContext,
    input: { query?: z.input<R["query"]>; params?: z.input<R["params"]>; body?: z.input<R["body"]> } = {},
  ): Promise<z.output<R["reply"]>> => {
    const handler = handlers.find((one) => one.route === route) ?? assert.fail("no such handler");
    const parsed = {
      params: route.params.parse(input.params ?? {}),
      query: route.query.parse(input.query ?? {}),
      body: route.body.parse(input.body ?? {}),
    };
    return route.reply.parse(await handler.run(parsed, context)) as z.output<R["reply"]>;
  };
}

async function textOf(stream: unknown): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of stream as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

const stores = await testStores();
after(() => Promise.all(stores.map((one) => one.dispose())));

for (const testStore of stores) {
  describe(`the journal with ${testStore.engine}`, () => {
    let keeper: TestKeeper;
    let journal: NodeJournal;
    let call: ReturnType<typeof caller>;
    const troubles: unknown[] = [];
    const alice = randomUUID();
    const paris = randomUUID();
    const lyon = randomUUID();
    const sessionId = randomUUID();
    const auditor = contextOf(randomUUID(), null);
    const start = (store: TestStore["store"] = testStore.store) => {
      const made = new NodeJournal({
        keeper: keeper.keeper,
        store,
        environment,
        nodeId: "node-1",
        onTrouble: (error) => troubles.push(error),
      });
      const handlers = journalHandlers({
        store,
        keeper: keeper.keeper,
        environment,
        nodeId: "node-1",
        journal: made,
        syslog: null,
      });
      call = caller(handlers);
      return made;
    };
    before(async () => {
      keeper = await testKeeper();
      journal = start();
    });
    after(async () => {
      await journal.close();
      await keeper.dispose();
    });

    it("shows what was just appended, by each filter", async () => {
      const id = await journal.append(
        entry({
          kind: "target.changed",
          level: "notice",
          actor: { personId: alice, name: "Alice Éluard" },
          sourceAddress: "203.0.113.9",
          subject: { siteId: paris, sessionId, machineId: paris, targetId: lyon },
          details: { "before.port": 22, "after.port": 2222, note: "O'Hara\\ 100% «sûr» 🚒" },
        }),
      );
      await journal.append(entry({ kind: "target.created", subject: { siteId: lyon, personId: alice } }));
      await journal.append(entry({ level: "alarm", subject: { siteId: lyon } }));
      const count = async (query: z.input<(typeof listJournal)["query"]>) =>
        (await call(listJournal, auditor, { query })).total;
      assert.equal(await count({ kind: "target.changed" }), 1);
      assert.equal(await count({ kind: "target." }), 2);
      assert.equal(await count({ level: "alarm" }), 1);
      assert.equal(await count({ personId: alice }), 2);
      assert.equal(await count({ sessionId }), 1);
      assert.equal(await count({ machineId: paris }), 1);
      assert.equal(await count({ targetId: lyon }), 1);
      assert.equal(await count({ siteId: lyon }), 2);
      assert.equal(await count({ sourceAddress: "203.0.113.9" }), 1);
      assert.equal(await count({ fromMs: Date.now() + 60_000 }), 0);
      assert.equal(
        await count({ fromMs: Date.now() - 60_000, toMs: Date.now() + 60_000, kind: "target." }),
        2,
      );
      const full = await call(readJournalEntry, auditor, { params: { entryId: id } });
      assert.deepEqual(full.changes, [{ name: "port", before: 22, after: 2222 }]);
      assert.equal(full.details.note, "O'Hara\\ 100% «sûr» 🚒");
      assert.equal(full.hash.length, 64);
    });

    it("finds words without case and accents, addresses, beginnings, and all of several terms", async () => {
      const found = async (search: string) =>
        (await call(listJournal, auditor, { query: { search, kind: "target." } })).items.length;
      assert.equal(await found("eluard"), 1);
      assert.equal(await found("ELUARD alice"), 1);
      assert.equal(await found("elu"), 1);
      assert.equal(await found("luard"), 0);
      assert.equal(await found("203.0.113.9"), 1);
      assert.equal(await found("203.0.113"), 1);
      assert.equal(await found("203.113"), 0);
      assert.equal(await found("o'hara"), 1);
      assert.equal(await found("alice nobody"), 0);
      assert.equal(await found("100%"), 1);
      assert.equal(await found("the com www"), 0);
      assert.equal(await found(`";--'`), 2);
    });

    it("pages from the newest to the oldest without a gap or a repetition", async () => {
      for (let index = 0; index < 25; index++)
        await journal.append(entry({ kind: "page.turned", details: { index } }));
      const seen: unknown[] = [];
      let cursor: string | null = null;
      do {
        const query: z.input<(typeof listJournal)["query"]> = { kind: "page.turned", limit: 10 };
        if (cursor !== null) query.cursor = cursor;
        const page: z.output<(typeof listJournal)["reply"]> = await call(listJournal, auditor, { query });
        seen.push(...page.items.map((item) => item.details.index));
        cursor = page.nextCursor;
      } while (cursor !== null);
      assert.deepEqual(
        seen,
        Array.from({ length: 25 }, (_, index) => 24 - index),
      );
    });

    it("hides other sites' entries, and those without a site, from a delegated administrator", async () => {
      const delegated = contextOf(randomUUID(), [paris]);
      const { items } = await call(listJournal, delegated, { query: { limit: 200 } });
      assert.ok(items.length > 0 && items.every((item) => item.subject.siteId === paris));
      const all = await call(listJournal, auditor, { query: { siteId: lyon } });
      const hidden = all.items[0] ?? assert.fail();
      const reading = call(readJournalEntry, delegated, { params: { entryId: hidden.entryId } });
      await assert.rejects(reading, (error) => error instanceof Failure && error.code === "not-found");
      assert.equal((await call(listUnreadAlarms, delegated)).unreadCount, 0);
      assert.deepEqual((await call(listJournal, contextOf(randomUUID(), []), {})).items, []);
    });

    it("journals who read it", async () => {
      await call(listJournal, auditor, { query: { search: "secret business" } });
      const { items } = await call(listJournal, auditor, { query: { kind: "journal.searched" } });
      const note = items.find((item) => item.details["filter.search"] === "secret business");
      assert.equal(note?.actor.name, "Auditrice");
      assert.equal(note?.sourceAddress, "198.51.100.4");
    });

    it("keeps alarms unread per person until marked", async () => {
      const { items, unreadCount } = await call(listUnreadAlarms, auditor);
      assert.ok(unreadCount >= 1 && items.length === unreadCount);
      const upToEntryId = items[0]?.entryId ?? assert.fail();
      assert.equal((await call(markAlarmsRead, auditor, { body: { upToEntryId } })).unreadCount, 0);
      const oldest = items.at(-1)?.entryId ?? assert.fail();
      assert.equal((await call(markAlarmsRead, auditor, { body: { upToEntryId: oldest } })).unreadCount, 0);
      assert.equal((await call(listUnreadAlarms, contextOf(randomUUID(), null))).unreadCount, unreadCount);
      await journal.append(entry({ level: "alarm" }));
      await journal.settle();
      assert.equal((await call(listUnreadAlarms, auditor)).unreadCount, 1);
    });

    it("exports CSV and JSON lines, oldest first, filtered", async () => {
      const csv = await textOf(await call(exportJournalCsv, auditor, { query: { kind: "page.turned" } }));
      const rows = csv.trimEnd().split("\r\n");
      assert.equal(rows.length, 26);
      assert.match(rows[1] ?? "", /page\.turned,info,Système,.*"\{""index"":0\}"/);
      const text = await textOf(await call(exportJournalJson, auditor, { query: { search: "eluard" } }));
      const lines = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as { actor: { name: string } });
      assert.ok(lines.some((line) => line.actor.name === "Alice Éluard"));
    });

    it("catches the table up after the store was away, once each, with the same ids", async () => {
      await journal.close();
      const away = openStore(
        testStore.engine === "sqlite"
          ? { engine: "sqlite", file: "/nonexistent/store.sqlite", retryForMs: 10 }
          : { engine: testStore.engine, url: unreachable(testStore), retryForMs: 10 },
      );
      journal = start(away);
      const ids = await Promise.all(
        Array.from({ length: 2_500 }, () => journal.append(entry({ kind: "while.away" }))),
      );
      await journal.close();
      await away.close();
      assert.ok(troubles.length > 0);
      journal = start();
      const untilMs = performance.now() + 15_000;
      const newestId = ids.at(-1) ?? assert.fail();
      while (performance.now() < untilMs) {
        const found = await testStore.store.db
          .selectFrom("journal_entry")
          .select("id")
          .where("id", "=", newestId)
          .execute();
        if (found.length === 1) break;
        await sleep(50);
      }
      const stored = await testStore.store.db
        .selectFrom("journal_entry")
        .select("id")
        .where("kind", "=", "while.away")
        .orderBy("id")
        .execute();
      assert.deepEqual(
        stored.map((row) => row.id),
        [...ids].sort(),
      );
    });

    it("does not repeat what the table has when the place was lost", async () => {
      await journal.close();
      const count = async () =>
        Number(
          (
            await testStore.store.db
              .selectFrom("journal_entry")
              .select(({ fn }) => fn.countAll<number>().as("count"))
              .executeTakeFirstOrThrow()
          ).count,
        );
      const before = await count();
      await testStore.store.db.deleteFrom("journal_place").execute();
      journal = start();
      await journal.append(entry({ kind: "place.lost" }));
      await sleep(300);
      await journal.settle();
      const { sequence } = await keeper.keeper.journalState();
      while ((journal.copied?.sequence ?? 0) < sequence) await sleep(20);
      assert.equal(await count(), before + 1);
    });

    it("tells the state of the chain", async () => {
      await journal.settle();
      const state = await call(readJournalState, auditor);
      assert.equal(state.isAvailable, true);
      assert.equal(state.publicKeys.length, 1);
      assert.ok(state.sequence > 2_500 && state.copiedSequence > 2_500);
    });

    it("refuses while the keeper is dead, and goes on after", async () => {
      const pid = keeper.keeper.pid ?? assert.fail();
      kill(pid, "SIGKILL");
      await sleep(30);
      await assert.rejects(
        journal.append(entry()),
        (error) => error instanceof Failure && error.code === "journal-unavailable",
      );
      assert.equal((await call(readJournalState, auditor)).isAvailable, false);
      while (!keeper.keeper.isAvailable) await sleep(20);
      await journal.append(entry({ kind: "keeper.back".replace("keeper", "guard") }));
    });
  });
}

function unreachable(testStore: TestStore): string {
  const { options } = testStore;
  assert.ok("url" in options);
  const url = new URL(options.url);
  url.port = "1";
  return url.href;
}

describe("a CSV cell", () => {
  it("is quoted when it must be and never a formula", () => {
    assert.equal(toCell('a,"b"\n'), '"a,""b""\n"');
    assert.equal(toCell("=cmd|x"), "'=cmd|x");
    assert.equal(toCell("@SUM(A1)"), "'@SUM(A1)");
    assert.equal(toCell(-5), "-5");
    assert.equal(toCell(null), "");
  });
});

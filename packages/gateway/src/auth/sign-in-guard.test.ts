import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { Failure } from "@poterne/contract";
import { type TestStore, testStores } from "../store/testing/test-stores.ts";
import { checkGuarded, SignInGuard } from "./sign-in-guard.ts";

describe("the guard of sign-ins", () => {
  let stores: readonly TestStore[];
  const clock = { nowMs: 1_800_000_000_000 };
  const environment = {
    now: () => clock.nowMs,
    monotonicMs: () => clock.nowMs,
    randomBytes: (count: number) => new Uint8Array(randomBytes(count)),
  };

  before(async () => {
    stores = await testStores();
  });
  after(async () => {
    for (const store of stores ?? []) await store.dispose();
  });

  async function waitOf(attempt: Promise<unknown>): Promise<string> {
    try {
      await attempt;
      return "free";
    } catch (error) {
      assert.ok(error instanceof Failure);
      return `${error.code} ${error.details.seconds}`;
    }
  }

  it("lets three failures pass, then doubles the wait up to five minutes, and forgets after an hour", async () => {
    for (const { engine, store } of stores) {
      const guard = new SignInGuard(store, environment);
      let source = 0;
      const attempt = () => guard.attemptLogin("amelie", `198.51.100.${source++ % 250}`);
      for (let count = 0; count < 4; count++) assert.equal(await waitOf(attempt()), "free", engine);
      for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
        assert.equal(await waitOf(attempt()), `too-many-requests ${seconds}`, engine);
        clock.nowMs += seconds * 1000;
        assert.equal(await waitOf(attempt()), "free", engine);
      }
      clock.nowMs += 2 * 3_600_000;
      for (let count = 0; count < 4; count++) assert.equal(await waitOf(attempt()), "free", engine);
    }
  });

  it("counts guesses made at the same moment one by one", async () => {
    for (const { engine, store } of stores) {
      const guard = new SignInGuard(store, environment);
      const attempts = Array.from({ length: 12 }, (_, index) =>
        waitOf(guard.attemptLogin("parallel", `203.0.113.${index}`)),
      );
      const free = (await Promise.all(attempts)).filter((wait) => wait === "free");
      assert.equal(free.length, 4, engine);
    }
  });

  it("bans a network after thirty failures, the whole /64 of an IPv6 address, and nobody else", async () => {
    for (const { engine, store } of stores) {
      const guard = new SignInGuard(store, environment);
      for (const [family, address] of [
        ["v4", () => "192.0.2.66"],
        ["v6", (index: number) => `2001:db8:66::${index.toString(16)}`],
      ] as const) {
        for (let index = 0; index < 30; index++) {
          const attempt = await guard.attemptLogin(`nobody-${family}-${index}`, address(index));
          assert.equal(attempt.banMs, index === 29 ? 900_000 : 0, engine);
          attempt.fail();
        }
        const banned = guard.attemptLogin("somebody", address(99));
        assert.equal(await waitOf(banned), "source-banned 900", engine);
      }
      assert.equal(await waitOf(guard.attemptLogin("somebody", "192.0.2.67")), "free", engine);
      assert.equal(await waitOf(guard.attemptLogin("somebody", "2001:db8:67::1")), "free", engine);
      // A ban holds across a restart: the counts are in the store.
      const later = new SignInGuard(store, environment);
      assert.equal(await waitOf(later.attemptSource("192.0.2.66")), "source-banned 900", engine);
      clock.nowMs += 900_000;
      assert.equal(await waitOf(later.attemptSource("192.0.2.66")), "free", engine);
      assert.equal(await waitOf(later.attemptSource("192.0.2.66")), "source-banned 1800", engine);
    }
  });

  it("bans nobody for right passwords at once, and still does for the wrong ones among them", async () => {
    for (const { engine, store } of stores) {
      const guard = new SignInGuard(store, environment);
      const enter = async (index: number, isRight: boolean) => {
        const attempt = await guard.attemptLogin(`office-${index}`, "192.0.2.150");
        await new Promise((resolve) => setTimeout(resolve, 5 + (index % 7)));
        if (isRight) await attempt.succeed();
        else attempt.fail();
      };
      // The thirtieth, whose charge brings the ban, is wrong; all others are right.
      const office = Array.from({ length: 120 }, (_, index) => waitOf(enter(index, index !== 29)));
      assert.deepEqual([...new Set(await Promise.all(office))], ["free"], engine);
      const row = (await store.db.selectFrom("sign_in_guard").selectAll().execute()).find(
        ({ guard_key }) => guard_key === "source:192.0.2.150",
      );
      assert.deepEqual([row?.failures, row?.blocked_until_ms], [1, 0], engine);
      const guesses = Array.from({ length: 60 }, (_, index) => waitOf(enter(1000 + index, false)));
      const outcomes = await Promise.all(guesses);
      assert.equal(outcomes.filter((outcome) => outcome === "free").length, 29, engine);
      assert.equal(outcomes.filter((outcome) => outcome === "source-banned 900").length, 31, engine);
    }
  });

  it("takes a success back from the source and forgets the login's failures", async () => {
    for (const { engine, store } of stores) {
      const guard = new SignInGuard(store, environment);
      for (let count = 0; count < 3; count++) await guard.attemptLogin("careful", "192.0.2.99");
      const right = await guard.attemptLogin("careful", "192.0.2.99");
      await right.succeed();
      const rows = await store.db.selectFrom("sign_in_guard").selectAll().execute();
      assert.equal(rows.find((row) => row.guard_key === "source:192.0.2.99")?.failures, 3, engine);
      for (let count = 0; count < 4; count++)
        assert.equal(await waitOf(guard.attemptLogin("careful", "192.0.2.98")), "free", engine);
    }
  });

  it("takes back what could not be checked, and only that", async () => {
    const sqlite = stores[0];
    assert.ok(sqlite);
    const guard = new SignInGuard(sqlite.store, environment);
    for (let count = 0; count < 3; count++) await guard.attemptLogin("busy", "192.0.2.101");
    for (let count = 0; count < 5; count++) {
      const attempt = await guard.attemptLogin("busy", "192.0.2.101");
      const failure = new Failure("too-many-requests", { seconds: 5 });
      await assert.rejects(
        checkGuarded(attempt, () => Promise.reject(failure)),
        failure,
      );
    }
    assert.equal(await waitOf(guard.attemptLogin("busy", "192.0.2.101")), "free");
    assert.equal(await waitOf(guard.attemptLogin("busy", "192.0.2.101")), "too-many-requests 1");
  });

  it("keeps a bounded number of rows", async () => {
    const sqlite = stores[0];
    assert.ok(sqlite);
    const { db } = sqlite.store;
    clock.nowMs += 48 * 3_600_000;
    const guard = new SignInGuard(sqlite.store, environment, 1000);
    for (let chunk = 0; chunk < 101; chunk++)
      await db
        .insertInto("sign_in_guard")
        .values(
          Array.from({ length: 50 }, (_, index) => ({
            guard_key: `source:flood-${chunk}-${index}`,
            failures: 1,
            updated_at_ms: clock.nowMs + chunk,
            blocked_until_ms: 0,
          })),
        )
        .execute();
    await guard.sweep();
    const { count } = await db
      .selectFrom("sign_in_guard")
      .select((select) => select.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    assert.equal(count, 1000);
  });
});

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { createMachine, createSite, deleteMachine } from "@poterne/contract";
import { TestWorld } from "../access/testing/test-world.ts";
import { purgeDeleted } from "../fleet/purge.ts";
import { envelopeKeyId } from "../keeper/envelope.ts";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import type { StoreEngine } from "../store/store.ts";
import { licenceEnvelopes } from "../vault/envelope-sources.ts";
import { LicenceStore, MAX_LICENCES } from "./licence-store.ts";

const SESSION_ID = "019ab000-0000-7000-8000-000000000001";
const key = (digit: string) => digit.repeat(64);
const licence = (text: string, of = key("a")) => ({ key: of, version: 0x60003, bytes: Buffer.from(text) });

let kept: TestKeeper;
before(async () => {
  kept = await testKeeper();
});
after(() => kept.dispose());

/** A world with two targets, and the licences of a gateway of this name. */
async function openWorld(engine: StoreEngine) {
  const world = await TestWorld.open(engine);
  const { admin, dependencies } = world;
  const { siteId } = await world.call(admin, createSite, { body: { name: "S", parentId: null } });
  const machines = await Promise.all(
    ["rds1", "rds2"].map((name) =>
      world.call(admin, createMachine, {
        body: { name, siteId, addresses: ["192.0.2.1"], targets: [{ protocol: "rdp" }] },
      }),
    ),
  );
  const targets = machines.map((machine) => machine.targets[0]?.targetId ?? assert.fail("no target"));
  const { store } = dependencies;
  const environment = { now: () => world.nowMs++, randomBytes: (count: number) => randomBytes(count) };
  const warnings: unknown[] = [];
  const logger = { warn: (what: unknown) => void warnings.push(what) };
  const licences = (
    nodeId: string,
    keeper = kept.keeper as Pick<TestKeeper["keeper"], "sealSecret" | "openSecret">,
  ) => new LicenceStore({ store, keeper, environment, nodeId, logger });
  const [first = "", second = ""] = targets;
  return { world, machines, first, second, licences, warnings, store };
}

for (const engine of ["sqlite", "postgresql", "mariadb"] as const)
  describe(`licences on ${engine}`, () => {
    let of: Awaited<ReturnType<typeof openWorld>>;
    before(async () => {
      of = await openWorld(engine);
    });
    after(() => of.world.close());

    test("a licence is found again for its target and its gateway only, and never in the open", async () => {
      const { first, second, licences, store } = of;
      const shelf = licences("n1").shelf(first, SESSION_ID);
      await shelf.keep(licence("one"));
      assert.deepEqual(await licences("n1").shelf(first, SESSION_ID).load(), [licence("one")]);
      assert.deepEqual(await licences("n1").shelf(second, SESSION_ID).load(), []);
      assert.deepEqual(await licences("n2").shelf(first, SESSION_ID).load(), []);
      const row = await store.db.selectFrom("rdp_licence").selectAll().executeTakeFirstOrThrow();
      assert.equal(Buffer.from(row.envelope).includes("one"), false);
      assert.match(envelopeKeyId(row.envelope), /^[0-9a-f]{16}$/);
    });

    test("another one for the same takes its place; what is forgotten is gone; there is a limit", async () => {
      const { first, licences, store } = of;
      const shelf = licences("n1").shelf(first, SESSION_ID);
      await shelf.keep(licence("two"));
      assert.deepEqual(await shelf.load(), [licence("two")]);
      const others = ["b", "c", "d", "e", "f"].map((digit) => licence(digit, key(digit)));
      for (const one of others) await shelf.keep(one);
      assert.deepEqual(await shelf.load(), others.slice(-MAX_LICENCES).toReversed());
      for (const one of others) await shelf.forget(one.key);
      assert.deepEqual(await shelf.load(), []);
      assert.deepEqual(await store.db.selectFrom("rdp_licence").selectAll().execute(), []);
    });

    test("they are wrapped anew with the master key, and go with their target", async () => {
      const { world, machines, first, second, licences, store } = of;
      for (const target of [first, second])
        await licences("n1").shelf(target, SESSION_ID).keep(licence(target));
      const contexts: string[] = [];
      for await (const { context, envelope } of licenceEnvelopes(store).envelopes()) {
        contexts.push(context);
        assert.equal(
          Buffer.from(await kept.keeper.openSecret(context, envelope, `session:${SESSION_ID}`)).length,
          36,
        );
      }
      assert.equal(contexts.length, 2);
      const { admin, dependencies } = world;
      const [machine] = machines;
      await world.call(admin, deleteMachine, { params: { machineId: machine?.machineId ?? "" } });
      world.nowMs += 31 * 86_400_000;
      await purgeDeleted({ ...dependencies, nowMs: world.nowMs });
      const left = await store.db.selectFrom("rdp_licence").select("target_id").execute();
      assert.deepEqual(left, [{ target_id: second }]);
    });

    test("a keeper that is away, and an envelope of a lost key, keep nobody out", async () => {
      const { second, licences, warnings, store } = of;
      const away = async () => {
        throw new Error("away");
      };
      const without = licences("n1", { sealSecret: away, openSecret: away }).shelf(second, SESSION_ID);
      assert.deepEqual(await without.load(), []);
      await without.keep(licence("lost"));
      assert.equal(warnings.length, 2);
      await store.db
        .updateTable("rdp_licence")
        .set({ envelope: randomBytes(200) })
        .execute();
      assert.deepEqual(await licences("n1").shelf(second, SESSION_ID).load(), []);
      assert.equal(warnings.length, 2);
    });
  });

test("the hardware id is the gateway's: the same for every target and session, another on another gateway", async () => {
  const of = await openWorld("sqlite");
  try {
    const id = (node: string, target: string, session: string) =>
      Buffer.from(of.licences(node).shelf(target, session).hardwareId).toString("hex");
    assert.equal(id("n1", of.first, SESSION_ID), id("n1", of.second, `${SESSION_ID.slice(0, -1)}2`));
    assert.notEqual(id("n1", of.first, SESSION_ID), id("n2", of.first, SESSION_ID));
    assert.equal(id("n1", of.first, SESSION_ID).length, 32);
  } finally {
    await of.world.close();
  }
});

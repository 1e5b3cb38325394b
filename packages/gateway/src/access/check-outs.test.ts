import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createSite,
  deleteGrant,
  endCheckout,
  getAccount,
  listCheckouts,
  listMyCheckouts,
  returnCheckout,
  setCheckoutRule,
  takeCheckout,
} from "@poterne/contract";
import { expireCheckOuts } from "./check-out-changes.ts";
import { makeCheckOutQuestion } from "./check-outs.ts";
import { isFailure, type TestCaller, TestWorld } from "./testing/test-world.ts";

const MINUTE_MS = 60_000;

interface Made {
  readonly ada: TestCaller;
  readonly bea: TestCaller;
  readonly accountId: string;
  readonly grantId: string;
}

/** An account that two people of a group may use, lent for an hour at most. */
async function make(world: TestWorld): Promise<Made> {
  const { admin } = world;
  const [ada, bea] = [await world.addPerson("Ada"), await world.addPerson("Bea")];
  const groupId = await world.addGroup("Both", { personIds: [ada.personId, bea.personId] });
  const { siteId } = await world.call(admin, createSite, { body: { name: "Site", parentId: null } });
  await world.call(admin, createMachine, {
    body: { name: "M", siteId, addresses: ["192.0.2.1"], targets: [{ name: "ssh", protocol: "ssh" }] },
  });
  const made = await world.call(admin, createAccount, { body: { name: "root", kind: "ask" } });
  const { accountId } = made;
  const { policyId } = await world.call(admin, createPolicy, { body: { name: "P", rules: {} } });
  const { grantId } = await world.call(admin, createGrant, {
    body: { groupId, siteIds: [siteId], accountIds: [accountId], policyId },
  });
  const body = { version: made.version, maxMinutes: 60, changesAfterReturn: true };
  await world.call(admin, setCheckoutRule, { params: { accountId }, body });
  return { ada, bea, accountId, grantId };
}

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`check-outs of shared accounts on ${engine}`, () => {
    const run = (name: string, body: (world: TestWorld, made: Made) => Promise<void>) =>
      test(name, async () => {
        const world = await TestWorld.open(engine);
        try {
          await body(world, await make(world));
        } finally {
          await world.close();
        }
      });
    const take = (world: TestWorld, made: Made, by: TestCaller, minutes = 30) =>
      world.call(by, takeCheckout, { body: { accountId: made.accountId, reason: "Panne", minutes } });
    const stateFor = (world: TestWorld, made: Made, who: TestCaller) =>
      makeCheckOutQuestion(world.dependencies.store)(made.accountId, who.personId, world.nowMs);
    const kinds = (world: TestWorld) =>
      world.journal
        .map(({ kind }) => kind)
        .filter((kind) => kind.startsWith("account."))
        .slice(2);

    run(
      "lends an account to one named person at a time, and tells the others who has it",
      async (world, made) => {
        assert.deepEqual(await stateFor(world, made, made.ada), {
          type: "not-held",
          holderName: null,
          endsAtMs: null,
        });
        const [mine] = (await take(world, made, made.ada)).items;
        assert.deepEqual([mine?.isMine, mine?.holder?.name], [true, "Caller"]);
        const endsAtMs = world.nowMs + 30 * MINUTE_MS;
        assert.deepEqual(await stateFor(world, made, made.ada), { type: "held", endsAtMs });
        await assert.rejects(take(world, made, made.bea), isFailure("checkout-held"));
        await assert.rejects(take(world, made, made.ada), isFailure("checkout-held"));
        const [seen] = (await world.call(made.bea, listMyCheckouts, {})).items;
        assert.deepEqual(
          [seen?.isMine, seen?.holder?.name, seen?.holder?.endsAtMs],
          [false, "Caller", endsAtMs],
        );
        const params = { accountId: made.accountId };
        await assert.rejects(world.call(made.bea, returnCheckout, { params }), isFailure("not-found"));
        await world.call(made.ada, returnCheckout, { params });
        world.nowMs += MINUTE_MS;
        assert.equal((await take(world, made, made.bea)).items[0]?.holder?.name, "Caller");
        assert.deepEqual(kinds(world), ["account.checked-out", "account.returned", "account.checked-out"]);
        const { items } = await world.call(world.admin, listCheckouts, { params });
        assert.deepEqual(
          items.map(({ personId, endKind }) => [personId, endKind]),
          [
            [made.bea.personId, null],
            [made.ada.personId, "returned"],
          ],
        );
      },
    );

    run("of two who take it at the same moment one gets it", async (world, made) => {
      const both = await Promise.allSettled([take(world, made, made.ada), take(world, made, made.bea)]);
      assert.deepEqual(both.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
      const refused = both.find((outcome) => outcome.status === "rejected");
      assert.ok(isFailure("checkout-held")(refused?.reason));
    });

    run("ends by the clock, before the sweep and with it, and by an administrator", async (world, made) => {
      await assert.rejects(take(world, made, made.ada, 61), isFailure("checkout-too-long"));
      await take(world, made, made.ada);
      world.nowMs += 30 * MINUTE_MS;
      assert.equal((await stateFor(world, made, made.ada)).type, "not-held");
      await take(world, made, made.bea);
      world.nowMs += 31 * MINUTE_MS;
      await expireCheckOuts(world.dependencies);
      assert.equal(world.journal.at(-1)?.kind, "account.checkout-expired");
      await take(world, made, made.ada);
      const params = { accountId: made.accountId };
      const changes = world.accessChanges;
      const { items } = await world.call(world.admin, endCheckout, { params, body: { reason: "urgence" } });
      assert.deepEqual(
        items.map(({ endKind }) => endKind),
        ["forced", "expired", "expired"],
      );
      assert.equal(world.accessChanges, changes + 1, "live sessions are decided again");
      assert.equal((await stateFor(world, made, made.ada)).type, "not-held");
    });

    run("marks the password as to be changed once it was given back", async (world, made) => {
      const params = { accountId: made.accountId };
      assert.equal((await world.call(world.admin, getAccount, { params })).isChangeDue, false);
      await take(world, made, made.ada);
      await world.call(made.ada, returnCheckout, { params });
      assert.equal((await world.call(world.admin, getAccount, { params })).isChangeDue, true);
    });

    run("is for those whose grant has the account, and nobody else", async (world, made) => {
      const stranger = await world.addPerson("Stranger");
      assert.deepEqual((await world.call(stranger, listMyCheckouts, {})).items, []);
      await assert.rejects(take(world, made, stranger), isFailure("not-found"));
      await world.call(world.admin, deleteGrant, { params: { grantId: made.grantId } });
      await assert.rejects(take(world, made, made.ada), isFailure("not-found"));
    });
  });
}

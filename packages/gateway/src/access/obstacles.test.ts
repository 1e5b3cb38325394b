import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createRequest,
  createSite,
  createVendorPass,
  decideVendorPass,
  setCheckoutRule,
  simulateAccess,
  takeCheckout,
  updateAccount,
  updateTarget,
  whyNot,
} from "@poterne/contract";
import { type TestCaller, TestWorld } from "./testing/test-world.ts";

const HOUR_MS = 3_600_000;

interface Made {
  readonly ada: TestCaller;
  readonly bea: TestCaller;
  readonly siteId: string;
  readonly targetId: string;
  readonly accountId: string;
  readonly policyId: string;
}

/** A target that two people of a group may open under these rules, with one account of this kind. */
async function make(world: TestWorld, rules: object = {}, kind: "ask" | "as-me" = "ask"): Promise<Made> {
  const { admin } = world;
  const [ada, bea] = [await world.addPerson("Ada"), await world.addPerson("Bea")];
  const groupId = await world.addGroup("Both", { personIds: [ada.personId, bea.personId] });
  const { siteId } = await world.call(admin, createSite, { body: { name: "Site", parentId: null } });
  const machine = await world.call(admin, createMachine, {
    body: { name: "M", siteId, addresses: ["192.0.2.1"], targets: [{ name: "ssh", protocol: "ssh" }] },
  });
  const { accountId } = await world.call(admin, createAccount, { body: { name: "a", kind } });
  const { policyId } = await world.call(admin, createPolicy, { body: { name: "P", rules } });
  await world.call(admin, createGrant, {
    body: { groupId, siteIds: [siteId], accountIds: [accountId], policyId },
  });
  return { ada, bea, siteId, targetId: machine.targets[0]?.targetId ?? "", accountId, policyId };
}

/** Makes a person one of a directory's. */
async function bind(world: TestWorld, personId: string, name: string): Promise<void> {
  const { db } = world.dependencies.store;
  const id = world.id();
  const fresh = { position: 1, is_enabled: 1, envelope: null, revision: 1, created_at_ms: world.nowMs };
  await db
    .insertInto("identity_provider")
    .values({ id, kind: "ldap", name, config: "{}", ...fresh })
    .execute();
  const binding = { person_id: personId, provider_id: id, subject: "ada", barred: "" as const };
  await db
    .insertInto("identity_binding")
    .values({ ...binding, checked_at_ms: world.nowMs })
    .execute();
}

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`what stands before a session on ${engine}`, () => {
    const run = (name: string, body: (world: TestWorld) => Promise<void>) =>
      test(name, async () => {
        const world = await TestWorld.open(engine);
        try {
          await body(world);
        } finally {
          await world.close();
        }
      });
    const simulate = (world: TestWorld, made: Made, more: object = {}) =>
      world.call(world.admin, simulateAccess, {
        body: { personId: made.ada.personId, targetId: made.targetId, ...more },
      });
    const hints = async (world: TestWorld, made: Made) =>
      (await simulate(world, made)).reasons.map(({ reason, hint }) => [reason, hint]);

    run("the gateway's own addresses, a guardian, and an account of a directory", async (world) => {
      const made = await make(world, { needsGuardian: true }, "as-me");
      const inside = await simulate(world, made, { sourceAddress: "192.0.2.9" });
      assert.equal(inside.isAllowed, true);
      assert.deepEqual(inside.obstacles, [
        { kind: "as-me", isBlocking: true, provider: null },
        { kind: "guardian", isBlocking: false, waitMinutes: 5 },
      ]);
      const [outside] = (await simulate(world, made, { sourceAddress: "198.51.100.9" })).obstacles;
      assert.deepEqual(outside, { kind: "portal", isBlocking: true, networks: ["192.0.2.0/24"] });

      await bind(world, made.ada.personId, "Annuaire");
      const [own] = (await simulate(world, made)).obstacles;
      assert.deepEqual(own, { kind: "as-me", isBlocking: false, provider: "Annuaire" });
    });

    run("a shared account that is free, that somebody else has, and that the person has", async (world) => {
      const made = await make(world);
      const body = { version: 1, maxMinutes: 60, changesAfterReturn: false };
      await world.call(world.admin, setCheckoutRule, { params: { accountId: made.accountId }, body });
      assert.deepEqual((await simulate(world, made)).obstacles, [
        { kind: "shared", isBlocking: true, holderName: null, endsAtMs: null },
      ]);
      const take = { accountId: made.accountId, reason: "Panne", minutes: 30 };
      await world.call(made.bea, takeCheckout, { body: take });
      const [held] = (await simulate(world, made)).obstacles;
      assert.equal(held?.kind === "shared" && held.endsAtMs, world.nowMs + HOUR_MS / 2);
      assert.ok(held?.kind === "shared" && held.holderName !== null);
      const hers = await world.call(world.admin, simulateAccess, {
        body: { personId: made.bea.personId, targetId: made.targetId },
      });
      assert.deepEqual(hers.obstacles, []);
    });

    run("a report that is owed, told to the administrator and to the person", async (world) => {
      const approval = { quorum: 1, maxMinutes: 60, emergencyMinutes: 30 };
      const made = await make(world, { approval });
      const body = { targetId: made.targetId, reason: "Panne", minutes: 30, isEmergency: true };
      await world.call(made.ada, createRequest, { body });
      const owed = { kind: "report", isBlocking: false, target: "M / ssh" };
      assert.deepEqual((await simulate(world, made)).obstacles, [owed]);
      world.nowMs += HOUR_MS;
      const params = { targetId: made.targetId };
      const why = await world.call(made.ada, whyNot, { params });
      assert.deepEqual([why.isAllowed, why.obstacles], [false, [owed]]);
      assert.deepEqual((await world.call(made.bea, whyNot, { params })).obstacles, []);
    });

    run("a vendor pass: none, not approved yet, before its slot, in it, after it", async (world) => {
      const made = await make(world);
      const { pass } = await world.call(world.admin, createVendorPass, {
        body: {
          person: { kind: "new", login: "tiers", name: "Tom" },
          company: "C",
          contract: "N",
          purpose: "P",
          fromMs: world.nowMs + HOUR_MS,
          toMs: world.nowMs + 2 * HOUR_MS,
          networks: ["192.0.2.0/24"],
          targetIds: [made.targetId],
          accountIds: [made.accountId],
          policyId: made.policyId,
          needsGuardian: true,
        },
      });
      const { fromMs, toMs } = pass;
      const of = async (atMs: number) => {
        const { personId } = pass.person;
        const body = { personId, targetId: made.targetId, atMs };
        return (await world.call(world.admin, simulateAccess, { body })).obstacles;
      };
      assert.deepEqual(await of(fromMs), [
        { kind: "pass", isBlocking: true, state: "pending", fromMs, toMs },
      ]);
      const approver = { ...(await world.addPerson("Approver")), roles: ["approver"] as const };
      const params = { passId: pass.passId };
      await world.call(approver, decideVendorPass, { params, body: { isApproval: true } });
      assert.deepEqual(await of(world.nowMs), [
        { kind: "pass", isBlocking: true, state: "before", fromMs, toMs },
      ]);
      assert.deepEqual(await of(fromMs), [{ kind: "guardian", isBlocking: false, waitMinutes: 5 }]);
      assert.deepEqual(await of(toMs), [{ kind: "pass", isBlocking: true, state: "after", fromMs, toMs }]);
      await world.dependencies.store.db.deleteFrom("vendor_pass").execute();
      assert.deepEqual(await of(fromMs), [
        { kind: "pass", isBlocking: true, state: "none", fromMs: null, toMs: null },
        { kind: "guardian", isBlocking: false, waitMinutes: 5 },
      ]);
    });

    run("every refusal says what would change it", async (world) => {
      const made = await make(world, { maxSessionsPerPerson: 1, maxSessionsPerTarget: 2 });
      world.sessionCounts = { ofPerson: 1, onTarget: 2 };
      assert.deepEqual(await hints(world, made), [
        ["sessions-per-person", { kind: "limit", of: "person", most: 1, live: 1 }],
        ["sessions-per-target", { kind: "limit", of: "target", most: 2, live: 2 }],
      ]);
      world.sessionCounts = { ofPerson: 0, onTarget: 0 };
      const { db } = world.dependencies.store;
      await db.updateTable("person").set({ is_disabled: 1 }).where("id", "=", made.ada.personId).execute();
      const params = { targetId: made.targetId };
      await world.call(world.admin, updateTarget, { params, body: { version: 1, isDisabled: true } });
      const account = { version: 1, isDisabled: true };
      await world.call(world.admin, updateAccount, { params: { accountId: made.accountId }, body: account });
      assert.deepEqual(await hints(world, made), [
        ["target-disabled", { kind: "enable", of: "target" }],
        ["person-disabled", { kind: "enable", of: "person" }],
        ["no-account", { kind: "account" }],
      ]);
      const nobody = { ...made, ada: await world.addPerson("Nobody") };
      assert.deepEqual(await hints(world, nobody), [["no-grant", { kind: "give" }]]);
    });
  });
}

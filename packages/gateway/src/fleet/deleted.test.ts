import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createSite,
  createTarget,
  deleteAccount,
  deleteGrant,
  deleteMachine,
  deletePolicy,
  deleteSite,
  deleteTarget,
  listDeleted,
  restoreGrant,
  restoreMachine,
  restorePolicy,
  restoreSite,
  restoreTarget,
} from "@poterne/contract";
import { TestWorld } from "../access/testing/test-world.ts";
import { FIRST_POLICY_ID } from "../store/migrations/0001-access.ts";

const DAY_MS = 86_400_000;

test("what was deleted is listed with its name and site for 30 days, and only where one administers", async () => {
  const world = await TestWorld.open();
  try {
    const { admin } = world;
    const anne = await world.addPerson("Anne");
    const site = (name: string, parentId: string | null) =>
      world.call(admin, createSite, { body: { name, parentId } });
    const north = await site("Nord", null);
    const south = await site("Sud", null);
    const empty = await site("Vide", north.siteId);
    const machine = (name: string, siteId: string) =>
      world.call(admin, createMachine, {
        body: { name, siteId, addresses: ["h"], targets: [{ protocol: "ssh" }] },
      });
    const first = await machine("srv-1", north.siteId);
    const second = await machine("srv-2", north.siteId);
    const foreign = await machine("srv-3", south.siteId);
    const target = await world.call(admin, createTarget, {
      params: { machineId: second.machineId },
      body: { protocol: "vnc", name: "bureau" },
    });
    const targetId = "targetId" in target ? String(target.targetId) : "";
    const account = await world.call(admin, createAccount, {
      body: { name: "root", kind: "ask", siteId: north.siteId },
    });
    const policy = await world.call(admin, createPolicy, { body: { name: "Stricte", siteId: north.siteId } });
    const grant = await world.call(admin, createGrant, {
      body: {
        siteId: north.siteId,
        personId: anne.personId,
        machineIds: [second.machineId],
        accountIds: [account.accountId],
        policyId: FIRST_POLICY_ID,
      },
    });
    const targetParams = { params: { targetId } };
    await world.call(admin, deleteGrant, { params: { grantId: grant.grantId } });
    await world.call(admin, deleteAccount, { params: { accountId: account.accountId } });
    await world.call(admin, deletePolicy, { params: { policyId: policy.policyId } });
    await world.call(admin, deleteTarget, targetParams);
    await world.call(admin, deleteMachine, { params: { machineId: first.machineId } });
    await world.call(admin, deleteMachine, { params: { machineId: foreign.machineId } });
    await world.call(admin, deleteSite, { params: { siteId: empty.siteId } });

    const names = async (caller: typeof admin) =>
      (await world.call(caller, listDeleted)).items.map(({ kind, name }) => `${kind} ${name}`).sort();
    const ofNorth = [
      "account root",
      "grant Anne · Politique par défaut",
      "machine srv-1",
      "policy Stricte",
      "site Vide",
      "target srv-2 · bureau",
    ];
    const policyName = (await names(admin)).find((name) => name.startsWith("grant ")) ?? "";
    assert.match(policyName, /^grant Anne · ./);
    ofNorth[1] = policyName;
    assert.deepEqual(await names(world.delegate(north.siteId)), ofNorth);
    assert.deepEqual(await names(admin), [...ofNorth, "machine srv-3"].sort());
    assert.deepEqual(await names(world.delegate(south.siteId)), ["machine srv-3"]);

    const { items, isCut } = await world.call(admin, listDeleted, { query: { kind: "machine", limit: 1 } });
    assert.deepEqual([items.length, isCut], [1, true]);
    assert.equal(items[0]?.restorableUntilMs, (items[0]?.deletedAtMs ?? 0) + 30 * DAY_MS);

    // Each comes back by its own route and leaves the list.
    await world.call(admin, restoreSite, { params: { siteId: empty.siteId } });
    await world.call(admin, restorePolicy, { params: { policyId: policy.policyId } });
    await world.call(admin, restoreGrant, { params: { grantId: grant.grantId } });
    await world.call(admin, restoreTarget, targetParams);
    await world.call(admin, restoreMachine, { params: { machineId: first.machineId } });
    assert.deepEqual(await names(world.delegate(north.siteId)), ["account root"]);

    world.nowMs += 31 * DAY_MS;
    assert.deepEqual(await names(admin), []);
  } finally {
    await world.close();
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createAccount,
  createGrant,
  createMachine,
  createSite,
  deleteAccount,
  deleteGrant,
  deleteMachine,
  deleteSite,
} from "@poterne/contract";
import { TestWorld } from "../access/testing/test-world.ts";
import { FIRST_POLICY_ID } from "../store/migrations/0001-access.ts";
import { purgeDeleted } from "./purge.ts";

test("what was deleted goes for good after 30 days, the living stays", async () => {
  const world = await TestWorld.open();
  try {
    const { admin, dependencies } = world;
    const anne = await world.addPerson("Anne");
    const { siteId } = await world.call(admin, createSite, { body: { name: "S", parentId: null } });
    const machine = await world.call(admin, createMachine, {
      body: { name: "m", siteId, addresses: ["h"], targets: [{ protocol: "ssh" }] },
    });
    const kept = await world.call(admin, createMachine, { body: { name: "kept", siteId, addresses: ["h"] } });
    const account = await world.call(admin, createAccount, { body: { name: "a", kind: "ask" } });
    const grant = await world.call(admin, createGrant, {
      body: {
        personId: anne.personId,
        machineIds: [machine.machineId],
        accountIds: [account.accountId],
        policyId: FIRST_POLICY_ID,
      },
    });
    await world.call(admin, deleteGrant, { params: { grantId: grant.grantId } });
    await world.call(admin, deleteAccount, { params: { accountId: account.accountId } });
    await world.call(admin, deleteMachine, { params: { machineId: machine.machineId } });
    const purge = () => purgeDeleted({ ...dependencies, nowMs: world.nowMs });
    assert.equal(await purge(), 0);
    world.nowMs += 31 * 86_400_000;
    assert.equal(await purge(), 4);
    assert.equal(world.journal.at(-1)?.kind, "inventory.purged");
    const left = await dependencies.store.db.selectFrom("machine").select("id").execute();
    assert.deepEqual(left, [{ id: kept.machineId }]);
    await world.call(admin, deleteMachine, { params: { machineId: kept.machineId } });
    await world.call(admin, deleteSite, { params: { siteId } });
    world.nowMs += 31 * 86_400_000;
    assert.equal(await purge(), 2);
    assert.equal(await purge(), 0);
  } finally {
    await world.close();
  }
});

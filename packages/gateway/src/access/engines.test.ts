import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  addTargetIdentity,
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createSite,
  deleteMachine,
  deletePolicy,
  deleteSite,
  importMachines,
  listAccounts,
  listGrants,
  listMachines,
  listMyMachines,
  listPolicies,
  listTargets,
  restoreMachine,
  setAccountPassword,
  setFavourite,
  simulateAccess,
  updateMachine,
  updatePolicy,
} from "@poterne/contract";
import { createAccess } from "./access-service.ts";
import { FactsCache } from "./facts-cache.ts";
import { isFailure, TestWorld } from "./testing/test-world.ts";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`inventory and access on ${engine}`, () => {
    test("go from an import to an open machine, through every list", async () => {
      const world = await TestWorld.open(engine);
      try {
        await walk(world);
      } finally {
        await world.close();
      }
    });

    test("a site never goes under a machine made at the same moment, nor a policy under a grant", async () => {
      const world = await TestWorld.open(engine);
      try {
        for (let round = 0; round < 4; round++) await race(world, round);
      } finally {
        await world.close();
      }
    });

    test("a change made by another node is seen with the next question", async () => {
      const world = await TestWorld.open(engine);
      try {
        const other = new FactsCache(world.dependencies.store);
        assert.equal((await other.current()).tree.sites.size, 0);
        await world.call(world.admin, createSite, { body: { name: "A", parentId: null } });
        assert.equal((await other.current()).tree.sites.size, 1);
      } finally {
        await world.close();
      }
    });
  });
}

async function race(world: TestWorld, round: number): Promise<void> {
  const { admin } = world;
  const { siteId } = await world.call(admin, createSite, { body: { name: `S${round}`, parentId: null } });
  const machines = await Promise.allSettled([
    world.call(admin, createMachine, { body: { name: "m", siteId, addresses: ["h"] } }),
    world.call(admin, deleteSite, { params: { siteId } }),
  ]);
  assert.equal(machines.filter((result) => result.status === "fulfilled").length, 1);
  const kept = (await world.call(admin, createSite, { body: { name: `K${round}`, parentId: null } })).siteId;
  const person = await world.addPerson("P");
  const account = await world.call(admin, createAccount, { body: { name: `a${round}`, kind: "ask" } });
  const { policyId } = await world.call(admin, createPolicy, { body: { name: `p${round}` } });
  const grant = { personId: person.personId, siteIds: [kept], accountIds: [account.accountId], policyId };
  const grants = await Promise.allSettled([
    world.call(admin, createGrant, { body: grant }),
    world.call(admin, deletePolicy, { params: { policyId } }),
  ]);
  assert.equal(grants.filter((result) => result.status === "fulfilled").length, 1);
}

async function walk(world: TestWorld): Promise<void> {
  const { admin } = world;
  const anne = await world.addPerson("Anne");
  const group = await world.addGroup("Équipe", { personIds: [anne.personId] });
  const lines = Array.from(
    { length: 120 },
    (_, index) => `Site ${index % 7},machine ${index},10.0.0.${index},ssh`,
  );
  const file = Buffer.from(["site,machine,addresses,protocol", ...lines].join("\n"));
  const report = await world.call(admin, importMachines, { query: { dryRun: "false" }, rawBody: file });
  assert.deepEqual([report.isApplied, report.sitesCreated, report.machinesCreated], [true, 7, 120]);
  const found = await world.call(admin, listMachines, { query: { search: "MACHINE 11", limit: 5 } });
  assert.equal(found.total, 11);
  const [first] = found.items;
  assert.ok(first);
  const params = { machineId: first.machineId };
  await world.call(admin, updateMachine, { params, body: { version: 1, notes: "Évreux" } });
  await assert.rejects(
    world.call(admin, updateMachine, { params, body: { version: 1, notes: "x" } }),
    isFailure("conflict"),
  );
  const all = [];
  for (let cursor: string | undefined; ; ) {
    const query = { limit: 50, search: "machine", ...(cursor === undefined ? {} : { cursor }) };
    const page = await world.call(admin, listTargets, { query });
    all.push(...page.items);
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  assert.equal(new Set(all.map((target) => target.targetId)).size, 120);
  const targetId = all.find((target) => target.machineId === first.machineId)?.targetId ?? "";
  await world.call(admin, addTargetIdentity, { params: { targetId }, body: { text: HOST_KEY } });
  const policy = await world.call(admin, createPolicy, { body: { name: "Politique" } });
  const policyParams = { params: { policyId: policy.policyId } };
  const rules = { ...policy.rules, reason: "ticket" as const };
  await world.call(admin, updatePolicy, { ...policyParams, body: { version: 1, rules } });
  const account = await world.call(admin, createAccount, {
    body: { name: "root", kind: "password", username: "root" },
  });
  const password = { params: { accountId: account.accountId }, body: { password: "s" } };
  await world.call(admin, setAccountPassword, password);
  const grant = await world.call(admin, createGrant, {
    body: {
      groupId: group,
      siteIds: [first.siteId],
      accountIds: [account.accountId],
      policyId: policy.policyId,
    },
  });
  const simulated = await world.call(admin, simulateAccess, { body: { personId: anne.personId, targetId } });
  assert.equal(simulated.decidedBy?.grantId, grant.grantId);
  await world.call(anne, setFavourite, { params: { targetId }, body: { isFavourite: true } });
  const mine = await world.call(anne, listMyMachines, { query: { view: "favourites" } });
  assert.equal(mine.items[0]?.targets[0]?.facts.needsReason, "ticket");
  const access = createAccess(world.dependencies);
  const record = await access.account(account.accountId);
  assert.ok(record?.envelope instanceof Uint8Array);
  assert.equal((await access.target(targetId))?.identities.length, 1);
  assert.equal((await world.call(admin, listGrants, { query: { search: "equipe" } })).total, 0);
  assert.equal(
    (await world.call(admin, listGrants, { query: { search: "équipe", state: "active" } })).total,
    1,
  );
  assert.equal(
    (await world.call(admin, listAccounts, { query: { search: "ROOT" } })).items[0]?.grantCount,
    1,
  );
  assert.equal(
    (await world.call(admin, listPolicies, { query: { search: "polit" } })).items[0]?.grantCount,
    1,
  );
  await world.call(admin, deleteMachine, { params });
  assert.equal(await access.target(targetId), null);
  await world.call(admin, restoreMachine, { params });
  assert.notEqual(await access.target(targetId), null);
}

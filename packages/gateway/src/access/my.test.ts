import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  createAccount,
  createGrant,
  createMachine,
  createSite,
  getMyTarget,
  listMyMachines,
  listMySites,
  setFavourite,
  updateGrant,
  updateMachine,
  whyNot,
} from "@poterne/contract";
import { FIRST_POLICY_ID } from "../store/migrations/0001-access.ts";
import { createAccess } from "./access-service.ts";
import { noteOpened } from "./person-targets.ts";
import { isFailure, type TestCaller, TestWorld } from "./testing/test-world.ts";

describe("my machines", () => {
  let world: TestWorld;
  let admin: TestCaller;
  let anne: TestCaller;
  let site: string;
  let ask: string;
  const targets = new Map<string, string>();
  before(async () => {
    world = await TestWorld.open();
    admin = world.admin;
    anne = await world.addPerson("Anne");
    const top = await world.call(admin, createSite, { body: { name: "Évry", parentId: null } });
    const body = { name: "Caserne", parentId: top.siteId };
    site = (await world.call(admin, createSite, { body })).siteId;
    ask = (await world.call(admin, createAccount, { body: { name: "Own", kind: "ask" } })).accountId;
    for (const name of ["alpha", "beta", "gamma"]) await addMachine(name);
    await give({ siteIds: [top.siteId] });
  });
  after(() => world.close());

  async function addMachine(name: string) {
    const machine = await world.call(admin, createMachine, {
      body: {
        name,
        siteId: site,
        addresses: [`${name}.example.org`],
        targets: [{ protocol: "ssh" }, { protocol: "vnc" }],
      },
    });
    targets.set(name, machine.targets.find((target) => target.protocol === "ssh")?.targetId ?? "");
    return machine;
  }

  function give(objects: { siteIds?: string[]; targetIds?: string[]; validToMs?: number }, to = anne) {
    const body = { personId: to.personId, accountIds: [ask], policyId: FIRST_POLICY_ID, ...objects };
    return world.call(admin, createGrant, { body });
  }

  const targetOf = (name: string) => targets.get(name) ?? "";

  test("lists what may be opened, with accounts and the policy in facts", async () => {
    const mine = await world.call(anne, listMyMachines);
    assert.deepEqual(
      mine.items.map((machine) => machine.name),
      ["alpha", "beta", "gamma"],
    );
    const [alpha] = mine.items;
    assert.deepEqual(alpha?.sitePath, ["Évry", "Caserne"]);
    assert.deepEqual(
      alpha?.targets.map((target) => target.protocol),
      ["ssh", "vnc"],
    );
    assert.deepEqual(alpha?.targets[0]?.accounts, [{ accountId: ask, name: "Own", kind: "ask" }]);
    assert.equal(alpha?.targets[0]?.facts.recording, "must");
  });

  test("is searched by name, site, target and address, filtered and paged", async () => {
    const names = async (query: Parameters<typeof world.call<typeof listMyMachines>>[2]) =>
      (await world.call(anne, listMyMachines, query)).items.map((machine) => machine.name);
    assert.deepEqual(await names({ query: { search: "evry BETA" } }), ["beta"]);
    assert.deepEqual(await names({ query: { search: "gamma.example" } }), ["gamma"]);
    assert.deepEqual(await names({ query: { siteId: world.id() } }), []);
    const first = await world.call(anne, listMyMachines, { query: { limit: 2, protocol: "vnc" } });
    assert.equal(first.total, 3);
    assert.equal(first.items[0]?.targets.length, 1);
    assert.deepEqual(await names({ query: { limit: 2, cursor: first.nextCursor ?? "" } }), ["gamma"]);
  });

  test("favourites and what was opened last have their views", async () => {
    const params = { targetId: targetOf("beta") };
    await world.call(anne, setFavourite, { params, body: { isFavourite: true } });
    const favourites = await world.call(anne, listMyMachines, { query: { view: "favourites" } });
    assert.deepEqual(
      favourites.items.map((machine) => machine.name),
      ["beta"],
    );
    for (const name of ["gamma", "alpha"]) {
      world.nowMs += 1000;
      const opened = { personId: anne.personId, targetId: targetOf(name), atMs: world.nowMs };
      await noteOpened(world.dependencies.store, opened);
    }
    const recent = await world.call(anne, listMyMachines, { query: { view: "recent" } });
    assert.deepEqual(
      recent.items.map((machine) => machine.name),
      ["alpha", "gamma"],
    );
    await world.call(anne, setFavourite, { params, body: { isFavourite: false } });
    assert.equal((await world.call(anne, listMyMachines, { query: { view: "favourites" } })).total, 0);
  });

  test("sites of the filter count the machines below", async () => {
    const { items } = await world.call(anne, listMySites);
    assert.deepEqual(
      items.map((item) => [item.name, item.machineCount]),
      [
        ["Évry", 3],
        ["Caserne", 3],
      ],
    );
  });

  test("a target not open to the person is not found and not told from one that does not exist", async () => {
    const bob = await world.addPerson("Bob");
    const known = { targetId: targetOf("alpha") };
    const unknown = { targetId: world.id() };
    for (const params of [known, unknown]) {
      await assert.rejects(world.call(bob, getMyTarget, { params }), isFailure("not-found"));
      const favourite = { params, body: { isFavourite: true } };
      await assert.rejects(world.call(bob, setFavourite, favourite), isFailure("not-found"));
      const answer = await world.call(bob, whyNot, { params });
      assert.deepEqual(answer, {
        isAllowed: false,
        obstacles: [],
        reasons: [{ reason: "no-grant", atMs: null, hint: { kind: "give" } }],
      });
    }
    assert.equal((await world.call(bob, listMyMachines)).total, 0);
  });

  test("a grant's end closes at that very moment, and the reason says when", async () => {
    const carla = await world.addPerson("Carla");
    const params = { targetId: targetOf("alpha") };
    const validToMs = world.nowMs + 5000;
    await give({ targetIds: [params.targetId], validToMs }, carla);
    assert.equal((await world.call(carla, listMyMachines)).total, 1);
    assert.equal((await world.call(carla, getMyTarget, { params })).validToMs, validToMs);
    world.nowMs = validToMs;
    assert.equal((await world.call(carla, listMyMachines)).total, 0);
    const answer = await world.call(carla, whyNot, { params });
    const hint = { kind: "valid", fromMs: null, toMs: validToMs };
    assert.deepEqual(answer.reasons, [{ reason: "grant-expired", atMs: validToMs, hint }]);
  });

  test("the list and the decision agree, target by target, through changes", async () => {
    const access = createAccess({ ...world.dependencies });
    const dora = await world.addPerson("Dora");
    const delta = await addMachine("delta");
    const grant = await give({ targetIds: [targetOf("delta"), targetOf("beta")] }, dora);
    const check = async (step: string) => {
      const mine = await world.call(dora, listMyMachines);
      const open = new Set(mine.items.flatMap((machine) => machine.targets.map((target) => target.targetId)));
      for (const [name, targetId] of targets) {
        const verdict = await access.decide({ personId: dora.personId, targetId, atMs: world.nowMs });
        assert.equal(verdict.isAllowed, open.has(targetId), `${step}: ${name}`);
      }
      return open.size;
    };
    assert.equal(await check("given"), 2);
    const off = { params: { machineId: delta.machineId }, body: { version: 1, isDisabled: true } };
    await world.call(admin, updateMachine, off);
    assert.equal(await check("machine off"), 1);
    const params = { grantId: grant.grantId };
    await world.call(admin, updateGrant, { params, body: { version: 1, targetIds: [targetOf("gamma")] } });
    assert.equal(await check("other target"), 1);
    await world.call(admin, updateGrant, { params, body: { version: 2, isDisabled: true } });
    assert.equal(await check("grant off"), 0);
  });

  test("the opener sees the target's address and pins an identity once", async () => {
    const access = createAccess({ ...world.dependencies });
    const targetId = targetOf("alpha");
    const identity = {
      kind: "ssh-host-key",
      algorithm: "ssh-ed25519",
      fingerprint: "SHA256:x",
      publicKey: "eA==",
    } as const;
    await access.pinIdentity(targetId, identity, null);
    await access.pinIdentity(targetId, identity, null);
    const target = await access.target(targetId);
    assert.equal(target?.address, "alpha.example.org");
    assert.deepEqual(target?.identities, [identity]);
    assert.equal(await access.target(world.id()), null);
  });
});

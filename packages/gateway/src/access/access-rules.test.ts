import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createSite,
  getSourceList,
  listHolidays,
  listMyMachines,
  proposeHolidays,
  setHolidays,
  setSourceList,
  simulateAccess,
  whyNot,
} from "@poterne/contract";
import { createAccess } from "./access-service.ts";
import { makeSourceCheck } from "./source-lists.ts";
import { isFailure, TestWorld } from "./testing/test-world.ts";

const OFFICE = {
  timeZone: "Europe/Paris",
  slots: [{ days: [1, 2, 3, 4, 5], from: "08:00", to: "19:00" }],
};

/** A machine at a site, open to a group under a policy of these rules. */
async function makeWorld(world: TestWorld, rules: Record<string, unknown>) {
  const { admin } = world;
  const person = await world.addPerson("Personne");
  const groupId = await world.addGroup("Groupe", { personIds: [person.personId] });
  const { siteId } = await world.call(admin, createSite, { body: { name: "Site", parentId: null } });
  const machine = await world.call(admin, createMachine, {
    body: { name: "M", siteId, addresses: ["192.0.2.1"], targets: [{ name: "ssh", protocol: "ssh" }] },
  });
  const { accountId } = await world.call(admin, createAccount, { body: { name: "ask", kind: "ask" } });
  const { policyId } = await world.call(admin, createPolicy, { body: { name: "P", rules } });
  const { grantId } = await world.call(admin, createGrant, {
    body: { groupId, siteIds: [siteId], accountIds: [accountId], policyId },
  });
  return { person, groupId, siteId, targetId: machine.targets[0]?.targetId ?? "", grantId };
}

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`addresses and hours on ${engine}`, () => {
    let world: TestWorld;
    const run = (name: string, body: () => Promise<void>) =>
      test(name, async () => {
        world = await TestWorld.open(engine);
        try {
          await body();
        } finally {
          await world.close();
        }
      });

    run("each list refuses what is not in it, tells why, and is journaled", async () => {
      const { admin } = world;
      const made = await makeWorld(world, {});
      const access = createAccess({ ...world.dependencies });
      const ask = (sourceAddress: string) =>
        access.decide({
          personId: made.person.personId,
          targetId: made.targetId,
          atMs: world.nowMs,
          sourceAddress,
        });
      const isAtHome = makeSourceCheck(world.dependencies);
      const lists = [
        ["person", made.person.personId],
        ["group", made.groupId],
        ["target", made.targetId],
        ["grant", made.grantId],
      ] as const;
      for (const [kind, objectId] of lists) {
        const params = { kind, objectId };
        await world.call(admin, setSourceList, { params, body: { networks: ["198.51.100.0/24", "::1"] } });
        assert.equal((await ask("192.0.2.7")).isAllowed, false, kind);
        assert.equal((await ask("::ffff:198.51.100.9")).isAllowed, true, kind);
        const why = await world.call(made.person, whyNot, { params: { targetId: made.targetId } });
        assert.deepEqual(why.reasons, [
          {
            reason: "source-refused",
            atMs: null,
            hint: { kind: "from", of: kind, networks: ["198.51.100.0/24", "::1"] },
          },
        ]);
        const mine = await world.call(made.person, listMyMachines, {});
        assert.equal(mine.total, 0, kind);
        const ofPerson = kind === "person" || kind === "group";
        assert.equal(await isAtHome(made.person.personId, "192.0.2.7"), !ofPerson, kind);
        await world.call(admin, setSourceList, { params, body: { networks: [] } });
        assert.deepEqual((await world.call(admin, getSourceList, { params })).networks, []);
        assert.equal((await world.call(made.person, listMyMachines, {})).total, 1, kind);
      }
      assert.equal(world.journal.filter(({ kind }) => kind === "source-list.changed").length, 8);
    });

    run("nobody shuts himself out, and only who administers the object sets its list", async () => {
      const made = await makeWorld(world, {});
      const chief = { ...made.person, roles: ["administrator"] as const };
      for (const [kind, objectId] of [
        ["person", made.person.personId],
        ["group", made.groupId],
      ] as const) {
        const params = { kind, objectId };
        const set = (networks: string[]) => world.call(chief, setSourceList, { params, body: { networks } });
        await assert.rejects(set(["198.51.100.0/24"]), isFailure("source-locks-you-out"));
        assert.deepEqual((await set(["192.0.2.0/24"])).networks, ["192.0.2.0/24"]);
      }
      const other = await world.call(world.admin, createSite, { body: { name: "B", parentId: null } });
      const params = { kind: "target", objectId: made.targetId } as const;
      await assert.rejects(
        world.call(world.delegate(other.siteId), setSourceList, { params, body: { networks: [] } }),
        isFailure("not-found"),
      );
    });

    run("hours refuse, the simulator says when it opens and when it ends, holidays close", async () => {
      const { admin } = world;
      const made = await makeWorld(world, { hours: OFFICE });
      const simulate = (at: string) =>
        world.call(admin, simulateAccess, {
          body: { personId: made.person.personId, targetId: made.targetId, atMs: Date.parse(at) },
        });
      const open = await simulate("2026-11-20T11:00:00Z");
      assert.equal(open.isAllowed, true);
      assert.equal(open.endsAtMs, Date.parse("2026-11-20T18:00:00Z"));
      const closed = await simulate("2026-11-21T11:00:00Z");
      assert.deepEqual(closed.reasons, [
        {
          reason: "outside-hours",
          grantId: made.grantId,
          hint: { kind: "opens", atMs: Date.parse("2026-11-23T07:00:00Z"), timeZone: "Europe/Paris" },
        },
      ]);
      const { items } = await world.call(admin, proposeHolidays, { params: { year: 2026 } });
      await world.call(admin, setHolidays, { body: { items } });
      assert.equal((await world.call(admin, listHolidays)).items.length, 11);
      assert.equal((await simulate("2026-12-25T11:00:00Z")).isAllowed, false);
      await world.call(admin, setHolidays, { body: { items: items.slice(0, 10) } });
      assert.equal((await simulate("2026-12-25T11:00:00Z")).isAllowed, true);
      const twice = [...items, ...items];
      await assert.rejects(
        world.call(admin, setHolidays, { body: { items: twice } }),
        isFailure("bad-request"),
      );
      await assert.rejects(
        world.call(world.delegate(made.siteId), setHolidays, { body: { items: [] } }),
        isFailure("not-found"),
      );
    });
  });
}

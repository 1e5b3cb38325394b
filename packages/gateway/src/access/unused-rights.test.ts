import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bulkGrants,
  createAccount,
  createGrant,
  createPolicy,
  createSite,
  listUnusedRights,
} from "@poterne/contract";
import { type TestCaller, TestWorld } from "./testing/test-world.ts";

const DAY_MS = 86_400_000;

async function openedSession(
  world: TestWorld,
  by: TestCaller,
  grantId: string,
  accountName: string,
): Promise<void> {
  const text = {
    person_name: "",
    target_name: "",
    machine_name: "",
    policy_name: "",
    reason: "",
    search_text: "",
  };
  await world.dependencies.store.db
    .insertInto("session")
    .values({
      ...text,
      id: world.id(),
      node_id: "n",
      person_id: by.personId,
      target_id: world.id(),
      machine_id: world.id(),
      site_id: world.id(),
      protocol: "ssh",
      kind: "terminal",
      account_name: accountName,
      grant_id: grantId,
      ticket_number: "",
      source_address: "",
      is_recorded: 0,
      needs_guardian: 0,
      opened_at_ms: world.nowMs,
      ended_at_ms: null,
      end_code: null,
    })
    .execute();
}

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  test(`tells grants, memberships, accounts and people that nobody used for some days, on ${engine}`, async () => {
    const world = await TestWorld.open(engine);
    try {
      const { admin } = world;
      const [ada, bea] = [await world.addPerson("Ada"), await world.addPerson("Bea")];
      const innerId = await world.addGroup("Inner", { personIds: [ada.personId, bea.personId] });
      const outerId = await world.addGroup("Outer", { groupIds: [innerId] });
      await world.addGroup("Without rights", { personIds: [ada.personId] });
      const { siteId } = await world.call(admin, createSite, { body: { name: "Site", parentId: null } });
      const make = (name: string) => world.call(admin, createAccount, { body: { name, kind: "ask" } });
      const [used, idle] = [await make("used"), await make("idle")];
      const { policyId } = await world.call(admin, createPolicy, { body: { name: "P", rules: {} } });
      const grant = (to: { groupId?: string; personId?: string }, note: string) =>
        world.call(admin, createGrant, {
          body: { ...to, siteIds: [siteId], accountIds: [used.accountId, idle.accountId], policyId, note },
        });
      const ofOuter = await grant({ groupId: outerId }, "of the outer group");
      const ofBea = await grant({ personId: bea.personId }, "of Bea alone");
      const ask = (days: number, more: Record<string, unknown> = {}, as = admin) =>
        world.call(as, listUnusedRights, { query: { days, ...more } });
      const found = async (days: number, kind: string) =>
        (await ask(days, { kind })).items.map(({ name, detail }) => `${name} / ${detail}`).toSorted();

      world.nowMs += 10 * DAY_MS;
      assert.deepEqual((await ask(20)).items, [], "what is younger than the days asked is not unused");
      await openedSession(world, ada, ofOuter.grantId, "used");
      world.nowMs += 30 * DAY_MS;
      assert.deepEqual(await found(20, "account"), ["idle / ", "used / "], "all is idle for twenty days");
      assert.deepEqual(await found(35, "grant"), ["Bea / P — of Bea alone"]);
      assert.deepEqual(await found(35, "account"), ["idle / "]);
      // Ada used it through the group above; Bea did not; the group that no grant reaches gives no right.
      assert.deepEqual(await found(35, "membership"), ["Bea / Inner"]);
      assert.deepEqual((await found(35, "person")).length, 2, "nobody signed in");
      await world.dependencies.store.db
        .updateTable("person")
        .set({ last_sign_in_at_ms: world.nowMs })
        .where("id", "=", ada.personId)
        .execute();
      assert.deepEqual(
        (await found(35, "person")).map((text) => text.split(" / ")[0]),
        ["Bea"],
      );
      assert.deepEqual(
        (await ask(35, { search: "ALONE" })).items.map(({ objectId }) => objectId),
        [ofBea.grantId],
      );
      assert.equal(
        (await ask(20, { kind: "grant", search: "outer" })).items[0]?.lastUsedMs,
        world.nowMs - 30 * DAY_MS,
      );
      assert.deepEqual(
        (await ask(35, {}, world.delegate(siteId))).items,
        [],
        "nothing of the whole for one of a site",
      );
      await world.call(admin, bulkGrants, {
        body: { grantIds: [ofBea.grantId], action: { kind: "delete" } },
      });
      assert.deepEqual(await found(35, "grant"), []);
    } finally {
      await world.close();
    }
  });
}

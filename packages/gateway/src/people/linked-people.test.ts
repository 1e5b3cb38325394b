import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { loadSubject } from "../access/subject.ts";
import {
  type AuthRig,
  authRig,
  type Browser,
  firstAdministrator,
  newPerson,
} from "../auth/testing/auth-rig.ts";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import { type TestStore, testStore } from "../store/testing/test-stores.ts";

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`linked identities on ${engine}`, () => {
    let keeper: TestKeeper;
    let stored: TestStore;
    let rig: AuthRig;
    let chief: Browser;
    let ordinary: Awaited<ReturnType<typeof newPerson>>;
    let privileged: Awaited<ReturnType<typeof newPerson>>;
    let third: Awaited<ReturnType<typeof newPerson>>;

    before(async () => {
      keeper = await testKeeper();
      stored = await testStore(engine);
      rig = await authRig(stored.store, keeper.keeper);
      chief = (await firstAdministrator(rig)).browser;
      const add = (login: string, roles: string[]) =>
        newPerson(rig, chief, { login, name: `Ada ${login}`, roles });
      ordinary = await add("ada", ["user"]);
      privileged = await add("ada-adm", ["administrator", "user"]);
      third = await add("ada-t0", ["user", "approver"]);
    });
    after(async () => {
      await rig?.close();
      await stored?.dispose();
      await keeper?.dispose();
    });

    const idOf = async (browser: Browser): Promise<string> => {
      const state = await browser.state();
      assert.equal(state.state, "signed-in");
      return state.state === "signed-in" ? state.person.personId : "";
    };
    const linkedOf = async (personId: string) =>
      (await chief.ok("GET", `/people/${personId}/linked`)).items as {
        personId: string;
        name: string;
        state: string;
      }[];

    it("links by an administrator, journals it, and shows each on the other's page", async () => {
      const [a, b] = [await idOf(ordinary.browser), await idOf(privileged.browser)];
      rig.entries.splice(0);
      await chief.ok("POST", `/people/${a}/linked`, { otherPersonId: b });
      assert.deepEqual(
        rig.entries.map(({ kind, subject, details }) => [kind, subject.personId, details.otherPersonId]),
        [["person.linked", a, b]],
      );
      assert.deepEqual(
        (await linkedOf(a)).map(({ personId }) => personId),
        [b],
      );
      assert.deepEqual(
        (await linkedOf(b)).map(({ personId }) => personId),
        [a],
      );
      await chief.refused("POST", `/people/${a}/linked`, {
        code: "linked-to-itself",
        body: { otherPersonId: a },
      });
      await ordinary.browser.refused("POST", `/people/${a}/linked`, {
        code: "not-allowed",
        body: { otherPersonId: b },
      });
    });

    it("gives neither the other's roles nor groups", async () => {
      const [a, b] = [await idOf(ordinary.browser), await idOf(privileged.browser)];
      const group = await chief.ok("POST", "/groups", {
        name: `Tier ${engine}`,
        description: "",
        siteId: null,
      });
      await chief.ok("POST", `/groups/${group.groupId}/members`, { addPersonIds: [b] });
      assert.deepEqual((await loadSubject(stored.store, b))?.groupIds, [group.groupId]);
      const state = await ordinary.browser.state();
      assert.deepEqual(state.state === "signed-in" && state.roles, ["user"]);
      await ordinary.browser.refused("GET", "/people", { code: "not-allowed" });
      assert.deepEqual((await loadSubject(stored.store, a))?.groupIds, []);
    });

    it("joins a third identity to both, and lets nobody undo the link of their own", async () => {
      const ids = [await idOf(ordinary.browser), await idOf(privileged.browser), await idOf(third.browser)];
      const [a = "", b = "", c = ""] = ids;
      await chief.ok("POST", `/people/${c}/linked`, { otherPersonId: b });
      assert.deepEqual((await linkedOf(a)).map(({ personId }) => personId).toSorted(), [b, c].toSorted());
      for (const [of, other] of [
        [a, b],
        [b, a],
        [a, c],
      ])
        await privileged.browser.refused("DELETE", `/people/${of}/linked/${other}`, { code: "linked-own" });
      await chief.ok("DELETE", `/people/${a}/linked/${c}`);
      assert.deepEqual(
        (await linkedOf(a)).map(({ personId }) => personId),
        [b],
      );
      assert.deepEqual(await linkedOf(c), []);
    });

    it("tells of the other when one is disabled or erased, in the journal and on the page", async () => {
      const [a, b] = [await idOf(ordinary.browser), await idOf(privileged.browser)];
      rig.entries.splice(0);
      await chief.ok("PATCH", `/people/${a}`, { isDisabled: true });
      assert.equal(rig.entries[0]?.details.linkedIdentitiesLeft, "Ada ada-adm (ada-adm)");
      assert.deepEqual(
        (await linkedOf(b)).map(({ state }) => state),
        ["disabled"],
      );
      await chief.ok("POST", `/people/${a}/erase`, { reason: "départ" });
      const erased = rig.entries.find(({ kind }) => kind === "person.erased");
      assert.equal(erased?.details.linkedIdentitiesLeft, "Ada ada-adm (ada-adm)");
      const [left] = await linkedOf(b);
      assert.equal(left?.state, "erased");
      assert.match(left?.name ?? "", /^erased-/);
      await chief.ok("DELETE", `/people/${b}/linked/${a}`);
      assert.deepEqual(await linkedOf(b), []);
    });
  });
}

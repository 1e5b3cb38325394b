import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { loadSubject } from "../access/subject.ts";
import {
  type AuthRig,
  authRig,
  type Browser,
  codeOf,
  firstAdministrator,
  newPerson,
} from "../auth/testing/auth-rig.ts";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import { type TestStore, testStore } from "../store/testing/test-stores.ts";

const NORTH = "01900000-0000-7000-8000-000000000001";
const LILLE = "01900000-0000-7000-8000-000000000002";
const SOUTH = "01900000-0000-7000-8000-000000000003";
const NOBODY = "01900000-0000-7000-8000-0000000000ff";

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`people and groups on ${engine}`, () => {
    let keeper: TestKeeper;
    let stored: TestStore;
    let rig: AuthRig;
    let whole: Browser;
    let wholeId: string;
    let north: Awaited<ReturnType<typeof newPerson>>;

    before(async () => {
      keeper = await testKeeper();
      stored = await testStore(engine);
      rig = await authRig(stored.store, keeper.keeper);
      rig.subtrees.set(NORTH, [LILLE]);
      whole = (await firstAdministrator(rig)).browser;
      const state = await whole.state();
      wholeId = state.state === "signed-in" ? state.person.personId : "";
      north = await newPerson(rig, whole, {
        login: "nora",
        name: "Nora Nord",
        siteId: NORTH,
        roles: ["administrator", "user"],
        administeredSiteIds: [NORTH],
      });
    });
    after(async () => {
      await rig?.close();
      await stored?.dispose();
      await keeper?.dispose();
    });

    /** The groups as decisions on access see them. */
    async function groupsOf(personId: string): Promise<readonly string[]> {
      return (await loadSubject(stored.store, personId))?.groupIds ?? [];
    }

    it("journals who was created with what, and what changed from what to what", async () => {
      rig.entries.splice(0);
      const { person } = await whole.ok("POST", "/people", {
        login: "zoe",
        name: "Zoé Zola",
        email: "zoe@example.org",
        siteId: LILLE,
      });
      await whole.ok("PATCH", `/people/${person.personId}`, {
        name: "Zoé Zorn",
        roles: ["user", "approver"],
      });
      const [created, changed] = rig.entries;
      assert.equal(created?.kind, "person.created");
      assert.deepEqual([created?.details["after.login"], created?.details["after.roles"]], ["zoe", "user"]);
      assert.deepEqual(changed?.details, {
        "before.name": "Zoé Zola",
        "after.name": "Zoé Zorn",
        "before.roles": "user",
        "after.roles": "approver, user",
      });
      assert.equal(changed?.actor.personId, wholeId);
      await whole.refused("POST", "/people", { body: { login: "ZOE", name: "Autre" }, code: "login-taken" });
      await whole.refused("PATCH", `/people/${person.personId}`, {
        body: { login: "Nora" },
        code: "login-taken",
      });
      await whole.refused("POST", "/people", { body: { login: "a b", name: "x" }, code: "bad-request" });
    });

    it("lists by name with search, filters, pages and totals", async () => {
      for (const [index, name] of ["Émile", "Fanny", "Gaël", "Hélène", "Ines"].entries())
        await whole.ok("POST", "/people", { login: `liste${index}`, name: `${name} Liste`, siteId: SOUTH });
      const names: string[] = [];
      let cursor = "";
      do {
        const page = await whole.ok(
          "GET",
          `/people?limit=2&search=liste&cursor=${cursor}`.replace(/&cursor=$/, ""),
        );
        assert.equal(page.total, 5);
        names.push(...page.items.map((item: { name: string }) => item.name.split(" ")[0] as string));
        cursor = page.nextCursor ?? "";
      } while (cursor !== "");
      assert.deepEqual(names, ["Émile", "Fanny", "Gaël", "Hélène", "Ines"]);
      const count = async (query: string) => (await whole.ok("GET", `/people?${query}`)).total;
      assert.equal(await count("search=emile"), 1);
      assert.equal(await count("search=100%25"), 0);
      assert.equal(await count("search=%27%20or%201=1"), 0);
      assert.equal(await count("role=administrator"), 2);
      assert.equal(await count(`siteId=${SOUTH}`), 5);
      assert.equal(await count("state=active"), 2);
      assert.equal(await count("state=invited"), 6);
      assert.equal(await count("state=disabled"), 0);
      await whole.refused("GET", "/people?cursor=xyz", { code: "bad-request" });
    });

    it("shows and lets an administrator of a subtree change only what is in it", async () => {
      const { browser } = north;
      const seen = (await browser.ok("GET", "/people")).items.map((item: { login: string }) => item.login);
      assert.deepEqual(seen.toSorted(), ["nora", "zoe"]);
      const south = (await whole.ok("GET", `/people?siteId=${SOUTH}`)).items[0].personId;
      for (const personId of [south, wholeId, NOBODY]) {
        await browser.refused("GET", `/people/${personId}`, { code: "not-found" });
        await browser.refused("PATCH", `/people/${personId}`, { body: { name: "x" }, code: "not-found" });
        await browser.refused("POST", `/people/${personId}/reset`, {
          body: { what: "both" },
          code: "not-found",
        });
        await browser.refused("POST", `/people/${personId}/erase`, {
          body: { reason: "x" },
          code: "not-found",
        });
        await browser.refused("GET", `/people/${personId}/sign-ins`, { code: "not-found" });
        await browser.refused("DELETE", `/people/${personId}/sign-ins/all`, { code: "not-found" });
        await browser.refused("GET", `/people/${personId}/tokens`, { code: "not-found" });
        await browser.refused("GET", `/people/${personId}/data`, { code: "not-found" });
      }
      const create = (fields: Record<string, unknown>) =>
        browser.send("POST", "/people", { login: "olga", name: "Olga", siteId: LILLE, ...fields });
      assert.equal((await create({ siteId: SOUTH })).body.code, "not-found");
      assert.equal((await create({ siteId: null })).body.code, "not-found");
      for (const fields of [
        { roles: ["administrator"] },
        { roles: ["administrator"], administeredSiteIds: [NORTH, SOUTH] },
        { roles: ["auditor"] },
        { roles: ["approver"] },
      ])
        assert.equal((await create(fields)).body.code, "role-beyond-yours");
      const made = await create({ roles: ["administrator", "user"], administeredSiteIds: [LILLE] });
      assert.equal(made.status, 200, made.text);
      // Zoé is an approver, which acts everywhere: whoever resets her becomes one.
      const [zoe] = (await browser.ok("GET", "/people?search=zoe")).items;
      await browser.refused("POST", `/people/${zoe.personId}/reset`, {
        body: { what: "both" },
        code: "role-beyond-yours",
      });
      const olga = made.body.person.personId;
      await browser.refused("PATCH", `/people/${olga}`, { body: { siteId: SOUTH }, code: "not-found" });
      await browser.refused("PATCH", `/people/${olga}`, {
        body: { administeredSiteIds: null },
        code: "role-beyond-yours",
      });
    });

    it("never loses the last administrator of the whole", async () => {
      for (const body of [{ isDisabled: true }, { roles: ["user"] }, { administeredSiteIds: [NORTH] }])
        await whole.refused("PATCH", `/people/${wholeId}`, { body, code: "last-administrator" });
      await whole.refused("POST", `/people/${wholeId}/erase`, {
        body: { reason: "x" },
        code: "last-administrator",
      });
      await whole.refused("PATCH", `/people/${north.personId}`, {
        body: { administeredSiteIds: [] },
        code: "bad-request",
      });
    });

    it("lets an auditor read people and change nothing", async () => {
      const auditor = await newPerson(rig, whole, { login: "ariane", name: "Ariane", roles: ["auditor"] });
      rig.takeKinds();
      await auditor.browser.ok("GET", "/people");
      assert.deepEqual(rig.takeKinds(), ["auditor.read"]);
      await auditor.browser.refused("POST", "/people", {
        body: { login: "x", name: "x" },
        code: "not-allowed",
      });
      await auditor.browser.refused("POST", "/groups", { body: { name: "x" }, code: "not-allowed" });
      await auditor.browser.refused("POST", "/charters", {
        body: { textFr: "x", textEn: "x" },
        code: "not-allowed",
      });
    });

    it("nests groups without a circle and finds whom they reach", async () => {
      const make = async (name: string, siteId: string | null = null) =>
        (await whole.ok("POST", "/groups", { name, siteId })).groupId as string;
      const [all, it1, network] = [
        await make("Tous"),
        await make("Informatique"),
        await make("Réseau", NORTH),
      ];
      const members = (groupId: string, body: unknown) =>
        whole.ok("POST", `/groups/${groupId}/members`, body);
      await members(all, { addGroupIds: [it1] });
      await members(it1, { addGroupIds: [network] });
      rig.takeKinds();
      const row = await members(network, { addPersonIds: [north.personId, north.personId] });
      assert.equal(row.personCount, 1);
      await members(network, { addPersonIds: [north.personId] });
      assert.deepEqual((await groupsOf(north.personId)).toSorted(), [all, it1, network].toSorted());
      for (const [inner, outer] of [
        [all, network],
        [it1, network],
        [all, all],
      ])
        await whole.refused("POST", `/groups/${outer}/members`, {
          body: { addGroupIds: [inner] },
          code: "group-cycle",
        });
      const shown = await whole.ok("GET", `/groups/${it1}`);
      assert.deepEqual([shown.groups[0].name, shown.memberOf[0].name], ["Réseau", "Tous"]);
      await whole.refused("POST", "/groups", { body: { name: "reseau" }, code: "conflict" });
      await whole.refused("PATCH", `/groups/${all}`, { body: { name: "INFORMATIQUE" }, code: "conflict" });

      await north.browser.refused("PATCH", `/groups/${all}`, { body: { name: "x" }, code: "not-found" });
      await north.browser.refused("POST", `/groups/${network}/members`, {
        body: { addPersonIds: [wholeId] },
        code: "not-found",
      });
      await north.browser.refused("POST", `/groups/${network}/members`, {
        body: { addGroupIds: [all] },
        code: "not-found",
      });
      const listed = await north.browser.ok("GET", "/groups");
      assert.deepEqual(
        listed.items.map((item: { name: string }) => item.name),
        ["Réseau"],
      );
      await whole.ok("DELETE", `/groups/${it1}`);
      assert.deepEqual(await groupsOf(north.personId), [network]);
    });

    it("exports everything about a person without a secret, and journals it", async () => {
      rig.takeKinds();
      const data = await whole.ok("GET", `/people/${north.personId}/data`);
      assert.deepEqual(rig.takeKinds(), ["person.exported"]);
      assert.deepEqual(
        [data.profile.login, data.groups[0].name, data.devices[0].name, data.signIns.length],
        ["nora", "Réseau", "phone", 1],
      );
      for (const name of [
        "grants",
        "accessRequests",
        "marksOnTargets",
        "sessions",
        "recordings",
        "comments",
        "journal",
      ])
        assert.ok(name in data, name);
      assert.equal(/argon2|envelope|hash/i.test(JSON.stringify(data)), false);
      const own = await north.browser.ok("GET", "/me/data");
      assert.equal(own.profile.personId, north.personId);
    });

    it("erases a person to a pseudonym, says what stays, and ends everything", async () => {
      const { browser, personId } = await newPerson(rig, whole, {
        login: "yves",
        name: "Yves Yvain",
        siteId: LILLE,
      });
      rig.takeKinds();
      const { kept, pseudonym, recordings } = await whole.ok("POST", `/people/${personId}/erase`, {
        reason: "départ",
      });
      assert.deepEqual(kept, ["journal", "recordings", "sessions"]);
      assert.deepEqual(recordings, {
        deletedCount: 2,
        heldCount: 1,
        retainedCount: 3,
        retainedUntilMs: 4_000,
      });
      assert.deepEqual(rig.takeKinds(), ["person.erased", "person.recordings-erased"]);
      await browser.refused("GET", "/me/factors", { code: "not-signed-in" });
      assert.equal(rig.ended.at(-1), personId);
      const row = await whole.ok("GET", `/people/${personId}`);
      assert.deepEqual(
        [row.login, row.name, row.state, row.devices, row.groups],
        [pseudonym, pseudonym, "erased", [], []],
      );
      await whole.refused("PATCH", `/people/${personId}`, { body: { isDisabled: false }, code: "not-found" });
      assert.equal((await whole.ok("GET", "/people?search=yves")).total, 0);
      assert.equal((await whole.ok("GET", "/people?state=erased")).total, 1);
      const { login } = (await whole.ok("POST", "/people", { login: "yves", name: "Un autre Yves" })).person;
      assert.equal(login, "yves");
    });

    it("asks for a fresh factor before every dangerous act on people", async () => {
      rig.clock.nowMs += 11 * 60_000;
      for (const [path, body] of [
        ["/people", { login: "late", name: "Late" }],
        [`/people/${north.personId}/reset`, { what: "password" }],
        [`/people/${north.personId}/erase`, { reason: "x" }],
        ["/charters", { textFr: "x", textEn: "x" }],
        ["/me/tokens", { name: "x", scopes: ["people:read"] }],
      ] as const)
        await whole.refused("POST", path, { body, code: "fresh-factor-needed" });
    });
  });
}

describe("the console's own links", () => {
  let keeper: TestKeeper;
  let stored: TestStore;
  let rig: AuthRig;

  before(async () => {
    keeper = await testKeeper();
    stored = await testStore();
    rig = await authRig(stored.store, keeper.keeper);
  });
  after(async () => {
    await rig?.close();
    await stored?.dispose();
    await keeper?.dispose();
  });

  it("lets the demonstration's person straight in, says that no device protects it, and lets one be enrolled", async () => {
    const { link } = await rig.auth.createDemoPerson({ login: "demo", name: "Démo" });
    const browser = rig.browser();
    const state = await browser.openLink(link.url);
    assert.deepEqual(state.state === "signed-in" && [state.factors, state.roles.length], [[], 4]);
    const again = await rig.auth.createDemoPerson({ login: "demo", name: "Démo" });
    await rig.browser().openLink(again.link.url);
    rig.clock.nowMs += 11 * 60_000;
    await browser.refused("POST", "/people", {
      body: { login: "x", name: "x" },
      code: "fresh-factor-needed",
    });
    const { secret } = await browser.enrolTotp();
    await browser.ok("POST", "/people", { login: "x", name: "x" });
    rig.clock.nowMs += 11 * 60_000;
    const code = codeOf(secret, rig.clock.nowMs);
    // The first password needs no former one, but a factor given just now.
    const first = { currentPassword: null, newPassword: "dix-neuf girafes assoupies" };
    await browser.refused("POST", "/me/password", { body: first, code: "fresh-factor-needed" });
    await browser.ok("POST", "/sign-in/confirm", { method: "totp", code });
    await browser.ok("POST", "/me/password", first);
    const now = await browser.state();
    assert.ok(now.state === "signed-in" && now.hasPassword);
    const second = { ...first, newPassword: "vingt girafes réveillées" };
    await browser.refused("POST", "/me/password", { body: second, code: "sign-in-refused" });
    await browser.ok("POST", "/me/password", { ...second, currentPassword: first.newPassword });
  });

  it("lets an administrator in again who lost everything, with an alarm in the journal", async () => {
    rig.entries.splice(0);
    const { login, link } = await rig.auth.resetAdmin();
    assert.equal(login, "demo");
    assert.deepEqual(
      rig.entries.map((entry) => [entry.kind, entry.level, entry.actor.name]),
      [["person.reset", "alarm", "system"]],
    );
    const browser = rig.browser();
    assert.equal((await browser.openLink(link.url)).state, "new-password-needed");
    await browser.ok("POST", "/sign-in/new-password", { password: "vingt-deux tortues pressées" });
    await browser.enrolTotp();
    assert.equal((await browser.state()).state, "signed-in");
    await assert.rejects(rig.auth.resetAdmin("personne"), { code: "not-found" });
  });

  it("asks which administrator when there are several", async () => {
    const { person } = await adminAgain();
    await assert.rejects(rig.auth.resetAdmin(), { code: "conflict" });
    assert.equal((await rig.auth.resetAdmin(person.login)).login, person.login);
  });

  async function adminAgain() {
    const browser = rig.browser();
    const { link } = await rig.auth.resetAdmin("demo");
    await browser.openLink(link.url);
    await browser.ok("POST", "/sign-in/new-password", { password: "trente brouettes alignées" });
    await browser.enrolTotp();
    return browser.ok("POST", "/people", { login: "deux", name: "Deux", roles: ["administrator"] });
  }
});

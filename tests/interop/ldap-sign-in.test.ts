// People of a directory at the sign-in, over the real HTTP layer: made, bound, barred, looked up again.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LdapConfig } from "@poterne/contract";
import {
  type AuthRig,
  authRig,
  firstAdministrator,
  newPerson,
} from "../../packages/gateway/src/auth/testing/auth-rig.ts";
import { type TestKeeper, testKeeper } from "../../packages/gateway/src/keeper/testing/test-keeper.ts";
import { type TestStore, testStore } from "../../packages/gateway/src/store/testing/test-stores.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import {
  addToSlapd,
  asSlapdAdministrator,
  deleteFromSlapd,
  sambaConfig,
  sambaTool,
  slapdConfig,
} from "../support/ldap.ts";

type Admin = Awaited<ReturnType<typeof firstAdministrator>>["browser"];

const HOUR_MS = 3_600_000;
const dead = [{ host: "127.0.0.1", port: 9 }];
const person = (uid: string) => ({
  objectClass: "inetOrgPerson",
  cn: `Person ${uid}`,
  sn: "Lab",
  mail: `${uid}@lab.test`,
  userPassword: "odd-Passw0rd",
});

async function addProvider(admin: Admin, name: string, config: LdapConfig, secret: string) {
  const made = await admin.ok("POST", "/identity-providers", { name, config });
  const sealed = await admin.ok("POST", `/identity-providers/${made.providerId}/secret`, { secret });
  assert.equal(sealed.hasSecret, true);
  assert.ok(!JSON.stringify(sealed).includes(secret));
  return change(admin, made.providerId, { isEnabled: true });
}

async function change(admin: Admin, providerId: string, changes: Record<string, unknown>) {
  const { items } = await admin.ok("GET", "/identity-providers");
  const row = items.find((item: { providerId: string }) => item.providerId === providerId);
  return admin.ok("PATCH", `/identity-providers/${providerId}`, { revision: row.revision, ...changes });
}

describe("signing in from a directory", () => {
  let keeper: TestKeeper;
  let stored: TestStore;
  let rig: AuthRig;
  let admin: Admin;
  let adminSecret: string;
  let slapdId: string;
  let groupId: string;

  before(async () => {
    startLab("slapd", "samba-ad");
    keeper = await testKeeper();
    stored = await testStore("sqlite");
    rig = await authRig(stored.store, keeper.keeper);
    const first = await firstAdministrator(rig);
    admin = first.browser;
    adminSecret = first.secret;
    groupId = (await admin.ok("POST", "/groups", { name: "Exploitants", description: "", siteId: null }))
      .groupId;
    await addToSlapd(
      Object.fromEntries(
        ["amelie", "gone", "renamed"].map((uid) => [`uid=${uid},ou=people,dc=lab,dc=test`, person(uid)]),
      ),
    );
    const config = slapdConfig({
      mappings: [{ group: "cn=Operators, dc=lab,dc=test", groupId, roles: ["approver"] }],
    });
    slapdId = (await addProvider(admin, "Annuaire", config, labPasswords.bob)).providerId;
  });
  after(async () => {
    await rig?.close();
    await stored?.dispose();
    await keeper?.dispose();
  });

  const enter = async (login: string, password: string) => {
    const browser = rig.browser("192.0.2.9");
    const state = await browser.ok("POST", "/sign-in/password", { login, password });
    if (state.state !== "enrolment-needed") return { browser, state };
    await browser.enrolTotp();
    return { browser, state: await browser.state() };
  };
  const findPerson = async (login: string) => {
    const { items } = await admin.ok("GET", `/people?search=${login}`);
    const row = items.find((item: { login: string }) => item.login === login);
    return row === undefined ? null : admin.ok("GET", `/people/${row.personId}`);
  };

  it("says on the sign-in page whose people use the form", async () => {
    const state = await rig.browser().state();
    assert.deepEqual(state.state === "nobody" && state.directories, ["Annuaire"]);
  });

  it("makes the person at the first sign-in, with groups and roles of the mapping, and asks the second factor", async () => {
    rig.takeKinds();
    const { state } = await enter("alice", labPasswords.alice);
    assert.equal(state.state, "signed-in");
    assert.deepEqual(state.roles.toSorted(), ["approver", "user"]);
    assert.equal(state.providerName, "Annuaire");
    assert.ok(rig.takeKinds().includes("person.created"));
    const alice = await findPerson("alice");
    assert.equal(alice.origin.providerName, "Annuaire");
    assert.deepEqual(
      alice.groups.map((group: { name: string }) => group.name),
      ["Exploitants"],
    );
    assert.equal(alice.email, "alice@lab.test");
  });

  it("refuses wrong and unknown with the same words, and the journal alone says which", async () => {
    rig.entries.length = 0;
    const browser = rig.browser("192.0.2.10");
    const wrong = await browser.refused("POST", "/sign-in/password", {
      body: { login: "alice", password: "wrong-Secret-1" },
      code: "sign-in-refused",
    });
    const unknown = await browser.refused("POST", "/sign-in/password", {
      body: { login: "nobody-here", password: "wrong-Secret-1" },
      code: "sign-in-refused",
    });
    const strip = (text: string) => text.replace(/"reference":"[^"]*",?/g, "");
    assert.equal(strip(wrong.text), strip(unknown.text));
    assert.deepEqual(
      rig.entries.map((entry) => entry.details.reason),
      ["wrong password", "nobody of this name"],
    );
    assert.ok(!JSON.stringify(rig.entries).includes("wrong-Secret-1"));
  });

  it("makes no hash for those who come from the directory, and no refusal tells so by being sooner", async () => {
    const { hasher } = rig.auth;
    const refuse = async (login: string) => {
      const [runs, startedAt] = [hasher.runCount, performance.now()];
      const body = { login, password: "wrong-Secret-1" };
      await rig.browser("192.0.2.14").refused("POST", "/sign-in/password", { body, code: "sign-in-refused" });
      // Timers may fire a millisecond early.
      assert.ok(performance.now() - startedAt > 1490, login);
      return hasher.runCount - runs;
    };
    assert.deepEqual([await refuse("alice"), await refuse("nobody-here")], [0, 1]);
    const before = hasher.runCount;
    await enter("alice", labPasswords.alice);
    assert.equal(hasher.runCount, before);
  });

  it("keeps a name of this gateway from the directory's person of the same name", async () => {
    await rig.browser("192.0.2.11").refused("POST", "/sign-in/password", {
      body: { login: "amelie", password: "odd-Passw0rd" },
      code: "sign-in-refused",
    });
    assert.equal((await findPerson("amelie")).origin, null);
  });

  it("keeps no password of theirs, nor takes one", async () => {
    const { browser } = await enter("renamed", "odd-Passw0rd");
    const row = await findPerson("renamed");
    await browser.refused("POST", "/me/password", {
      body: { currentPassword: null, newPassword: "quatorze hérissons bavards" },
      code: "password-elsewhere",
    });
    await admin.refused("POST", `/people/${row.personId}/reset`, {
      body: { what: "both" },
      code: "password-elsewhere",
    });
    const { link } = await admin.ok("POST", `/people/${row.personId}/reset`, { what: "factor" });
    const again = rig.browser("192.0.2.12");
    const asked = await again.openLink(link.url);
    assert.equal(asked.state, "password-needed");
    const next = await again.ok("POST", "/sign-in/password", { login: "renamed", password: "odd-Passw0rd" });
    assert.equal(next.state, "enrolment-needed");
    await again.enrolTotp();
  });

  it("knows the person again under a new name, and gives the old name's owner nothing", async () => {
    const before = await findPerson("renamed");
    await asSlapdAdministrator(async (client) => {
      await client.del("uid=newname,ou=people,dc=lab,dc=test").catch(() => {});
      await client.modifyDN("uid=renamed,ou=people,dc=lab,dc=test", "uid=newname");
    });
    const browser = rig.browser("192.0.2.13");
    await browser.ok("POST", "/sign-in/password", { login: "newname", password: "odd-Passw0rd" });
    assert.equal((await findPerson("newname")).personId, before.personId);
    await addToSlapd({ "uid=newname,ou=people,dc=lab,dc=test": person("newname") });
    await rig.browser("192.0.2.13").refused("POST", "/sign-in/password", {
      body: { login: "newname", password: "odd-Passw0rd" },
      code: "not-admitted",
    });
  });

  it("ends the sign-ins and sessions of somebody removed, within the set time, and lets nobody in again", async () => {
    const { browser } = await enter("gone", "odd-Passw0rd");
    const row = await findPerson("gone");
    await deleteFromSlapd("uid=gone,ou=people,dc=lab,dc=test");
    await rig.auth.recheck();
    assert.equal((await browser.state()).state, "signed-in", "not due yet");
    rig.clock.nowMs += 61_000;
    rig.entries.length = 0;
    await rig.auth.recheck();
    assert.equal((await browser.state()).state, "nobody");
    assert.ok(rig.ended.includes(row.personId));
    assert.ok(rig.entries.some((entry) => entry.kind === "person.barred" && entry.details.reason === "gone"));
    assert.equal((await findPerson("gone")).origin.barred, "gone");
    assert.equal((await findPerson("alice")).origin.barred, null);
  });

  it("ends nothing because the directory is away, says so once, and lets the break-glass administrator in", async () => {
    await admin.signIn("amelie", adminSecret).catch(() => null);
    const { browser } = await enter("bob", labPasswords.bob);
    await change(admin, slapdId, { config: slapdConfig({ servers: dead }) });
    rig.ended.length = 0;
    rig.entries.length = 0;
    for (let turn = 0; turn < 3; turn++) {
      rig.clock.nowMs += 61_000;
      await rig.auth.recheck();
    }
    assert.deepEqual(rig.ended, []);
    assert.equal(rig.entries.filter((entry) => entry.kind === "provider.away").length, 1);
    assert.equal((await browser.state()).state, "signed-in");
    for (const login of ["bob", "amelie", "nobody-here"])
      await rig
        .browser("192.0.2.14")
        .refused("POST", "/sign-in/password", { body: { login, password: "wrong" }, code: "directory-away" });
    rig.clock.nowMs += HOUR_MS;
    const rescue = rig.browser("192.0.2.15");
    assert.equal((await rescue.signIn("amelie", adminSecret)).state, "signed-in");
    admin = rescue;
    await change(admin, slapdId, { config: slapdConfig() });
    await rig.auth.recheck();
    assert.ok(rig.entries.some((entry) => entry.kind === "provider.back"));
  });

  it("takes half of the people vanishing at once for a fault of the directory", async () => {
    const names = ["m1", "m2", "m3", "m4", "m5", "m6"];
    await addToSlapd(
      Object.fromEntries(names.map((uid) => [`uid=${uid},ou=people,dc=lab,dc=test`, person(uid)])),
    );
    for (const uid of names)
      await rig
        .browser("192.0.2.16")
        .ok("POST", "/sign-in/password", { login: uid, password: "odd-Passw0rd" });
    for (const uid of names) await deleteFromSlapd(`uid=${uid},ou=people,dc=lab,dc=test`);
    rig.ended.length = 0;
    rig.entries.length = 0;
    for (let turn = 0; turn < 2; turn++) {
      rig.clock.nowMs += 61_000;
      await rig.auth.recheck();
    }
    assert.deepEqual(rig.ended, []);
    assert.equal(rig.entries.filter((entry) => entry.kind === "provider.people-vanished").length, 1);
  });

  it("refuses settings that cannot work, and lets only an administrator of the whole change any", async () => {
    for (const config of [
      slapdConfig({ security: "plain" }),
      slapdConfig({ userFilter: "(uid={login}" }),
      slapdConfig({ userFilter: "(uid=*{login}*)" }),
      slapdConfig({ nesting: "chain" }),
      slapdConfig({ caPem: "nothing" }),
    ])
      await admin.refused("POST", "/identity-providers", {
        body: { name: "x", config },
        code: "provider-invalid",
      });
    await admin.refused("DELETE", `/identity-providers/${slapdId}`, { code: "conflict" });
    const siteId = "01890000-0000-7000-8000-000000000001";
    const roles = { roles: ["administrator"], administeredSiteIds: [siteId] };
    const { browser } = await newPerson(rig, admin, { login: "chef-de-site", name: "Chef", ...roles });
    await browser.refused("GET", "/identity-providers", { code: "not-found" });
    await browser.refused("POST", "/identity-providers", {
      body: { name: "x", config: slapdConfig() },
      code: "not-found",
    });
  });

  it("asks Active Directory too: barred people are told after a right password only, removed ones are out", async () => {
    try {
      sambaTool("user", "create", "ivy", "odd-Passw0rd");
    } catch {
      sambaTool("user", "enable", "ivy");
    }
    await addProvider(admin, "Domaine", sambaConfig(), "gate-Passw0rd");
    for (const [login, code] of [
      ["dan", "account-disabled"],
      ["eve", "account-password-expired"],
      ["fay", "account-expired"],
    ] as const) {
      const browser = rig.browser("192.0.2.20");
      await browser.refused("POST", "/sign-in/password", {
        body: { login, password: "wrong" },
        code: "sign-in-refused",
      });
      await browser.refused("POST", "/sign-in/password", { body: { login, password: "odd-Passw0rd" }, code });
      assert.equal(await findPerson(login), null);
    }
    const { browser } = await enter("ivy", "odd-Passw0rd");
    const ivy = await findPerson("ivy");
    sambaTool("user", "disable", "ivy");
    rig.clock.nowMs += 61_000;
    await rig.auth.recheck();
    assert.equal((await browser.state()).state, "nobody");
    assert.ok(rig.ended.includes(ivy.personId));
    await rig.browser("192.0.2.21").refused("POST", "/sign-in/password", {
      body: { login: "ivy", password: "odd-Passw0rd" },
      code: "account-disabled",
    });
    sambaTool("user", "enable", "ivy");
    const back = await rig
      .browser("192.0.2.22")
      .ok("POST", "/sign-in/password", { login: "ivy", password: "odd-Passw0rd" });
    assert.equal(back.state, "factor-needed");
    assert.equal((await findPerson("ivy")).origin.barred, null);
  });
});

// The second factor by rule and remembered browsers, over the real HTTP layer, on every store.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import { type TestStore, testStores } from "../store/testing/test-stores.ts";
import {
  type AuthRig,
  authRig,
  type Browser,
  codeOf,
  firstAdministrator,
  newPerson,
  PASSWORD,
} from "./testing/auth-rig.ts";

const DAY_MS = 86_400_000;
const stores = await testStores();
let keeper: TestKeeper;
before(async () => {
  keeper = await testKeeper();
});
after(() => keeper.dispose());

for (const stored of stores)
  describe(`the second factor by rule on ${stored.store.engine}`, () => suite(stored));

function suite(stored: TestStore): void {
  let rig: AuthRig;
  let admin: Browser;
  let ada: { browser: Browser; secret: string; personId: string };
  let eve: { browser: Browser; secret: string; personId: string };
  let groupId: string;

  before(async () => {
    rig = await authRig(stored.store, keeper.keeper);
    admin = (await firstAdministrator(rig)).browser;
    const roles = { roles: ["user"] };
    ada = await newPerson(rig, admin, { login: "ada", name: "Ada", ...roles });
    eve = await newPerson(rig, admin, { login: "eve", name: "Eve", ...roles });
    groupId = (await admin.ok("POST", "/groups", { name: "Équipe", description: "", siteId: null })).groupId;
    await admin.ok("POST", `/groups/${groupId}/members`, { addPersonIds: [ada.personId] });
  });
  after(async () => {
    await rig?.close();
    await stored.dispose();
  });

  const setRules = async (rules: Record<string, unknown>[]) => {
    const { revision } = await admin.ok("GET", "/factor-rules");
    return admin.ok("PUT", "/factor-rules", {
      revision,
      rules: rules.map((rule) => ({ name: "règle", ...rule })),
    });
  };
  /** The next step after a right password. */
  const enter = async (login: string, browser: Browser) => {
    const { state } = await browser.ok("POST", "/sign-in/password", { login, password: PASSWORD });
    return state as string;
  };
  const fresh = () => rig.browser("192.0.2.50");
  const nextMinute = () => {
    rig.clock.nowMs += 60_000;
  };
  /** A browser where Ada is remembered, signed out again. */
  async function rememberedBrowser(): Promise<Browser> {
    nextMinute();
    const browser = fresh();
    await enter("ada", browser);
    if ((await browser.state()).state === "factor-needed")
      await browser.ok("POST", "/sign-in/totp", { code: codeOf(ada.secret, rig.clock.nowMs) });
    const { items } = await browser.ok("POST", "/me/remembered-devices", {});
    assert.equal(items.filter((item: { isCurrent: boolean }) => item.isCurrent).length, 1);
    await browser.ok("POST", "/sign-out", {});
    return browser;
  }
  const lastRefusal = () => rig.entries.findLast((entry) => entry.kind === "remembered-device.refused");

  it("asks everybody without a rule, and nothing can be remembered", async () => {
    assert.equal(await enter("ada", fresh()), "factor-needed");
    assert.equal(await enter("amelie", fresh()), "factor-needed");
    await eve.browser.refused("POST", "/me/remembered-devices", { body: {}, code: "remembered-off" });
  });

  it("lets off whom a rule names, from where it says, but nobody who administers and no one-time link", async () => {
    rig.entries.length = 0;
    await setRules([{ moment: "sign-in", networks: ["192.0.2.0/24"], demand: "never" }]);
    const browser = fresh();
    assert.equal(await enter("ada", browser), "signed-in");
    const waived = rig.entries.find((entry) => entry.kind === "sign-in.factor-waived");
    assert.deepEqual(waived?.details, { by: "rule", rule: "règle" });
    // Whatever wants a fresh factor still asks for the device.
    await browser.refused("POST", "/me/recovery-codes", { body: {}, code: "fresh-factor-needed" });
    assert.equal(await enter("ada", rig.browser("198.51.100.7")), "factor-needed");
    assert.equal(await enter("amelie", fresh()), "factor-needed");
    const { link } = await admin.ok("POST", `/people/${eve.personId}/reset`, { what: "password" });
    assert.equal((await fresh().openLink(link.url)).state, "factor-needed");
  });

  it("asks by group again, and refuses rules written over somebody else's", async () => {
    await setRules([
      { moment: "sign-in", groupIds: [groupId], demand: "own" },
      { moment: "sign-in", demand: "never" },
    ]);
    assert.equal(await enter("ada", fresh()), "factor-needed");
    await admin.refused("PUT", "/factor-rules", { body: { revision: 1, rules: [] }, code: "conflict" });
    await ada.browser.refused("GET", "/factor-rules", { code: "not-allowed" });
  });

  it("remembers a browser where setting and rule allow it, with another cookie at each use", async () => {
    rig.settings.current = { ...rig.settings.current, rememberedMs: 7 * DAY_MS };
    await setRules([{ moment: "sign-in", demand: "remembered" }]);
    const browser = await rememberedBrowser();
    const before = browser.device;
    assert.equal(await enter("ada", browser), "signed-in");
    assert.notEqual(browser.device, before);
    await browser.refused("POST", "/me/recovery-codes", { body: {}, code: "fresh-factor-needed" });
    await browser.ok("POST", "/sign-out", {});
    assert.equal(await enter("ada", browser), "signed-in");
    assert.equal(await enter("ada", fresh()), "factor-needed", "another browser is asked");
    await setRules([]);
    assert.equal(await enter("ada", browser), "factor-needed", "without the rule it counts for nothing");
    await setRules([{ moment: "sign-in", demand: "remembered" }]);
  });

  it("a stolen cookie helps nobody else, and its owner keeps it", async () => {
    const browser = await rememberedBrowser();
    const thief = fresh();
    thief.device = browser.device;
    // Eve's password was reset above: she chooses one first.
    const { link } = await admin.ok("POST", `/people/${eve.personId}/reset`, { what: "both" });
    const hers = fresh();
    await hers.openLink(link.url);
    await hers.ok("POST", "/sign-in/new-password", { password: "seize corbeaux immobiles" });
    await hers.enrolTotp();
    const { state } = await thief.ok("POST", "/sign-in/password", {
      login: "eve",
      password: "seize corbeaux immobiles",
    });
    assert.equal(state, "factor-needed");
    assert.equal(lastRefusal()?.details.reason, "another-person");
    assert.equal(await enter("ada", browser), "signed-in");
  });

  it("a cookie that comes again after it was used ends the remembering with an alarm", async () => {
    const browser = await rememberedBrowser();
    const copy = browser.device;
    assert.equal(await enter("ada", browser), "signed-in");
    const thief = rig.browser("192.0.2.99");
    thief.device = copy;
    assert.equal(await enter("ada", thief), "factor-needed");
    assert.equal(lastRefusal()?.details.reason, "replayed");
    assert.equal(lastRefusal()?.level, "alarm");
    assert.equal(thief.device, null);
    await browser.ok("POST", "/sign-out", {});
    assert.equal(await enter("ada", browser), "factor-needed", "whoever has the newer one is asked too");
  });

  it("an end passes, a shorter setting holds for old ones, and rubbish is nothing", async () => {
    const browser = await rememberedBrowser();
    rig.settings.current = { ...rig.settings.current, rememberedMs: DAY_MS };
    rig.clock.nowMs += DAY_MS + 1;
    admin = rig.browser();
    assert.equal(await enter("ada", browser), "factor-needed");
    assert.equal(lastRefusal()?.details.reason, "expired");
    const odd = fresh();
    for (const token of ["x", "A".repeat(4000), "%00", "é"]) {
      odd.device = encodeURIComponent(token);
      assert.equal(await enter("ada", odd), "factor-needed");
    }
    rig.settings.current = { ...rig.settings.current, rememberedMs: 0 };
    const off = fresh();
    off.device = browser.device ?? "gone";
    assert.equal(await enter("ada", off), "factor-needed");
  });

  it("goes with a reset, by the help desk, and by its owner", async () => {
    rig.settings.current = { ...rig.settings.current, rememberedMs: 7 * DAY_MS };
    const helper = await newAdministrator();
    for (const end of [
      (deviceId: string) => helper.ok("DELETE", `/people/${ada.personId}/remembered-devices/${deviceId}`),
      () => helper.ok("DELETE", `/people/${ada.personId}/sign-ins/all`),
      () => helper.ok("POST", `/people/${ada.personId}/reset`, { what: "factor" }),
    ]) {
      const browser = await rememberedBrowser();
      const { items } = await helper.ok("GET", `/people/${ada.personId}/remembered-devices`);
      await end(items[0].deviceId);
      const { state } = await browser
        .send("POST", "/sign-in/password", { login: "ada", password: PASSWORD })
        .then(({ body }) => ({ state: body.state ?? body.code }));
      assert.ok(["factor-needed", "enrolment-link-needed"].includes(state), state);
    }
    assert.equal((await helper.ok("GET", `/people/${ada.personId}/remembered-devices`)).items.length, 0);
  });

  /** An administrator signed in at the clock of now. */
  async function newAdministrator(): Promise<Browser> {
    const { link } = await rig.auth.resetAdmin("amelie");
    const browser = rig.browser("192.0.2.200");
    await browser.openLink(link.url);
    await browser.ok("POST", "/sign-in/new-password", { password: "dix-huit loutres patientes" });
    await browser.enrolTotp();
    return browser;
  }
}

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import { type TestStore, testStore } from "../store/testing/test-stores.ts";
import { PASSWORD_MAX_BYTES } from "./password-hasher.ts";
import {
  type AuthRig,
  authRig,
  type Browser,
  codeOf,
  firstAdministrator,
  newPerson,
  PASSWORD,
} from "./testing/auth-rig.ts";

const MINUTE_MS = 60_000;

describe("whoever tries to get in, or further", () => {
  let keeper: TestKeeper;
  let stored: TestStore;
  let rig: AuthRig;
  let amelie: Browser;
  let amelieSecret: string;
  let benoit: Awaited<ReturnType<typeof newPerson>>;

  before(async () => {
    keeper = await testKeeper();
  });
  after(() => keeper?.dispose());
  beforeEach(async () => {
    await rig?.close();
    await stored?.dispose();
    stored = await testStore();
    rig = await authRig(stored.store, keeper.keeper);
    const first = await firstAdministrator(rig);
    amelie = first.browser;
    amelieSecret = first.secret;
    benoit = await newPerson(rig, amelie, { login: "benoit", name: "Benoît Lefèvre" });
    rig.takeKinds();
  });
  after(async () => {
    await rig?.close();
    await stored?.dispose();
  });

  it("does not learn whether an account exists: same answer, same argon2 work, same journal", async () => {
    await amelie.ok("PATCH", `/people/${benoit.personId}`, { isDisabled: true });
    const { link } = await amelie.ok("POST", "/people", { login: "chloe", name: "Chloé" });
    assert.ok(link);
    rig.takeKinds();
    const answers: unknown[] = [];
    for (const [index, [login, password]] of [
      ["personne", "n'importe quoi de long"],
      ["amelie", "n'importe quoi de long"],
      ["benoit", PASSWORD],
      ["chloe", "n'importe quoi de long"],
      ["amelie", "x".repeat(PASSWORD_MAX_BYTES * 4)],
      ["personne", "x".repeat(PASSWORD_MAX_BYTES * 4)],
    ].entries()) {
      const runs = rig.auth.hasher.runCount;
      const browser = rig.browser(`198.51.100.${index}`);
      const answer = await browser.send("POST", "/sign-in/password", { login, password });
      const { reference, ...rest } = answer.body;
      assert.ok(reference);
      answers.push({ status: answer.status, ...rest, cookie: browser.cookie });
      assert.equal(rig.auth.hasher.runCount - runs, 1, login);
      assert.deepEqual(rig.takeKinds(), ["sign-in.failed"], login);
    }
    assert.equal(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1);
    assert.equal((answers[0] as { code: string }).code, "sign-in-refused");
  });

  it("slows an unknown name down like a known one", async () => {
    for (const login of ["amelie", "personne"]) {
      const codes: string[] = [];
      for (let index = 0; index < 6; index++) {
        const browser = rig.browser(`198.51.100.${index}`);
        const answer = await browser.send("POST", "/sign-in/password", {
          login,
          password: "pas le bon, non",
        });
        codes.push(answer.body.code);
      }
      const four = new Array(4).fill("sign-in-refused");
      assert.deepEqual(codes, [...four, "too-many-requests", "too-many-requests"], login);
    }
    // The right password is not let in during the wait either: that would be the oracle.
    const early = { login: "amelie", password: PASSWORD };
    await rig
      .browser("198.51.100.99")
      .refused("POST", "/sign-in/password", { body: early, code: "too-many-requests" });
    rig.clock.nowMs += 1000;
    await rig.browser("198.51.100.99").ok("POST", "/sign-in/password", early);
  });

  it("is banned by source, with an alarm, and only there", async () => {
    let codes: string[] = [];
    for (let index = 0; index < 31; index++) {
      const body = { login: `liste-${index}`, password: "un mot de passe deviné" };
      const answer = await rig.browser("203.0.113.5").send("POST", "/sign-in/password", body);
      codes = [...codes, answer.body.code];
    }
    assert.equal(codes.indexOf("source-banned"), 30);
    const alarms = rig.entries.filter((entry) => entry.level === "alarm");
    assert.deepEqual(
      alarms.map((entry) => [entry.kind, entry.sourceAddress, entry.details.seconds]),
      [["sign-in.banned", "203.0.113.5", 900]],
    );
    const typed = rig.entries.filter((entry) => JSON.stringify(entry).includes("liste-"));
    assert.deepEqual(typed, [], "what was typed as a name is not written: people type passwords there");
    await rig.browser("203.0.113.6").ok("POST", "/sign-in/password", { login: "amelie", password: PASSWORD });
  });

  it("cannot guess a code: slowed down per person across sign-ins and sources", async () => {
    rig.clock.nowMs += MINUTE_MS;
    const codes: string[] = [];
    for (let index = 0; index < 6; index++) {
      const browser = rig.browser(`198.51.100.${index}`);
      await browser.ok("POST", "/sign-in/password", { login: "amelie", password: PASSWORD });
      const answer = await browser.send("POST", "/sign-in/totp", { code: "000000" });
      codes.push(answer.body.code);
    }
    const four = new Array(4).fill("wrong-code");
    assert.deepEqual(codes, [...four, "too-many-requests", "too-many-requests"]);
  });

  it("gets nothing from a used, an expired, a replaced or a foreign link", async () => {
    const tokenOf = (url: string) => ({ token: url.split("link=")[1] ?? "" });
    const refuse = (body: { token: string }) =>
      rig.browser("198.51.100.1").refused("POST", "/sign-in/link", { body, code: "link-invalid" });
    await refuse(tokenOf(benoit.link));
    const one = await amelie.ok("POST", "/people", { login: "denis", name: "Denis" });
    const two = await amelie.ok("POST", `/people/${one.person.personId}/reset`, { what: "password" });
    await refuse(tokenOf(one.link.url));
    rig.clock.nowMs = two.link.expiresAtMs;
    await refuse(tokenOf(two.link.url));
    await refuse({ token: "A".repeat(43) });
  });

  it("cannot change anything with a cookie alone: the CSRF token of the moment is asked", async () => {
    const right = amelie.csrf;
    for (const csrf of [null, "", "x", benoit.browser.csrf]) {
      amelie.csrf = csrf;
      for (const [method, path] of [
        ["POST", "/me/recovery-codes"],
        ["DELETE", "/me/sign-ins/others"],
        ["PATCH", "/me"],
        ["POST", "/sign-out"],
        ["POST", "/sign-in/password"],
      ] as const)
        await amelie.refused(method, path, {
          body: method === "PATCH" ? { name: "x" } : undefined,
          code: "wrong-origin",
        });
    }
    amelie.csrf = right;
    await amelie.ok("PATCH", "/me", { name: "Amélie D." });
    const foreign = await amelie.send("PATCH", "/me", { name: "x" }, { origin: "https://evil.example" });
    assert.equal(foreign.body.code, "wrong-origin");
  });

  it("uses a token only within its scopes, networks, time and owner's rights", async () => {
    const wish = {
      name: "script",
      scopes: ["people:read"],
      sourceNetworks: ["192.0.2.0/24"],
      expiresInDays: 1,
    };
    await benoit.browser.refused("POST", "/me/tokens", { body: wish, code: "not-allowed" });
    await amelie.refused("POST", "/me/tokens", {
      body: { ...wish, sourceNetworks: ["192.0.2.0/40"] },
      code: "bad-request",
    });
    const { token, row } = await amelie.ok("POST", "/me/tokens", wish);
    const call = async (address: string, path: string, method: "GET" | "POST" = "GET", body?: unknown) => {
      const answer = await rig
        .browser(address)
        .send(method, path, body, { authorization: `Bearer ${token}` });
      return answer.status === 200 ? "ok" : (answer.body.code as string);
    };
    assert.equal(await call("192.0.2.9", "/people"), "ok");
    assert.equal(await call("203.0.113.9", "/people"), "not-signed-in");
    assert.equal(await call("192.0.2.9", "/charters"), "not-allowed");
    assert.equal(await call("192.0.2.9", "/groups", "POST", { name: "x" }), "not-allowed");
    assert.equal(await call("192.0.2.9", "/me/tokens"), "not-allowed");
    assert.equal(await call("192.0.2.9", "/me/recovery-codes", "POST"), "not-allowed");
    const [listed] = (await amelie.ok("GET", "/me/tokens")).items;
    assert.equal(listed.lastSourceAddress, "192.0.2.9");
    assert.equal(JSON.stringify(listed).includes(token), false);
    rig.clock.nowMs += 86_400_000;
    assert.equal(await call("192.0.2.9", "/people"), "not-signed-in");
    rig.clock.nowMs -= 86_400_000;
    await amelie.ok("DELETE", `/me/tokens/${row.tokenId}`);
    assert.equal(await call("192.0.2.9", "/people"), "not-signed-in");
    for (const authorization of ["Bearer", "Bearer x", "Basic eDp5", `Bearer poterne_${"A".repeat(43)}`])
      assert.equal(
        (await rig.browser().send("GET", "/people", undefined, { authorization })).body.code,
        "not-signed-in",
      );
  });

  it("is out with the next request once disabled, with tokens and links, and live sessions are told", async () => {
    const { browser, personId } = benoit;
    await browser.ok("GET", "/me/factors");
    await amelie.ok("PATCH", `/people/${personId}`, { roles: ["auditor"] });
    await browser.refused("GET", "/me/factors", { code: "not-signed-in" });
    rig.clock.nowMs += MINUTE_MS;
    await browser.signIn("benoit", benoit.secret);
    const { token } = await browser.ok("POST", "/me/tokens", { name: "lire", scopes: ["people:read"] });
    const authorization = `Bearer ${token}`;
    assert.equal((await rig.browser().send("GET", "/people", undefined, { authorization })).status, 200);
    rig.takeKinds();
    await amelie.ok("PATCH", `/people/${personId}`, { isDisabled: true });
    assert.deepEqual(rig.takeKinds(), ["person.disabled"]);
    assert.deepEqual(rig.ended, [personId]);
    await browser.refused("GET", "/me/factors", { code: "not-signed-in" });
    assert.equal((await rig.browser().send("GET", "/people", undefined, { authorization })).status, 401);
  });

  it("is out even when disabled behind the gateway's back, in the store", async () => {
    await stored.store.db
      .updateTable("person")
      .set({ is_disabled: 1 })
      .where("id", "=", benoit.personId)
      .execute();
    await benoit.browser.refused("GET", "/me/factors", { code: "not-signed-in" });
    assert.equal((await benoit.browser.state()).state, "nobody");
  });

  it("is out when a sign-in is revoked, by oneself or by the help desk", async () => {
    rig.clock.nowMs += MINUTE_MS;
    const second = rig.browser();
    await second.signIn("benoit", benoit.secret);
    const { items } = await second.ok("GET", "/me/sign-ins");
    assert.deepEqual(
      items.map((item: { isCurrent: boolean }) => item.isCurrent),
      [true, false],
    );
    await amelie.refused("DELETE", `/me/sign-ins/${items[1].signInId}`, { code: "not-found" });
    await second.ok("DELETE", `/me/sign-ins/${items[1].signInId}`);
    await benoit.browser.refused("GET", "/me/factors", { code: "not-signed-in" });
    await amelie.ok("DELETE", `/people/${benoit.personId}/sign-ins/all`);
    await second.refused("GET", "/me/factors", { code: "not-signed-in" });
  });

  it("cannot keep an old cookie after a step: each step is under a new one", async () => {
    rig.clock.nowMs += MINUTE_MS;
    const browser = rig.browser();
    const seen: (string | null)[] = [];
    await browser.ok("POST", "/sign-in/password", { login: "benoit", password: PASSWORD });
    seen.push(browser.cookie);
    await browser.ok("POST", "/sign-in/totp", { code: codeOf(benoit.secret, rig.clock.nowMs) });
    for (const cookie of seen) {
      const thief = rig.browser();
      thief.cookie = cookie;
      assert.equal((await thief.state()).state, "nobody");
    }
  });

  it("cannot enrol, change the password or make tokens without a fresh factor", async () => {
    rig.clock.nowMs += 11 * MINUTE_MS;
    await benoit.browser.refused("POST", "/me/totp", { code: "fresh-factor-needed" });
    await benoit.browser.refused("POST", "/me/passkeys/options", { code: "fresh-factor-needed" });
    await benoit.browser.refused("POST", "/sign-in/confirm", {
      body: { method: "password", password: PASSWORD },
      code: "sign-in-refused",
    });
    await benoit.browser.ok("POST", "/sign-in/confirm", {
      method: "totp",
      code: codeOf(benoit.secret, rig.clock.nowMs),
    });
    await benoit.browser.enrolTotp("tablet");
  });

  it("ends every other sign-in when the password changes, and old passwords stay old", async () => {
    rig.clock.nowMs += MINUTE_MS;
    const other = rig.browser();
    await other.signIn("benoit", benoit.secret);
    const change = (currentPassword: string, newPassword: string) =>
      benoit.browser.send("POST", "/me/password", { currentPassword, newPassword });
    assert.equal((await change("pas le bon du tout", "seize cailloux polis")).body.code, "sign-in-refused");
    assert.equal((await change(PASSWORD, PASSWORD)).body.code, "password-reused");
    assert.equal((await change(PASSWORD, "seize cailloux polis")).status, 200);
    await other.refused("GET", "/me/factors", { code: "not-signed-in" });
    await benoit.browser.ok("GET", "/me/factors");
    assert.equal((await change("seize cailloux polis", PASSWORD)).body.code, "password-reused");
    const browser = rig.browser();
    const typed = { login: "benoit", password: PASSWORD };
    await browser.refused("POST", "/sign-in/password", { body: typed, code: "sign-in-refused" });
  });

  it("keeps the last device while a factor is required", async () => {
    const { items } = await benoit.browser.ok("GET", "/me/factors");
    assert.equal(items[0].canRemove, false);
    await benoit.browser.refused("DELETE", `/me/factors/${items[0].factorId}`, { code: "last-factor" });
    rig.clock.nowMs += MINUTE_MS;
    const { factorId } = await benoit.browser.enrolTotp("second");
    await benoit.browser.ok("PATCH", `/me/factors/${factorId}`, { name: "armoire" });
    await amelie.refused("PATCH", `/me/factors/${factorId}`, { body: { name: "volé" }, code: "not-found" });
    await amelie.refused("DELETE", `/me/factors/${factorId}`, { code: "not-found" });
    await benoit.browser.ok("DELETE", `/me/factors/${items[0].factorId}`);
  });

  it("needs what a reset does not replace: device for a password link, password for a device link", async () => {
    const reset = async (what: string) => {
      const { link } = await amelie.ok("POST", `/people/${benoit.personId}/reset`, { what });
      const browser = rig.browser("198.51.100.7");
      return { browser, state: await browser.openLink(link.url) };
    };
    rig.clock.nowMs += MINUTE_MS;
    const password = await reset("password");
    assert.equal(password.state.state, "factor-needed");
    await password.browser.refused("POST", "/sign-in/new-password", {
      body: { password: "dix-sept wagons rouillés" },
      code: "not-signed-in",
    });
    await password.browser.ok("POST", "/sign-in/totp", { code: codeOf(benoit.secret, rig.clock.nowMs) });
    const changed = await password.browser.ok("POST", "/sign-in/new-password", {
      password: "dix-sept wagons rouillés",
    });
    assert.equal(changed.state, "signed-in");

    const factor = await reset("factor");
    assert.equal(factor.state.state, "password-needed");
    const stranger = { login: "amelie", password: PASSWORD };
    await factor.browser.refused("POST", "/sign-in/password", { body: stranger, code: "sign-in-refused" });
    const own = { login: "benoit", password: "dix-sept wagons rouillés" };
    // Without the link, the password alone must not enrol a device.
    await rig.browser().refused("POST", "/sign-in/password", { body: own, code: "enrolment-link-needed" });
    assert.equal((await factor.browser.ok("POST", "/sign-in/password", own)).state, "enrolment-needed");
    await factor.browser.enrolTotp("nouveau");
    assert.equal((await factor.browser.state()).state, "signed-in");

    const { token } = await factor.browser.ok("POST", "/me/tokens", { name: "t", scopes: ["sessions:open"] });
    const authorization = `Bearer ${token}`;
    const asToken = async () =>
      (await rig.browser().send("GET", "/people", undefined, { authorization })).body.code;
    assert.equal(await asToken(), "not-allowed");
    const both = await reset("both");
    assert.equal(await asToken(), "not-signed-in");
    assert.equal(both.state.state, "new-password-needed");
    assert.equal(rig.entries.find((entry) => entry.details.what === "both")?.level, "alarm");
  });

  it("opens nothing when the journal cannot be written", async () => {
    rig.clock.nowMs += MINUTE_MS;
    const browser = rig.browser();
    await browser.ok("POST", "/sign-in/password", { login: "benoit", password: PASSWORD });
    rig.journal.isBroken = true;
    const code = codeOf(benoit.secret, rig.clock.nowMs);
    assert.notEqual((await browser.send("POST", "/sign-in/totp", { code })).status, 200);
    await browser.refused("GET", "/me/factors", { code: "not-signed-in" });
    assert.notEqual((await amelie.send("POST", "/people", { login: "eve", name: "Eve" })).status, 200);
    rig.journal.isBroken = false;
    assert.equal(await rig.auth.people.findByLogin("eve"), null);
  });

  it("never finds a password, code, token or secret in the journal", async () => {
    rig.clock.nowMs += MINUTE_MS;
    const { browser, secret } = await newPerson(rig, amelie, { login: "farid", name: "Farid" });
    const { recoveryCodes } = await browser.ok("POST", "/me/recovery-codes");
    const { token } = await amelie.ok("POST", "/me/tokens", { name: "t", scopes: ["people:read"] });
    const all = JSON.stringify(rig.entries);
    for (const hidden of [
      PASSWORD,
      secret,
      amelieSecret,
      token,
      browser.cookie,
      browser.csrf,
      ...recoveryCodes,
    ])
      assert.equal(all.includes(String(hidden)), false);
    assert.equal(JSON.stringify(await dump(stored)).includes(token), false);
  });
});

/** All rows of the tables that hold credentials. */
async function dump({ store }: TestStore): Promise<unknown[]> {
  const tables = ["person", "sign_in", "one_time_link", "api_token", "credential_recovery"] as const;
  return Promise.all(tables.map((table) => store.db.selectFrom(table).selectAll().execute()));
}

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import { type TestStore, testStore } from "../store/testing/test-stores.ts";
import {
  type AuthRig,
  authRig,
  codeOf,
  type firstAdministrator,
  newPerson,
  PASSWORD,
} from "./testing/auth-rig.ts";

const HOUR_MS = 3_600_000;

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`signing in on ${engine}`, () => {
    let keeper: TestKeeper;
    let stored: TestStore;
    let rig: AuthRig;
    let amelie: Awaited<ReturnType<typeof firstAdministrator>>;

    before(async () => {
      keeper = await testKeeper();
      stored = await testStore(engine);
      rig = await authRig(stored.store, keeper.keeper);
    });
    after(async () => {
      await rig?.close();
      await stored?.dispose();
      await keeper?.dispose();
    });

    it("says at first start that nobody is there and lets nobody in without the link", async () => {
      const state = await rig.browser().state();
      assert.deepEqual([state.state, state.state === "nobody" && state.isFirstStart], ["nobody", true]);
      await rig
        .browser()
        .refused("POST", "/sign-in/link", { body: { token: "A".repeat(43) }, code: "link-invalid" });
    });

    it("ends the first link after an hour, and an earlier one when another is made", async () => {
      const early = await rig.auth.createFirstLink();
      const late = await rig.auth.createFirstLink();
      assert.ok(early && late);
      const token = (url: string) => ({ token: url.split("link=")[1] });
      await rig.browser().refused("POST", "/sign-in/link", { body: token(early.url), code: "link-invalid" });
      rig.clock.nowMs += HOUR_MS;
      await rig.browser().refused("POST", "/sign-in/link", { body: token(late.url), code: "link-invalid" });
    });

    it("takes the first administrator from link to profile, password, device and in", async () => {
      const link = await rig.auth.createFirstLink();
      assert.ok(link);
      const browser = rig.browser();
      const asked = await browser.openLink(link.url);
      assert.equal(asked.state === "new-password-needed" && asked.asksProfile, true);
      const profile = { login: "amelie", name: "Amélie Durand" };
      for (const [password, code] of [
        ["court", "password-too-short"],
        ["Motdepasse2026!", "password-common"],
        ["AmelieDurand-26", "password-personal"],
      ])
        await browser.refused("POST", "/sign-in/new-password", {
          body: { password, ...profile },
          code: code ?? "",
        });
      assert.equal(await rig.auth.people.count(), 0);
      const next = await browser.ok("POST", "/sign-in/new-password", { password: PASSWORD, ...profile });
      assert.equal(next.state, "enrolment-needed");
      await browser.refused("GET", "/people", { code: "not-signed-in" });
      const { secret, recoveryCodes } = await browser.enrolTotp();
      assert.equal(recoveryCodes?.length, 10);
      const done = await browser.state();
      assert.ok(done.state === "signed-in");
      assert.deepEqual(done.roles.toSorted(), ["administrator", "user"]);
      assert.deepEqual(done.factors, ["totp", "recovery-code"]);
      await browser.ok("GET", "/people");
      assert.equal(await rig.auth.createFirstLink(), null);
      await rig.browser().refused("POST", "/sign-in/link", {
        body: { token: link.url.split("link=")[1] },
        code: "link-invalid",
      });
      amelie = { browser, secret, recoveryCodes: recoveryCodes ?? [] };
    });

    it("signs in with password and code, and a code counts once", async () => {
      rig.clock.nowMs += 60_000;
      const [browser, other] = [rig.browser(), rig.browser()];
      const asked = await browser.ok("POST", "/sign-in/password", { login: "AMELIE ", password: PASSWORD });
      assert.deepEqual(asked.methods, ["totp", "recovery-code"]);
      await browser.refused("GET", "/people", { code: "not-signed-in" });
      await other.ok("POST", "/sign-in/password", { login: "amelie", password: PASSWORD });
      const code = codeOf(amelie.secret, rig.clock.nowMs);
      const before = browser.cookie;
      assert.equal((await browser.ok("POST", "/sign-in/totp", { code })).state, "signed-in");
      assert.notEqual(browser.cookie, before);
      await other.refused("POST", "/sign-in/totp", { body: { code }, code: "wrong-code" });
      // A code of a step before the last accepted one is refused as well.
      const earlier = codeOf(amelie.secret, rig.clock.nowMs - 30_000);
      await other.refused("POST", "/sign-in/totp", { body: { code: earlier }, code: "wrong-code" });
      rig.clock.nowMs += 30_000;
      assert.equal(
        (await other.ok("POST", "/sign-in/totp", { code: codeOf(amelie.secret, rig.clock.nowMs) })).state,
        "signed-in",
      );
    });

    it("accepts one of two requests with the same code at the same moment", async () => {
      rig.clock.nowMs += 60_000;
      const browsers = [rig.browser(), rig.browser(), rig.browser()];
      for (const browser of browsers)
        await browser.ok("POST", "/sign-in/password", { login: "amelie", password: PASSWORD });
      const code = codeOf(amelie.secret, rig.clock.nowMs);
      const answers = await Promise.all(
        browsers.map((browser) => browser.send("POST", "/sign-in/totp", { code })),
      );
      assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
    });

    it("accepts a recovery code once, however it is typed", async () => {
      rig.clock.nowMs += HOUR_MS;
      const [first = ""] = amelie.recoveryCodes;
      const typed = first.toLowerCase().replaceAll("-", " ").replaceAll("0", "o");
      for (const [code, expected] of [
        [typed, "signed-in"],
        [typed, null],
      ] as const) {
        const browser = rig.browser();
        await browser.ok("POST", "/sign-in/password", { login: "amelie", password: PASSWORD });
        const answer = await browser.send("POST", "/sign-in/recovery-code", { recoveryCode: code });
        assert.equal(answer.body.state ?? null, expected);
      }
    });

    it("ends a sign-in that is idle and one that is old", async () => {
      rig.clock.nowMs += HOUR_MS;
      const [idle, busy] = [rig.browser(), rig.browser()];
      await idle.signIn("amelie", amelie.secret);
      rig.clock.nowMs += 60_000;
      await busy.signIn("amelie", amelie.secret);
      for (let passed = 0; passed < 12 * HOUR_MS; passed += 20 * 60_000) {
        assert.equal((await busy.send("GET", "/me/factors")).status, 200);
        rig.clock.nowMs += 20 * 60_000;
      }
      await idle.refused("GET", "/me/factors", { code: "not-signed-in" });
      await busy.refused("GET", "/me/factors", { code: "not-signed-in" });
      assert.equal((await busy.state()).state, "nobody");
    });

    it("takes somebody new through the charter, and everybody again at a new version", async () => {
      amelie.browser = rig.browser();
      await amelie.browser.signIn("amelie", amelie.secret);
      await amelie.browser.ok("POST", "/charters", { textFr: "Une charte", textEn: "A charter" });
      const benoit = await newPerson(rig, amelie.browser, { login: "benoit", name: "Benoît" });
      const asked = await benoit.browser.state();
      assert.equal(asked.state === "charter-needed" && asked.charter.version, 1);
      await benoit.browser.refused("GET", "/me/factors", { code: "not-signed-in" });
      await benoit.browser.refused("POST", "/sign-in/charter", { body: { version: 2 }, code: "conflict" });
      assert.equal((await benoit.browser.ok("POST", "/sign-in/charter", { version: 1 })).state, "signed-in");
      await amelie.browser.ok("POST", "/charters", { textFr: "Une autre", textEn: "Another" });
      rig.clock.nowMs += 60_000;
      const again = rig.browser();
      assert.equal((await again.signIn("benoit", benoit.secret)).state, "charter-needed");
      assert.equal((await again.ok("POST", "/sign-in/charter", { version: 2 })).state, "signed-in");
    });

    it("makes a factor fresh when it is given again, under a new cookie", async () => {
      rig.clock.nowMs += 11 * 60_000;
      const before = await amelie.browser.state();
      assert.equal(before.state === "signed-in" && before.factorFreshUntilMs, 0);
      const cookie = amelie.browser.cookie;
      const code = codeOf(amelie.secret, rig.clock.nowMs);
      const fresh = await amelie.browser.ok("POST", "/sign-in/confirm", { method: "totp", code });
      assert.equal(fresh.factorFreshUntilMs, rig.clock.nowMs + 10 * 60_000);
      assert.notEqual(amelie.browser.cookie, cookie);
    });

    it("signs out for good", async () => {
      const browser = rig.browser();
      rig.clock.nowMs += 60_000;
      await browser.ok("POST", "/sign-in/password", { login: "amelie", password: PASSWORD });
      const { cookie } = browser;
      await browser.ok("POST", "/sign-out");
      browser.cookie = cookie;
      assert.equal((await browser.state()).state, "nobody");
    });
  });
}

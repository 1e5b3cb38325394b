import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import { type TestStore, testStore } from "../store/testing/test-stores.ts";
import {
  type AuthRig,
  authRig,
  type Browser,
  firstAdministrator,
  newPerson,
  PASSWORD,
} from "./testing/auth-rig.ts";
import { SoftwarePasskey } from "./testing/software-passkey.ts";

const ORIGIN = "https://gate.example.org";

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`passkeys on ${engine}`, () => {
    let keeper: TestKeeper;
    let stored: TestStore;
    let rig: AuthRig;
    let amelie: Browser;
    let secret: string;
    const passkey = new SoftwarePasskey(ORIGIN);

    before(async () => {
      keeper = await testKeeper();
      stored = await testStore(engine);
      rig = await authRig(stored.store, keeper.keeper, ORIGIN);
      const first = await firstAdministrator(rig);
      amelie = first.browser;
      secret = first.secret;
    });
    after(async () => {
      await rig?.close();
      await stored?.dispose();
      await keeper?.dispose();
    });

    async function enrol(browser: Browser, device: SoftwarePasskey, name = "clé") {
      const { challengeId, options } = await browser.ok("POST", "/me/passkeys/options");
      return { challengeId, credential: device.create(options), name };
    }

    async function answer(browser: Browser, device: SoftwarePasskey) {
      const { challengeId, options } = await browser.ok("POST", "/sign-in/passkey/options");
      return { challengeId, credential: device.get(options) };
    }

    it("enrols a passkey beside another device, once per question", async () => {
      const body = await enrol(amelie, passkey);
      const done = await amelie.ok("POST", "/me/passkeys", body);
      assert.equal(done.recoveryCodes, null);
      await amelie.refused("POST", "/me/passkeys", { body, code: "passkey-refused" });
      const { items } = await amelie.ok("GET", "/me/factors");
      assert.deepEqual(
        items.map((item: { method: string; name: string }) => [item.method, item.name]),
        [
          ["totp", "phone"],
          ["passkey", "clé"],
        ],
      );
      const { options } = await amelie.ok("POST", "/me/passkeys/options");
      assert.equal(options.excludeCredentials.length, 1);
    });

    it("signs in with a passkey alone when it verified its holder, and not otherwise", async () => {
      const browser = rig.browser();
      const done = await browser.ok("POST", "/sign-in/passkey/verify", await answer(browser, passkey));
      assert.equal(done.state, "signed-in");
      assert.ok(done.factorFreshUntilMs > rig.clock.nowMs);
      passkey.isHolderVerified = false;
      const other = rig.browser();
      const body = await answer(other, passkey);
      await other.refused("POST", "/sign-in/passkey/verify", { body, code: "passkey-refused" });
      assert.equal((await other.state()).state, "nobody");
    });

    it("takes a passkey as the second factor, also without verifying its holder", async () => {
      const browser = rig.browser();
      const asked = await browser.ok("POST", "/sign-in/password", { login: "amelie", password: PASSWORD });
      assert.deepEqual(asked.methods, ["totp", "passkey", "recovery-code"]);
      const done = await browser.ok("POST", "/sign-in/passkey/verify", await answer(browser, passkey));
      assert.equal(done.state, "signed-in");
      rig.clock.nowMs += 11 * 60_000;
      const confirmed = await browser.ok("POST", "/sign-in/confirm", {
        method: "passkey",
        answer: await answer(browser, passkey),
      });
      assert.ok(confirmed.factorFreshUntilMs > rig.clock.nowMs);
      passkey.isHolderVerified = true;
    });

    it("refuses another origin, an old or used question, a false signature, a copied device", async () => {
      const browser = rig.browser("198.51.100.1");
      const refuse = (body: unknown) =>
        browser.refused("POST", "/sign-in/passkey/verify", { body, code: "passkey-refused" });
      const { challengeId, options } = await browser.ok("POST", "/sign-in/passkey/options");
      await refuse({
        challengeId,
        credential: passkey.get(options, "https://gate.example.org.evil.example"),
      });

      const late = await answer(browser, passkey);
      rig.clock.nowMs += 120_000;
      await refuse(late);

      const forged = await answer(browser, passkey);
      const signature = Buffer.from(forged.credential.response.signature, "base64url");
      signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
      forged.credential.response.signature = signature.toString("base64url");
      await refuse(forged);

      await rig.browser().ok("POST", "/sign-in/passkey/verify", await answer(browser, passkey));
      // A copy of the device counts on from where it was copied.
      passkey.counter -= 1;
      await refuse(await answer(browser, passkey));

      const used = await answer(browser, passkey);
      await browser.ok("POST", "/sign-in/passkey/verify", used);
      const thief = rig.browser("198.51.100.2");
      await thief.refused("POST", "/sign-in/passkey/verify", { body: used, code: "passkey-refused" });
    });

    it("refuses somebody else's passkey as the second factor", async () => {
      amelie.cookie = amelie.csrf = null;
      rig.clock.nowMs += 60_000;
      await amelie.signIn("amelie", secret);
      const benoit = await newPerson(rig, amelie, { login: "benoit", name: "Benoît" });
      const other = new SoftwarePasskey(ORIGIN);
      await benoit.browser.ok("POST", "/me/passkeys", await enrol(benoit.browser, other));
      const browser = rig.browser("198.51.100.3");
      await browser.ok("POST", "/sign-in/password", { login: "amelie", password: PASSWORD });
      const body = await answer(browser, other);
      await browser.refused("POST", "/sign-in/passkey/verify", { body, code: "passkey-refused" });
      assert.equal((await browser.state()).state, "factor-needed");
    });

    it("answers a bounded number of questions of one source, and goes on for others", async () => {
      const [flood, other] = [rig.browser("2001:db8:9::1"), rig.browser("2001:db8:a::1")];
      for (let count = 0; count < 60; count++) await flood.ok("POST", "/sign-in/passkey/options");
      flood.address = "2001:db8:9::2";
      await flood.refused("POST", "/sign-in/passkey/options", { code: "too-many-requests" });
      await other.ok("POST", "/sign-in/passkey/options");
      rig.clock.nowMs += 60_000;
      await flood.ok("POST", "/sign-in/passkey/options");
    });

    it("lets a new person enrol a passkey as the first device, with recovery codes", async () => {
      const { link } = await amelie.ok("POST", "/people", { login: "chloe", name: "Chloé" });
      const browser = rig.browser();
      await browser.openLink(link.url);
      await browser.ok("POST", "/sign-in/new-password", { password: PASSWORD });
      const done = await browser.ok(
        "POST",
        "/me/passkeys",
        await enrol(browser, new SoftwarePasskey(ORIGIN)),
      );
      assert.equal(done.signIn.state, "signed-in");
      assert.equal(done.recoveryCodes.length, 10);
    });
  });
}

it("hides passkeys on an IP address and without HTTPS, with the reason, and leaves the other ways", async () => {
  const keeper = await testKeeper();
  const stored = await testStore();
  try {
    for (const [url, reason] of [
      ["https://192.0.2.1:8443", "ip-address"],
      ["https://[2001:db8::1]", "ip-address"],
      ["http://gate.example.org", "not-secure"],
    ] as const) {
      const rig = await authRig(stored.store, keeper.keeper, url);
      const state = await rig.browser().state();
      assert.deepEqual(state.state === "nobody" && state.passkeys, { isOffered: false, reason });
      await rig.browser().refused("POST", "/sign-in/passkey/options", { code: "passkeys-unavailable" });
      await rig.close();
    }
  } finally {
    await stored.dispose();
    await keeper.dispose();
  }
});

// Federations at the sign-in: the lab's OpenID provider, and one that lies.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { OidcConfig } from "@poterne/contract";
import {
  type AuthRig,
  authRig,
  type Browser,
  codeOf,
  firstAdministrator,
} from "../../packages/gateway/src/auth/testing/auth-rig.ts";
import { type TestKeeper, testKeeper } from "../../packages/gateway/src/keeper/testing/test-keeper.ts";
import { type TestStore, testStore } from "../../packages/gateway/src/store/testing/test-stores.ts";
import { HostileIdp, type Lie } from "../support/hostile-idp.ts";
import { LabIdp } from "../support/lab-idp.ts";

const oidc = (issuer: string, changes: Partial<OidcConfig> = {}): OidcConfig => ({
  kind: "oidc",
  admits: "everyone",
  defaultRoles: ["user"],
  mappings: [],
  issuer,
  isPlainAccepted: true,
  caPem: "",
  clientId: "poterne",
  scopes: ["profile", "email"],
  loginClaim: "preferred_username",
  nameClaim: "name",
  mailClaim: "email",
  groupsClaim: "groups",
  hasLogout: true,
  timeoutSeconds: 5,
  ...changes,
});

describe("signing in at a federation", () => {
  let keeper: TestKeeper;
  let stored: TestStore;
  let rig: AuthRig;
  let admin: Browser;
  let adminSecret: string;
  let hostile: HostileIdp;
  let hostileId: string;

  before(async () => {
    keeper = await testKeeper();
    stored = await testStore("sqlite");
    rig = await authRig(stored.store, keeper.keeper);
    const first = await firstAdministrator(rig);
    admin = first.browser;
    adminSecret = first.secret;
    hostile = await HostileIdp.start();
    hostileId = await add("Douteux", oidc(hostile.issuer), null);
  });
  after(async () => {
    await hostile?.stop();
    await rig?.close();
    await stored?.dispose();
    await keeper?.dispose();
  });

  async function add(name: string, config: OidcConfig, secret: string | null): Promise<string> {
    const made = await admin.ok("POST", "/identity-providers", { name, config });
    const { providerId } = made;
    const { revision } = await admin.ok("POST", `/identity-providers/${providerId}/secret`, { secret });
    await admin.ok("PATCH", `/identity-providers/${providerId}`, { revision, isEnabled: true });
    return providerId;
  }
  const go = async (browser: Browser) => {
    const { url } = await browser.ok("POST", "/sign-in/federation", { providerId: hostileId });
    return hostile.visit(url);
  };
  const lastReason = () => rig.entries.findLast((entry) => entry.kind === "sign-in.failed")?.details.reason;
  let address = 1;
  const newBrowser = () => rig.browser(`198.51.100.${address++}`);

  const lies: readonly Lie[] = [
    "wrong issuer",
    "wrong audience",
    "wrong nonce",
    "no nonce",
    "expired",
    "alg none",
    "forged signature",
    "signed with the public key",
    "mixed-up issuer",
    "oversized",
    "no id token",
    "not json",
  ];
  for (const lie of lies)
    it(`refuses a provider that lies: ${lie}`, async () => {
      hostile.lie = lie;
      const browser = newBrowser();
      const answer = await go(browser);
      const refused = await browser.refused("POST", "/sign-in/federation/answer", {
        body: { answer },
        code: "federation-refused",
      });
      hostile.lie = "none";
      const reason = String(lastReason());
      assert.ok(reason.length > 5, reason);
      assert.ok(!refused.text.includes(reason), "the browser is not told why");
      assert.equal(await admin.ok("GET", "/people?search=mallory").then((list) => list.total), 0);
    });

  it("refuses a provider that calls itself otherwise", async () => {
    hostile.lie = "issuer calls itself otherwise";
    const id = await add("Autre nom", oidc(hostile.issuer), null);
    await newBrowser().refused("POST", "/sign-in/federation", {
      body: { providerId: id },
      code: "federation-refused",
    });
    const { steps } = await admin.ok("POST", `/identity-providers/${id}/test`, { login: "" });
    assert.deepEqual(
      steps.map((step: { step: string; state: string }) => [step.step, step.state]),
      [["discovery", "failed"]],
    );
    hostile.lie = "none";
    await admin.ok("DELETE", `/identity-providers/${id}`);
  });

  it("takes an answer once, from the browser that began, with its own state", async () => {
    const [mine, theirs] = [newBrowser(), newBrowser()];
    const answer = await go(mine);
    await go(theirs);
    await theirs.refused("POST", "/sign-in/federation/answer", {
      body: { answer },
      code: "federation-refused",
    });
    const fresh = await go(mine);
    const cookie = mine.federation;
    for (const wrong of [`${fresh}&state=second`, fresh.replace(/state=[^&]*/, "state=unknown"), "", "%%%"]) {
      mine.federation = cookie;
      await mine.refused("POST", "/sign-in/federation/answer", {
        body: { answer: wrong },
        code: "federation-refused",
      });
    }
    mine.federation = cookie;
    assert.equal(
      (await mine.ok("POST", "/sign-in/federation/answer", { answer: fresh })).state,
      "enrolment-needed",
    );
    mine.federation = cookie;
    await mine.refused("POST", "/sign-in/federation/answer", {
      body: { answer: fresh },
      code: "federation-refused",
    });
    assert.match(String(lastReason()), /used/);
    const late = await go(mine);
    rig.clock.nowMs += 601_000;
    await mine.refused("POST", "/sign-in/federation/answer", {
      body: { answer: late },
      code: "federation-refused",
    });
    const code = codeOf(adminSecret, rig.clock.nowMs);
    await admin.ok("POST", "/sign-in/confirm", { method: "totp", code });
  });

  it("takes no login that somebody here has already", async () => {
    hostile.claims = { preferred_username: "amelie", sub: "m-2" };
    const browser = newBrowser();
    const answer = await go(browser);
    await browser.refused("POST", "/sign-in/federation/answer", { body: { answer }, code: "not-admitted" });
  });

  it("takes nobody whose claims do not fit a person", async () => {
    for (const claims of [
      { preferred_username: "a b" },
      { preferred_username: 7 },
      { sub: "" },
      { preferred_username: "x".repeat(500) },
    ]) {
      hostile.claims = { preferred_username: "fits", sub: "m-3", ...claims };
      const browser = newBrowser();
      const answer = await go(browser);
      await browser.refused("POST", "/sign-in/federation/answer", {
        body: { answer },
        code: "federation-refused",
      });
    }
  });

  it("says that a federation is away, charges nobody, and keeps the break-glass administrator in", async () => {
    const id = await add("Absent", oidc("http://127.0.0.1:9"), null);
    await newBrowser().refused("POST", "/sign-in/federation", {
      body: { providerId: id },
      code: "federation-refused",
    });
    assert.ok(rig.entries.some((entry) => entry.kind === "provider.away"));
    const again = newBrowser();
    const state = await again.ok("POST", "/sign-in/password", {
      login: "amelie",
      password: "quatorze hérissons bavards",
    });
    assert.equal(state.state, "factor-needed");
    await admin.refused("POST", "/identity-providers", {
      body: { name: "x", config: oidc("http://127.0.0.1:9", { isPlainAccepted: false }) },
      code: "provider-invalid",
    });
  });

  it("signs in at the lab's provider, maps its groups, and goes there to sign out", async () => {
    const idp = await LabIdp.start(["https://gate.example.org/sign-in"]);
    try {
      const config = oidc(idp.issuer, {
        clientId: "lab-gateway",
        admits: "mapped",
        mappings: [{ group: "admins", groupId: null, roles: ["auditor"] }],
      });
      const id = await add("Fédération", config, "lab-gateway-secret");
      const { steps } = await admin.ok("POST", `/identity-providers/${id}/test`, { login: "" });
      assert.ok(
        steps.every((step: { state: string }) => step.state !== "failed"),
        JSON.stringify(steps),
      );
      const browser = newBrowser();
      const { url } = await browser.ok("POST", "/sign-in/federation", { providerId: id });
      const answer = await idp.signIn(url, "alice");
      const state = await browser.ok("POST", "/sign-in/federation/answer", { answer });
      assert.equal(state.state, "enrolment-needed");
      await browser.enrolTotp();
      const done = await browser.state();
      assert.ok(done.state === "signed-in");
      assert.deepEqual([done.person.login, done.person.email], ["alice", "alice@lab.test"]);
      assert.deepEqual(done.roles.toSorted(), ["auditor", "user"]);
      const bob = newBrowser();
      const begun = await bob.ok("POST", "/sign-in/federation", { providerId: id });
      const refused = await idp.signIn(begun.url, "bob");
      await bob.refused("POST", "/sign-in/federation/answer", {
        body: { answer: refused },
        code: "not-admitted",
      });
      const out = await browser.ok("POST", "/sign-out");
      assert.ok(String(out.endSessionUrl).startsWith(`${idp.issuer}/session/end?`), out.endSessionUrl);
    } finally {
      await idp.stop();
    }
  });
});

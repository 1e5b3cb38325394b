// Every way of signing in × every rule of the second factor: what the first proof did not bring is asked for, by whatever way.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, it } from "node:test";
import { factorRule, type SignInState } from "@poterne/contract";
import { readKeytab } from "@poterne/kerberos";
import { FactorRuleStore } from "../../packages/gateway/src/access/factor-rule-store.ts";
import {
  type AuthRig,
  authRig,
  type Browser,
  codeOf,
  firstAdministrator,
  newPerson,
  PASSWORD,
} from "../../packages/gateway/src/auth/testing/auth-rig.ts";
import { SoftwarePasskey } from "../../packages/gateway/src/auth/testing/software-passkey.ts";
import { type TestKeeper, testKeeper } from "../../packages/gateway/src/keeper/testing/test-keeper.ts";
import { TicketAcceptor } from "../../packages/gateway/src/kerberos/ticket-acceptor.ts";
import { type TestStore, testStore } from "../../packages/gateway/src/store/testing/test-stores.ts";
import { openFederation } from "../support/federation.ts";
import { HostileIdp } from "../support/hostile-idp.ts";
import { environmentWith, negotiateHeader } from "../support/kerberos.ts";
import { labDir, labPasswords, startLab } from "../support/lab.ts";
import { sambaConfig, slapdConfig } from "../support/ldap.ts";

/** How a sign-in stands: signed in, or a factor is asked for. */
type Stands = "in" | "asked";
const METHODS = ["local", "ldap", "oidc", "oidc with amr", "ticket", "passkey"] as const;
type Method = (typeof METHODS)[number];

const ORIGIN = "https://gate.example.org";
const passkey = new SoftwarePasskey(ORIGIN);
/** The authenticator application of each way's person. */
const secrets = new Map<Method, string>();
let keeper: TestKeeper;
let stored: TestStore;
let rig: AuthRig;
let idp: HostileIdp;
let rules: FactorRuleStore;
let federationId: string;
let address = 1;

before(async () => {
  startLab("slapd", "samba-ad");
  idp = await HostileIdp.start();
  keeper = await testKeeper();
  stored = await testStore("sqlite");
  const keytab = readKeytab(new Uint8Array(readFileSync(path.join(labDir, "samba-ad/http.keytab"))));
  rig = await authRig(stored.store, keeper.keeper, ORIGIN, {
    tickets: new TicketAcceptor(keytab, environmentWith()),
  });
  rig.settings.current = { ...rig.settings.current, rememberedMs: 30 * 86_400_000 };
  rules = new FactorRuleStore(stored.store);
  const admin = (await firstAdministrator(rig)).browser;
  const add = async (name: string, config: unknown, secret: string | null): Promise<string> => {
    const { providerId } = await admin.ok("POST", "/identity-providers", { name, config });
    const { revision } = await admin.ok("POST", `/identity-providers/${providerId}/secret`, { secret });
    await admin.ok("PATCH", `/identity-providers/${providerId}`, { revision, isEnabled: true });
    return providerId;
  };
  await add("Annuaire", slapdConfig(), labPasswords.bob);
  // The domain's people under their long names: the plain directory has an alice too.
  const domain = sambaConfig({ ticketRealms: ["LAB.TEST"], loginAttribute: "userPrincipalName" });
  await add("Domaine", domain, "gate-Passw0rd");
  federationId = await add("Fédération", openFederation(idp.issuer, { factorAmr: ["otp"] }), null);
  const roles = { roles: ["user"] };
  const local = await newPerson(rig, admin, { login: "ann", name: "Ann", ...roles });
  secrets.set("local", local.secret);
  const holder = await newPerson(rig, admin, { login: "pia", name: "Pia", ...roles });
  const { challengeId, options } = await holder.browser.ok("POST", "/me/passkeys/options");
  const credential = passkey.create(options);
  await holder.browser.ok("POST", "/me/passkeys", { challengeId, credential, name: "clé" });
  for (const method of ["ldap", "oidc", "ticket"] as const) {
    const browser = rig.browser("192.0.2.8");
    assert.equal((await begin(method, browser)).state, "enrolment-needed", method);
    secrets.set(method, (await browser.enrolTotp()).secret);
  }
  secrets.set("oidc with amr", secrets.get("oidc") ?? "");
});
after(async () => {
  await rig?.close();
  await idp?.stop();
  await stored?.dispose();
  await keeper?.dispose();
});

async function begin(method: Method, browser: Browser): Promise<SignInState> {
  switch (method) {
    case "local":
      return browser.ok("POST", "/sign-in/password", { login: "ann", password: PASSWORD });
    case "ldap":
      return browser.ok("POST", "/sign-in/password", { login: "bob", password: labPasswords.bob });
    case "oidc":
    case "oidc with amr": {
      const amr = method === "oidc" ? ["pwd"] : ["pwd", "otp"];
      idp.claims = { sub: "o-1", preferred_username: "olga", name: "Olga", amr };
      const { url } = await browser.ok("POST", "/sign-in/federation", { providerId: federationId });
      return browser.ok("POST", "/sign-in/federation/answer", { answer: idp.visit(url) });
    }
    case "ticket": {
      const authorization = await negotiateHeader("alice", labPasswords.alice, "gate.lab.test");
      const { status, body, text } = await browser.send("POST", "/sign-in/negotiate", {}, { authorization });
      assert.equal(status, 200, text);
      return body;
    }
    case "passkey": {
      const { challengeId, options } = await browser.ok("POST", "/sign-in/passkey/options");
      const credential = passkey.get(options);
      return browser.ok("POST", "/sign-in/passkey/verify", { challengeId, credential });
    }
  }
}

/** How each way of signing in stands under a rule, in the browser given for it. */
async function standings(browserOf: (method: Method) => Browser): Promise<Record<Method, Stands>> {
  const stands: Partial<Record<Method, Stands>> = {};
  for (const method of METHODS) {
    rig.clock.nowMs += 60_000;
    const browser = browserOf(method);
    const { state } = await begin(method, browser);
    await browser.ok("POST", "/sign-out", {});
    assert.ok(state === "signed-in" || state === "factor-needed", `${method}: ${state}`);
    stands[method] = state === "signed-in" ? "in" : "asked";
  }
  return stands as Record<Method, Stands>;
}
const fresh = () => rig.browser(`198.51.100.${address++}`);

async function rule(demand: string | null): Promise<void> {
  const { revision } = await rules.read();
  const set = demand === null ? [] : [factorRule.parse({ moment: "sign-in", name: "règle", demand })];
  await rules.replace(revision, set);
}

const asked: Record<Method, Stands> = {
  local: "asked",
  ldap: "asked",
  oidc: "asked",
  "oidc with amr": "in",
  ticket: "asked",
  // It is a device of this gateway's and its holder was verified: both proofs in one.
  passkey: "in",
};
const all = (stands: Stands) => Object.fromEntries(METHODS.map((method) => [method, stands]));

for (const [demand, expected] of [
  [null, asked],
  ["any", asked],
  ["own", { ...asked, "oidc with amr": "asked" }],
  ["remembered", asked],
  ["never", all("in")],
] as const)
  it(`every way of signing in under ${demand === null ? "no rule" : `the rule ${demand}`}`, async () => {
    await rule(demand);
    assert.deepEqual(await standings(fresh), expected);
  });

it("every way of signing in from a remembered browser, until the remembering ends", async () => {
  await rule("remembered");
  const browsers = new Map<Method, Browser>();
  for (const method of METHODS) {
    rig.clock.nowMs += 60_000;
    const browser = fresh();
    browsers.set(method, browser);
    const { state } = await begin(method, browser);
    if (state === "factor-needed")
      await browser.ok("POST", "/sign-in/totp", { code: codeOf(secrets.get(method) ?? "", rig.clock.nowMs) });
    else if (method === "oidc with amr")
      await browser.ok("POST", "/sign-in/confirm", {
        method: "totp",
        code: codeOf(secrets.get(method) ?? "", rig.clock.nowMs),
      });
    await browser.ok("POST", "/me/remembered-devices", {});
    await browser.ok("POST", "/sign-out", {});
  }
  const same = (method: Method) => browsers.get(method) ?? assert.fail(method);
  assert.deepEqual(await standings(same), all("in"));
  await rule("own");
  assert.deepEqual(await standings(same), { ...asked, "oidc with amr": "asked" });
  await rule("remembered");
  rig.clock.nowMs += 30 * 86_400_000;
  assert.deepEqual(await standings(same), asked);
});

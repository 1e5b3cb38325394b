// The second factor by rule over a gateway process: a federation's own factor, step-up before a target, the simulator.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { FactorRuleSet, JournalItem, Simulation } from "@poterne/contract";
import { addProvider } from "../support/directory-people.ts";
import { enterByFederation, openFederation, visitFederation } from "../support/federation.ts";
import { TestGateway } from "../support/gateway.ts";
import { HostileIdp } from "../support/hostile-idp.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { codeNow, enrolAdministrator, type TestPerson } from "../support/people.ts";

let gateway: TestGateway;
let idp: HostileIdp;
let admin: TestPerson;
let providerId: string;

before(async () => {
  startLab("sshd");
  idp = await HostileIdp.start();
  gateway = await TestGateway.start();
  admin = await enrolAdministrator(gateway);
  const config = openFederation(idp.issuer, { factorAmr: ["otp", "hwk"], factorAcr: ["urn:mfa"] });
  providerId = await addProvider(admin.api, "Fédération", config, null);
});
after(async () => {
  await gateway?.stop();
  await idp?.stop();
});

async function setRules(rules: readonly Record<string, unknown>[]): Promise<void> {
  const { revision } = await admin.api.must<FactorRuleSet>("GET", "/api/v1/factor-rules");
  await admin.api.must("PUT", "/api/v1/factor-rules", { revision, rules });
}

const stateOf = async (login: string, claims: Record<string, unknown>) =>
  (await visitFederation(gateway, idp, { providerId, login, claims })).state.state;

test("a federation's second factor counts where its settings name it, and nothing else does", async () => {
  assert.equal(await stateOf("zoe", {}), "enrolment-needed");
  assert.equal(await stateOf("zoe", { amr: ["pwd"], acr: "urn:password" }), "enrolment-needed");
  assert.equal(
    await stateOf("zoe", { amr: "otp", acr: ["urn:mfa"] }),
    "enrolment-needed",
    "of the wrong shape",
  );
  assert.equal(await stateOf("zoe", { amr: ["pwd", "otp"] }), "signed-in");
  assert.equal(await stateOf("zoe", { acr: "urn:mfa" }), "signed-in");
  await setRules([{ moment: "sign-in", name: "Nos appareils", demand: "own" }]);
  assert.equal(await stateOf("zoe", { amr: ["pwd", "otp"] }), "enrolment-needed");
  await setRules([]);
  const { items } = await admin.api.must<{ items: JournalItem[] }>(
    "GET",
    "/api/v1/journal?kind=sign-in.factor-waived",
  );
  assert.deepEqual(items[0]?.details, { by: "provider", rule: null });
});

test("a target opens after a device was used just before, and neither a federation's factor nor a token will do", async () => {
  const yan = await enterByFederation(gateway, idp, { providerId, login: "yan" });
  const { personId } = yan;
  const wish = { protocol: "ssh", port: 2201, personId, password: labPasswords.alice } as const;
  const [guarded, open] = [await grantTarget(admin.api, wish), await grantTarget(admin.api, wish)];
  await setRules([
    { moment: "opening", name: "Serveurs critiques", targetIds: [guarded.targetId], freshMinutes: 1 },
  ]);
  const codeOf = async ({ api }: Pick<TestPerson, "api">, targetId: string) =>
    (await api.call<{ code?: string }>("POST", "/api/v1/sessions", { targetId })).body.code ?? "opened";
  const again = await visitFederation(gateway, idp, { providerId, login: "yan", claims: { amr: ["otp"] } });
  assert.equal(again.state.state, "signed-in");
  assert.equal(await codeOf(again, open.targetId), "opened");
  assert.equal(await codeOf(again, guarded.targetId), "fresh-factor-needed");
  await again.api
    .must("POST", "/api/v1/sign-in/confirm", {
      method: "totp",
      code: codeNow(yan.totpSecret, 1),
    })
    .then((state) => {
      again.api.csrfToken = String(state.csrfToken);
    });
  assert.equal(await codeOf(again, guarded.targetId), "opened");
  const { items } = await admin.api.must<{ items: JournalItem[] }>(
    "GET",
    "/api/v1/journal?kind=session.opened",
  );
  assert.equal(items[0]?.details.factorRule, "Serveurs critiques");
  // Somebody let in by the federation's factor who has no device here is told what is missing.
  const bare = await visitFederation(gateway, idp, { providerId, login: "wim", claims: { amr: ["otp"] } });
  const { person } = bare.state as { readonly person: { readonly personId: string } };
  const theirs = await grantTarget(admin.api, { ...wish, personId: person.personId });
  await setRules([{ moment: "opening", name: "Partout", freshMinutes: 5 }]);
  assert.equal(await codeOf(bare, theirs.targetId), "factor-device-needed");
});

test("the simulator says which rule decides, with and without an address", async () => {
  const target = await grantTarget(admin.api, { protocol: "ssh", port: 2201, personId: admin.personId });
  await setRules([
    { moment: "sign-in", name: "Réseau interne", networks: ["10.0.0.0/8"], demand: "never" },
    { moment: "opening", name: "Hors du réseau", networks: ["203.0.113.0/24"], freshMinutes: 3 },
  ]);
  const simulate = async (sourceAddress?: string) => {
    const body = { personId: admin.personId, targetId: target.targetId, sourceAddress };
    return (await admin.api.must<Simulation>("POST", "/api/v1/access/simulate", body)).factor;
  };
  assert.deepEqual(await simulate(), {
    signIn: { demand: "any", ruleName: null, isRaised: false },
    opening: { freshMinutes: null, ruleName: null },
  });
  assert.deepEqual((await simulate("10.2.3.4")).signIn, {
    demand: "any",
    ruleName: "Réseau interne",
    isRaised: true,
  });
  assert.deepEqual((await simulate("203.0.113.9")).opening, { freshMinutes: 3, ruleName: "Hors du réseau" });
});

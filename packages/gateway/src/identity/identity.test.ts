import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { OidcConfig } from "@poterne/contract";
import {
  type AuthRig,
  authRig,
  type Browser,
  firstAdministrator,
  PASSWORD,
} from "../auth/testing/auth-rig.ts";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import { type TestStore, testStore } from "../store/testing/test-stores.ts";
import { IdentityStore } from "./identity-store.ts";
import { LocalProvider } from "./local-provider.ts";
import { passwordConformance } from "./testing/conformance.ts";

const config: OidcConfig = {
  kind: "oidc",
  admits: "everyone",
  defaultRoles: ["user"],
  mappings: [],
  issuer: "https://idp.example.org",
  isPlainAccepted: false,
  caPem: "",
  clientId: "poterne",
  scopes: [],
  loginClaim: "preferred_username",
  nameClaim: "name",
  mailClaim: "email",
  groupsClaim: "groups",
  hasLogout: true,
  timeoutSeconds: 1,
};

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`identity providers on ${engine}`, () => {
    let keeper: TestKeeper;
    let stored: TestStore;
    let rig: AuthRig;
    let admin: Browser;
    let identities: IdentityStore;

    before(async () => {
      keeper = await testKeeper();
      stored = await testStore(engine);
      rig = await authRig(stored.store, keeper.keeper);
      admin = (await firstAdministrator(rig)).browser;
      identities = new IdentityStore(stored.store, {
        now: () => rig.clock.nowMs,
        monotonicMs: () => rig.clock.nowMs,
        randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
      });
    });
    after(async () => {
      await rig?.close();
      await stored?.dispose();
      await keeper?.dispose();
    });

    passwordConformance({
      provider: () => new LocalProvider({ people: rig.auth.people, hasher: rig.auth.hasher, identities }),
      known: { login: "amelie", password: PASSWORD },
      away: null,
    });

    it("adds, changes, orders and deletes providers, each journaled, and shows no secret", async () => {
      rig.takeKinds();
      const one = await admin.ok("POST", "/identity-providers", { name: "Une", config });
      const two = await admin.ok("POST", "/identity-providers", { name: "Deux", config });
      assert.deepEqual([one.isEnabled, one.hasSecret, one.personCount], [false, false, 0]);
      const sealed = await admin.send("POST", `/identity-providers/${one.providerId}/secret`, {
        secret: "s3cret-value",
      });
      assert.ok(!sealed.text.includes("s3cret-value"));
      assert.ok(!JSON.stringify(rig.entries).includes("s3cret-value"));
      const stale = { revision: one.revision, isEnabled: true };
      await admin.refused("PATCH", `/identity-providers/${one.providerId}`, {
        body: stale,
        code: "conflict",
      });
      const changed = await admin.ok("PATCH", `/identity-providers/${one.providerId}`, {
        revision: sealed.body.revision,
        isEnabled: true,
        config: { ...config, defaultRoles: ["user", "auditor"] },
      });
      assert.equal(changed.isEnabled, true);
      await admin.ok("POST", "/identity-providers/order", { providerIds: [two.providerId, one.providerId] });
      await admin.refused("POST", "/identity-providers/order", {
        body: { providerIds: [two.providerId, two.providerId] },
        code: "conflict",
      });
      const { items, redirectUri } = await admin.ok("GET", "/identity-providers");
      assert.deepEqual(
        items.map((item: { name: string }) => item.name),
        ["Deux", "Une"],
      );
      assert.equal(redirectUri, "https://gate.example.org/sign-in");
      const state = await rig.browser().state();
      assert.deepEqual(state.state === "nobody" && state.federations.map(({ name }) => name), ["Une"]);
      await admin.ok("DELETE", `/identity-providers/${two.providerId}`);
      assert.deepEqual(rig.takeKinds(), [
        "provider.created",
        "provider.created",
        "provider.secret-changed",
        "provider.changed",
        "provider.ordered",
        "provider.deleted",
      ]);
    });

    it("binds one person to one subject, finds who is due, and takes a federation's request once", async () => {
      const [row] = await identities.list();
      assert.ok(row);
      const made = await admin.ok("POST", "/people", { login: "paul", name: "Paul" });
      const { personId } = made.person;
      const other = await admin.ok("POST", "/people", { login: "pierre", name: "Pierre" });
      const binding = {
        provider_id: row.id,
        subject: "s-1",
        barred: "" as const,
        checked_at_ms: rig.clock.nowMs,
      };
      assert.equal(await identities.bind({ ...binding, person_id: personId }), true);
      assert.equal(await identities.bind({ ...binding, person_id: other.person.personId }), false);
      assert.equal((await identities.bindingOfSubject(row.id, "s-1"))?.person_id, personId);
      assert.equal(await identities.bindingOfSubject(row.id, "S-1"), null);
      assert.equal((await identities.due(row.id, rig.clock.nowMs, 10)).length, 1);
      await identities.noteChecked(personId, "gone");
      assert.equal((await identities.due(row.id, rig.clock.nowMs, 10)).length, 0);
      const request = { state_hash: "h".repeat(64), provider_id: row.id, browser_hash: "b", memory: "{}" };
      await identities.keepRequest({ ...request, expires_at_ms: rig.clock.nowMs + 1000 });
      const taken = await Promise.all([
        identities.takeRequest(request.state_hash),
        identities.takeRequest(request.state_hash),
      ]);
      assert.equal(taken.filter((one) => one !== null).length, 1);
      await admin.refused("DELETE", `/identity-providers/${row.id}`, { code: "conflict" });
    });

    it("keeps a local administrator of the whole, whoever comes from elsewhere", async () => {
      const [row] = await identities.list();
      const boss = await admin.ok("POST", "/people", {
        login: "boss",
        name: "Boss",
        roles: ["administrator"],
      });
      await identities.bind({
        person_id: boss.person.personId,
        provider_id: row?.id ?? "",
        subject: "s-2",
        barred: "",
        checked_at_ms: 0,
      });
      const { items } = await admin.ok("GET", "/people?search=amelie");
      await admin.refused("PATCH", `/people/${items[0].personId}`, {
        body: { isDisabled: true },
        code: "last-administrator",
      });
    });

    it("erases where a person came from with the person", async () => {
      const { items } = await admin.ok("GET", "/people?search=paul");
      const { personId } = items[0];
      assert.equal((await admin.ok("GET", `/people/${personId}`)).origin.subject, "s-1");
      await admin.ok("POST", `/people/${personId}/erase`, { reason: "test" });
      assert.equal(await identities.bindingOf(personId), null);
    });
  });
}

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Failure } from "@poterne/contract";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import { type TestStore, testStore } from "../store/testing/test-stores.ts";
import { systemEnvironment } from "../system-environment.ts";
import { MAX_RUNNING, PasswordHasher } from "./password-hasher.ts";
import { SignInStore } from "./sign-in-store.ts";
import { type AuthRig, authRig, type Browser, codeOf, firstAdministrator } from "./testing/auth-rig.ts";

describe("limits of signing in", () => {
  let keeper: TestKeeper;
  let stored: TestStore;
  let rig: AuthRig;
  let amelie: Browser;
  let personId: string;

  before(async () => {
    keeper = await testKeeper();
    stored = await testStore();
    rig = await authRig(stored.store, keeper.keeper);
    amelie = (await firstAdministrator(rig)).browser;
    const state = await amelie.state();
    personId = state.state === "signed-in" ? state.person.personId : "";
  });
  after(async () => {
    await rig?.close();
    await stored?.dispose();
    await keeper?.dispose();
  });

  it("enrols ten devices of one person, not eleven, and keeps one enrolment under way", async () => {
    for (let count = 1; count < 10; count++) await amelie.enrolTotp(`device ${count}`);
    await amelie.refused("POST", "/me/totp", { code: "too-many-factors" });
    await amelie.refused("POST", "/me/passkeys/options", { code: "too-many-factors" });
    const { items } = await amelie.ok("GET", "/me/factors");
    await amelie.ok("DELETE", `/me/factors/${items[0].factorId}`);
    const left = await amelie.ok("POST", "/me/totp");
    const taken = await amelie.ok("POST", "/me/totp");
    const confirm = ({ factorId, secret }: { factorId: string; secret: string }) =>
      amelie.send("POST", `/me/totp/${factorId}/confirm`, {
        code: codeOf(secret, rig.clock.nowMs),
        name: "x",
      });
    assert.equal((await confirm(left)).body.code, "not-found");
    assert.equal((await confirm(taken)).status, 200);
  });

  it("keeps fifty tokens of one person", async () => {
    const body = { name: "t", scopes: ["people:read"] };
    for (let count = 0; count < 50; count++) await amelie.ok("POST", "/me/tokens", body);
    await amelie.refused("POST", "/me/tokens", { body, code: "conflict" });
  });

  it("keeps fifty sign-ins of one person: the one idle longest ends", async () => {
    const environment = { ...systemEnvironment, now: () => rig.clock.nowMs };
    const signIns = new SignInStore(stored.store, environment, () => rig.settings.current);
    const start = {
      person_id: personId,
      link_kind: "",
      link_id: null,
      source_address: "",
      user_agent: "",
    } as const;
    const tokens: string[] = [];
    for (let count = 0; count < 52; count++) {
      rig.clock.nowMs += 10;
      tokens.push((await signIns.begin(start)).token);
    }
    const open = await Promise.all(tokens.map(async (token) => (await signIns.find(token)) !== null));
    assert.deepEqual(open.slice(0, 3), [false, false, true]);
    assert.equal((await amelie.state()).state, "nobody");
    rig.clock.nowMs += 86_400_000;
    await rig.auth.sweep();
    assert.deepEqual(await stored.store.db.selectFrom("sign_in").select("id").execute(), []);
  });

  it("keeps ten thousand open questions to passkeys, of everybody, and forgets them after two minutes", async () => {
    for (let chunk = 0; chunk < 20; chunk++)
      await stored.store.db
        .insertInto("credential_challenge")
        .values(
          Array.from({ length: 500 }, (_, index) => ({
            id: `flood-${chunk}-${index}`,
            challenge: "x",
            purpose: "sign-in" as const,
            person_id: null,
            expires_at_ms: rig.clock.nowMs + 120_000,
          })),
        )
        .execute();
    const asker = rig.browser("192.0.2.50");
    await asker.refused("POST", "/sign-in/passkey/options", { code: "too-many-requests" });
    rig.clock.nowMs += 120_000;
    await asker.ok("POST", "/sign-in/passkey/options");
  });

  it("runs some argon2 at once, lets sixty-four wait and sends the others back", async () => {
    const hasher = new PasswordHasher(systemEnvironment);
    const results = await Promise.allSettled(
      Array.from({ length: MAX_RUNNING + 68 }, () => hasher.verify("x", null)),
    );
    const refused = results.filter((result) => result.status === "rejected");
    assert.ok(
      refused.every(({ reason }) => reason instanceof Failure && reason.code === "too-many-requests"),
    );
    assert.equal(refused.length, 4);
    assert.equal(await hasher.verify("right", await hasher.hash("right")), true);
  });

  it("makes an old hash again, and does no work a tampered one asks for", async () => {
    const hasher = new PasswordHasher(systemEnvironment);
    const hash = await hasher.hash("mot");
    assert.equal(hasher.needsRehash(hash), false);
    assert.equal(hasher.needsRehash(hash.replace("t=2", "t=1")), true);
    for (const tampered of [hash.replace("m=19456", "m=9999999"), hash.replace("t=2", "t=999"), "", "x"])
      assert.equal(await hasher.verify("mot", tampered), false);
    assert.equal(await hasher.verify("e\u0301te\u0301", await hasher.hash("été")), true);
  });
});

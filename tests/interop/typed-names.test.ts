// Names typed at the sign-in where two directories know the same one: bare, DOMAIN\name, name@domain, .\name.
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { LdapConfig } from "@poterne/contract";
import {
  type AuthRig,
  authRig,
  type Browser,
  firstAdministrator,
  PASSWORD,
} from "../../packages/gateway/src/auth/testing/auth-rig.ts";
import { type TestKeeper, testKeeper } from "../../packages/gateway/src/keeper/testing/test-keeper.ts";
import { type TestStore, testStore } from "../../packages/gateway/src/store/testing/test-stores.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { addToSlapd, sambaConfig, sambaTool, slapdConfig } from "../support/ldap.ts";

let keeper: TestKeeper;
let stored: TestStore;
let rig: AuthRig;
let admin: Browser;

before(async () => {
  startLab("slapd", "samba-ad");
  keeper = await testKeeper();
  stored = await testStore("sqlite");
  rig = await authRig(stored.store, keeper.keeper);
  admin = (await firstAdministrator(rig)).browser;
  await addToSlapd({
    "uid=mike,ou=people,dc=lab,dc=test": {
      objectClass: "inetOrgPerson",
      cn: "Mike of the plain directory",
      sn: "Lab",
      userPassword: "slapd-Passw0rd",
    },
  });
  try {
    sambaTool("user", "create", "mike", "samba-Passw0rd");
  } catch (error) {
    if (!String(error).includes("already")) throw error;
  }
  await add("Annuaire", slapdConfig({ accountRealm: "PLAIN.TEST" }), labPasswords.bob);
  // Two directories with the same short names: the second one's people go by their long ones.
  await add("Domaine", sambaConfig({ loginAttribute: "userPrincipalName" }), "gate-Passw0rd");
});
after(async () => {
  await rig?.close();
  await stored?.dispose();
  await keeper?.dispose();
});

async function add(name: string, config: LdapConfig, secret: string): Promise<void> {
  const { providerId } = await admin.ok("POST", "/identity-providers", { name, config });
  const { revision } = await admin.ok("POST", `/identity-providers/${providerId}/secret`, { secret });
  await admin.ok("PATCH", `/identity-providers/${providerId}`, { revision, isEnabled: true });
}

let address = 1;
/** The login somebody gets in as, or the code of the refusal and the journal's reason. */
async function enter(login: string, password: string): Promise<string> {
  const browser = rig.browser(`198.51.100.${address++}`);
  const { status, body } = await browser.send("POST", "/sign-in/password", { login, password });
  if (status === 200) return String(body.login);
  return `${body.code}: ${rig.entries.findLast(({ kind }) => kind === "sign-in.failed")?.details.reason}`;
}

it("asks the first directory that knows a bare name, and no other", async () => {
  assert.equal(await enter("mike", "slapd-Passw0rd"), "mike");
  assert.equal(await enter("mike", "samba-Passw0rd"), "sign-in-refused: wrong password");
});

it("asks the directory of the domain, however it is written, and makes two people of two", async () => {
  for (const name of ["LAB\\mike", "lab.test\\mike", "mike@lab.test", "MIKE@LAB.TEST"])
    assert.equal(await enter(name, "samba-Passw0rd"), "mike@lab.test", name);
  assert.match(await enter("LAB\\mike", "slapd-Passw0rd"), /^sign-in-refused: wrong password/);
  for (const name of ["PLAIN\\mike", "plain.test\\mike", "mike@PLAIN.test"])
    assert.equal(await enter(name, "slapd-Passw0rd"), "mike", name);
  const { items } = await admin.ok("GET", "/people?search=mike");
  assert.deepEqual(items.map(({ login }: { login: string }) => login).sort(), ["mike", "mike@lab.test"]);
});

it("asks nobody for a domain that no directory answers for, and this gateway alone for a dot", async () => {
  assert.equal(
    await enter("NOWHERE\\mike", "slapd-Passw0rd"),
    "sign-in-refused: no directory of this domain",
  );
  assert.equal(await enter(".\\mike", "slapd-Passw0rd"), "sign-in-refused: nobody of this name");
  assert.equal(await enter(".\\amelie", PASSWORD), "amelie");
  assert.equal(await enter("amelie", PASSWORD), "amelie");
  assert.match(await enter("LAB\\amelie", PASSWORD), /^sign-in-refused/);
});

it("counts guesses at one person as one, however the domain is written", async () => {
  rig.clock.nowMs += 3_600_000;
  const names = ["LAB\\mike", "mike@lab.test", "lab.test\\MIKE", "Mike@LAB.TEST", "lab\\Mike", "LAB\\mike"];
  const answers = names.map((login) =>
    rig.browser(`198.51.100.${address++}`).send("POST", "/sign-in/password", { login, password: "wrong" }),
  );
  const codes = (await Promise.all(answers)).map(({ body }) => body.code).sort();
  // One was counted before; the first four failures are free or bring the wait.
  assert.equal(codes.filter((code) => code === "sign-in-refused").length, 3);
  assert.equal(codes.filter((code) => code === "too-many-requests").length, 3);
});

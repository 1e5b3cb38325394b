// Large directories: people in more groups than a page, or than the server gives at once, on OpenLDAP and Samba AD.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LdapConfig } from "@poterne/contract";
import { LdapProvider } from "../../packages/gateway/src/identity/ldap/ldap-provider.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { addToSamba, realEnvironment, removeFromSamba, sambaConfig, slapdConfig } from "../support/ldap.ts";
import { OwnSlapd, type SlapdEntries } from "../support/own-slapd.ts";

const GROUP_COUNT = 1200;
const PEOPLE = "ou=people,dc=lab,dc=test";
const alice = `uid=alice,${PEOPLE}`;

const provider = (config: LdapConfig, secret: string) =>
  new LdapProvider({ config, environment: realEnvironment, openSecret: async () => secret });

async function groupsOf(one: LdapProvider, login: string, password: string): Promise<readonly string[]> {
  const outcome = await one.password.prove({ login, password });
  assert.ok(outcome.result === "proven", JSON.stringify(outcome));
  return outcome.identity.groups.map((spellings) => spellings.at(-1) ?? "");
}

const person = (uid: string, userPassword: string) => ({
  objectClass: "inetOrgPerson",
  uid,
  cn: uid,
  sn: "Lab",
  userPassword,
});

/** People, and groups in a ring: each is a member of the next, so that every level leads to another and back. */
function manyGroups(): SlapdEntries {
  const groups: Record<string, SlapdEntries[string]> = {};
  for (let count = 0; count < GROUP_COUNT; count++) {
    const inner = `cn=g${(count + GROUP_COUNT - 1) % GROUP_COUNT},dc=lab,dc=test`;
    groups[`cn=g${count},dc=lab,dc=test`] = {
      objectClass: "groupOfNames",
      cn: `g${count}`,
      member: [alice, inner],
    };
  }
  const others = Array.from({ length: 1500 }, (_, i) => [
    `uid=p${i},${PEOPLE}`,
    person(`p${i}`, "odd-Passw0rd"),
  ]);
  return {
    [PEOPLE]: { objectClass: "organizationalUnit", ou: "people" },
    [alice]: person("alice", labPasswords.alice),
    [`uid=bob,${PEOPLE}`]: person("bob", labPasswords.bob),
    ...Object.fromEntries(others),
    ...groups,
  };
}

describe("a large OpenLDAP that gives a hundred entries at once", () => {
  let slapd: OwnSlapd;
  const large = (changes: Partial<LdapConfig> = {}) =>
    provider(
      slapdConfig({ servers: [{ host: "127.0.0.1", port: slapd.tlsPort }], ...changes }),
      labPasswords.bob,
    );

  before(async () => {
    startLab("slapd");
    slapd = await OwnSlapd.start(manyGroups(), [
      "sizelimit size.soft=100 size.hard=100 size.prtotal=unlimited",
    ]);
  });
  after(() => slapd?.stop());

  for (const nesting of ["none", "recursive"] as const)
    it(`finds every group of a person who is in ${GROUP_COUNT}, ${nesting}, circles included`, async () => {
      const groups = await groupsOf(large({ nesting, timeoutSeconds: 10 }), "alice", labPasswords.alice);
      assert.equal(new Set(groups).size, GROUP_COUNT);
    });

  it("says that it is away, rather than know fewer groups, when the server gives no more in all", async () => {
    const capped = await OwnSlapd.start(manyGroups(), [
      "sizelimit size.soft=100 size.hard=500 size.prtotal=hard",
    ]);
    const servers = [{ host: "127.0.0.1", port: capped.tlsPort }];
    const outcome = await large({ servers }).password.prove({ login: "alice", password: labPasswords.alice });
    await capped.stop();
    assert.equal(outcome.result, "away");
    assert.match("reason" in outcome ? outcome.reason : "", /^sizeLimitExceeded/);
  });

  it("finds one among more people than it gives at once, and writes nothing", async () => {
    const before = slapd.dump();
    const one = large();
    assert.deepEqual(await groupsOf(one, "p1499", "odd-Passw0rd"), []);
    const wrong = await one.password.prove({ login: "p1499", password: "wrong" });
    assert.equal(wrong.result, "refused");
    await one.test("alice");
    assert.equal(slapd.dump(), before);
  });
});

describe("a large Active Directory", () => {
  const OU = "OU=Large,DC=lab,DC=test";
  const DIRECT_COUNT = 510;

  before(() => {
    startLab("samba-ad");
    const user = `CN=paula,${OU}`;
    const password = Buffer.from('"odd-Passw0rd"', "utf16le").toString("base64");
    const group = (name: string, member: string) =>
      `dn: CN=${name},${OU}\nobjectClass: group\nsAMAccountName: ${name}\nmember: ${member}\n`;
    const indices = Array.from({ length: DIRECT_COUNT }, (_, i) => i);
    removeFromSamba(OU);
    addToSamba([
      `dn: ${OU}\nobjectClass: organizationalUnit\n`,
      `dn: ${user}\nobjectClass: user\nsAMAccountName: paula\nuserAccountControl: 512\nunicodePwd:: ${password}\n`,
      ...indices.map((i) => group(`direct${i}`, user)),
      ...indices.map((i) => group(`outer${i}`, `CN=direct${i},${OU}`)),
    ]);
  });
  // Every search of groups looks at all there are: later tests would be slow.
  after(() => removeFromSamba(OU));

  for (const [nesting, count] of [
    ["none", DIRECT_COUNT],
    ["chain", 2 * DIRECT_COUNT],
  ] as const)
    it(`finds all ${count} groups of a person, ${nesting}`, async () => {
      const one = provider(sambaConfig({ nesting, timeoutSeconds: 30 }), "gate-Passw0rd");
      const groups = await groupsOf(one, "paula", "odd-Passw0rd");
      assert.equal(new Set(groups).size, count);
    });
});

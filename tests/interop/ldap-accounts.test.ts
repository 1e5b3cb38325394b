// States of accounts at a real OpenLDAP with its password policy and at Samba AD: told after a right password, never after a wrong one.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { LdapProvider } from "../../packages/gateway/src/identity/ldap/ldap-provider.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { realEnvironment, sambaConfig, sambaTool, setInSamba, slapdConfig } from "../support/ldap.ts";
import { OwnSlapd } from "../support/own-slapd.ts";

const PASSWORD = "odd-Passw0rd";
const WRONG = "wrong-Passw0rd";

/** What comes of a password, right or wrong: the account's state where it is proven, else the result. */
async function said(one: LdapProvider, login: string, password: string): Promise<string> {
  const outcome = await one.password.prove({ login, password });
  return outcome.result === "proven" ? outcome.identity.account : outcome.result;
}

/** What each account says after the right password; after a wrong one all are refused. */
async function check(one: LdapProvider, states: Readonly<Record<string, string>>): Promise<void> {
  for (const [login, state] of Object.entries(states)) {
    const wrong = await one.password.prove({ login, password: WRONG });
    assert.equal(wrong.result, "refused", `${login} by a wrong password: ${JSON.stringify(wrong)}`);
    assert.equal(await said(one, login, PASSWORD), state, login);
  }
}

describe("OpenLDAP with a password policy", () => {
  let slapd: OwnSlapd;
  const people = "ou=people,dc=lab,dc=test";
  const person = (uid: string, more: Record<string, string> = {}) => ({
    objectClass: "inetOrgPerson",
    uid,
    cn: uid,
    sn: "Lab",
    userPassword: uid === "bob" ? labPasswords.bob : PASSWORD,
    ...more,
  });
  const now = `${new Date().toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;

  before(async () => {
    startLab("slapd", "samba-ad");
    const all = {
      bob: person("bob"),
      usable: person("usable", { pwdChangedTime: now }),
      reset: person("reset", { pwdReset: "TRUE", pwdChangedTime: now }),
      old: person("old", { pwdChangedTime: "20200101000000Z" }),
      locked: person("locked", { pwdAccountLockedTime: now, pwdChangedTime: now }),
      shut: person("shut", { pwdAccountLockedTime: "000001010000Z", pwdChangedTime: now }),
      left: person("left", { employeeType: "left", pwdChangedTime: now }),
    };
    slapd = await OwnSlapd.start({
      [people]: { objectClass: "organizationalUnit", ou: "people" },
      "cn=policy,dc=lab,dc=test": {
        objectClass: ["device", "pwdPolicy"],
        cn: "policy",
        pwdAttribute: "userPassword",
        pwdLockout: "TRUE",
        pwdMaxFailure: "50",
        pwdMaxAge: "864000",
        pwdMustChange: "TRUE",
      },
      ...Object.fromEntries(Object.entries(all).map(([uid, one]) => [`uid=${uid},${people}`, one])),
    });
  });
  after(() => slapd?.stop());

  it("tells of a password reset or expired and of the filter's disabled; locked stays a refusal, since it says so after any", async () => {
    const config = slapdConfig({
      servers: [{ host: "127.0.0.1", port: slapd.tlsPort }],
      disabledFilter: "(employeeType=left)",
    });
    const one = new LdapProvider({
      config,
      environment: realEnvironment,
      openSecret: async () => labPasswords.bob,
    });
    await check(one, {
      usable: "usable",
      reset: "must-change-password",
      old: "must-change-password",
      left: "disabled",
      locked: "refused",
      shut: "refused",
    });
  });
});

describe("Samba AD", () => {
  it("tells of disabled, expired and to be changed; locked stays a refusal, since it says so after any", async () => {
    startLab("samba-ad");
    try {
      sambaTool("user", "create", "lou", PASSWORD);
    } catch (error) {
      if (!String(error).includes("already")) throw error;
    }
    const one = new LdapProvider({
      config: sambaConfig(),
      environment: realEnvironment,
      openSecret: async () => "gate-Passw0rd",
    });
    assert.equal(await said(one, "lou", PASSWORD), "usable");
    // As after too many guesses, without changing the whole domain's rules for it.
    setInSamba("CN=lou,CN=Users,DC=lab,DC=test", "lockoutTime", fileTime(Date.now()));
    await check(one, { dan: "disabled", eve: "must-change-password", fay: "expired", lou: "refused" });
    setInSamba("CN=lou,CN=Users,DC=lab,DC=test", "lockoutTime", "0");
    assert.equal(await said(one, "lou", PASSWORD), "usable");
  });
});

/** [MS-ADTS] 3.1.1.2.2.2: hundreds of nanoseconds since 1601. */
function fileTime(ms: number): string {
  return String((BigInt(ms) + 11_644_473_600_000n) * 10_000n);
}

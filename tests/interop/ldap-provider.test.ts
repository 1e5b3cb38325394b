// The directory provider against OpenLDAP and Samba AD: the conformance suite, encryption, groups, accounts, fail-over.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { before, describe, it } from "node:test";
import type { LdapConfig } from "@poterne/contract";
import type { IdentityProvider } from "../../packages/gateway/src/identity/identity-provider.ts";
import { LdapProvider } from "../../packages/gateway/src/identity/ldap/ldap-provider.ts";
import { passwordConformance } from "../../packages/gateway/src/identity/testing/conformance.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { addToSlapd, realEnvironment, sambaConfig, sambaTool, slapdConfig } from "../support/ldap.ts";

const dead = { servers: [{ host: "127.0.0.1", port: 9 }] };

function provider(config: LdapConfig, secret: string): LdapProvider {
  return new LdapProvider({ config, environment: realEnvironment, openSecret: async () => secret });
}
const slapd = (changes: Partial<LdapConfig> = {}) => provider(slapdConfig(changes), labPasswords.bob);
const samba = (changes: Partial<LdapConfig> = {}) => provider(sambaConfig(changes), "gate-Passw0rd");

async function proven(one: IdentityProvider, login: string, password: string) {
  const outcome = await one.password?.prove({ login, password });
  assert.ok(outcome?.result === "proven", JSON.stringify(outcome));
  return outcome.identity;
}

async function result(one: IdentityProvider, login: string, password: string) {
  return (await one.password?.prove({ login, password }))?.result;
}

const alice = { login: "alice", password: labPasswords.alice };

before(() => startLab("slapd", "samba-ad"));

describe("the directory provider on OpenLDAP", () => {
  before(async () => {
    await addToSlapd({
      "cn=outer,dc=lab,dc=test": {
        objectClass: "groupOfNames",
        member: ["cn=operators,dc=lab,dc=test", "cn=round,dc=lab,dc=test"],
      },
      "cn=round,dc=lab,dc=test": { objectClass: "groupOfNames", member: "cn=outer,dc=lab,dc=test" },
      "uid=o'neil (x),ou=people,dc=lab,dc=test": {
        objectClass: "inetOrgPerson",
        cn: "O'Neil (x) *\\",
        sn: "Lab",
        mail: "not an address",
        userPassword: "odd-Passw0rd",
        employeeType: "left",
      },
      "uid=left,ou=people,dc=lab,dc=test": {
        objectClass: "inetOrgPerson",
        cn: "Somebody who left",
        sn: "Lab",
        userPassword: "odd-Passw0rd",
        employeeType: "left",
      },
    });
  });

  passwordConformance({ provider: () => slapd(), known: alice, away: () => slapd(dead) });

  it("follows groups in groups, circles included, and not when it is told not to", async () => {
    const names = async (one: IdentityProvider) =>
      (await proven(one, "alice", labPasswords.alice)).groups.map(([dn]) => dn).sort();
    const nested = ["cn=operators,dc=lab,dc=test", "cn=outer,dc=lab,dc=test", "cn=round,dc=lab,dc=test"];
    assert.deepEqual(await names(slapd()), nested);
    assert.deepEqual(await names(slapd({ nesting: "none" })), nested.slice(0, 1));
  });

  it("works with StartTLS, and unencrypted only when that was accepted", async () => {
    const plain = [{ host: "127.0.0.1", port: 1389 }];
    assert.equal(
      (await proven(slapd({ security: "starttls", servers: plain }), "alice", labPasswords.alice)).login,
      "alice",
    );
    assert.equal(
      await result(slapd({ security: "plain", servers: plain }), "alice", labPasswords.alice),
      "away",
    );
    const accepted = slapd({ security: "plain", servers: plain, isPlainAccepted: true });
    assert.equal(await result(accepted, "alice", labPasswords.alice), "proven");
    const steps = await accepted.test("");
    assert.equal(steps.find((step) => step.step === "encrypt")?.state, "warning");
  });

  it("tells of an account that the filter marks as disabled, after a right password only", async () => {
    const one = slapd({ disabledFilter: "(employeeType=left)" });
    assert.equal((await proven(one, "left", "odd-Passw0rd")).account, "disabled");
    assert.equal(await result(one, "left", "wrong"), "refused");
  });

  it("takes nobody whose login does not fit", async () => {
    assert.equal(await result(slapd(), "o'neil (x)", "odd-Passw0rd"), "refused");
  });

  it("goes on to the next server, and to nobody whose certificate is not vouched for", async () => {
    const servers = [...dead.servers, { host: "127.0.0.1", port: 1636 }];
    assert.equal(await result(slapd({ servers }), "alice", labPasswords.alice), "proven");
    assert.equal(await result(slapd({ caPem: "" }), "alice", labPasswords.alice), "away");
    assert.equal(await result(slapd({ pins: ["0".repeat(64)] }), "alice", labPasswords.alice), "away");
    const [encrypt] = (await slapd().test("")).filter((step) => step.step === "encrypt");
    const pin = /SHA-256 ([0-9a-f]{64})/.exec(encrypt?.found.en ?? "")?.[1];
    assert.ok(pin);
    assert.equal(await result(slapd({ pins: [pin] }), "alice", labPasswords.alice), "proven");
  });

  it("waits no longer than its limit for a server that says nothing, and takes no flood", async () => {
    const silent = createServer((socket) => void socket.on("error", () => {}));
    const flood = createServer((socket) => {
      socket.on("error", () => {});
      const chunk = Buffer.alloc(1024 * 1024, 0x30);
      const push = (): void => {
        while (socket.writable && socket.write(chunk));
      };
      socket.on("drain", push);
      socket.once("data", push);
    });
    for (const server of [silent, flood]) {
      const port = await new Promise<number>((resolve) =>
        server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
      );
      const servers = [{ host: "127.0.0.1", port }];
      const one = slapd({ security: "plain", isPlainAccepted: true, servers, timeoutSeconds: 2 });
      assert.equal(await result(one, "alice", labPasswords.alice), "away");
      server.close();
    }
  });

  it("shows each step of a test: server, encryption, account, person, groups, mapping", async () => {
    const rule = { group: "OUTER", groupId: null, roles: ["auditor" as const] };
    const steps = await slapd({ mappings: [rule], admits: "mapped" }).test("alice");
    assert.deepEqual(
      steps.map((step) => [step.step, step.state]),
      ["connect", "encrypt", "bind", "base", "search", "account", "groups", "mapping"].map((step) => [
        step,
        "ok",
      ]),
    );
    assert.match(steps.at(-1)?.found.en ?? "", /Roles: user, auditor;/);
    const wrong = await provider(slapdConfig(), "wrong").test("alice");
    assert.deepEqual(wrong.map((step) => [step.step, step.state]).at(-1), ["bind", "failed"]);
  });
});

describe("the directory provider on Active Directory", () => {
  before(() => {
    for (const words of [
      ["add", "Team"],
      ["add", "Division"],
      ["addmembers", "Team", "Operators"],
      ["addmembers", "Division", "Team"],
    ]) {
      try {
        sambaTool("group", ...words);
      } catch (error) {
        if (!String(error).includes("already")) throw error;
      }
    }
  });

  passwordConformance({ provider: () => samba(), known: alice, away: () => samba(dead) });

  it("finds the same person by the short name and by the long one", async () => {
    const short = await proven(samba(), "alice", labPasswords.alice);
    const long = await proven(samba(), "Alice@LAB.test", labPasswords.alice);
    assert.deepEqual(long, short);
    assert.equal(short.email, "alice@lab.test");
  });

  it("follows groups in groups by the server's own rule and level by level alike", async () => {
    for (const nesting of ["chain", "recursive"] as const) {
      const { groups } = await proven(samba({ nesting }), "alice", labPasswords.alice);
      const names = groups.map((spellings) => spellings.at(-1)).sort();
      assert.deepEqual(names, ["Division", "Operators", "Team"], nesting);
    }
  });

  it("tells of disabled, expired and must-change after a right password, and of none after a wrong one", async () => {
    for (const [login, account] of [
      ["dan", "disabled"],
      ["eve", "must-change-password"],
      ["fay", "expired"],
    ] as const) {
      assert.equal((await proven(samba(), login, "odd-Passw0rd")).account, account);
      assert.equal(await result(samba(), login, "wrong"), "refused");
    }
  });

  it("looks people up by what never changes, in the order asked, and says who is gone", async () => {
    const { subject } = await proven(samba(), "alice", labPasswords.alice);
    const outcomes = await samba().directory.lookup([subject, "00".repeat(16), subject]);
    assert.deepEqual(
      outcomes.map((one) => one.result),
      ["found", "gone", "found"],
    );
  });

  it("works with StartTLS", async () => {
    const servers = [{ host: "127.0.0.10", port: 389 }];
    assert.equal(
      await result(samba({ security: "starttls", servers }), "alice", labPasswords.alice),
      "proven",
    );
  });
});

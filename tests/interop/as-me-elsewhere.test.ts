// Accounts "as me" on OpenSSH, by ticket and by password, and on TigerVNC, after a directory's and a federation's sign-in.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { OwnPasswordState } from "@poterne/contract";
import { addProvider, enterByPassword } from "../support/directory-people.ts";
import { enterByFederation, openFederation } from "../support/federation.ts";
import { TestGateway } from "../support/gateway.ts";
import { HostileIdp } from "../support/hostile-idp.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { slapdConfig } from "../support/ldap.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import { HeadlessViewer } from "../support/viewer.ts";

const OWN = "/api/v1/me/own-password";
let gateway: TestGateway;
let admin: TestPerson;
let alice: TestPerson;
let idp: HostileIdp;
let federationId: string;

before(async () => {
  startLab("slapd", "sshd-krb", "sshd", "vnc", "vnc-tls");
  idp = await HostileIdp.start();
  gateway = await TestGateway.start(["--set", "kerberos.kdcs=MIT.TEST 127.0.0.1:1088"]);
  admin = await enrolAdministrator(gateway);
  await grantTarget(admin.api, { protocol: "ssh", port: 2201, personId: admin.personId, kind: "as-me" });
  const config = slapdConfig({ accountRealm: "MIT.TEST" });
  const directoryId = await addProvider(admin.api, "Annuaire", config, labPasswords.bob);
  federationId = await addProvider(admin.api, "Fédération", federation(directoryId), null);
});
after(async () => {
  await gateway?.stop();
  await idp?.stop();
});

const federation = (accountDirectoryId: string | null) => openFederation(idp.issuer, { accountDirectoryId });

const shellOf = (personId: string, port: number, kerberos: "no" | "only") =>
  grantTarget(admin.api, {
    protocol: "ssh",
    port,
    personId,
    kind: "as-me",
    kerberosName: "ssh.mit.test",
    options: { kerberos },
  });

async function saysWho(person: TestPerson, target: GrantedTarget): Promise<string> {
  const { sessionId } = await person.api.must<{ sessionId: string }>("POST", "/api/v1/sessions", {
    targetId: target.targetId,
  });
  const viewer = await HeadlessViewer.attach(person.api, sessionId);
  await viewer.untilOpen();
  viewer.type("echo as-$(id -un)-here\r");
  await viewer.until("the shell's answer", ({ text }) => /\bas-[a-z]+-here/.test(text));
  viewer.control({ type: "end" });
  return /\bas-([a-z]+)-here/.exec(viewer.text)?.[1] ?? "";
}

const signInAtFederation = (login: string) =>
  enterByFederation(gateway, idp, { providerId: federationId, login });

test("after a directory's sign-in OpenSSH opens silently: by ticket where it takes nothing else, and by password", async () => {
  alice = await enterByPassword(gateway, "alice", labPasswords.alice);
  assert.equal(await saysWho(alice, await shellOf(alice.personId, 2206, "only")), "alice");
  assert.equal(await saysWho(alice, await shellOf(alice.personId, 2201, "no")), "alice");
});

test("after a federation's it is asked for once, checked by the directory the federation names, and serves twice", async () => {
  const bob = await signInAtFederation("bob");
  const [byTicket, byPassword] = [
    await shellOf(bob.personId, 2206, "only"),
    await shellOf(bob.personId, 2201, "no"),
  ];
  const asked = await bob.api.call<{ code: string; details: Record<string, string> }>(
    "POST",
    "/api/v1/sessions",
    { targetId: byTicket.targetId },
  );
  assert.equal(asked.body.code, "own-password-needed");
  assert.deepEqual(asked.body.details, { account: "bob@MIT.TEST", provider: "Annuaire" });
  // The right password of somebody else is not his.
  const wrong = await bob.api.call<{ code: string }>("POST", OWN, { password: labPasswords.alice });
  assert.equal(wrong.body.code, "own-password-wrong");
  const kept = await bob.api.must<OwnPasswordState>("POST", OWN, { password: labPasswords.bob });
  assert.equal(kept.state, "kept");
  assert.equal(await saysWho(bob, byTicket), "bob");
  assert.equal(await saysWho(bob, byPassword), "bob");
});

test("TigerVNC opens with name and password under TLS, and a server of eight characters never gets them", async () => {
  const desktop = (port: number, options: Record<string, unknown> = {}) =>
    grantTarget(admin.api, { protocol: "vnc", port, personId: alice.personId, kind: "as-me", options });
  const open = async ({ targetId }: GrantedTarget) => {
    const { sessionId } = await alice.api.must<{ sessionId: string }>("POST", "/api/v1/sessions", {
      targetId,
    });
    return HeadlessViewer.attach(alice.api, sessionId);
  };
  const viewer = await open(await desktop(5946));
  await viewer.untilOpen();
  viewer.control({ type: "end" });
  for (const minimumSecurity of ["none", "vncauth"]) {
    const refused = await open(await desktop(5945, { minimumSecurity }));
    await refused.until("the refusal", (one) => one.find("ended") !== undefined);
    assert.equal(refused.find("ended")?.code, "security-too-weak");
  }
});

test("guesses are slowed down as at the sign-in", async () => {
  const nobody = await signInAtFederation("guesser");
  const codes: string[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const answer = await nobody.api.call<{ code: string }>("POST", OWN, { password: `guess-${turn}` });
    codes.push(answer.body.code);
  }
  assert.equal(codes[0], "own-password-wrong");
  assert.equal(codes.at(-1), "too-many-requests");
});

test("a federation that names no directory has no account “as me”", async () => {
  const { items } = await admin.api.must<{ items: { providerId: string; revision: number }[] }>(
    "GET",
    "/api/v1/identity-providers",
  );
  const revision = items.find(({ providerId }) => providerId === federationId)?.revision;
  await admin.api.must("PATCH", `/api/v1/identity-providers/${federationId}`, {
    revision,
    config: federation(null),
  });
  const someone = await signInAtFederation("someone");
  assert.equal((await someone.api.must<OwnPasswordState>("GET", OWN)).state, "impossible");
  const { targetId } = await shellOf(someone.personId, 2201, "no");
  const refused = await someone.api.call<{ code: string }>("POST", "/api/v1/sessions", { targetId });
  assert.equal(refused.body.code, "own-account-none");
});

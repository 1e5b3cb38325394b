// Accounts "as me": a person's own directory account opens the target, over a gateway process and real servers.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import type { JournalItem, OwnPasswordState, SignInState } from "@poterne/contract";
import { addProvider, enterByPassword, finishSignIn } from "../support/directory-people.ts";
import { eventually } from "../support/eventually.ts";
import { ApiClient, TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { negotiateHeader } from "../support/kerberos.ts";
import { labDir, labPasswords, startLab } from "../support/lab.ts";
import { sambaConfig, sambaTool } from "../support/ldap.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import { HeadlessViewer } from "../support/viewer.ts";

const HOUR_MS = 3_600_000;
const OWN = "/api/v1/me/own-password";
let gateway: TestGateway;
let admin: TestPerson;
let ownShell: GrantedTarget;
let carolSecret: string;

before(async () => {
  startLab("samba-ad", "shadow3-ad", "shadow3", "sshd");
  gateway = await TestGateway.start([
    ...["--set", "kerberos.kdcs=LAB.TEST 127.0.0.10:88,MIT.TEST 127.0.0.1:1088"],
    ...["--set", "kerberos.domains=LAB LAB.TEST"],
    ...["--set", `kerberos.keytab=${path.join(labDir, "samba-ad/http.keytab")}`],
  ]);
  admin = await enrolAdministrator(gateway);
  // The first account "as me": from now on passwords of directories are kept.
  ownShell = await grantTarget(admin.api, {
    protocol: "ssh",
    port: 2201,
    personId: admin.personId,
    kind: "as-me",
  });
  await addProvider(admin.api, "Domaine", sambaConfig({ ticketRealms: ["LAB.TEST"] }), "gate-Passw0rd");
});
after(() => gateway?.stop());

const desktopOf = (personId: string) =>
  grantTarget(admin.api, {
    protocol: "rdp",
    port: 23895,
    personId,
    kind: "as-me",
    kerberosName: "rdp.lab.test",
    options: { kerberos: "only" },
  });

async function open(person: TestPerson, target: GrantedTarget): Promise<HeadlessViewer> {
  const { sessionId } = await person.api.must<{ sessionId: string }>("POST", "/api/v1/sessions", {
    targetId: target.targetId,
  });
  const viewer = await HeadlessViewer.attach(person.api, sessionId);
  await viewer.untilOpen();
  return viewer;
}

async function refusedCode(person: TestPerson, target: GrantedTarget): Promise<string> {
  const body = { targetId: target.targetId };
  const answer = await person.api.call<{ code: string }>("POST", "/api/v1/sessions", body);
  assert.ok(answer.status >= 400, "it opened");
  return answer.body.code;
}

const kept = ({ api }: TestPerson) => api.must<OwnPasswordState>("GET", OWN);

/** FreeRDP's servers, of the domain and of no domain: both know alice by NTLM, by her name in the domain's short form. */
const byNtlm = (personId: string, port: 23893 | 23895) =>
  grantTarget(admin.api, {
    protocol: "rdp",
    port,
    personId,
    kind: "as-me",
    username: "LAB\\{login}",
    options: { kerberos: "no" },
  });

/** What is kept, once a KDC has said how long the account's tickets live. */
const judged = (person: TestPerson) =>
  eventually("the KDC's word", async () => {
    const state = await kept(person);
    return state.isProtected === null ? null : state;
  });

async function journaled(kind: string, personId: string): Promise<JournalItem[]> {
  const { items } = await admin.api.must<{ items: JournalItem[] }>("GET", `/api/v1/journal?kind=${kind}`);
  return items.filter((row) => row.subject.personId === personId);
}

test("a member of Protected Users signs in with her password and her desktop opens without a question", async () => {
  const carol = await enterByPassword(gateway, "carol", labPasswords.carol);
  carolSecret = carol.totpSecret;
  const state = await judged(carol);
  assert.equal(state.state, "kept");
  assert.equal(state.account, "carol@LAB.TEST");
  assert.equal(state.isProtected, true);
  const lasts = (state.endsAtMs ?? 0) - Date.now();
  assert.ok(lasts > 3.9 * HOUR_MS && lasts <= 4 * HOUR_MS + 5000, `it is kept for ${lasts} ms`);
  const viewer = await open(carol, await desktopOf(carol.personId));
  viewer.control({ type: "end" });
  const { targetId } = await byNtlm(carol.personId, 23895);
  const { sessionId } = await carol.api.must<{ sessionId: string }>("POST", "/api/v1/sessions", { targetId });
  const refused = await HeadlessViewer.attach(carol.api, sessionId);
  await refused.until("the refusal", (one) => one.find("ended") !== undefined);
  assert.equal(refused.find("ended")?.code, "kerberos-protected-user", "never by NTLM");
  const [used] = await journaled("own-password.used", carol.personId);
  assert.equal(used?.details.login, "carol");
  assert.equal((await journaled("own-password.kept", carol.personId)).length, 1);
});

test("whoever is not protected opens by ticket and by NTLM, as long as the sign-in, and “forget now” is at once", async () => {
  const alice = await enterByPassword(gateway, "alice", labPasswords.alice);
  const target = await desktopOf(alice.personId);
  const state = await judged(alice);
  assert.equal(state.isProtected, false);
  assert.equal(state.endsAtMs, null);
  (await open(alice, target)).control({ type: "end" });
  for (const port of [23895, 23893] as const)
    (await open(alice, await byNtlm(alice.personId, port))).control({ type: "end" });
  const forgotten = await alice.api.must<OwnPasswordState>("DELETE", OWN);
  assert.equal(forgotten.state, "none");
  assert.equal(await refusedCode(alice, target), "own-password-needed");
  const wrong = await alice.api.call<{ code: string }>("POST", OWN, { password: "not-hers" });
  assert.equal(wrong.body.code, "own-password-wrong");
  assert.equal((await kept(alice)).state, "none");
  await alice.api.must("POST", OWN, { password: labPasswords.alice });
  (await open(alice, target)).control({ type: "end" });
  const [last] = await journaled("own-password.forgotten", alice.personId);
  assert.equal(last?.details.reason, "asked");
});

test("a password changed, expired or an account disabled meanwhile is told, forgotten, and goes to no target", async () => {
  const login = `mia${Date.now() % 1_000_000}`;
  sambaTool("user", "create", login, "odd-Passw0rd");
  const mia = await enterByPassword(gateway, login, "odd-Passw0rd");
  const target = await desktopOf(mia.personId);
  sambaTool("user", "setpassword", login, "--newpassword=new-Passw0rd");
  assert.equal(await refusedCode(mia, target), "own-password-changed");
  assert.equal((await kept(mia)).state, "none");
  assert.equal(await refusedCode(mia, target), "own-password-needed");
  await mia.api.must("POST", OWN, { password: "new-Passw0rd" });
  sambaTool("user", "setpassword", login, "--newpassword=new-Passw0rd", "--must-change-at-next-login");
  assert.equal(await refusedCode(mia, target), "account-password-expired");
  assert.equal((await kept(mia)).state, "none");
  const expired = await mia.api.call<{ code: string }>("POST", OWN, { password: "new-Passw0rd" });
  assert.equal(expired.body.code, "account-password-expired");
  sambaTool("user", "disable", login);
  const disabled = await mia.api.call<{ code: string }>("POST", OWN, { password: "new-Passw0rd" });
  assert.equal(disabled.body.code, "account-disabled");
  sambaTool("user", "delete", login);
});

test("it ends with the sign-in: signed out, revoked, and for another sign-in of the same person it is not there", async () => {
  const first = await enterByPassword(gateway, "bob", labPasswords.bob);
  const second = await enterByPassword(gateway, "bob", labPasswords.bob, first.totpSecret);
  assert.equal((await kept(second)).state, "kept");
  await second.api.must("DELETE", OWN);
  assert.equal((await kept(first)).state, "kept", "each sign-in has its own");
  await second.api.must("DELETE", "/api/v1/me/sign-ins/others");
  const [row] = await journaled("own-password.forgotten", first.personId);
  assert.equal(row?.details.reason, "sign-in-ended");
  const out = await second.api.must<SignInState>("POST", "/api/v1/sign-out", {});
  assert.equal(out.state, "nobody");
});

test("after a sign-in by ticket it is asked for once, and a wrong one is told", async () => {
  const api = new ApiClient(gateway);
  api.authorization = await negotiateHeader("carol", labPasswords.carol, "gate.lab.test");
  const begun = await api.must<SignInState>("POST", "/api/v1/sign-in/negotiate", {});
  api.authorization = null;
  const carol = await finishSignIn(api, "carol", begun, carolSecret);
  const target = await desktopOf(carol.personId);
  assert.equal((await kept(carol)).state, "none");
  assert.equal(await refusedCode(carol, target), "own-password-needed");
  const wrong = await api.call<{ code: string }>("POST", OWN, { password: labPasswords.alice });
  assert.equal(wrong.body.code, "own-password-wrong");
  await api.must("POST", OWN, { password: labPasswords.carol });
  (await open(carol, target)).control({ type: "end" });
  (await open(carol, target)).control({ type: "end" });
  assert.equal((await kept(carol)).isProtected, true);
});

test("a person of this gateway has no such account, and a script gets none", async () => {
  assert.equal((await kept(admin)).state, "impossible");
  assert.equal(await refusedCode(admin, ownShell), "own-account-none");
  const token = await admin.api.must<{ token: string }>("POST", "/api/v1/me/tokens", {
    name: "script",
    scopes: ["sessions:open"],
  });
  const script = new ApiClient(gateway);
  script.authorization = `Bearer ${token.token}`;
  const answer = await script.call<{ code: string }>("POST", "/api/v1/sessions", {
    targetId: ownShell.targetId,
  });
  assert.equal(answer.body.code, "own-password-needed");
});

test("the password is in no file of the gateway and not in what it printed", () => {
  const secrets = [labPasswords.carol, labPasswords.alice, "new-Passw0rd"];
  const files = readdirSync(gateway.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  assert.ok(files.length > 5);
  for (const file of files)
    for (const secret of secrets) assert.ok(!readFileSync(file).includes(secret), `${secret} is in ${file}`);
  for (const secret of secrets) assert.ok(!gateway.log.includes(secret));
});

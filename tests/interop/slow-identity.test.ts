// Identity servers that are slow: real ones behind a line that stalls, drips or floods. Time is bounded, the person is told
// nothing, the administrator why; who signs in otherwise, and who works, notices nothing.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import type { JournalItem, SignInState } from "@poterne/contract";
import { addProvider, enterByPassword } from "../support/directory-people.ts";
import { openFederation } from "../support/federation.ts";
import { ApiClient, TestGateway } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labDir, labPasswords, startLab } from "../support/lab.ts";
import { LabIdp } from "../support/lab-idp.ts";
import { sambaConfig, slapdConfig } from "../support/ldap.ts";
import { LdapLine } from "../support/ldap-line.ts";
import { labCertificate } from "../support/own-slapd.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import { type LinePace, SlowLine } from "../support/slow-line.ts";
import { HeadlessViewer } from "../support/viewer.ts";

let gateway: TestGateway;
let admin: TestPerson;
let idp: LabIdp;
let idpLine: SlowLine;
let kdcLine: SlowLine;
let ldapLine: LdapLine;
let isLdapSilent = false;
let federationId: string;
let live: HeadlessViewer;

before(async () => {
  startLab("idp", "slapd", "samba-ad", "sshd");
  kdcLine = await SlowLine.to("127.0.0.10", 88);
  ldapLine = await LdapLine.open({
    target: { host: "127.0.0.1", port: 1636, isTls: true },
    near: labCertificate("ldap.lab.test"),
    judge: () => (isLdapSilent ? "silence" : "pass"),
  });
  gateway = await TestGateway.start([
    ...["--set", `kerberos.kdcs=LAB.TEST 127.0.0.1:${kdcLine.port}`],
    ...["--set", `kerberos.keytab=${path.join(labDir, "samba-ad/http.keytab")}`],
  ]);
  admin = await enrolAdministrator(gateway);
  idp = await LabIdp.start([`${gateway.url}/sign-in`], [], async (port) => {
    idpLine = await SlowLine.to("127.0.0.1", port);
    return idpLine.port;
  });
  const directory = slapdConfig({ servers: [ldapLine.end], timeoutSeconds: 1 });
  await addProvider(admin.api, "Annuaire", directory, labPasswords.bob);
  await addProvider(admin.api, "Domaine", sambaConfig({ accountRealm: "LAB.TEST" }), "gate-Passw0rd");
  const config = openFederation(idp.issuer, { clientId: "lab-gateway", timeoutSeconds: 2 });
  federationId = await addProvider(admin.api, "Fédération", config, "lab-gateway-secret");
  const bob = await enterByPassword(gateway, "bob", labPasswords.bob);
  const shell = {
    protocol: "ssh",
    port: 2201,
    personId: bob.personId,
    password: labPasswords.alice,
  } as const;
  const { targetId } = await grantTarget(admin.api, shell);
  const { sessionId } = await bob.api.must<{ sessionId: string }>("POST", "/api/v1/sessions", { targetId });
  live = await HeadlessViewer.attach(bob.api, sessionId);
  await live.untilOpen();
});
after(async () => {
  await gateway?.stop();
  await idp?.stop();
  for (const line of [idpLine, kdcLine, ldapLine]) await line?.close();
});

let count = 0;
/**
 * That whoever signs in with a name of this gateway gets in, and whoever works goes on working, while `ask` is on its way: it is
 * asked again until they have. The last answer.
 */
async function othersGoOn<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  let isDone = false;
  const asking = (async () => {
    for (;;) {
      const answer = await ask();
      if (isDone) return answer;
    }
  })();
  const api = new ApiClient(gateway);
  const { login, password } = admin;
  const state = await api.must<SignInState>("POST", "/api/v1/sign-in/password", { login, password });
  assert.equal(state.state, "factor-needed");
  const word = `still-${++count}`;
  live.type(`echo ${word.split("").join("''")}\r`);
  await live.until("the shell's answer", ({ text }) => text.includes(word));
  isDone = true;
  return asking;
}

async function lastReason(kind: string): Promise<string> {
  const { items } = await admin.api.must<{ items: JournalItem[] }>("GET", `/api/v1/journal?kind=${kind}`);
  return String(items[0]?.details.reason);
}

const paceOf =
  (words: string, pace: LinePace) =>
  (beginning: string): LinePace =>
    beginning.includes(words) ? pace : "pass";

/** What a slow federation says to whoever comes back from it. */
async function comeBack(): Promise<{
  readonly status: number;
  readonly code: string;
  readonly text: string;
}> {
  const api = new ApiClient(gateway);
  const begun = { providerId: federationId };
  const begin = await api.call<{ url: string }>("POST", "/api/v1/sign-in/federation", begun);
  assert.equal(begin.status, 200, begin.status === 200 ? "" : await lastReason("provider.away"));
  const answer = await idp.signIn(begin.body.url, "alice");
  const end = "/api/v1/sign-in/federation/answer";
  const { status, body } = await api.call<{ code: string }>("POST", end, { answer });
  return { status, code: body.code, text: JSON.stringify(body) };
}

test("a federation that stalls, drips or floods at any of its addresses: refused in time, the journal knows why", async () => {
  for (const pace of ["silence", "flood"] as const) {
    idpLine.judge = paceOf("GET /oidc/.well-known", pace);
    const begin = () =>
      new ApiClient(gateway).call<{ code: string }>("POST", "/api/v1/sign-in/federation", {
        providerId: federationId,
      });
    const { body } = await (pace === "silence" ? othersGoOn(begin) : begin());
    assert.equal(body.code, "federation-refused", JSON.stringify(pace));
    const { steps } = await admin.api.must<{
      steps: { step: string; state: string; found: { en: string } }[];
    }>("POST", `/api/v1/identity-providers/${federationId}/test`, { login: "" });
    const failed = steps.find(({ state }) => state === "failed");
    assert.match(failed?.found.en ?? "", pace === "flood" ? /more than/ : /timeout|aborted/i);
  }
  assert.match(await lastReason("provider.away"), /timeout|aborted/i);
  // The keys are asked for at the first answer, and known from then on.
  for (const [words, pace] of [
    ["POST /oidc/token", "silence"],
    ["POST /oidc/token", { dripMs: 50 }],
    ["POST /oidc/token", "flood"],
    ["GET /oidc/jwks", "silence"],
    ["GET /oidc/jwks", "flood"],
    ["/oidc/me", "silence"],
    ["/oidc/me", "flood"],
  ] as const) {
    idpLine.judge = paceOf(words, pace);
    const { code, text } = await comeBack();
    assert.equal(code, "federation-refused", `${words} ${JSON.stringify(pace)}`);
    const reason = await lastReason("sign-in.failed");
    assert.match(reason, pace === "flood" ? /more than/ : /timeout|aborted/i, `${words}: ${reason}`);
    assert.ok(!text.includes(reason) && !/oidc|timeout/i.test(text), "the browser is told nothing of it");
  }
  idpLine.judge = () => "pass";
  assert.equal((await comeBack()).status, 200);
});

test("a directory that falls silent: away in time, no password is wrong, and nobody else waits", async () => {
  isLdapSilent = true;
  const wrong = { login: "bob", password: "wrong" };
  const { body } = await othersGoOn(() =>
    new ApiClient(gateway).call<{ code: string }>("POST", "/api/v1/sign-in/password", wrong),
  );
  assert.equal(body.code, "directory-away");
  assert.match(await lastReason("sign-in.failed"), /no answer within/);
  isLdapSilent = false;
});

test("a KDC that falls silent: a member of Protected Users hears that the directory is away, and nobody else waits", async () => {
  const carol = { login: "carol@lab.test", password: labPasswords.carol };
  const enter = () =>
    new ApiClient(gateway).call<{ code: string }>("POST", "/api/v1/sign-in/password", carol);
  kdcLine.judge = () => "silence";
  const { body } = await othersGoOn(enter);
  assert.equal(body.code, "directory-away");
  assert.match(await lastReason("sign-in.failed"), /kdc-unreachable/);
  kdcLine.judge = () => "pass";
  assert.equal((await enter()).status, 200);
  assert.equal(live.find("ended"), undefined, "the session has lived through it all");
});

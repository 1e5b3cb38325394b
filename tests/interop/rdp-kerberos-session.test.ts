import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { Failure } from "../../packages/contract/src/index.ts";
import { labAccess } from "../support/kerberos.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { makeRdpSession, RDP_PORT, type RdpWish } from "../support/rdp-session.ts";
import { waitFor } from "../support/vnc-peer.ts";

const LIMIT_MS = 30_000;
/** A FreeRDP shadow server that holds the key of TERMSRV/rdp.lab.test, and knows alice by NTLM. */
const AD_PORT = 23895;
const AD_NAME = "rdp.lab.test";
const carol = { kind: "password", username: "carol@LAB.TEST", password: labPasswords.carol } as const;
const alice = { kind: "password", username: "LAB\\alice", password: labPasswords.alice } as const;
const open: ReturnType<typeof makeRdpSession>[] = [];

before(() => startLab("shadow3-ad", "shadow3", "xrdp"));
afterEach(() => {
  for (const session of open.splice(0)) session.driver.close();
});

async function openSession(wish: RdpWish) {
  const session = makeRdpSession({ kerberos: labAccess(), ...wish });
  open.push(session);
  await session.driver.open();
  return session;
}

async function failureOf(wish: RdpWish): Promise<Failure> {
  const outcome = await openSession(wish).catch((error: unknown) => error);
  assert.ok(outcome instanceof Failure, "it opened");
  return outcome;
}

test("a member of Protected Users gets a desktop by ticket, and the picture comes", async () => {
  for (const kerberos of ["first", "only"]) {
    const session = await openSession({
      port: AD_PORT,
      kerberosName: AD_NAME,
      credentials: carol,
      options: { kerberos },
    });
    await waitFor("the first entry point", () => session.entryEnds() > 0, LIMIT_MS);
  }
});

test("an account that is typed is asked for once and signs in by ticket", async () => {
  const session = await openSession({
    port: AD_PORT,
    kerberosName: AD_NAME,
    credentials: { kind: "ask", username: null },
    answers: ["carol@LAB.TEST", labPasswords.carol],
  });
  assert.equal(session.host.questionCount, 1);
});

test("a target known by its address only opens by NTLM for who is not protected, and for nobody else", async () => {
  await openSession({ port: AD_PORT, credentials: alice });
  assert.equal((await failureOf({ port: AD_PORT, credentials: carol })).code, "kerberos-protected-user");
  const only = { port: AD_PORT, credentials: alice, options: { kerberos: "only" } };
  assert.equal((await failureOf(only)).code, "kerberos-name-needed");
});

test("a target that takes no ticket is asked again by NTLM, but never for a member of Protected Users", async () => {
  const elsewhere = { port: RDP_PORT.shadow3, kerberosName: AD_NAME };
  const session = await openSession({ ...elsewhere, credentials: alice });
  assert.equal(session.host.questionCount, 0);
  const refused = await failureOf({ ...elsewhere, credentials: carol });
  assert.equal(refused.code, "kerberos-target-refused");
  const only = { ...elsewhere, credentials: alice, options: { kerberos: "only" } };
  assert.equal((await failureOf(only)).code, "kerberos-target-refused");
});

test("Kerberos only sends no password to a server that does not ask for a ticket, whatever its security option", async () => {
  for (const security of ["automatic", "tls"]) {
    const options = { kerberos: "only", security };
    const wish = { port: RDP_PORT.xrdp, kerberosName: AD_NAME, credentials: carol, options };
    assert.equal((await failureOf(wish)).code, "nla-not-offered", security);
  }
});

test("a target whose option is NTLM still refuses a member of Protected Users", async () => {
  const options = { kerberos: "no" };
  await openSession({ port: AD_PORT, credentials: alice, options });
  const refused = await failureOf({ port: AD_PORT, credentials: carol, options });
  assert.equal(refused.code, "kerberos-protected-user");
});

test("a wrong password at the domain is told as one, and nothing is tried by NTLM", async () => {
  const wrong = { ...alice, password: "not-hers" };
  const failure = await failureOf({ port: AD_PORT, kerberosName: AD_NAME, credentials: wrong });
  assert.equal(failure.code, "kerberos-wrong-password");
});

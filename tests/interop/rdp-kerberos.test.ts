import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { Failure } from "@poterne/contract";
import {
  createKerberosMechanism,
  type NlaAnswer,
  type NlaQuestion,
} from "../../packages/gateway/src/kerberos/create-mechanism.ts";
import type { KerberosAccess } from "../../packages/gateway/src/kerberos/kerberos-access.ts";
import { labAccess } from "../support/kerberos.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { RdpPeer } from "../support/rdp-peer.ts";

const KRB = { port: 23894, hostname: "rdp.mit.test" } as const;
const AD = { port: 23895, hostname: "rdp.lab.test" } as const;
const NTLM_SIGNATURE = Buffer.from("NTLMSSP\0", "latin1");
/** 1.3.6.1.4.1.311.2.2.10: what an offer of NTLM inside SPNEGO holds. */
const NTLM_OID = Buffer.from("2b06010401823702020a", "hex");

before(() => startLab("shadow3-krb", "shadow3-ad"));

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function ask(changes: Partial<NlaQuestion>, access = labAccess()): Promise<NlaAnswer> {
  return createKerberosMechanism(access, {
    policy: "kerberos",
    target: "desk",
    hostname: AD.hostname,
    username: "carol@LAB.TEST",
    password: labPasswords.carol,
    ...changes,
  });
}

async function askKerberos(changes: Partial<NlaQuestion>, access = labAccess()) {
  const answer = await ask(changes, access);
  assert.equal(answer.kind, "kerberos");
  open.push(() => answer.mechanism.close());
  return answer;
}

function connect(...options: ConstructorParameters<typeof RdpPeer>): RdpPeer {
  const peer = new RdpPeer(...options);
  open.push(() => peer.close());
  return peer;
}

/** Whether anything of NTLM crossed the socket. */
function hasNtlm({ logIn }: RdpPeer): boolean {
  const all = Buffer.concat(logIn.map(({ bytes }) => bytes));
  return all.includes(NTLM_SIGNATURE) || all.includes(NTLM_OID);
}

/** The failure's code and details of a question that must be refused. */
async function refused(changes: Partial<NlaQuestion>, access?: KerberosAccess) {
  try {
    await ask(changes, access);
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error;
  }
  throw new Error("not refused");
}

test("shadow3-ad: a member of Protected Users opens the desktop by Kerberos, and nothing of NTLM crosses", async () => {
  const { mechanism, domain, username, isNtlmAllowed } = await askKerberos({ policy: "kerberos-then-ntlm" });
  assert.deepEqual([domain, username, isNtlmAllowed], ["LAB.TEST", "carol", false]);
  const peer = connect(AD.port, { mechanism, domain, username, password: labPasswords.carol });
  await peer.until("the desktop", () => peer.isOpen);
  assert.ok(peer.logIn.length >= 4, "the log-in was recorded");
  assert.equal(hasNtlm(peer), false);
});

test("shadow3-ad: a log-in by NTLM is seen as such", async () => {
  const peer = connect(AD.port, { username: "alice", password: labPasswords.alice });
  await peer.until("the desktop", () => peer.isOpen);
  assert.equal(hasNtlm(peer), true);
});

test("shadow3-krb: an account of an MIT realm opens the desktop", async () => {
  const { mechanism, domain, username } = await askKerberos({
    hostname: KRB.hostname,
    username: "alice@mit.test",
    password: labPasswords.alice,
  });
  const peer = connect(KRB.port, { mechanism, domain, username, password: labPasswords.alice });
  await peer.until("the desktop", () => peer.isOpen);
  assert.equal(hasNtlm(peer), false);
});

test("a clock five minutes and more away from the domain's still opens the desktop", async () => {
  const { mechanism, domain, username } = await askKerberos({}, labAccess(20 * 60_000));
  const peer = connect(AD.port, { mechanism, domain, username, password: labPasswords.carol });
  await peer.until("the desktop", () => peer.isOpen);
});

test("a TLS key that is not the server's ends the log-in before the password leaves", async () => {
  const { mechanism, domain, username } = await askKerberos({});
  const peer = connect(AD.port, {
    mechanism,
    domain,
    username,
    password: labPasswords.carol,
    changePublicKey: true,
  });
  await peer.ended();
  assert.equal(peer.isOpen, false);
  const sent = peer.logIn.filter(({ from }) => from === "client");
  assert.equal(sent.length, 3, "the negotiation, the ticket and the proof of the key, no credentials");
  assert.ok(mechanism.isEstablished, "the server had proved itself, only the key is another one");
});

test("a server that cannot open the ticket is told apart from a wrong password", async () => {
  const { mechanism, domain, username } = await askKerberos({
    hostname: KRB.hostname,
    username: "alice@MIT.TEST",
    password: labPasswords.alice,
  });
  const peer = connect(AD.port, { mechanism, domain, username, password: labPasswords.alice });
  const { code } = await peer.ended();
  assert.notEqual(code, "wrong-password");
  assert.equal(mechanism.isEstablished, false);
  assert.equal(hasNtlm(peer), false);
});

test("an address is refused with words, before any KDC is asked under Kerberos only", async () => {
  const { code, details } = await refused({ hostname: "192.0.2.7" });
  assert.equal(code, "kerberos-name-needed");
  assert.deepEqual(details, { target: "desk", address: "192.0.2.7" });
});

test("NTLM is left only to accounts that a KDC or their name says are not in Protected Users", async () => {
  const policy = "kerberos-then-ntlm";
  const alice = { policy, username: "LAB\\alice", password: labPasswords.alice } as const;
  const noName = await ask({ ...alice, hostname: "127.0.0.1" });
  assert.deepEqual(noName, { kind: "ntlm", why: { type: "address" } });
  assert.equal((await ask({ ...alice, hostname: "no-such.lab.test" })).kind, "ntlm");
  assert.equal((await ask({ policy, username: ".\\admin" })).kind, "ntlm");
  assert.equal((await ask({ policy, username: "RDP\\admin" })).kind, "ntlm", "the machine's own account");

  for (const hostname of ["127.0.0.1", "no-such.lab.test"]) {
    const { code, details } = await refused({ policy, hostname });
    assert.equal(code, "kerberos-protected-user", hostname);
    assert.equal(details.account, "carol@LAB.TEST");
  }
  assert.equal((await refused({ policy, password: "not-it" })).code, "kerberos-wrong-password");
  // Nobody can say what these accounts are, for a KDC's refusal is not signed: no NTLM.
  assert.equal((await refused({ policy, username: "nobody@LAB.TEST" })).code, "kerberos-person-unknown");
  assert.equal((await refused({ policy, username: "ELSEWHERE\\carol" })).code, "kerberos-local-account");
  assert.equal((await refused({ policy, username: "x@NOWHERE.TEST" })).code, "kerberos-kdc-silent");
});

test("why the domain gives no ticket is told in the catalogue's words", async () => {
  const account = async (username: string, password: string) => (await refused({ username, password })).code;
  assert.equal(await account("carol", "wrong"), "kerberos-wrong-password");
  assert.equal(await account("dan@LAB.TEST", "odd-Passw0rd"), "kerberos-account-barred");
  assert.equal(await account("eve@LAB.TEST", "odd-Passw0rd"), "kerberos-password-expired");
  assert.equal(await account("fay@LAB.TEST", "odd-Passw0rd"), "kerberos-account-barred");
  assert.equal(await account("nobody@LAB.TEST", "x"), "kerberos-person-unknown");
  assert.equal(await account("camellia@MIT.TEST", labPasswords.alice), "kerberos-other-proof");
  assert.equal(await account("SRV01\\admin", "x"), "kerberos-local-account");
  const unknown = await refused({ hostname: "no-such.lab.test" });
  assert.equal(unknown.code, "kerberos-service-unknown");
  assert.equal(unknown.details.service, "TERMSRV/no-such.lab.test");
});

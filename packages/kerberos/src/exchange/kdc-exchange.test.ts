import assert from "node:assert/strict";
import { test } from "node:test";
import { DerFields } from "../asn1/der-fields.ts";
import { applicationTag, readOnly } from "../asn1/der-reader.ts";
import { readAny, readOctets, readUint32 } from "../asn1/der-values.ts";
import { decrypt } from "../encryption/encryption.ts";
import type { EncryptionKey } from "../encryption/key.ts";
import { SUPPORTED_ETYPES } from "../encryption/profiles.ts";
import { decodeApRequest, decodeAuthenticator } from "../messages/ap-messages.ts";
import { readEncryptedData } from "../messages/encrypted-data.ts";
import { ErrorCode, KeyUsage, MessageType, PaType } from "../messages/numbers.ts";
import { readMethodData } from "../messages/pa-data.ts";
import { type Principal, serviceName, ticketGrantingName } from "../messages/principal.ts";
import { ALICE, LabRealm, NOW_MS } from "../testing/lab-realm.ts";
import { passwordKey, runDerivation } from "../testing/node-crypto.ts";
import { kdcError, kdcReply, methodData, type ReplyChanges } from "../testing/test-kdc.ts";
import { AsExchange } from "./as-exchange.ts";
import { isUsable, wipeCredential } from "./credential.ts";
import { FAILURE_MEANINGS, failureOf } from "./failure.ts";
import type { KdcCommand } from "./kdc-exchange.ts";
import { TgsExchange } from "./tgs-exchange.ts";

const realm = new LabRealm();
const PASSWORD = "alice-Passw0rd";
const HINT = { etype: 18, salt: "LAB.TESTalice", iterations: 4096 };
const aliceKey = passwordKey(18, PASSWORD, { salt: Buffer.from(HINT.salt) });
const OPTIONS = { ...realm.tools, etypes: SUPPORTED_ETYPES, lifetimeMs: 36_000_000 };
const DEMAND = kdcError(ErrorCode.KDC_ERR_PREAUTH_REQUIRED, { edata: methodData([HINT]) });

/** A request's fields, as the KDC sees them. */
function lookInto(command: KdcCommand, type: number) {
  assert.ok(command.type === "send", JSON.stringify(command));
  const fields = new DerFields(readOnly(command.message, applicationTag(type), "request"), "request");
  const padata = fields.find(3, readMethodData) ?? [];
  const body = fields.get(4, readAny);
  const nonce = new DerFields(body, "body").get(7, readUint32);
  return { padata, body, nonce, request: command.message, realm: command.realm };
}

function failing(command: KdcCommand): string {
  assert.ok(command.type === "fail", command.type);
  return command.failure.reason;
}

/** Begins an AS exchange and answers `derive` with PBKDF2 of a password. */
function prove(password = PASSWORD, demand = DEMAND, nowMs = NOW_MS) {
  const exchange = new AsExchange({ ...OPTIONS, client: ALICE });
  exchange.start(nowMs);
  const wanted = exchange.receive(demand, nowMs);
  assert.ok(wanted.type === "derive", JSON.stringify(wanted));
  const command = exchange.derived(runDerivation(password, wanted.derivation), nowMs);
  return { exchange, seen: lookInto(command, MessageType.AS_REQ) };
}

function answered(changes: Partial<ReplyChanges> = {}, key: EncryptionKey = aliceKey): KdcCommand {
  const { exchange, seen } = prove();
  const reply = { nonce: seen.nonce, request: seen.request, ...changes };
  return exchange.receive(kdcReply(MessageType.AS_REP, realm, key, reply), NOW_MS);
}

test("the proof is the KDC's time under the password's key, with the KDC's cookie, and the reply gives a ticket", () => {
  const { seen } = prove();
  assert.deepEqual(
    seen.padata.map(({ type }) => type),
    [PaType.PA_FX_COOKIE, PaType.PA_REQ_ENC_PA_REP, PaType.PA_ENC_TIMESTAMP],
  );
  const proof = readEncryptedData(seen.padata[2]?.value ?? new Uint8Array(0), "proof");
  decrypt(realm.tools.crypto, aliceKey, KeyUsage.AS_REQ_PA_ENC_TIMESTAMP, proof.cipher);
  const command = answered();
  assert.ok(command.type === "done", JSON.stringify(command));
  assert.deepEqual(command.credential.client, ALICE);
  assert.deepEqual(command.credential.key, realm.sessionKey);
  assert.ok(isUsable(command.credential, NOW_MS));
  assert.ok(!isUsable(command.credential, NOW_MS, 3_600_000));
  wipeCredential(command.credential);
  assert.ok(command.credential.key.bytes.every((octet) => octet === 0));
});

test("a lying KDC is found out", () => {
  const mallory: Principal = { realm: "EVIL.TEST", name: ticketGrantingName("EVIL.TEST") };
  assert.equal(failing(answered({ nonce: 1 })), "bad-answer");
  assert.equal(failing(answered({ spoken: mallory })), "bad-answer");
  assert.equal(failing(answered({ service: mallory })), "bad-answer");
  assert.equal(failing(answered({ client: { ...ALICE, realm: "EVIL.TEST" } })), "bad-answer");
  assert.equal(failing(answered({ endtimeMs: NOW_MS - 1000 })), "bad-answer");
  assert.equal(failing(answered({ request: Uint8Array.of(1, 2) })), "bad-answer");
  assert.equal(failing(answered({ usage: KeyUsage.TGS_REP_ENC_PART_SUBKEY })), "bad-answer");
  assert.equal(failing(answered({}, realm.serviceKey)), "bad-answer");
});

test("another message, nothing, or noise is a bad answer", () => {
  for (const message of [
    new Uint8Array(0),
    Uint8Array.of(0x6b, 0x80),
    kdcReply(13, realm, aliceKey, { nonce: 1 }),
  ])
    assert.equal(failing(prove().exchange.receive(message, NOW_MS)), "bad-answer");
});

test("without pre-authentication a wrong password shows in the reply", () => {
  for (const [password, wanted] of [
    [PASSWORD, "done"],
    ["wrong", "fail"],
  ] as const) {
    const exchange = new AsExchange({ ...OPTIONS, client: ALICE });
    const { nonce } = lookInto(exchange.start(NOW_MS), MessageType.AS_REQ);
    const derive = exchange.receive(kdcReply(MessageType.AS_REP, realm, aliceKey, { nonce }), NOW_MS);
    assert.ok(derive.type === "derive");
    const end = exchange.derived(runDerivation(password, derive.derivation), NOW_MS);
    assert.equal(end.type, wanted);
    if (end.type === "fail") assert.equal(end.failure.reason, "wrong-password");
  }
});

test("hints that would weaken or exhaust are refused", () => {
  for (const iterations of [1, 4095, 1_000_001, 0xffffffff]) {
    const exchange = new AsExchange({ ...OPTIONS, client: ALICE });
    exchange.start(NOW_MS);
    const edata = methodData([{ ...HINT, iterations }]);
    const demand = kdcError(ErrorCode.KDC_ERR_PREAUTH_REQUIRED, { edata });
    assert.equal(failing(exchange.receive(demand, NOW_MS)), "bad-answer");
  }
  const exchange = new AsExchange({ ...OPTIONS, client: ALICE });
  exchange.start(NOW_MS);
  const edata = methodData([{ ...HINT, etype: 23 }]);
  const demand = kdcError(ErrorCode.KDC_ERR_PREAUTH_REQUIRED, { edata });
  assert.equal(failing(exchange.receive(demand, NOW_MS)), "encryption-unsupported");
});

test("a KDC's clock is followed once", () => {
  const { exchange } = prove();
  const timeMs = NOW_MS + 3_600_000;
  const again = exchange.receive(kdcError(ErrorCode.KRB_AP_ERR_SKEW, { timeMs }), NOW_MS);
  assert.equal(again.type, "send");
  const further = kdcError(ErrorCode.KRB_AP_ERR_SKEW, { timeMs: timeMs + 3_600_000 });
  assert.equal(failing(exchange.receive(further, NOW_MS)), "clock-skew");
});

test("referrals to the person's realm are followed, but not round and round", () => {
  const exchange = new AsExchange({ ...OPTIONS, client: ALICE });
  exchange.start(NOW_MS);
  let command: KdcCommand | undefined;
  let count = 0;
  do {
    command = exchange.receive(kdcError(ErrorCode.KDC_ERR_WRONG_REALM, { crealm: `R${count}.TEST` }), NOW_MS);
    if (command.type === "send") assert.equal(command.realm, `R${count}.TEST`);
    count++;
  } while (command.type === "send");
  assert.equal(count, 9);
  assert.equal(failing(command), "unknown-realm");
});

test("a KDC that asks for the proof again and again is stopped", () => {
  assert.equal(failing(prove().exchange.receive(DEMAND, NOW_MS)), "preauthentication-unsupported");
});

/** A TGS exchange whose KDC answers with these changes. */
function served(service: Principal, changes: Partial<ReplyChanges> = {}): KdcCommand {
  const granting = answered();
  assert.ok(granting.type === "done");
  const exchange = new TgsExchange({
    ...OPTIONS,
    ticketGranting: granting.credential,
    service: serviceName("HTTP", "gate.lab.test"),
  });
  let command = exchange.start(NOW_MS);
  for (let hop = 0; command.type === "send" && hop < 3; hop++) {
    const seen = lookInto(command, MessageType.TGS_REQ);
    const request = decodeApRequest(seen.padata[0]?.value ?? new Uint8Array(0));
    const { crypto } = realm.tools;
    const plain = decrypt(crypto, realm.sessionKey, KeyUsage.TGS_REQ_AUTH, request.authenticator.cipher);
    const { subkey } = decodeAuthenticator(plain);
    assert.ok(subkey !== undefined);
    const reply = { nonce: seen.nonce, service, ...changes };
    command = exchange.receive(kdcReply(MessageType.TGS_REP, realm, subkey, reply), NOW_MS);
  }
  return command;
}

const GATE: Principal = { realm: "LAB.TEST", name: serviceName("HTTP", "gate.lab.test") };

test("a service's ticket is the one asked for, the asker's, and for this question", () => {
  const command = served(GATE);
  assert.ok(command.type === "done", JSON.stringify(command));
  assert.deepEqual(command.credential.service, GATE);
  assert.equal(failing(served({ ...GATE, name: serviceName("HTTP", "other.lab.test") })), "bad-answer");
  assert.equal(failing(served(GATE, { nonce: 1 })), "bad-answer");
  assert.equal(failing(served(GATE, { client: { ...ALICE, realm: "EVIL.TEST" } })), "bad-answer");
  assert.equal(failing(served(GATE, { usage: 8 })), "bad-answer");
});

test("referrals to a realm that was asked already end the search", () => {
  const back: Principal = { realm: "LAB.TEST", name: ticketGrantingName("LAB.TEST") };
  assert.equal(failing(served(back)), "unknown-realm");
});

test("Windows' status makes a reason more exact", () => {
  const status = (value: number) => {
    const edata = new Uint8Array(12);
    new DataView(edata.buffer).setUint32(0, value, true);
    return edata;
  };
  const refusal = (code: number, ntStatus: number) => {
    const edata = kerbErrorData(status(ntStatus));
    return failureOf({ code, stimeMs: NOW_MS, crealm: undefined, text: "", edata }).reason;
  };
  assert.equal(refusal(ErrorCode.KDC_ERR_CLIENT_REVOKED, 0xc0000072), "account-disabled");
  assert.equal(refusal(ErrorCode.KDC_ERR_CLIENT_REVOKED, 0xc0000234), "account-locked");
  assert.equal(refusal(ErrorCode.KDC_ERR_KEY_EXPIRED, 0xc0000224), "password-expired");
  assert.equal(refusal(ErrorCode.KDC_ERR_POLICY, 0xc000006e), "account-restricted");
  assert.equal(refusal(9999, 0xc0001234), "refused");
});

test("every reason has its words", () => {
  for (const [reason, words] of Object.entries(FAILURE_MEANINGS)) assert.match(words, /\w{2}/, reason);
});

/** KERB-ERROR-DATA of type 3 ([MS-KILE] 2.2.1). */
function kerbErrorData(value: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from([
    0x30,
    7 + value.length + 2,
    0xa1,
    3,
    2,
    1,
    3,
    0xa2,
    value.length + 2,
    4,
    value.length,
    ...value,
  ]);
  assert.deepEqual(new DerFields(bytes, "check").get(2, readOctets), value);
  return bytes;
}

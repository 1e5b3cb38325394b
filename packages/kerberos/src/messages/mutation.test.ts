import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError, encodeUtf8 } from "@poterne/bytes";
import { IntegrityError } from "../encryption/encryption.ts";
import { GssAcceptor } from "../gss/acceptor.ts";
import { GssInitiator } from "../gss/initiator.ts";
import { readKeytab } from "../gss/keytab.ts";
import { GssSession } from "../gss/session.ts";
import {
  readNegTokenInit,
  readNegTokenResp,
  writeMechTypeList,
  writeNegTokenInit,
  writeNegTokenResp,
} from "../gss/spnego-messages.ts";
import { Oid, readContextToken, readInitialToken } from "../gss/token.ts";
import { ALICE, GATE, LabRealm, NOW_MS, writeKeytab } from "../testing/lab-realm.ts";
import { mutate, SeededRandom } from "../testing/random.ts";
import { kdcError, kdcReply, methodData, replyPart } from "../testing/test-kdc.ts";
import {
  decodeApReply,
  decodeApRequest,
  decodeAuthenticator,
  decodeEncApReplyPart,
  encodeApReply,
  encodeAuthenticator,
  encodeEncApReplyPart,
} from "./ap-messages.ts";
import { decodeKdcProxyMessage, encodeKdcProxyMessage } from "./kdc-proxy-message.ts";
import { decodeEncKdcReplyPart, decodeKdcReply } from "./kdc-reply.ts";
import { decodeKrbError } from "./krb-error.ts";
import { MessageType } from "./numbers.ts";
import { decodeEtypeInfo2, findNtStatus, readMethodData } from "./pa-data.ts";
import { decodeEncTicketPart, readTicket } from "./ticket.ts";

const MUTATIONS = 1500;
const realm = new LabRealm();
const stamp = { ctimeMs: NOW_MS, cusec: 5 };
const contextToken = new GssInitiator({ ...realm.tools, credential: realm.credential() }).start(NOW_MS);
const accepted = new GssAcceptor(realm.acceptorOptions()).accept(contextToken, NOW_MS);
const methods = methodData([{ etype: 18, salt: "LAB.TESTalice", iterations: 4096 }]);
const reply = { nonce: 7, request: Uint8Array.of(1), padata: methods };
const authenticator = {
  ...stamp,
  crealm: ALICE.realm,
  cname: ALICE.name,
  checksum: { type: 16, bytes: new Uint8Array(12) },
  subkey: realm.sessionKey,
  sequenceNumber: 9,
};
const encrypted = { etype: 18, kvno: 3, cipher: new Uint8Array(40) };
const openSession = (role: "initiator" | "acceptor") =>
  new GssSession({
    ...realm.tools,
    role,
    key: realm.sessionKey,
    hasAcceptorSubkey: true,
    sendSequence: 1,
    receiveSequence: 1,
  });

/** Every structure read from a peer: one good message, and what reads it. */
const kinds: Readonly<Record<string, readonly [message: Uint8Array, read: (bytes: Uint8Array) => unknown]>> =
  {
    "AS-REP": [
      kdcReply(MessageType.AS_REP, realm, realm.sessionKey, reply),
      (bytes) => decodeKdcReply(bytes, MessageType.AS_REP),
    ],
    "TGS-REP": [
      kdcReply(MessageType.TGS_REP, realm, realm.sessionKey, reply),
      (bytes) => decodeKdcReply(bytes, MessageType.TGS_REP),
    ],
    EncKDCRepPart: [replyPart(realm, realm.sessionKey, reply), decodeEncKdcReplyPart],
    "KRB-ERROR": [kdcError(25, { edata: methods, crealm: "LAB.TEST", text: "hello" }), decodeKrbError],
    "METHOD-DATA": [methods, (bytes) => readMethodData(bytes, "METHOD-DATA")],
    "ETYPE-INFO2": [readMethodData(methods, "METHOD-DATA")[1]?.value ?? methods, decodeEtypeInfo2],
    "e-data with NTSTATUS": [methods, findNtStatus],
    Ticket: [realm.ticket(), (bytes) => readTicket(bytes, "Ticket")],
    EncTicketPart: [realm.ticketPart({ starttimeMs: NOW_MS, transited: "A,B" }), decodeEncTicketPart],
    "AP-REQ": [readContextToken(contextToken).message, decodeApRequest],
    Authenticator: [encodeAuthenticator(authenticator), decodeAuthenticator],
    "AP-REP": [encodeApReply(encrypted), decodeApReply],
    EncAPRepPart: [
      encodeEncApReplyPart({ ...stamp, subkey: realm.sessionKey, sequenceNumber: 2 }),
      decodeEncApReplyPart,
    ],
    "context token": [contextToken, readContextToken],
    NegTokenInit: [
      writeNegTokenInit(writeMechTypeList([Oid.msKrb5, Oid.krb5]), contextToken.subarray(0, 60)),
      (bytes) => readNegTokenInit(readInitialToken(bytes).body),
    ],
    NegTokenResp: [
      writeNegTokenResp({
        negState: 1,
        supportedMech: Oid.krb5,
        responseToken: accepted.type === "established" ? accepted.token : contextToken,
        mechListMic: new Uint8Array(28),
      }),
      readNegTokenResp,
    ],
    "KDC-PROXY-MESSAGE": [encodeKdcProxyMessage(methods, "LAB.TEST"), decodeKdcProxyMessage],
    keytab: [writeKeytab([{ principal: GATE, kvno: 1, key: realm.serviceKey }]), readKeytab],
    "sealed wrap token": [
      openSession("initiator").seal(encodeUtf8("hello")),
      (bytes) => openSession("acceptor").unwrap(bytes),
    ],
    "readable wrap token": [
      openSession("initiator").wrapReadable(encodeUtf8("hello")),
      (bytes) => openSession("acceptor").unwrap(bytes),
    ],
    "MIC token": [
      openSession("initiator").sign(encodeUtf8("hello")),
      (bytes) => openSession("acceptor").verify(encodeUtf8("hello"), bytes),
    ],
  };

for (const [index, [name, [message, read]]] of Object.entries(kinds).entries())
  test(`${name}: read as it is, refused with a reason when it was altered, ${MUTATIONS} times`, () => {
    read(message);
    const random = new SeededRandom(1000 + index);
    let refused = 0;
    for (let count = 0; count < MUTATIONS; count++) {
      const changed = mutate(random, message);
      try {
        read(changed);
      } catch (error) {
        const isReason = error instanceof DecodeError || error instanceof IntegrityError;
        assert.ok(isReason, `${Buffer.from(changed).toString("hex")}: ${error}`);
        refused++;
      }
    }
    // What reads e-data takes anything and says "no status".
    assert.ok(refused > MUTATIONS / 3 || read === findNtStatus, `${refused} refused`);
  });

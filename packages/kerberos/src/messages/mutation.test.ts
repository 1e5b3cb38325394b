import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { DecodeError, encodeUtf8 } from "@poterne/bytes";
import fc from "fast-check";
import { IntegrityError } from "../encryption/encryption.ts";
import { readKey, writeKey } from "../encryption/key.ts";
import { SUPPORTED_ETYPES } from "../encryption/profiles.ts";
import { AsExchange } from "../exchange/as-exchange.ts";
import { TgsExchange } from "../exchange/tgs-exchange.ts";
import { GssAcceptor } from "../gss/acceptor.ts";
import { readFlagsChecksum, writeFlagsChecksum } from "../gss/flags.ts";
import { GssInitiator } from "../gss/initiator.ts";
import { readKeytab } from "../gss/keytab.ts";
import { GssSession } from "../gss/session.ts";
import { SpnegoAcceptor } from "../gss/spnego-acceptor.ts";
import { SpnegoInitiator } from "../gss/spnego-initiator.ts";
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
import { readChecksum, readEncryptedData, writeChecksum, writeEncryptedData } from "./encrypted-data.ts";
import { decodeKdcProxyMessage, encodeKdcProxyMessage } from "./kdc-proxy-message.ts";
import { decodeEncKdcReplyPart, decodeKdcReply } from "./kdc-reply.ts";
import { decodeKrbError } from "./krb-error.ts";
import { ErrorCode, MessageType } from "./numbers.ts";
import { decodeEtypeInfo2, findNtStatus, readMethodData } from "./pa-data.ts";
import { readPrincipalName, ticketGrantingName, writePrincipalName } from "./principal.ts";
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
const kdcOptions = { ...realm.tools, etypes: SUPPORTED_ETYPES, lifetimeMs: 36_000_000 };
const offered = new SpnegoInitiator({ ...realm.tools, credential: realm.credential() }).start(NOW_MS);
const answered = new SpnegoAcceptor(realm.acceptorOptions()).accept(offered, NOW_MS);

/** An AS exchange that awaits the KDC's first word. */
function askedForTicket(): AsExchange {
  const exchange = new AsExchange({ ...kdcOptions, client: ALICE });
  exchange.start(NOW_MS);
  return exchange;
}

/** Gives a message's alterations, others in each run; `npm run fuzz` goes on with them without end. */
function eachMutation(message: Uint8Array, act: (changed: Uint8Array) => void): void {
  const property = fc.property(fc.integer(), (seed) => act(mutate(new SeededRandom(seed), message)));
  fc.assert(property, { numRuns: MUTATIONS });
}

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
    EncryptedData: [writeEncryptedData(encrypted), (bytes) => readEncryptedData(bytes, "EncryptedData")],
    Checksum: [writeChecksum(authenticator.checksum), (bytes) => readChecksum(bytes, "Checksum")],
    EncryptionKey: [writeKey(realm.sessionKey), (bytes) => readKey(bytes, "EncryptionKey")],
    PrincipalName: [writePrincipalName(GATE.name), (bytes) => readPrincipalName(bytes, "PrincipalName")],
    "flags in a checksum": [
      writeFlagsChecksum(62).bytes,
      (bytes) => readFlagsChecksum({ type: 0x8003, bytes }),
    ],
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

for (const [name, [message, read]] of Object.entries(kinds))
  test(`${name}: read as it is, refused with a reason when it was altered, ${MUTATIONS} times`, () => {
    read(message);
    let refused = 0;
    eachMutation(message, (changed) => {
      try {
        read(changed);
      } catch (error) {
        const isReason = error instanceof DecodeError || error instanceof IntegrityError;
        assert.ok(isReason, `${Buffer.from(changed).toString("hex")}: ${error}`);
        refused++;
      }
    });
    // What reads e-data takes anything and says "no status".
    assert.ok(refused > MUTATIONS / 3 || read === findNtStatus, `${refused} refused`);
  });

/** Every machine that takes messages from a peer: one good message for its state, and what takes it. */
const machines: Readonly<
  Record<string, readonly [message: Uint8Array, take: (bytes: Uint8Array) => unknown]>
> = {
  "AS exchange, asked for proof": [
    kdcError(ErrorCode.KDC_ERR_PREAUTH_REQUIRED, { edata: methods }),
    (bytes) => askedForTicket().receive(bytes, NOW_MS),
  ],
  "AS exchange, a reply": [
    kdcReply(MessageType.AS_REP, realm, realm.sessionKey, reply),
    (bytes) => askedForTicket().receive(bytes, NOW_MS),
  ],
  "TGS exchange": [
    kdcReply(MessageType.TGS_REP, realm, realm.sessionKey, reply),
    (bytes) => {
      const ticketGranting = {
        ...realm.credential(),
        service: { realm: "LAB.TEST", name: ticketGrantingName("LAB.TEST") },
      };
      const exchange = new TgsExchange({ ...kdcOptions, ticketGranting, service: GATE.name });
      exchange.start(NOW_MS);
      return exchange.receive(bytes, NOW_MS);
    },
  ],
  "acceptor of contexts": [
    contextToken,
    (bytes) => new GssAcceptor(realm.acceptorOptions()).accept(bytes, NOW_MS),
  ],
  "acceptor of SPNEGO": [
    offered,
    (bytes) => new SpnegoAcceptor(realm.acceptorOptions()).accept(bytes, NOW_MS),
  ],
  "initiator of SPNEGO": [
    answered.type === "established" ? answered.token : offered,
    (bytes) => {
      const initiator = new SpnegoInitiator({ ...realm.tools, credential: realm.credential() });
      initiator.start(NOW_MS);
      return initiator.receive(bytes, NOW_MS);
    },
  ],
};

for (const [name, [message, take]] of Object.entries(machines))
  test(`${name}: whatever comes is answered with the next step or a reason, ${MUTATIONS} times`, () => {
    take(message);
    eachMutation(message, (changed) => assert.ok(take(changed) !== undefined));
  });

test("no decoder of the package is without its altered messages", () => {
  const source = path.resolve(import.meta.dirname, "..");
  const own = readFileSync(import.meta.filename, "utf8");
  const decoders = ["messages", "gss", "encryption"].flatMap((folder) =>
    readdirSync(path.join(source, folder))
      .filter((file) => !file.endsWith(".test.ts"))
      .flatMap((file) => [
        ...readFileSync(path.join(source, folder, file), "utf8").matchAll(
          /^export (?:const|function) ((?:decode|read)\w+)/gm,
        ),
      ]),
  );
  assert.ok(decoders.length >= 20, `${decoders.length} decoders`);
  const missing = decoders
    .map(([, name = ""]) => name)
    .filter((name) => !new RegExp(`\\b${name}[(,\\]]`).test(own.slice(own.indexOf("const kinds"))));
  assert.deepEqual(missing, []);
});

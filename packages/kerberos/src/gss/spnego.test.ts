import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeUtf8, fromHex } from "@poterne/bytes";
import { LabRealm, NOW_MS } from "../testing/lab-realm.ts";
import { GssAcceptor } from "./acceptor.ts";
import { GssInitiator } from "./initiator.ts";
import { SpnegoAcceptor } from "./spnego-acceptor.ts";
import { SpnegoInitiator } from "./spnego-initiator.ts";
import {
  NegState,
  readNegTokenInit,
  readNegTokenResp,
  writeMechTypeList,
  writeNegTokenInit,
  writeNegTokenResp,
} from "./spnego-messages.ts";
import { Oid, readInitialToken } from "./token.ts";

/** 1.3.6.1.4.1.311.2.2.10. */
const NTLM = fromHex("2b06010401823702020a");

function sides() {
  const realm = new LabRealm();
  return {
    realm,
    initiator: new SpnegoInitiator({ ...realm.tools, credential: realm.credential() }),
    acceptor: new SpnegoAcceptor(realm.acceptorOptions()),
  };
}

test("the first mechanism carries the token, and one round is enough", () => {
  const { initiator, acceptor } = sides();
  const token = initiator.start(NOW_MS);
  const { mechTypes } = readNegTokenInit(readInitialToken(token).body);
  assert.deepEqual(mechTypes, [Oid.msKrb5, Oid.krb5]);
  const answer = acceptor.accept(token, NOW_MS);
  assert.ok(answer.type === "established", JSON.stringify(answer));
  const step = initiator.receive(answer.token, NOW_MS);
  assert.ok(step.type === "established", JSON.stringify(step));
  const data = encodeUtf8("hello");
  assert.deepEqual(answer.accepted.session.unwrap(step.session.seal(data)).data, data);
});

test("an acceptor that takes another than the first mechanism gets a fresh token and a list signed both ways", () => {
  const { realm, initiator, acceptor } = sides();
  const list = writeMechTypeList([NTLM, Oid.krb5]);
  const opening = acceptor.accept(writeNegTokenInit(list, encodeUtf8("NTLMSSP\0")), NOW_MS);
  assert.ok(opening.type === "continue");
  const first = readNegTokenResp(opening.token);
  assert.equal(first.negState, NegState["request-mic"]);
  assert.deepEqual(first.supportedMech, Oid.krb5);
  const own = new GssInitiator({ ...realm.tools, credential: realm.credential() });
  const second = acceptor.accept(writeNegTokenResp({ responseToken: own.start(NOW_MS) }), NOW_MS);
  assert.ok(second.type === "continue");
  const { responseToken, mechListMic } = readNegTokenResp(second.token);
  assert.ok(responseToken !== undefined && mechListMic !== undefined);
  const established = own.receive(responseToken);
  assert.ok(established.type === "established");
  established.session.verify(list, mechListMic);
  const last = acceptor.accept(writeNegTokenResp({ mechListMic: established.session.sign(list) }), NOW_MS);
  assert.ok(last.type === "established");
  assert.equal(last.token.length, 0);

  // The same from the initiator's side, against an acceptor that takes the second of its two spellings.
  initiator.start(NOW_MS);
  const other = new SpnegoAcceptor(realm.acceptorOptions());
  const swapped = writeNegTokenInit(writeMechTypeList([NTLM, Oid.krb5]), encodeUtf8("x"));
  const choice = other.accept(swapped, NOW_MS);
  assert.ok(choice.type === "continue");
  const restarted = initiator.receive(choice.token, NOW_MS);
  assert.ok(restarted.type === "send");
  const reply = other.accept(restarted.token, NOW_MS);
  assert.ok(reply.type === "continue");
  // This acceptor signed another list than was offered: someone tampered with the offer.
  const tampered = initiator.receive(reply.token, NOW_MS);
  assert.ok(tampered.type === "failed" && tampered.failure.reason === "bad-answer");
});

test("an acceptor that signs the list gets the list signed in the last token", () => {
  const { initiator, acceptor } = sides();
  const answer = acceptor.accept(initiator.start(NOW_MS), NOW_MS);
  assert.ok(answer.type === "established");
  const { session } = answer.accepted;
  const list = writeMechTypeList([Oid.msKrb5, Oid.krb5]);
  const step = initiator.receive(
    writeNegTokenResp({
      ...readNegTokenResp(answer.token),
      negState: NegState["request-mic"],
      mechListMic: session.sign(list),
    }),
    NOW_MS,
  );
  assert.ok(step.type === "established" && step.token !== undefined);
  const { negState, mechListMic } = readNegTokenResp(step.token);
  assert.equal(negState, NegState["accept-completed"]);
  session.verify(list, mechListMic ?? new Uint8Array(0));
});

test("a list that was tampered with is found by its signature", () => {
  const { realm, acceptor } = sides();
  const sent = writeMechTypeList([NTLM, Oid.krb5]);
  acceptor.accept(writeNegTokenInit(sent, encodeUtf8("x")), NOW_MS);
  const own = new GssInitiator({ ...realm.tools, credential: realm.credential() });
  const second = acceptor.accept(writeNegTokenResp({ responseToken: own.start(NOW_MS) }), NOW_MS);
  assert.ok(second.type === "continue");
  const established = own.receive(readNegTokenResp(second.token).responseToken ?? new Uint8Array(0));
  assert.ok(established.type === "established");
  const wanted = writeMechTypeList([Oid.krb5, NTLM]);
  const last = acceptor.accept(writeNegTokenResp({ mechListMic: established.session.sign(wanted) }), NOW_MS);
  assert.ok(last.type === "refused" && last.failure.reason === "bad-answer");
});

test("an acceptor may call Kerberos by its other name, but not forget the signature it asked for", () => {
  const { realm, initiator, acceptor } = sides();
  const answer = acceptor.accept(initiator.start(NOW_MS), NOW_MS);
  assert.ok(answer.type === "established");
  const resp = { ...readNegTokenResp(answer.token), supportedMech: Oid.krb5 };
  assert.equal(initiator.receive(writeNegTokenResp(resp), NOW_MS).type, "established");

  const asked = new SpnegoInitiator({ ...realm.tools, credential: realm.credential() });
  asked.start(NOW_MS);
  const request = writeNegTokenResp({ negState: NegState["request-mic"], supportedMech: Oid.krb5 });
  const again = asked.receive(request, NOW_MS);
  assert.ok(again.type === "send");
  const bare = new GssAcceptor(realm.acceptorOptions());
  const outcome = bare.accept(readNegTokenResp(again.token).responseToken ?? new Uint8Array(0), NOW_MS);
  const unsigned = { negState: NegState["accept-completed"], responseToken: outcome.token };
  const step = asked.receive(writeNegTokenResp(unsigned), NOW_MS);
  assert.ok(step.type === "failed" && step.failure.reason === "bad-answer");
});

test("bare Kerberos tokens are taken; NTLM in any wrapping is refused as such", () => {
  const { realm, acceptor } = sides();
  const bare = new GssInitiator({ ...realm.tools, credential: realm.credential() });
  const answer = acceptor.accept(bare.start(NOW_MS), NOW_MS);
  assert.ok(answer.type === "established");
  assert.equal(bare.receive(answer.token).type, "established");
  for (const token of [
    encodeUtf8("NTLMSSP\0\x01\0\0\0"),
    writeNegTokenInit(writeMechTypeList([NTLM]), encodeUtf8("NTLMSSP\0")),
  ]) {
    const refused = sides().acceptor.accept(token, NOW_MS);
    assert.ok(refused.type === "refused" && refused.failure.reason === "kerberos-not-offered");
    const step = sides().initiator.receive(refused.token, NOW_MS);
    assert.equal(step.type, "failed");
  }
});

test("the initiator goes down to no other mechanism", () => {
  const { initiator } = sides();
  initiator.start(NOW_MS);
  const answer = writeNegTokenResp({ negState: NegState["accept-incomplete"], supportedMech: NTLM });
  const step = initiator.receive(answer, NOW_MS);
  assert.ok(step.type === "failed" && step.failure.reason === "kerberos-not-offered");
});

test("a negotiation that does not end is ended", () => {
  const { initiator } = sides();
  initiator.start(NOW_MS);
  const more = writeNegTokenResp({ negState: NegState["accept-incomplete"], supportedMech: Oid.krb5 });
  assert.equal(initiator.receive(more, NOW_MS).type, "send");
  assert.equal(initiator.receive(more, NOW_MS).type, "failed");
});

test("after the end no token is taken", () => {
  const { initiator, acceptor } = sides();
  acceptor.accept(initiator.start(NOW_MS), NOW_MS);
  assert.equal(acceptor.accept(initiator.start(NOW_MS), NOW_MS).type, "refused");
});

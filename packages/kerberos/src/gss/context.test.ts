import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError, encodeUtf8 } from "@poterne/bytes";
import { SUPPORTED_ETYPES } from "../encryption/profiles.ts";
import { TicketFlag } from "../messages/numbers.ts";
import { ALICE, GATE, LabRealm, NOW_MS, type TicketChanges } from "../testing/lab-realm.ts";
import { GssAcceptor } from "./acceptor.ts";
import { GssInitiator } from "./initiator.ts";
import type { GssSession } from "./session.ts";

const MINUTE_MS = 60_000;

function establish(realm: LabRealm): { ours: GssSession; theirs: GssSession } {
  const initiator = new GssInitiator({ ...realm.tools, credential: realm.credential() });
  const outcome = new GssAcceptor(realm.acceptorOptions()).accept(initiator.start(NOW_MS), NOW_MS);
  assert.equal(outcome.type, "established", JSON.stringify(outcome));
  assert.ok(outcome.type === "established");
  const answer = initiator.receive(outcome.token);
  assert.ok(answer.type === "established", JSON.stringify(answer));
  return { ours: answer.session, theirs: outcome.accepted.session };
}

/** Why an acceptor refuses a ticket or a time. */
function refusal(changes: TicketChanges, clocks: { initiatorMs?: number; acceptorMs?: number } = {}): string {
  const realm = new LabRealm();
  const initiator = new GssInitiator({ ...realm.tools, credential: realm.credential(changes) });
  const token = initiator.start(clocks.initiatorMs ?? NOW_MS);
  const outcome = new GssAcceptor(realm.acceptorOptions()).accept(token, clocks.acceptorMs ?? NOW_MS);
  return outcome.type === "refused" ? outcome.failure.reason : outcome.type;
}

for (const etype of SUPPORTED_ETYPES)
  test(`encryption type ${etype}: both sides agree, and open what the other wrapped or signed`, () => {
    const { ours, theirs } = establish(new LabRealm(etype));
    for (const text of ["", "a", "sixteen bytes...", "somewhat longer than two whole blocks"]) {
      const data = encodeUtf8(text);
      for (const [from, to] of [
        [ours, theirs],
        [theirs, ours],
      ] as const) {
        assert.deepEqual(to.unwrap(from.seal(data)), { isSealed: true, data });
        assert.deepEqual(to.unwrap(from.wrapReadable(data)), { isSealed: false, data });
        to.verify(data, from.sign(data));
      }
    }
  });

test("who came in, where and until when is what the ticket says", () => {
  const realm = new LabRealm();
  const initiator = new GssInitiator({ ...realm.tools, credential: realm.credential() });
  const outcome = new GssAcceptor(realm.acceptorOptions()).accept(initiator.start(NOW_MS), NOW_MS);
  assert.ok(outcome.type === "established");
  assert.deepEqual(outcome.accepted.client, ALICE);
  assert.deepEqual(outcome.accepted.service, GATE);
  assert.equal(outcome.accepted.endtimeMs, Math.floor((NOW_MS + 3_600_000) / 1000) * 1000);
});

test("a token that comes twice, too early or altered is refused", () => {
  const { ours, theirs } = establish(new LabRealm());
  const first = ours.seal(encodeUtf8("one"));
  const second = ours.seal(encodeUtf8("two"));
  assert.throws(() => theirs.unwrap(second), DecodeError);
  theirs.unwrap(first);
  assert.throws(() => theirs.unwrap(first), DecodeError);
  for (let at = 0; at < second.length; at++) {
    const changed = second.map((octet, index) => (index === at ? octet ^ 1 : octet));
    assert.throws(() => theirs.unwrap(changed), `octet ${at}`);
    assert.throws(() => theirs.unwrap(second.subarray(0, at)), `cut at ${at}`);
  }
  assert.deepEqual(theirs.unwrap(second).data, encodeUtf8("two"));
});

test("a readable token and a MIC do not bear a turned bit, other data or the wrong sender", () => {
  const { ours, theirs } = establish(new LabRealm());
  const data = encodeUtf8("list of mechanisms");
  const readable = ours.wrapReadable(data);
  for (let at = 0; at < readable.length; at++) {
    // Octets 4 to 7 say how the token is turned: some other ways to write it mean the same.
    if (at === 6) continue;
    const changed = readable.map((octet, index) => (index === at ? octet ^ 1 : octet));
    assert.throws(() => theirs.unwrap(changed), `octet ${at}`);
  }
  theirs.unwrap(readable);
  const mic = ours.sign(data);
  assert.throws(() => theirs.verify(encodeUtf8("another list"), mic));
  assert.throws(() => ours.verify(data, mic));
  for (let at = 0; at < mic.length; at++)
    assert.throws(() =>
      theirs.verify(
        data,
        mic.map((octet, index) => (index === at ? octet ^ 1 : octet)),
      ),
    );
  theirs.verify(data, mic);
});

test("a session that was wiped opens nothing", () => {
  const { ours, theirs } = establish(new LabRealm());
  const token = ours.seal(encodeUtf8("secret"));
  theirs.wipe();
  assert.throws(() => theirs.unwrap(token));
});

test("an authenticator is good once", () => {
  const realm = new LabRealm();
  const options = realm.acceptorOptions();
  const token = new GssInitiator({ ...realm.tools, credential: realm.credential() }).start(NOW_MS);
  assert.equal(new GssAcceptor(options).accept(token, NOW_MS).type, "established");
  const again = new GssAcceptor(options).accept(token, NOW_MS + 1000);
  assert.ok(again.type === "refused" && again.failure.reason === "replay");
});

test("times are judged with five minutes of grace", () => {
  assert.equal(refusal({}, { initiatorMs: NOW_MS + 4 * MINUTE_MS }), "established");
  assert.equal(refusal({}, { initiatorMs: NOW_MS - 6 * MINUTE_MS }), "clock-skew");
  assert.equal(refusal({}, { initiatorMs: NOW_MS + 6 * MINUTE_MS }), "clock-skew");
  assert.equal(refusal({ starttimeMs: NOW_MS + 6 * MINUTE_MS }), "ticket-not-yet-valid");
  assert.equal(refusal({ flags: TicketFlag.invalid }), "ticket-not-yet-valid");
  assert.equal(refusal({ endtimeMs: NOW_MS - 4 * MINUTE_MS }), "established");
  assert.equal(refusal({ endtimeMs: NOW_MS - 6 * MINUTE_MS }), "ticket-expired");
  // From before the acceptor began: nobody can tell whether it was used then.
  assert.equal(refusal({}, { initiatorMs: NOW_MS - 2 * MINUTE_MS }), "replay");
});

test("an initiator whose clock is wrong learns so", () => {
  const realm = new LabRealm();
  const initiator = new GssInitiator({ ...realm.tools, credential: realm.credential() });
  const token = initiator.start(NOW_MS - 10 * MINUTE_MS);
  const outcome = new GssAcceptor(realm.acceptorOptions()).accept(token, NOW_MS);
  assert.ok(outcome.type === "refused");
  const answer = initiator.receive(outcome.token);
  assert.ok(answer.type === "failed" && answer.failure.reason === "clock-skew");
});

test("a person of another realm comes in when the KDC checked the way, or there was none between", () => {
  assert.equal(refusal({ crealm: "OTHER.TEST" }), "established");
  assert.equal(refusal({ crealm: "OTHER.TEST", transited: "MIDDLE.TEST" }), "unknown-realm");
  const flags = TicketFlag["transited-policy-checked"];
  assert.equal(refusal({ crealm: "OTHER.TEST", transited: "MIDDLE.TEST", flags }), "established");
});

test("a ticket for another key, version or type is told apart", () => {
  assert.equal(refusal({ kvno: 2 }), "unknown-service-key");
  const realm = new LabRealm();
  const other = new LabRealm(18, 77);
  const initiator = new GssInitiator({ ...realm.tools, credential: realm.credential() });
  const outcome = new GssAcceptor(other.acceptorOptions()).accept(initiator.start(NOW_MS), NOW_MS);
  assert.ok(outcome.type === "refused" && outcome.failure.reason === "wrong-service-key");
  const otherType = new GssAcceptor(new LabRealm(17).acceptorOptions()).accept(
    initiator.start(NOW_MS),
    NOW_MS,
  );
  assert.ok(otherType.type === "refused" && otherType.failure.reason === "unknown-service-key");
});

test("a service that goes by another name is known by its key", () => {
  assert.equal(refusal({ sname: { type: 2, parts: ["HTTP", "gate"] } }), "established");
});

test("an answer to another request proves nothing", () => {
  const realm = new LabRealm();
  const initiator = new GssInitiator({ ...realm.tools, credential: realm.credential() });
  const outcome = new GssAcceptor(realm.acceptorOptions()).accept(initiator.start(NOW_MS), NOW_MS);
  assert.ok(outcome.type === "established");
  initiator.start(NOW_MS + 1000);
  const answer = initiator.receive(outcome.token);
  assert.ok(answer.type === "failed" && answer.failure.reason === "bad-answer");
});

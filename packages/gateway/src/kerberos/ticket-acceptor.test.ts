import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { formatPrincipal, SpnegoInitiator } from "@poterne/kerberos";
import { GATE, LabRealm, NOW_MS, writeKeytab } from "../../../kerberos/src/testing/lab-realm.ts";
import { SeededRandom } from "../../../kerberos/src/testing/random.ts";
import { MAX_NEGOTIATE_CHARACTERS, makeTicketAcceptor, TicketAcceptor } from "./ticket-acceptor.ts";

const scratch = mkdtempSync(path.join(tmpdir(), "poterne-ticket-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const realm = new LabRealm();
const entry = { principal: GATE, kvno: 1, key: realm.serviceKey };
// The acceptor began a minute ago: authenticators from before its time count as seen.
let nowMs = NOW_MS - 60_000;
const environment = { now: () => nowMs, monotonicMs: () => 0, randomBytes: new SeededRandom(2).bytes };
const acceptor = new TicketAcceptor([entry], environment);
nowMs = NOW_MS;

function header(): string {
  const initiator = new SpnegoInitiator({ ...realm.tools, credential: realm.credential() });
  return `Negotiate ${Buffer.from(initiator.start(NOW_MS)).toString("base64")}`;
}

test("a ticket for the keytab's service names its person, once", () => {
  const value = header();
  const verdict = acceptor.judge(value);
  assert.ok(verdict?.isProven === true);
  assert.equal(formatPrincipal(verdict.client), "alice@LAB.TEST");
  assert.ok(verdict.answer.length > 0);
  const again = acceptor.judge(value);
  assert.ok(again?.isProven === false);
  assert.equal(again.failure.reason, "replay");
});

test("other schemes, and values too long to be looked at, are no ticket", () => {
  for (const value of [null, "", "Negotiate", "Negotiate ", "Bearer YQ==", "Negotiate a b", "Basic Og=="])
    assert.equal(acceptor.judge(value), null);
  const long = acceptor.judge(`Negotiate ${"A".repeat(MAX_NEGOTIATE_CHARACTERS * 2)}`);
  assert.ok(long?.isProven === false);
});

test("a token altered in any way proves nobody else and throws nothing", () => {
  let refusedCount = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const token = Buffer.from(header().slice("Negotiate ".length), "base64");
    const at = (seed * 7919) % token.length;
    token[at] = (token[at] ?? 0) ^ (1 << (seed % 8));
    const cut = seed % 5 === 0 ? token.subarray(0, at + 1) : token;
    const verdict = acceptor.judge(`Negotiate ${cut.toString("base64")}`);
    assert.ok(verdict !== null);
    if (verdict.isProven) assert.equal(formatPrincipal(verdict.client), "alice@LAB.TEST");
    else refusedCount++;
  }
  assert.ok(refusedCount > 900, `${refusedCount}`);
});

test("a keytab is read once, and one that cannot be used stops the start with its reason", () => {
  const good = path.join(scratch, "good");
  writeFileSync(good, writeKeytab([entry]));
  assert.ok(makeTicketAcceptor(good, environment) instanceof TicketAcceptor);
  assert.equal(makeTicketAcceptor("", environment), null);
  const bad = path.join(scratch, "bad");
  writeFileSync(bad, "not a keytab");
  assert.throws(() => makeTicketAcceptor(bad, environment), /kerberos\.keytab/);
  assert.throws(() => makeTicketAcceptor(path.join(scratch, "none"), environment), /kerberos\.keytab/);
});

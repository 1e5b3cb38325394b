import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import {
  etypeName,
  formatPrincipal,
  ReplayCache,
  readKeytab,
  SpnegoAcceptor,
  SpnegoInitiator,
  serviceName,
  TicketFlag,
} from "@poterne/kerberos";
import { nodeKerberosCrypto } from "../../packages/gateway/src/kerberos/node-crypto.ts";
import { environmentWith, granted, labClient, person, refusal } from "../support/kerberos.ts";
import { labDir, labPasswords, startLab } from "../support/lab.ts";

before(() => startLab("samba-ad", "mit-kdc"));

const alicePassword = Buffer.from(labPasswords.alice);
const carolPassword = Buffer.from("carol-Passw0rd");

test("Samba AD: a person's password gives a ticket, and that a ticket for a service", async () => {
  const client = labClient();
  const tgt = granted(await client.signIn(person("alice", "LAB.TEST"), alicePassword));
  assert.equal(formatPrincipal(tgt.client), "alice@LAB.TEST");
  const ticket = granted(await client.getServiceTicket(tgt, serviceName("TERMSRV", "rdp.lab.test")));
  assert.equal(formatPrincipal(ticket.service), "TERMSRV/rdp.lab.test@LAB.TEST");
  assert.equal(ticket.flags & TicketFlag.forwardable, 0);
});

test("Samba AD: a member of Protected Users gets tickets of at most four hours that cannot be forwarded", async () => {
  const client = labClient();
  const tgt = granted(await client.signIn(person("carol", "LAB.TEST"), carolPassword));
  assert.ok(tgt.endtimeMs - tgt.starttimeMs <= 4 * 3_600_000, `${tgt.endtimeMs - tgt.starttimeMs} ms`);
  assert.equal(tgt.flags & (TicketFlag.forwardable | TicketFlag.renewable), 0);
  const ticket = granted(await client.getServiceTicket(tgt, serviceName("TERMSRV", "rdp.lab.test")));
  assert.ok(ticket.endtimeMs <= tgt.endtimeMs);
});

test("Samba AD: names in any case, and user principal names, are taken as the domain writes them", async () => {
  for (const name of ["ALICE", "alice@lab.test"]) {
    const tgt = granted(await labClient().signIn(person(name, "lab.test"), alicePassword));
    assert.equal(formatPrincipal(tgt.client), "alice@LAB.TEST");
  }
});

test("Samba AD: a name of a trusted forest is sent to its realm, whose MIT KDC gives the ticket", async () => {
  const nina = person("nina@other.test", "LAB.TEST");
  const client = labClient();
  const tgt = granted(await client.signIn(nina, alicePassword));
  assert.equal(formatPrincipal(tgt.client), "nina\\@other.test@OTHER.TEST");
  const ticket = granted(await client.getServiceTicket(tgt, serviceName("host", "far.other.test")));
  assert.equal(formatPrincipal(ticket.service), "host/far.other.test@OTHER.TEST");
  assert.equal(refusal(await client.signIn(nina, Buffer.from("wrong"))), "wrong-password");
});

test("Samba AD: a service's ticket under RC4 is taken, and known for what it is", async () => {
  const client = labClient();
  const tgt = granted(await client.signIn(person("alice", "LAB.TEST"), alicePassword));
  const ticket = granted(await client.getServiceTicket(tgt, serviceName("TERMSRV", "old.lab.test")));
  assert.equal(etypeName(ticket.ticketEtype), "rc4-hmac");
  assert.match(etypeName(ticket.key.etype), /^aes256/);
});

test("Samba AD: what is wrong is told apart", async () => {
  const client = labClient();
  const wrong = Buffer.from("wrong");
  assert.equal(refusal(await client.signIn(person("alice", "LAB.TEST"), wrong)), "wrong-password");
  assert.equal(refusal(await client.signIn(person("nobody-here", "LAB.TEST"), wrong)), "unknown-person");
  const tgt = granted(await client.signIn(person("alice", "LAB.TEST"), alicePassword));
  const unknown = serviceName("TERMSRV", "no-such.lab.test");
  assert.equal(refusal(await client.getServiceTicket(tgt, unknown)), "unknown-service");
});

test("Samba AD: the reason for turning someone away is the domain's own, and only told with the right password", async () => {
  const client = labClient();
  const password = Buffer.from("odd-Passw0rd");
  const reasons = { dan: "account-disabled", eve: "password-expired", fay: "account-expired" };
  for (const [name, reason] of Object.entries(reasons)) {
    const outcome = await client.signIn(person(name, "LAB.TEST"), password);
    assert.equal(refusal(outcome), reason, name);
    assert.ok(!outcome.isGranted && outcome.failure.ntStatus !== undefined, name);
  }
  const wrong = await client.signIn(person("dan", "LAB.TEST"), Buffer.from("wrong"));
  assert.equal(refusal(wrong), "wrong-password");
});

for (const clockErrorMs of [-40 * 60_000, 26 * 3_600_000])
  test(`Samba AD: a clock ${clockErrorMs / 60_000} minutes off is put right by the KDC's answer`, async () => {
    const client = labClient({ clockErrorMs });
    const tgt = granted(await client.signIn(person("alice", "LAB.TEST"), alicePassword));
    assert.ok(Math.abs(tgt.clockOffsetMs + clockErrorMs) < 10_000, `offset ${tgt.clockOffsetMs}`);
    granted(await client.getServiceTicket(tgt, serviceName("TERMSRV", "rdp.lab.test")));
  });

test("Samba AD: a Protected User comes in at our acceptor with the domain's keytab, both sides proven", async () => {
  const client = labClient();
  const tgt = granted(await client.signIn(person("carol", "LAB.TEST"), carolPassword));
  const credential = granted(await client.getServiceTicket(tgt, serviceName("HTTP", "gate.lab.test")));
  const { randomBytes } = environmentWith();
  const tools = { crypto: nodeKerberosCrypto, randomBytes };
  const keytab = readKeytab(new Uint8Array(readFileSync(path.join(labDir, "samba-ad/http.keytab"))));
  const replayCache = new ReplayCache(nodeKerberosCrypto, Date.now());
  const initiator = new SpnegoInitiator({ ...tools, credential });
  const acceptor = new SpnegoAcceptor({ ...tools, keytab, replayCache });
  const outcome = acceptor.accept(initiator.start(Date.now()), Date.now());
  assert.ok(outcome.type === "established", JSON.stringify(outcome));
  assert.equal(formatPrincipal(outcome.accepted.client), "carol@LAB.TEST");
  assert.equal(initiator.receive(outcome.token, Date.now()).type, "established");
});

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { etypeName, formatPrincipal, SUPPORTED_ETYPES, serviceName } from "@poterne/kerberos";
import { granted, labClient, person, refusal } from "../support/kerberos.ts";
import { labPasswords, startLab } from "../support/lab.ts";

before(() => startLab("mit-kdc"));

const password = Buffer.from(labPasswords.alice);
const wrong = Buffer.from("wrong");
const mit = (name: string) => person(name, "MIT.TEST");

for (const etype of SUPPORTED_ETYPES) {
  const name = etypeName(etype);
  test(`MIT: a person and a service with keys of ${name} only`, async () => {
    const client = labClient({ etypes: [etype] });
    const tgt = granted(await client.signIn(mit(name), password));
    const ticket = granted(await client.getServiceTicket(tgt, serviceName("host", `${name}.mit.test`)));
    assert.equal(tgt.key.etype, etype);
    assert.equal(ticket.key.etype, etype);
  });
}

test("MIT: with and without pre-authentication the password decides", async () => {
  const client = labClient();
  for (const name of ["alice", "proof"]) {
    const tgt = granted(await client.signIn(mit(name), password));
    assert.equal(formatPrincipal(tgt.client), `${name}@MIT.TEST`);
    assert.equal(refusal(await client.signIn(mit(name), wrong)), "wrong-password");
  }
});

test("MIT: a service of another realm is found by referral", async () => {
  const client = labClient();
  const tgt = granted(await client.signIn(mit("alice"), password));
  const ticket = granted(await client.getServiceTicket(tgt, serviceName("host", "far.other.test")));
  assert.equal(formatPrincipal(ticket.service), "host/far.other.test@OTHER.TEST");
  assert.equal(formatPrincipal(ticket.client), "alice@MIT.TEST");
  const unknown = serviceName("host", "nowhere.other.test");
  assert.equal(refusal(await client.getServiceTicket(tgt, unknown)), "unknown-service");
});

test("MIT: a service two realms away is reached by way of the one between, and no further than it knows", async () => {
  const client = labClient();
  const tgt = granted(await client.signIn(mit("alice"), password));
  const ticket = granted(await client.getServiceTicket(tgt, serviceName("host", "deep.third.test")));
  assert.equal(formatPrincipal(ticket.service), "host/deep.third.test@THIRD.TEST");
  assert.equal(formatPrincipal(ticket.client), "alice@MIT.TEST");
  const unknown = serviceName("host", "nowhere.third.test");
  assert.equal(refusal(await client.getServiceTicket(tgt, unknown)), "unknown-service");
  // The realm between is not to be found.
  const kdcs = ["MIT.TEST 127.0.0.1:1088", "OTHER.TEST 127.0.0.1:1", "THIRD.TEST 127.0.0.1:1088"];
  const cut = labClient({ settings: { kdcs } });
  const outcome = await cut.getServiceTicket(tgt, serviceName("host", "deep.third.test"));
  assert.equal(refusal(outcome), "kdc-unreachable");
});

test("MIT: what is wrong is told apart", async () => {
  const client = labClient();
  const reasons = {
    nobody: "unknown-person",
    disabled: "account-disabled",
    expired: "account-expired",
    stale: "password-expired",
    card: "preauthentication-unsupported",
    camellia: "encryption-unsupported",
  };
  for (const [name, reason] of Object.entries(reasons))
    assert.equal(refusal(await client.signIn(mit(name), password)), reason, name);
  assert.equal(refusal(await client.signIn(person("alice", "NOWHERE.TEST"), password)), "unknown-realm");
});

test("MIT: an account locked after wrong passwords is told as such, even with the right one", async () => {
  const client = labClient();
  for (let count = 0; count < 2; count++) await client.signIn(mit("guarded"), wrong);
  assert.equal(refusal(await client.signIn(mit("guarded"), password)), "account-locked");
});

for (const clockErrorMs of [-40 * 60_000, 26 * 3_600_000])
  test(`MIT: a clock ${clockErrorMs / 60_000} minutes off is put right by the KDC's answer`, async () => {
    const client = labClient({ clockErrorMs });
    for (const name of ["alice", "proof"]) {
      const tgt = granted(await client.signIn(mit(name), password));
      assert.ok(Math.abs(tgt.clockOffsetMs + clockErrorMs) < 10_000, `offset ${tgt.clockOffsetMs}`);
      granted(await client.getServiceTicket(tgt, serviceName("host", "ssh.mit.test")));
    }
  });

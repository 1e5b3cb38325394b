import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { DriverHop } from "../../packages/gateway/src/session/driver.ts";
import { makeSshDriver } from "../../packages/gateway/src/session/drivers/ssh.ts";
import { labAccess } from "../support/kerberos.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { failureOf, labHop, withDriver } from "../support/terminal.ts";

before(() => startLab("sshd-krb", "sshd"));

const WITH_TICKET = 2206;
const WRONG_KEYTAB = 2207;
const BY_PASSWORD = 2201;
const kerberos = labAccess();

function hop(port: number, changes: Partial<DriverHop> = {}): DriverHop {
  return labHop(port, {
    kerberosName: "ssh.mit.test",
    credentials: { kind: "password", username: "alice@MIT.TEST", password: labPasswords.alice },
    options: { kerberos: "only" },
    ...changes,
  });
}

test("a ticket opens a shell on OpenSSH that takes nothing else, by the account's name on the machine", async () => {
  await withDriver(makeSshDriver, [hop(WITH_TICKET)], { kerberos }, async (harness) => {
    harness.type("echo as-$(id -un)\r");
    await harness.shows("as-alice");
    assert.equal(harness.questions.length, 0);
  });
});

test("“ask me” asks for the domain's password, and again after a wrong one", async () => {
  let count = 0;
  const answer = () => [count++ === 0 ? "wrong" : labPasswords.alice];
  const ask = hop(WITH_TICKET, { credentials: { kind: "ask", username: "alice@MIT.TEST" } });
  await withDriver(makeSshDriver, [ask], { answer, kerberos }, async (harness) => {
    harness.type("echo as-$(id -un)\r");
    await harness.shows("as-alice");
    assert.equal(harness.questions.length, 2);
    assert.equal(harness.questions[1]?.details.retry, "true");
  });
});

test("a person whom the realm knows and the machine does not is refused by the machine", async () => {
  const credentials = { kind: "password", username: "proof@MIT.TEST", password: labPasswords.alice } as const;
  const { code, details } = await failureOf(makeSshDriver, [hop(WITH_TICKET, { credentials })], { kerberos });
  assert.equal(code, "kerberos-target-refused");
  assert.equal(details.reason, "refused");
});

test("under “first” a machine that takes no tickets gets the password", async () => {
  const first = hop(BY_PASSWORD, { options: { kerberos: "first" } });
  await withDriver(makeSshDriver, [first], { kerberos }, async (harness) => {
    harness.type("echo as-$(id -un)\r");
    await harness.shows("as-alice");
  });
});

test("under “only” it does not, and that is said", async () => {
  const { code, details } = await failureOf(makeSshDriver, [hop(BY_PASSWORD)], { kerberos });
  assert.equal(code, "kerberos-target-refused");
  assert.equal(details.reason, "kerberos-not-offered");
});

test("a machine that cannot open the ticket, an address, and a wrong password are told apart", async () => {
  const codeOf = async (...hops: [DriverHop]) => (await failureOf(makeSshDriver, hops, { kerberos })).code;
  assert.equal(await codeOf(hop(WRONG_KEYTAB)), "kerberos-target-refused");
  assert.equal(await codeOf(hop(WITH_TICKET, { kerberosName: "127.0.0.1" })), "kerberos-name-needed");
  assert.equal(await codeOf(hop(WITH_TICKET, { kerberosName: "no.mit.test" })), "kerberos-service-unknown");
  const credentials = { kind: "password", username: "proof@MIT.TEST", password: "wrong" } as const;
  assert.equal(await codeOf(hop(WITH_TICKET, { credentials })), "kerberos-wrong-password");
});

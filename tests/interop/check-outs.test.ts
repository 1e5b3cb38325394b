import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { endCodeOf } from "../support/evidence.ts";
import { TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { HeadlessViewer } from "../support/viewer.ts";

// A shared account on the lab's OpenSSH: sessions with it need a check-out, and end with it.

let gateway: TestGateway;
let chief: TestPerson;
let ada: TestPerson;
let target: GrantedTarget;

before(async () => {
  startLab("sshd");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  ada = await enrolPerson(gateway, chief, { login: "ada", name: "Ada", roles: ["user"] });
  const { personId } = ada;
  target = await grantTarget(chief.api, {
    protocol: "ssh",
    port: 2201,
    personId,
    password: labPasswords.alice,
  });
  const { version } = await chief.api.must<{ version: number }>(
    "GET",
    `/api/v1/accounts/${target.accountId}`,
  );
  await chief.api.must("PUT", `/api/v1/accounts/${target.accountId}/checkout-rule`, {
    version,
    maxMinutes: 60,
    changesAfterReturn: false,
  });
});
after(() => gateway?.stop());

const codeOf = ({ body }: { body: unknown }) => (body as { code?: string }).code;
const take = () =>
  ada.api.must("POST", "/api/v1/my/checkouts", { accountId: target.accountId, reason: "Panne", minutes: 30 });

async function openLive() {
  const sessionId = await openSession(ada.api, target);
  const viewer = await HeadlessViewer.attach(ada.api, sessionId);
  await viewer.untilOpen();
  return { sessionId, viewer };
}

test("no session opens with a shared account that was not checked out", async () => {
  const refused = await ada.api.call("POST", "/api/v1/sessions", { targetId: target.targetId });
  assert.equal(codeOf(refused), "checkout-needed");
});

test("a session opens with the check-out, and ends when the account is given back", async () => {
  await take();
  const { sessionId, viewer } = await openLive();
  await ada.api.must("DELETE", `/api/v1/my/checkouts/${target.accountId}`, {});
  await eventually("the session's end", async () => viewer.closed !== null);
  assert.equal(await endCodeOf(ada.api, sessionId), "checkout-over");
});

test("an administrator takes the account back: the session ends, and the journal says who and why", async () => {
  await take();
  const { sessionId, viewer } = await openLive();
  await chief.api.must("POST", `/api/v1/accounts/${target.accountId}/checkouts/end`, { reason: "astreinte" });
  await eventually("the session's end", async () => viewer.closed !== null);
  assert.equal(await endCodeOf(ada.api, sessionId), "checkout-over");
  const { items } = await chief.api.must<{ items: { details: Record<string, unknown> }[] }>(
    "GET",
    "/api/v1/journal?kind=account.taken-back",
  );
  assert.deepEqual([items[0]?.details.person, items[0]?.details.reason], ["Ada", "astreinte"]);
});

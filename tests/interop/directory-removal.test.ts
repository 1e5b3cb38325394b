import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CutLine } from "../support/cut-line.ts";
import { openSession } from "../support/demo.ts";
import { endCodeOf } from "../support/evidence.ts";
import { ApiClient, TestGateway } from "../support/gateway.ts";
import { grantTarget, personIdOf } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { addToSlapd, deleteFromSlapd, slapdConfig } from "../support/ldap.ts";
import { codeNow, enrolAdministrator, type TestPerson } from "../support/people.ts";
import { HeadlessViewer } from "../support/viewer.ts";

// A live SSH session of somebody of the lab's OpenLDAP: it outlives a directory that is away, and ends when its person
// is removed from it. The provider looks every minute, a node every half minute.

const DN = "uid=leaver,ou=people,dc=lab,dc=test";
const PASSWORD = "Quai-des-Brumes-leaver";
/** A minute until a person is due, half a minute between two looks, and what a loaded machine adds. */
const WITHIN_MS = 60_000 + 30_000 + 30_000;

interface State {
  readonly state: string;
  readonly csrfToken?: string;
}

let gateway: TestGateway;
let chief: TestPerson;
let line: CutLine;

before(async () => {
  startLab("sshd", "slapd");
  const userPassword = PASSWORD;
  await addToSlapd({ [DN]: { objectClass: "inetOrgPerson", cn: "Who leaves", sn: "Lab", userPassword } });
  line = await CutLine.to("ldaps://127.0.0.1:1636");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  const config = slapdConfig({ servers: [{ host: "127.0.0.1", port: line.port }], recheckMinutes: 1 });
  const body = { name: "slapd", config };
  const { providerId } = await chief.api.must<{ providerId: string }>(
    "POST",
    "/api/v1/identity-providers",
    body,
  );
  const url = `/api/v1/identity-providers/${providerId}`;
  const secret = { secret: labPasswords.bob };
  const { revision } = await chief.api.must<{ revision: number }>("POST", `${url}/secret`, secret);
  await chief.api.must("PATCH", url, { revision, isEnabled: true });
});
after(async () => {
  line?.close();
  await gateway?.stop();
});

async function enter(): Promise<ApiClient> {
  const api = new ApiClient(gateway);
  const asked = await api.must<State>("POST", "/api/v1/sign-in/password", {
    login: "leaver",
    password: PASSWORD,
  });
  assert.equal(asked.state, "enrolment-needed");
  api.csrfToken = asked.csrfToken ?? "";
  const { factorId, secret } = await api.must<{ factorId: string; secret: string }>(
    "POST",
    "/api/v1/me/totp",
    {},
  );
  await api.must("POST", `/api/v1/me/totp/${factorId}/confirm`, { code: codeNow(secret), name: "test" });
  const done = await api.must<State>("GET", "/api/v1/sign-in");
  api.csrfToken = done.csrfToken ?? "";
  return api;
}

async function within(what: string, isSo: () => Promise<boolean> | boolean): Promise<number> {
  const startedMs = Date.now();
  while (!(await isSo())) {
    assert.ok(Date.now() - startedMs < WITHIN_MS, `not within ${WITHIN_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return Date.now() - startedMs;
}

const count = async (kind: string) =>
  (await chief.api.must<{ items: unknown[] }>("GET", `/api/v1/journal?kind=${kind}`)).items.length;

test("a directory that is away ends no session, and a removal ends it within the set time", async () => {
  const api = await enter();
  const personId = await personIdOf(api);
  const wish = { protocol: "ssh", port: 2201, personId, password: labPasswords.alice } as const;
  const target = await grantTarget(chief.api, wish);
  const sessionId = await openSession(api, target);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  await viewer.untilOpen();
  line.cut();
  await within("the directory counts as away", async () => (await count("provider.away")) > 0);
  // Another look while it is away, and the session's own deciding again.
  await new Promise((resolve) => setTimeout(resolve, 35_000));
  assert.equal(viewer.closed, null, "away is not gone");
  assert.equal((await api.call("GET", "/api/v1/my/machines")).status, 200, "and the sign-in holds");
  line.mend();
  await deleteFromSlapd(DN);
  const tookMs = await within("the session ends", () => viewer.closed !== null);
  assert.equal(await endCodeOf(chief.api, sessionId), "ended-by-revocation");
  assert.equal((await api.call("GET", "/api/v1/my/machines")).status, 401);
  assert.ok(tookMs < WITHIN_MS);
  assert.equal(await count("person.barred"), 1);
});

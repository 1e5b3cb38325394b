import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { endCodeOf } from "../support/evidence.ts";
import { ApiClient, TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { codeNow, enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { HeadlessViewer } from "../support/viewer.ts";

// A gateway behind a trusted proxy (the test), which names where each request comes from (ANSSI R11).

const OFFICE = "192.0.2.7";
const ELSEWHERE = "198.51.100.9";
const NOBODY = "203.0.113.1";

let gateway: TestGateway;
let chief: TestPerson;
let ada: TestPerson;
let target: GrantedTarget;

before(async () => {
  startLab("sshd");
  // The portal answers the two test networks and the loopback on which the test itself sets things up.
  gateway = await TestGateway.start([
    "--set",
    "trustedProxies=127.0.0.0/8,::1",
    "--set",
    "signIn.allowedSources=127.0.0.0/8,::1,192.0.2.0/24,198.51.100.0/24",
  ]);
  chief = await enrolAdministrator(gateway);
  ada = await enrolPerson(gateway, chief, { login: "ada", name: "Ada", roles: ["user"] });
  const { personId } = ada;
  target = await grantTarget(chief.api, {
    protocol: "ssh",
    port: 2201,
    personId,
    password: labPasswords.alice,
  });
});
after(() => gateway?.stop());

const setList = (kind: string, objectId: string, networks: string[]) =>
  chief.api.must("PUT", `/api/v1/source-lists/${kind}/${objectId}`, { networks });
const codeOf = ({ body }: { body: unknown }) => (body as { code?: string }).code;
const journal = async (kind: string) =>
  (await chief.api.must<{ items: { sourceAddress: string }[] }>("GET", `/api/v1/journal?kind=${kind}`)).items;

test("the portal answers nobody from elsewhere, whoever they say they are", async () => {
  const api = new ApiClient(gateway);
  api.forwardedFor = NOBODY;
  assert.equal(codeOf(await api.call("GET", "/api/v1/sign-in")), "source-refused");
  api.forwardedFor = `${OFFICE}, ${NOBODY}`;
  assert.equal(codeOf(await api.call("GET", "/api/v1/sign-in")), "source-refused", "a forged first hop");
  api.forwardedFor = `${NOBODY}, ${OFFICE}`;
  assert.equal((await api.call("GET", "/api/v1/sign-in")).status, 200);
});

test("a person's list holds at sign-in, told only to who knows the password, and with every request", async () => {
  await setList("person", ada.personId, ["192.0.2.0/24"]);
  const api = new ApiClient(gateway);
  const signIn = (password: string) =>
    api.call<{ state?: string; csrfToken?: string }>("POST", "/api/v1/sign-in/password", {
      login: ada.login,
      password,
    });
  api.forwardedFor = ELSEWHERE;
  assert.equal(codeOf(await signIn("wrong")), "sign-in-refused");
  assert.equal(codeOf(await signIn(ada.password)), "source-refused");
  assert.equal((await journal("sign-in.source-refused"))[0]?.sourceAddress, ELSEWHERE);
  api.forwardedFor = `::ffff:${OFFICE}`;
  const begun = await signIn(ada.password);
  assert.equal(begun.body.state, "factor-needed");
  api.csrfToken = begun.body.csrfToken ?? "";
  // The code of the enrolment's own step is used up; the next one's is taken too.
  const code = codeNow(ada.totpSecret, 1);
  const done = await api.must<{ state: string; csrfToken: string }>("POST", "/api/v1/sign-in/totp", { code });
  assert.equal(done.state, "signed-in");
  api.csrfToken = done.csrfToken;
  assert.equal((await api.call("GET", "/api/v1/my/machines")).status, 200);
  api.forwardedFor = ELSEWHERE;
  assert.equal(
    codeOf(await api.call("GET", "/api/v1/my/machines")),
    "source-refused",
    "a cookie carried off",
  );
  api.forwardedFor = OFFICE;
  assert.equal((await api.call("GET", "/api/v1/my/machines")).status, 200, "and is good where it belongs");
  await setList("person", ada.personId, []);
});

test("a target's list holds at the opening and at a re-attach, and a change ends the live session", async () => {
  await setList("target", target.targetId, ["192.0.2.0/24"]);
  const { api } = ada;
  api.forwardedFor = ELSEWHERE;
  assert.equal((await api.call("POST", "/api/v1/sessions", { targetId: target.targetId })).status, 403);
  const why = await api.must<{ reasons: { hint: { of: string; networks: string[] } }[] }>(
    "GET",
    `/api/v1/my/targets/${target.targetId}/why`,
  );
  assert.deepEqual(why.reasons[0]?.hint, { kind: "from", of: "target", networks: ["192.0.2.0/24"] });
  api.forwardedFor = OFFICE;
  const sessionId = await openSession(api, target);
  const tickets = `/api/v1/sessions/${sessionId}/tickets`;
  api.forwardedFor = ELSEWHERE;
  assert.equal(codeOf(await api.call("POST", tickets, { role: "controller" })), "source-refused");
  // The WebSocket comes without the proxy's header: a ticket of another address does not open it.
  api.forwardedFor = null;
  await setList("target", target.targetId, ["192.0.2.0/24", "127.0.0.0/8", "::1"]);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  await viewer.untilOpen();
  await setList("target", target.targetId, ["192.0.2.0/24"]);
  await eventually("the session's end", async () => viewer.closed !== null);
  assert.equal(await endCodeOf(api, sessionId), "source-refused");
});

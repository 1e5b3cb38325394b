import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Channel, type Frame, FrameFlag } from "@poterne/wire";
import { openSession } from "../support/demo.ts";
import { TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { projectRoot, startLab } from "../support/lab.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { makeViewer, runWorkload, sleep, untilSame } from "../support/vnc-peer.ts";

const DISPLAY = ":45";
/** A second by the specification, with room for a machine that runs other things. */
const JOIN_WITHIN_MS = 3_000;
/** A withdrawn grant is noticed within five seconds. */
const REVOKED_WITHIN_MS = 8_000;
const AT_ONCE_MS = 2_000;

let gateway: TestGateway;
let chief: TestPerson;
/** Who works. */
let ada: TestPerson;
/** Who watches and guards: an approver has `sessions:watch` and `sessions:guard`. */
let guido: TestPerson;
let ssh: GrantedTarget;
let vnc: GrantedTarget;
before(async () => {
  startLab("sshd", "telnet", "vnc");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  ada = await enrolPerson(gateway, chief, { login: "ada", name: "Ada", roles: ["user"] });
  guido = await enrolPerson(gateway, chief, { login: "guido", name: "Guido", roles: ["approver"] });
  ssh = await grantSsh({});
  // Lossless, so that no decoder needs JPEG and pictures must agree to the last bit.
  vnc = await grantTarget(chief.api, {
    protocol: "vnc",
    port: 5945,
    personId: ada.personId,
    username: "",
    password: "vnc-pass",
    options: { quality: null },
  });
});
after(() => gateway.stop());

function grantSsh(rules: Readonly<Record<string, unknown>>, person = ada): Promise<GrantedTarget> {
  const { personId } = person;
  const wish = { protocol: "ssh", port: 2201, personId, password: "alice-Passw0rd", rules } as const;
  return grantTarget(chief.api, wish);
}

/** Ada at work, with an open session. */
async function work(target: GrantedTarget) {
  const sessionId = await openSession(ada.api, target);
  const viewer = await HeadlessViewer.attach(ada.api, sessionId);
  await viewer.untilOpen();
  return { sessionId, viewer };
}

/** Ends a session and waits until its page was told. */
async function leave(viewer: HeadlessViewer): Promise<void> {
  viewer.control({ type: "end" });
  await viewer.until("the end", ({ closed }) => closed !== null);
}

/** Decodes a viewer's picture as the page does. */
function drawPicture(viewer: HeadlessViewer) {
  const screen = makeViewer();
  let [hasStarted, entries] = [false, 0];
  viewer.onFrame = ({ channel, flags, payload }: Frame) => {
    if ((flags & FrameFlag.entryStart) !== 0) hasStarted = true;
    if ((flags & FrameFlag.entryEnd) !== 0) entries++;
    const isPicture = channel === Channel.picture || channel === Channel.pointer;
    if (hasStarted && isPicture) screen.decoder.push(payload.slice());
  };
  return { screen, entries: () => entries };
}

/** Names of the viewers somebody was last told of. */
const toldOf = (viewer: HeadlessViewer) => viewer.find("viewers")?.viewers.map(({ name }) => name) ?? [];

test("an observer with the right joins a terminal in mid-stream and sees its screen; one without is refused", async () => {
  const { sessionId, viewer } = await work(ssh);
  viewer.type("printf 'seen-%s\\n' early\r");
  await viewer.until("output", ({ text }) => text.includes("seen-early"));
  const startedAt = performance.now();
  const observer = await HeadlessViewer.attach(guido.api, sessionId, { role: "observer" });
  await observer.until("the screen", ({ text }) => text.includes("seen-early"));
  assert.ok(performance.now() - startedAt < JOIN_WITHIN_MS);
  viewer.type("printf 'seen-%s\\n' late\r");
  await observer.until("what comes", ({ text }) => text.includes("seen-late"));
  const other = await enrolPerson(gateway, chief, {
    login: "otto",
    name: "Otto",
    roles: ["user", "auditor"],
  });
  for (const role of ["controller", "observer", "guardian"]) {
    const { status } = await other.api.call("POST", `/api/v1/sessions/${sessionId}/tickets`, { role });
    assert.equal(status, 404, role);
  }
  await leave(viewer);
  assert.equal(observer.find("ended")?.code, "left");
});

test("an observer of a desktop sees the controller's picture, which is the target's, to the last pixel", async () => {
  const sessionId = await openSession(ada.api, vnc);
  const controller = await HeadlessViewer.attach(ada.api, sessionId, { keepsFrames: false });
  const own = drawPicture(controller);
  await controller.untilOpen();
  await controller.until("the first picture", () => own.entries() > 0);
  const busy = runWorkload(projectRoot, DISPLAY, "drag", 3);
  await sleep(1000);
  const startedAt = performance.now();
  const observer = await HeadlessViewer.attach(guido.api, sessionId, {
    role: "observer",
    keepsFrames: false,
  });
  const seen = drawPicture(observer);
  await observer.until("the observer's picture", () => seen.entries() > 0);
  const joinMs = performance.now() - startedAt;
  await busy;
  for (const place of [90, 3]) {
    controller.input({ type: "pointer", x: place, y: place, buttons: 0 });
    await sleep(300);
  }
  await sleep(1000);
  await Promise.all([own.screen.decoder.idle(), seen.screen.decoder.idle()]);
  assert.deepEqual([...own.screen.errors, ...seen.screen.errors], []);
  await untilSame(() => own.screen.decoder.surface(), DISPLAY, "the controller");
  await untilSame(() => seen.screen.decoder.surface(), DISPLAY, "the observer");
  assert.ok(joinMs < JOIN_WITHIN_MS, `${joinMs} ms`);
  await leave(controller);
});

test("control is handed over and taken back; only who has it is heard", async () => {
  const { sessionId, viewer } = await work(ssh);
  const observer = await HeadlessViewer.attach(guido.api, sessionId, { role: "observer" });
  await observer.until("the greeting", ({ status }) => status.some(({ type }) => type === "hello"));
  observer.type("echo stolen-$((1+1))\r");
  observer.control({ type: "take-control" });
  viewer.type("echo mine-$((1+1))\r");
  await viewer.until("own input", ({ text }) => text.includes("mine-2"));
  viewer.control({ type: "give-control", viewerId: observer.find("hello")?.viewerId ?? "?" });
  const hasControl = (name: string) =>
    viewer.find("viewers")?.viewers.find((other) => other.name === name)?.hasControl;
  await viewer.until("control given", () => hasControl("Guido") === true);
  viewer.type("echo unheard-$((1+1))\r");
  observer.type("echo lent-$((1+1))\r");
  await viewer.until("the other's input", ({ text }) => text.includes("lent-2"));
  viewer.control({ type: "take-control" });
  await viewer.until("control taken back", () => hasControl("Ada") === true && hasControl("Guido") === false);
  observer.type("echo toolate-$((1+1))\r");
  viewer.type("echo again-$((1+1))\r");
  await viewer.until("own input again", ({ text }) => text.includes("again-2"));
  for (const word of ["stolen", "unheard", "toolate"]) assert.equal(viewer.text.includes(word), false, word);
  await leave(viewer);
});

test("a guardian pauses input, sends a message and ends the session; the person is told who", async () => {
  const { sessionId, viewer } = await work(ssh);
  const guardian = await HeadlessViewer.attach(guido.api, sessionId, { role: "guardian" });
  await guardian.until("the screen", ({ frames }) => frames.some(({ channel }) => channel === Channel.text));
  guardian.control({ type: "pause", isPaused: true });
  await viewer.until("the pause", () => viewer.find("paused")?.isPaused === true);
  assert.equal(viewer.find("paused")?.by, "Guido");
  viewer.type("echo paused-$((1+1))\r");
  await sleep(500);
  await guido.api.must("POST", `/api/v1/sessions/${sessionId}/pause`, { isPaused: false });
  await viewer.until("the end of the pause", () => viewer.find("paused")?.isPaused === false);
  viewer.type("echo resumed-$((1+1))\r");
  await viewer.until("input again", ({ text }) => text.includes("resumed-2"));
  assert.equal(viewer.text.includes("paused-2"), false);
  guardian.control({ type: "message", text: "Attention au RAID" });
  await viewer.until("the message", () => viewer.find("message") !== undefined);
  assert.deepEqual(viewer.find("message"), { type: "message", from: "Guido", text: "Attention au RAID" });
  guardian.control({ type: "end" });
  await viewer.until("the end", ({ closed }) => closed !== null);
  assert.equal(viewer.find("ended")?.code, "ended-by-guardian");
  assert.equal(viewer.find("ended")?.details.by, "Guido");
  const { items } = await chief.api.must<{ items: { kind: string; actor: { name: string } }[] }>(
    "GET",
    `/api/v1/journal?sessionId=${sessionId}&limit=100`,
  );
  for (const kind of ["session.paused", "session.resumed", "session.message", "session.ended-by-guardian"])
    assert.ok(
      items.some((entry) => entry.kind === kind && entry.actor.name === "Guido"),
      kind,
    );
});

test("four eyes: the session waits for its guardian, is not opened before, and pauses when the guardian leaves", async () => {
  const target = await grantSsh({ needsGuardian: true });
  const sessionId = await openSession(ada.api, target);
  const viewer = await HeadlessViewer.attach(ada.api, sessionId);
  await viewer.until("the wait", ({ status }) =>
    status.some(
      (message) => message.type === "step" && message.name === "guardian" && message.state === "running",
    ),
  );
  const own = await ada.api.call("POST", `/api/v1/sessions/${sessionId}/tickets`, { role: "guardian" });
  assert.ok(own.status === 403 || own.status === 404, "nobody guards his own session");
  await sleep(500);
  assert.equal(viewer.find("open"), undefined);
  const { state } = await guido.api.must<{ state: string }>("GET", `/api/v1/sessions/${sessionId}`);
  assert.equal(state, "waiting");
  const guardian = await HeadlessViewer.attach(guido.api, sessionId, { role: "guardian" });
  await viewer.untilOpen();
  guardian.close();
  await viewer.until("the pause", () => viewer.find("paused")?.isPaused === true);
  const again = await HeadlessViewer.attach(guido.api, sessionId, { role: "guardian" });
  await viewer.until("the end of the pause", () => viewer.find("paused")?.isPaused === false);
  again.control({ type: "end" });
  await viewer.until("the end", ({ closed }) => closed !== null);
});

test("the person is told who watches, unless policy says not to", async () => {
  for (const tellWatched of [true, false]) {
    const { sessionId, viewer } = await work(await grantSsh({ tellWatched }));
    const observer = await HeadlessViewer.attach(guido.api, sessionId, { role: "observer" });
    await observer.until("the list", () => toldOf(observer).includes("Guido"));
    if (tellWatched) await viewer.until("the list", () => toldOf(viewer).includes("Guido"));
    else await sleep(1000);
    const told = viewer.status.flatMap((message) => (message.type === "viewers" ? message.viewers : []));
    assert.equal(
      told.some(({ name }) => name === "Guido"),
      tellWatched,
    );
    assert.equal(
      viewer.text.includes("Guido") ||
        viewer.frames.some(
          ({ channel, payload }) => channel === Channel.marker && Buffer.from(payload).includes("Guido"),
        ),
      tellWatched,
      "the markers of the stream",
    );
    await leave(viewer);
  }
});

test("a withdrawn grant ends the session within seconds, and its words say so", async () => {
  const target = await grantSsh({});
  const { viewer } = await work(target);
  const other = await work(ssh);
  const startedAt = performance.now();
  await chief.api.must("DELETE", `/api/v1/grants/${target.grantId}`);
  await viewer.until("the end", ({ closed }) => closed !== null, REVOKED_WITHIN_MS);
  assert.equal(viewer.find("ended")?.code, "ended-by-revocation");
  console.log(`withdrawn: ended after ${Math.round(performance.now() - startedAt)} ms`);
  const { status, body } = await ada.api.call<{ code: string }>("POST", "/api/v1/sessions", {
    targetId: target.targetId,
  });
  assert.deepEqual([status, body.code], [403, "access-refused"]);
  assert.equal(other.viewer.closed, null);
  await leave(other.viewer);
});

test("disabling a person ends their sessions at once, live viewers of others included", async () => {
  const eve = await enrolPerson(gateway, chief, { login: "eve", name: "Eve", roles: ["user"] });
  const target = await grantSsh({}, eve);
  const sessionId = await openSession(eve.api, target);
  const viewer = await HeadlessViewer.attach(eve.api, sessionId);
  await viewer.untilOpen();
  const startedAt = performance.now();
  await chief.api.must("PATCH", `/api/v1/people/${eve.personId}`, { isDisabled: true });
  await viewer.until("the end", ({ closed }) => closed !== null);
  assert.ok(performance.now() - startedAt < AT_ONCE_MS, `${performance.now() - startedAt} ms`);
  assert.equal(viewer.find("ended")?.code, "ended-by-revocation");
  assert.equal((await eve.api.call("GET", "/api/v1/my/machines")).status, 401);
});

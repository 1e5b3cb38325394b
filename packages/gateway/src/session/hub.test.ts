import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@poterne/contract";
import { Channel, FrameFlag, NO_GUARDIAN } from "@poterne/wire";
import { HubRig, settle, type TestViewer } from "./testing/hub-rig.ts";
import { CloseCode } from "./viewer-link.ts";

test("a session connects when its person attaches, and records before it shows", async () => {
  const rig = new HubRig();
  assert.equal(rig.driver, null);
  const owner = await rig.open();
  assert.equal(rig.hub.state, "open");
  rig.show("hello");
  assert.equal(rig.recorder.frames.at(-1)?.channel, Channel.text);
  assert.equal(owner.shown, "", "frames of one turn go out together");
  await settle();
  assert.equal(owner.shown, "hello");
});

test("the steps are told in order and again to a viewer that comes later", async () => {
  const rig = new HubRig();
  await rig.open();
  const again = rig.attach("owner", "controller");
  const names = again.status.filter((message) => message.type === "step").map((message) => message.name);
  assert.deepEqual(names, ["policy", "recording", "open"]);
  assert.ok(again.last("open"));
});

test("a policy that must record refuses the session when there is no place to record", async () => {
  const rig = new HubRig({ recording: "must" });
  rig.recorderFailure = new Failure("journal-unavailable");
  const owner = await rig.open();
  assert.equal(owner.last("ended")?.code, "journal-unavailable");
  assert.equal(rig.driver, null, "nothing was connected");
});

test("a policy that should record goes on with a warning", async () => {
  const rig = new HubRig({ recording: "should" });
  rig.recorderFailure = new Failure("journal-unavailable");
  const owner = await rig.open();
  assert.equal(owner.last("warning")?.code, "recording-stopped");
  assert.equal(rig.hub.state, "open");
});

test("a recording that fails in mid-session ends a session that must be recorded", async () => {
  const rig = new HubRig({ recording: "must" });
  const owner = await rig.open();
  rig.onRecorderFailure(new Error("disk full"));
  await settle();
  assert.equal(owner.last("ended")?.code, "recording-failed");
  assert.equal(rig.driver?.isClosed, true);
});

test("only the viewer with control is heard", async () => {
  const rig = new HubRig();
  const owner = await rig.open();
  const observer = rig.attach("watcher", "observer");
  rig.press(observer, "no");
  rig.press(owner, "yes");
  assert.deepEqual(rig.driver?.inputs.filter(({ type }) => type === "text").length, 1);
});

test("nothing is heard in a read-only session, but its size may change", async () => {
  const rig = new HubRig({ readOnly: true });
  const owner = await rig.open();
  rig.press(owner, "x");
  rig.hub.handleInput(
    owner.link,
    [{ type: "resize", columns: 90, rows: 20, widthPx: 1, heightPx: 1 }],
    new Uint8Array(),
  );
  assert.deepEqual(
    rig.driver?.inputs.map(({ type }) => type),
    ["resize"],
  );
});

test("a reload re-attaches within the grace time and replaces the older page", async () => {
  const rig = new HubRig({ graceSeconds: 60 });
  const first = await rig.open();
  rig.hub.detach(first.link);
  assert.equal(rig.hub.state, "detached");
  rig.advance(59_000);
  const second = rig.attach("owner", "controller");
  assert.equal(rig.hub.state, "open");
  const third = rig.attach("owner", "controller");
  assert.equal(second.closed?.code, CloseCode.replaced);
  rig.press(third, "x");
  assert.equal(rig.driver?.inputs.at(-1)?.type, "text");
});

test("a browser that does not come back ends the session after the grace time", async () => {
  const rig = new HubRig({ graceSeconds: 60 });
  const owner = await rig.open();
  rig.hub.detach(owner.link);
  rig.advance(60_000);
  await settle();
  assert.equal(rig.hub.endReason?.code, "grace-over");
  assert.equal(rig.recorder.finishedWith, "grace-over");
  assert.equal(rig.endedCount, 1);
});

test("a late viewer gets nothing until the entry point, then everything after it", async () => {
  const rig = new HubRig();
  const owner = await rig.open();
  rig.show("before ");
  const observer = rig.attach("watcher", "observer");
  assert.equal(rig.driver?.entryRequests, 1);
  rig.show("between ");
  rig.show("SCREEN ", FrameFlag.entryStart | FrameFlag.entryEnd);
  rig.show("after");
  await settle();
  assert.equal(observer.shown, "SCREEN |after");
  assert.equal(
    owner.shown,
    "before |between |after",
    "a terminal's entry is not shown to who is already there",
  );
});

test("an entry point of a desktop is drawn by everyone", async () => {
  const rig = new HubRig({}, "desktop");
  const owner = await rig.open();
  rig.show("FULL", FrameFlag.entryStart | FrameFlag.entryEnd);
  rig.show("+");
  await settle();
  assert.equal(owner.shown, "FULL|+");
});

test("a slow observer is dropped to the next entry point and never slows the controller", async () => {
  const rig = new HubRig({}, "desktop");
  const owner = await rig.open();
  const slow = rig.attach("slow", "observer");
  rig.show("E", FrameFlag.entryStart | FrameFlag.entryEnd);
  await settle();
  const megabyte = "m".repeat(1024 * 1024);
  let sent = 1;
  for (let index = 0; index < 12; index++) {
    rig.show(megabyte);
    await settle();
    sent += megabyte.length;
    rig.hub.handleAcknowledgement(owner.link, sent);
  }
  assert.equal(slow.link.state, "waiting");
  assert.equal(owner.link.state, "live");
  assert.equal(rig.driver?.flows.at(-1)?.queuedBytes, 0);
});

test("the driver hears of the controller's queue and of the recorder's, whichever is longer", async () => {
  const rig = new HubRig({}, "desktop");
  const owner = await rig.open();
  rig.show("E", FrameFlag.entryStart | FrameFlag.entryEnd);
  rig.show("x".repeat(200_000));
  await settle();
  rig.show("y");
  assert.ok((rig.driver?.flows.at(-1)?.queuedBytes ?? 0) >= 200_000);
  rig.hub.handleAcknowledgement(owner.link, 200_001);
  rig.recorder.queuedBytes = 600_000;
  rig.hub.handleAcknowledgement(owner.link, 200_001);
  assert.equal(rig.driver?.flows.at(-1)?.queuedBytes, 600_000);
});

test("the recording is given an entry point after much change or a minute", async () => {
  const rig = new HubRig();
  await rig.open();
  const before = rig.driver?.entryRequests ?? 0;
  rig.recorder.sinceEntryPoint = { changedBytes: 9_000_000, timeMs: 0 };
  rig.advance(1000);
  assert.equal(rig.driver?.entryRequests, before + 1);
  rig.recorder.sinceEntryPoint = { changedBytes: 10, timeMs: 0 };
  rig.advance(61_000);
  assert.equal(rig.driver?.entryRequests, before + 2);
});

test("control is lent and taken back, and what is held down is released", async () => {
  const rig = new HubRig();
  const owner = await rig.open();
  const helper = rig.attach("helper", "observer");
  rig.control(owner, { type: "give-control", viewerId: "helper" });
  rig.press(owner, "a");
  rig.press(helper, "b");
  assert.deepEqual(
    rig.driver?.inputs.map(({ type }) => type),
    ["release", "text"],
  );
  rig.control(helper, { type: "give-control", viewerId: "helper" });
  rig.control(owner, { type: "take-control" });
  rig.press(owner, "c");
  assert.equal(owner.link.hasControl, true);
  assert.ok(rig.notes.some(({ kind }) => kind === "session.control-given"));
});

test("control lent to a viewer that leaves goes back to the person", async () => {
  const rig = new HubRig();
  const owner = await rig.open();
  const helper = rig.attach("helper", "observer");
  rig.control(owner, { type: "give-control", viewerId: "helper" });
  rig.hub.detach(helper.link);
  assert.equal(owner.link.hasControl, true);
});

test("a guardian pauses, speaks and ends; an observer can do none of it", async () => {
  const rig = new HubRig();
  const owner = await rig.open();
  const observer = rig.attach("watcher", "observer");
  const guardian = rig.attach("guard", "guardian");
  rig.control(observer, { type: "pause", isPaused: true });
  rig.control(observer, { type: "message", text: "psst" });
  rig.control(observer, { type: "end" });
  assert.equal(rig.hub.isPaused, false);
  assert.equal(owner.last("message"), undefined);
  rig.control(guardian, { type: "pause", isPaused: true });
  rig.press(owner, "x");
  assert.equal(
    rig.driver?.inputs.some(({ type }) => type === "text"),
    false,
  );
  rig.control(guardian, { type: "message", text: "stop" });
  assert.equal(owner.last("message")?.text, "stop");
  rig.control(guardian, { type: "end" });
  await settle();
  assert.deepEqual(owner.last("ended")?.details, { by: "guard" });
});

test("four eyes: the session waits for the guardian and pauses when the last one leaves", async () => {
  const rig = new HubRig({ needsGuardian: true });
  const owner = await rig.open();
  assert.equal(rig.hub.state, "waiting");
  assert.equal(rig.driver, null);
  const guardian = rig.attach("guard", "guardian");
  await settle();
  assert.equal(rig.hub.state, "open");
  rig.hub.detach(guardian.link);
  assert.deepEqual(owner.last("paused"), { type: "paused", isPaused: true, by: NO_GUARDIAN });
  rig.attach("guard2", "guardian");
  assert.equal(owner.last("paused")?.isPaused, false);
});

test("four eyes: a guardian who never comes ends the wait", async () => {
  const rig = new HubRig({ needsGuardian: true });
  const owner = await rig.open();
  rig.advance(600_000);
  await settle();
  assert.equal(owner.last("ended")?.code, "no-guardian");
  assert.equal(rig.driver, null);
});

test("a silent observer is not shown to the person watched when policy says so", async () => {
  const rig = new HubRig({ tellWatched: false });
  const owner = await rig.open();
  const observer = rig.attach("watcher", "observer");
  assert.deepEqual(
    owner.last("viewers")?.viewers.map(({ name }) => name),
    ["owner"],
  );
  assert.equal(observer.last("viewers")?.viewers.length, 2);
  assert.ok(
    rig.notes.some(({ kind }) => kind === "session.watch-joined"),
    "but it is journaled",
  );
});

test("a question goes to who has control, its answer to the driver only", async () => {
  const rig = new HubRig();
  let answer: readonly string[] | null = null;
  rig.prepareDriver = (driver) => {
    driver.beforeOpen = async () => {
      answer = await driver.host.ask({
        kind: "credentials",
        details: {},
        fields: [{ prompt: "Password", echo: false }],
      });
    };
  };
  const owner = await rig.open();
  const observer = rig.attach("watcher", "observer");
  const question = owner.last("question")?.question;
  assert.equal(observer.last("question"), undefined);
  rig.control(observer, { type: "answer", questionId: question?.questionId ?? "", values: ["stolen"] });
  rig.control(owner, { type: "answer", questionId: question?.questionId ?? "", values: ["hunter2"] });
  await settle();
  assert.deepEqual(answer, ["hunter2"]);
  const recorded = Buffer.concat(rig.recorder.frames.map(({ payload }) => payload)).toString();
  assert.equal(recorded.includes("hunter2"), false);
});

test("an unanswered question is refused after two minutes", async () => {
  const rig = new HubRig();
  let answer: readonly string[] | null | undefined;
  rig.prepareDriver = (driver) => {
    driver.beforeOpen = async () => {
      answer = await driver.host.ask({
        kind: "credentials",
        details: {},
        fields: [{ prompt: "Password", echo: false }],
      });
    };
  };
  await rig.open();
  rig.advance(121_000);
  await settle();
  assert.equal(answer, null);
});

test("the maximum length warns twice and ends the session", async () => {
  const rig = new HubRig({ maxMinutes: 10 });
  const owner = await rig.open();
  rig.advance(300_000);
  assert.equal(owner.last("warning")?.details.seconds, 300);
  rig.advance(240_000);
  assert.equal(owner.last("warning")?.details.seconds, 60);
  rig.advance(60_000);
  await settle();
  assert.deepEqual(owner.last("ended")?.details, { minutes: 10 });
});

test("idleness ends the session, input puts it off", async () => {
  const rig = new HubRig({ idleMinutes: 5 });
  const owner = await rig.open();
  rig.advance(240_000);
  rig.press(owner, "x");
  rig.advance(240_000);
  assert.equal(rig.hub.state, "open");
  rig.advance(60_000);
  await settle();
  assert.equal(owner.last("ended")?.code, "idle-too-long");
});

test("a driver that fails ends its own session with its reason", async () => {
  const rig = new HubRig();
  rig.prepareDriver = (driver) => {
    driver.openFailure = new Failure("target-refused", { address: "192.0.2.1", port: 22 });
  };
  const owner = await rig.open();
  assert.deepEqual(owner.last("ended")?.details, { address: "192.0.2.1", port: 22 });
  assert.equal(owner.closed?.code, CloseCode.ended);
  assert.equal(rig.recorder.finishedWith, "target-refused");
});

test("a programming error in a driver ends as internal with a reference and no cause shown", async () => {
  const rig = new HubRig();
  rig.prepareDriver = (driver) => {
    driver.openFailure = new TypeError("secret internals");
  };
  const owner = await rig.open();
  assert.equal(owner.last("ended")?.code, "internal");
  assert.equal(JSON.stringify(owner.status).includes("secret internals"), false);
  assert.deepEqual(rig.crashes.map(String), ["TypeError: secret internals"]);
});

test("so does one while a session runs, whichever way the driver wraps it", async () => {
  const rig = new HubRig();
  const owner = await rig.open();
  const cause = new RangeError("out of bounds");
  rig.hub.fail(new Failure("internal", { reference: "rdp-driver" }, cause));
  assert.equal(owner.last("ended")?.code, "internal");
  assert.deepEqual(owner.last("ended")?.details, { reference: rig.hub.sessionId });
  assert.deepEqual(rig.crashes, [cause]);
});

test("after the end nothing is emitted, recorded or heard", async () => {
  const rig = new HubRig();
  const owner = await rig.open();
  rig.control(owner, { type: "end" });
  const count = rig.recorder.frames.length;
  rig.show("late");
  rig.press(owner, "late");
  await settle();
  assert.equal(rig.recorder.frames.length, count);
  assert.equal(rig.endedCount, 1);
});

test("keys of a desktop are recorded only when policy demands it, and shown to nobody", async () => {
  const isInput = ({ channel }: { channel: number }) => channel === Channel.input;
  const payload = Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]);
  const press = (rig: HubRig, owner: TestViewer) =>
    rig.hub.handleInput(owner.link, [{ type: "key", isDown: true, keysym: 97, scancode: 0 }], payload);
  const quiet = new HubRig({}, "desktop");
  press(quiet, await quiet.open());
  assert.equal(quiet.recorder.frames.some(isInput), false);
  const rig = new HubRig({ recordInput: true }, "desktop");
  const owner = await rig.open();
  press(rig, owner);
  assert.equal(rig.recorder.frames.filter(isInput).length, 1);
  await settle();
  assert.equal(owner.frames.some(isInput), false);
});

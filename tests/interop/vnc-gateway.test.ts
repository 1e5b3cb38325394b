import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Surface } from "@poterne/picture";
import { leaveOutCovered } from "@poterne/picture/covered";
import { Channel, decodeFrames, type Frame, FrameFlag } from "@poterne/wire";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { projectRoot, startLab } from "../support/lab.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { compare, makeViewer, runWorkload, screenshot, sleep } from "../support/vnc-peer.ts";

const DISPLAY = ":45";

/** JPEG at quality 8 is off by a few steps; rectangles of another moment are off by a hundred. */
const MAX_JPEG_ERROR = 48;

let demo: Demo;
before(async () => {
  startLab("sshd", "telnet", "vnc");
  demo = await startDemo();
});
after(() => demo.gateway.stop());

/** JPEG quality of the target's pictures, null for none but lossless ones. */
async function setQuality(quality: number | null): Promise<void> {
  const url = `/api/v1/targets/${demo.targets.vnc.targetId}`;
  const { version } = await demo.api.must<{ version: number }>("GET", url);
  await demo.api.must("PATCH", url, { version, options: { quality } });
}

/** A viewer over the real WebSocket with the real decoder behind it. */
async function watch(sessionId: string, role: "controller" | "observer" = "controller") {
  const viewer = await HeadlessViewer.attach(demo.api, sessionId, { role, keepsFrames: false });
  const screen = makeViewer();
  let [hasStarted, entryEnds] = [false, 0];
  viewer.onFrame = (frame: Frame) => {
    if ((frame.flags & FrameFlag.entryStart) !== 0) hasStarted = true;
    if ((frame.flags & FrameFlag.entryEnd) !== 0) entryEnds++;
    const isPicture = frame.channel === Channel.picture || frame.channel === Channel.pointer;
    if (hasStarted && isPicture) screen.decoder.push(frame.payload.slice());
  };
  return { viewer, screen, entryEnds: () => entryEnds };
}

test("an observer joins in mid-stream within a second and sees what the controller sees; the recording plays the same", async () => {
  // Lossless, so that three decoders need no JPEG and must agree to the last bit.
  await setQuality(null);
  const sessionId = await openSession(demo.api, demo.targets.vnc);
  const controller = await watch(sessionId);
  await controller.viewer.untilOpen();
  await controller.viewer.until("the first picture", () => controller.entryEnds() > 0);
  const work = runWorkload(projectRoot, DISPLAY, "drag", 5);
  await sleep(1500);
  const startedAt = performance.now();
  const observer = await watch(sessionId, "observer");
  await observer.viewer.until("the observer's picture", () => observer.entryEnds() > 0);
  const joinMs = performance.now() - startedAt;
  await work;
  controller.viewer.input({ type: "pointer", x: 90, y: 90, buttons: 0 });
  await sleep(200);
  controller.viewer.input({ type: "pointer", x: 3, y: 3, buttons: 0 });
  await sleep(1000);
  await Promise.all([controller.screen.decoder.idle(), observer.screen.decoder.idle()]);
  assert.deepEqual([...controller.screen.errors, ...observer.screen.errors], []);
  const seen = controller.screen.decoder.surface();
  assert.ok(seen !== undefined);
  const own = { width: seen.width, height: seen.height, rgba: Buffer.from(seen.rgba) };
  assert.equal(compare(observer.screen.decoder.surface(), own).differing, 0, "the observer");
  assert.equal(compare(seen, screenshot(DISPLAY)).differing, 0, "the X display");
  assert.ok(joinMs < 3000, `${joinMs} ms: a second, with room for a busy machine`);
  controller.viewer.control({ type: "end" });
  await controller.viewer.until("the end", ({ closed }) => closed !== null);
  await sleep(1500);

  const answer = await demo.api.send(
    "GET",
    `/api/v1/recordings/${sessionId}/frames?fromMs=0&toMs=600000`,
    null,
    "",
  );
  assert.equal(answer.status, 200);
  const played = makeViewer();
  for (const frame of decodeFrames(answer.bytes))
    if (frame.channel === Channel.picture || frame.channel === Channel.pointer)
      played.decoder.push(frame.payload);
  await played.decoder.idle();
  assert.deepEqual(played.errors, []);
  assert.equal(compare(played.decoder.surface(), own).differing, 0, "the recording");
});

/** Keeps the picture payloads that come, from the first entry point on. */
async function collect(sessionId: string, role: "controller" | "observer") {
  const viewer = await HeadlessViewer.attach(demo.api, sessionId, { role, keepsFrames: false });
  const payloads: Buffer[] = [];
  let [hasStarted, entryEnds] = [false, 0];
  viewer.onFrame = ({ channel, flags, payload }) => {
    if ((flags & FrameFlag.entryStart) !== 0) hasStarted = true;
    if ((flags & FrameFlag.entryEnd) !== 0) entryEnds++;
    if (hasStarted && channel === Channel.picture) payloads.push(Buffer.from(payload));
  };
  return { viewer, payloads, entryEnds: () => entryEnds };
}

/** What the payloads show in the end, decoding no JPEG that is drawn over. */
async function showEnd(payloads: readonly Uint8Array[]) {
  const steps = leaveOutCovered(payloads);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  const { decoder, errors } = makeViewer();
  for (const payload of step.value) decoder.push(payload);
  await decoder.idle();
  assert.deepEqual(errors, []);
  return decoder.surface();
}

function asPicture(surface: Surface | undefined) {
  assert.ok(surface !== undefined);
  return { width: surface.width, height: surface.height, rgba: Buffer.from(surface.rgba) };
}

test("with JPEG too an observer that joins in mid-stream gets what the controller gets, and both show the screen; a seek shows the same", async () => {
  await setQuality(8);
  const sessionId = await openSession(demo.api, demo.targets.vnc);
  const controller = await collect(sessionId, "controller");
  await controller.viewer.untilOpen();
  await controller.viewer.until("the first picture", () => controller.entryEnds() > 0);
  const work = runWorkload(projectRoot, DISPLAY, "drag", 4);
  await sleep(1000);
  const observer = await collect(sessionId, "observer");
  await observer.viewer.until("the observer's picture", () => observer.entryEnds() > 0);
  await work;
  // TigerVNC draws the pointer into the picture as long as it is elsewhere than this client put it.
  for (const place of [90, 3]) {
    controller.viewer.input({ type: "pointer", x: place, y: place, buttons: 0 });
    await sleep(200);
  }
  // When the screen is still, the server sends what was a JPEG without loss, piece by piece.
  for (let seen = -1; seen !== controller.payloads.length; await sleep(1500))
    seen = controller.payloads.length;
  await observer.viewer.until(
    "the last picture",
    () => observer.payloads.at(-1)?.equals(controller.payloads.at(-1) ?? Buffer.of()) === true,
  );
  const tail = controller.payloads.slice(-observer.payloads.length);
  assert.ok(observer.payloads.length < controller.payloads.length);
  assert.ok(Buffer.concat(observer.payloads).equals(Buffer.concat(tail)), "the same bytes to both");
  const seen = await showEnd(controller.payloads);
  assert.equal(compare(await showEnd(observer.payloads), asPicture(seen)).differing, 0, "the observer");
  const { largest, mean } = compare(seen, screenshot(DISPLAY));
  assert.ok(largest <= MAX_JPEG_ERROR && mean < 0.5, `the X display: ${largest} at most, ${mean} on average`);

  controller.viewer.control({ type: "end" });
  await controller.viewer.until("the end", ({ closed }) => closed !== null);
  await sleep(1500);
  const place = `/api/v1/recordings/${sessionId}/frames?fromMs=600000&toMs=600000`;
  const whole = await demo.api.send("GET", place, null, "");
  const forEnd = await demo.api.send("GET", `${place}&endOnly=true`, null, "");
  assert.equal(forEnd.status, 200);
  assert.ok(
    forEnd.bytes.length < whole.bytes.length,
    `${forEnd.bytes.length} of ${whole.bytes.length} bytes`,
  );
  const played = [...decodeFrames(forEnd.bytes)].filter(({ channel }) => channel === Channel.picture);
  const shown = await showEnd(played.map(({ payload }) => payload));
  assert.equal(compare(shown, asPicture(seen)).differing, 0, "the seek");
});

test("a key's effect comes back as a picture", async () => {
  await setQuality(null);
  const sessionId = await openSession(demo.api, demo.targets.vnc);
  const { viewer, entryEnds } = await watch(sessionId);
  await viewer.untilOpen();
  await viewer.until("the first picture", () => entryEnds() > 0);
  const work = runWorkload(projectRoot, DISPLAY, "typing", 3);
  await sleep(500);
  const before = viewer.consumedBytes;
  await viewer.until("pictures of what is typed", () => viewer.consumedBytes > before);
  await work;
  viewer.control({ type: "end" });
  await viewer.until("the end", ({ closed }) => closed !== null);
  assert.equal(viewer.find("ended")?.code, "left");
});

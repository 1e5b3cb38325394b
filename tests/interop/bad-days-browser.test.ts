import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Channel } from "@poterne/wire";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { assertRecorded, endCodeOf } from "../support/evidence.ts";
import { grantTarget, personIdOf } from "../support/inventory.ts";
import { startLab } from "../support/lab.ts";
import { residentBytes } from "../support/processes.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { sleep } from "../support/vnc-peer.ts";

const OFFLINE_MS = 30_000;
/**
 * What a viewer that takes nothing may make the gateway hold: the controller's limit, and the garbage around it. Of that
 * V8 keeps 100 to 190 MB, differently from run to run, until something else wants the room.
 */
const MAX_HELD_BYTES = 256 * 1024 * 1024;
const MEGABYTES = 30;
const FLOOD = `head -c ${MEGABYTES * 750_000} /dev/urandom | base64; echo flood-$((6*7))-done\r`;

/** Fails unless the gateway comes back under its limit: garbage does, what is held does not. */
function holdsLittle(pid: number, beforeBytes: number): Promise<true> {
  return eventually("the memory's return", async (seen) => {
    const heldBytes = residentBytes(pid) - beforeBytes;
    seen(`${Math.round(heldBytes / 1e6)} MB`);
    return heldBytes < MAX_HELD_BYTES;
  });
}

let demo: Demo;
before(async () => {
  startLab("sshd", "telnet", "vnc");
  demo = await startDemo();
});
after(() => demo.gateway.stop());

async function openSsh(options: { keepsFrames?: boolean } = {}) {
  const sessionId = await openSession(demo.api, demo.targets.ssh);
  const viewer = await HeadlessViewer.attach(demo.api, sessionId, options);
  await viewer.untilOpen();
  return { sessionId, viewer };
}

/** Ends a session by the API and waits until that is written down. */
async function end(sessionId: string): Promise<void> {
  await demo.api.must("POST", `/api/v1/sessions/${sessionId}/end`, {});
  assert.equal(await endCodeOf(demo.api, sessionId), "left");
}

describe("bad days of a browser", { concurrency: true }, () => {
  it("is offline for 30 s, comes back within the grace time, and what the target did meanwhile is there", async () => {
    const { sessionId, viewer } = await openSsh();
    viewer.type("sleep 10; echo while-$((6*7))-away\r");
    await viewer.until("the echo", ({ text }) => text.includes("sleep 10"));
    viewer.close();
    await sleep(2000);
    const url = `/api/v1/sessions/${sessionId}`;
    assert.equal((await demo.api.must<{ state: string }>("GET", url)).state, "detached");
    await sleep(OFFLINE_MS - 2000);
    const back = await HeadlessViewer.attach(demo.api, sessionId);
    await back.until("what happened meanwhile", ({ text }) => text.includes("while-42-away"));
    back.type("echo back-$((6*7))-\r");
    await back.until("an answer", ({ text }) => text.includes("back-42-"));
    await end(sessionId);
    assertRecorded(demo.gateway, [sessionId]);
  });

  it("does not come back within the grace time: the session ends and says so", async () => {
    const wish = {
      protocol: "ssh",
      port: 2201,
      password: "alice-Passw0rd",
      rules: { graceSeconds: 2 },
    } as const;
    const target = await grantTarget(demo.api, { ...wish, personId: await personIdOf(demo.api) });
    const sessionId = await openSession(demo.api, target);
    const viewer = await HeadlessViewer.attach(demo.api, sessionId);
    await viewer.untilOpen();
    viewer.close();
    assert.equal(await endCodeOf(demo.api, sessionId), "grace-over");
    const { status } = await demo.api.call("POST", `/api/v1/sessions/${sessionId}/tickets`, {
      role: "controller",
    });
    assert.equal(status, 410);
  });

  it("acknowledges nothing any more while it watches: the others go on, the laggard starts again at an entry point", async () => {
    const { sessionId, viewer } = await openSsh({ keepsFrames: false });
    const stuck = await HeadlessViewer.attach(demo.api, sessionId, { role: "observer" });
    await stuck.until("the screen", ({ frames }) => frames.some(({ channel }) => channel === Channel.text));
    stuck.isAcknowledging = false;
    const pid = demo.gateway.child.pid ?? 0;
    const beforeBytes = residentBytes(pid);
    let tail = "";
    viewer.onFrame = ({ channel, payload }) => {
      if (channel === Channel.text) tail = (tail + Buffer.from(payload).toString("latin1")).slice(-4000);
    };
    viewer.type(FLOOD);
    await viewer.until("the end of the flood", () => tail.includes("flood-42-done"), 50_000);
    assert.ok(stuck.consumedBytes < viewer.consumedBytes / 2, "the laggard was left behind");
    assert.equal(stuck.closed, null);
    await holdsLittle(pid, beforeBytes);
    stuck.isAcknowledging = true;
    stuck.acknowledge();
    viewer.type("echo caught-$((6*7))-up\r");
    await stuck.until(
      "the screen of now",
      ({ text }) => text.slice(-20_000).includes("caught-42-up"),
      30_000,
    );
    await end(sessionId);
  });

  it("controls and is very slow: the target waits for it, nothing is lost, an end is heard at once", async () => {
    const { sessionId, viewer } = await openSsh({ keepsFrames: false });
    const pid = demo.gateway.child.pid ?? 0;
    const beforeBytes = residentBytes(pid);
    viewer.type(FLOOD);
    await sleep(1500);
    viewer.isAcknowledging = false;
    await sleep(6000);
    const heldAt = viewer.consumedBytes;
    await sleep(3000);
    assert.ok(viewer.consumedBytes - heldAt < 1024 * 1024, `${viewer.consumedBytes - heldAt} bytes more`);
    await holdsLittle(pid, beforeBytes);
    const startedAt = performance.now();
    viewer.control({ type: "end" });
    await viewer.until("the end", ({ closed }) => closed !== null);
    assert.ok(performance.now() - startedAt < 3000);
    assert.equal(await endCodeOf(demo.api, sessionId), "left");
  });

  it("reads its socket at a crawl: the gateway holds no more than its limits", async () => {
    const { sessionId, viewer } = await openSsh({ keepsFrames: false });
    const pid = demo.gateway.child.pid ?? 0;
    const beforeBytes = residentBytes(pid);
    viewer.type(FLOOD);
    for (let turn = 0; turn < 20; turn++) {
      viewer.socket.pause();
      await sleep(450);
      viewer.socket.resume();
      await sleep(10);
    }
    assert.equal(viewer.closed, null);
    await holdsLittle(pid, beforeBytes);
    await end(sessionId);
  });
});

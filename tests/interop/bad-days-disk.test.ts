import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { poterne } from "../support/commands.ts";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { endCodeOf, recordingFile } from "../support/evidence.ts";
import { grantTarget, personIdOf } from "../support/inventory.ts";
import { startLab } from "../support/lab.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { sleep } from "../support/vnc-peer.ts";

/** Room for recordings; half a megabyte of it is what a new recording must find free. */
const DISK_SIZE = "4m";
const FREE_ALARM_BYTES = 1_000_000;
const FULL_WITHIN_MS = 60_000;

const dataDir = mkdtempSync(path.join(tmpdir(), "poterne-disk-"));
const recordings = path.join(dataDir, "recordings");
let demo: Demo;
before(async () => {
  startLab("sshd", "telnet", "vnc");
  mkdirSync(recordings, { mode: 0o700 });
  const mount = spawnSync(
    "mount",
    ["-t", "tmpfs", "-o", `size=${DISK_SIZE},mode=0700`, "tmpfs", recordings],
    {
      encoding: "utf8",
    },
  );
  assert.equal(mount.status, 0, `a small disk needs the right to mount: ${mount.stderr}`);
  demo = await startDemo(["--set", `recording.freeSpaceAlarmBytes=${FREE_ALARM_BYTES}`], dataDir);
});
after(async () => {
  await demo?.gateway.stop({ keepData: true });
  spawnSync("umount", [recordings]);
  rmSync(dataDir, { recursive: true, force: true });
});

/** The room is looked at again after two seconds. */
const READING_AGE_MS = 2500;

/** Takes what room is left, as other programs do. */
function fillDisk(): void {
  const filler = Buffer.alloc(64 * 1024);
  try {
    for (;;) appendFileSync(path.join(recordings, "filler"), filler);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
  }
}

/** Output that does not compress, so that it fills the disk. */
const FLOOD = "head -c 12000000 /dev/urandom | base64\r";

test("a disk that fills under a session that must be recorded ends it with the reason; what was recorded can be read", async () => {
  const { api, gateway, targets } = demo;
  const sessionId = await openSession(api, targets.ssh);
  const viewer = await HeadlessViewer.attach(api, sessionId, { keepsFrames: false });
  await viewer.untilOpen();
  viewer.type("echo before-$((6*7))-\r");
  await sleep(1500);
  viewer.type(FLOOD);
  await viewer.until("the end", ({ closed }) => closed !== null, FULL_WITHIN_MS);
  const ended = viewer.find("ended");
  assert.equal(ended?.code, "recording-failed");
  assert.equal(typeof ended?.details.detail, "string");
  assert.equal(await endCodeOf(api, sessionId), "recording-failed");

  // Nothing new is opened on a full disk, and the person is told why. What did not fit any more was taken back.
  fillDisk();
  await sleep(READING_AGE_MS);
  const refused = await HeadlessViewer.attach(api, await openSession(api, targets.ssh));
  await refused.until("the refusal", ({ closed }) => closed !== null);
  assert.equal(refused.find("ended")?.code, "no-place-to-record");
  assert.equal(refused.find("open"), undefined);

  const frames = await api.send("GET", `/api/v1/recordings/${sessionId}/frames?fromMs=0`, null, "");
  assert.equal(frames.status, 200);
  assert.ok(frames.bytes.includes("before-42-"), "the recording plays up to the cut");
  const verified = poterne(
    "verify",
    recordingFile(gateway, sessionId),
    "--data",
    gateway.dataDir,
    "--lang",
    "en",
  );
  assert.doesNotMatch(verified.output, /ALTERED/, verified.output);
});

test("where recording is only wished for, the session goes on and the person is warned", async () => {
  const { api } = demo;
  spawnSync("mount", ["-o", "remount,size=8m", recordings]);
  await sleep(READING_AGE_MS);
  const target = await grantTarget(api, {
    protocol: "ssh",
    port: 2201,
    personId: await personIdOf(api),
    password: "alice-Passw0rd",
    rules: { recording: "should" },
  });
  const sessionId = await openSession(api, target);
  const viewer = await HeadlessViewer.attach(api, sessionId, { keepsFrames: false });
  await viewer.untilOpen();
  viewer.type(FLOOD);
  await viewer.until(
    "the warning",
    ({ status }) =>
      status.some((message) => message.type === "warning" && message.code === "recording-stopped"),
    FULL_WITHIN_MS,
  );
  assert.equal(viewer.closed, null);
  viewer.control({ type: "end" });
  await viewer.until("the end", ({ closed }) => closed !== null);
  assert.equal(viewer.find("ended")?.code, "left");
});

test("with room again, sessions open again, and the journal tells the disk's story", async () => {
  const { api, targets } = demo;
  spawnSync("mount", ["-o", "remount,size=64m", recordings]);
  await sleep(READING_AGE_MS);
  const viewer = await HeadlessViewer.attach(api, await openSession(api, targets.ssh));
  await viewer.untilOpen();
  viewer.control({ type: "end" });
  await viewer.until("the end", ({ closed }) => closed !== null);
  const { items } = await api.must<{ items: { kind: string }[] }>(
    "GET",
    "/api/v1/journal?kind=recording.&limit=100",
  );
  const kinds = new Set(items.map(({ kind }) => kind));
  assert.ok(kinds.has("recording.disk-full") && kinds.has("recording.failed"), [...kinds].join(" "));
});

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { poterne } from "../support/commands.ts";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { assertRecorded, endCodeOf } from "../support/evidence.ts";
import { projectRoot, startLab } from "../support/lab.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { sleep } from "../support/vnc-peer.ts";

/** Shorter than what a sign-in may be idle. */
const FORWARD_MS = 600_000;
const BACK_MS = -900_000;
const KEEPER_WITHIN_MS = 30_000;

const folder = mkdtempSync(path.join(tmpdir(), "poterne-clock-"));
const shiftFile = path.join(folder, "shift");
const socketPath = path.join(folder, "keeper.sock");
const preload = pathToFileURL(path.join(projectRoot, "tests/support/jumping-clock.mjs")).href;
const dataDir = path.join(folder, "data");
let keeper: ChildProcess;
let demo: Demo;
before(async () => {
  startLab("sshd", "telnet", "vnc");
  keeper = await startKeeper();
  // The gateway inherits this process's environment.
  process.env.POTERNE_TEST_CLOCK = shiftFile;
  process.env.NODE_OPTIONS = `--import=${preload}`;
  demo = await startDemo(["--set", `keeper.socket=${socketPath}`], dataDir);
  delete process.env.NODE_OPTIONS;
});
after(async () => {
  await demo?.gateway.stop({ keepData: true });
  const ended = once(keeper, "exit");
  keeper.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

/** The keeper as a service of its own, as under systemd, with a clock that jumps. */
async function startKeeper(): Promise<ChildProcess> {
  const options = {
    keysDirectory: path.join(dataDir, "keys"),
    journalDirectory: path.join(dataDir, "journal"),
    node: "n0123456789",
    retentionMonths: 12,
    socketPath,
  };
  const main = path.join(projectRoot, "packages/gateway/src/keeper/keeper-main.ts");
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--import", preload, main, JSON.stringify(options)],
    { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, POTERNE_TEST_CLOCK: shiftFile } },
  );
  const deadline = Date.now() + KEEPER_WITHIN_MS;
  while (!existsSync(socketPath)) {
    assert.ok(Date.now() < deadline && child.exitCode === null, "the keeper does not listen");
    await sleep(50);
  }
  return child;
}

/** Sets the clock of gateway and keeper to the right time plus this. */
async function setClock(shiftMs: number): Promise<void> {
  writeFileSync(shiftFile, String(shiftMs));
  for (const child of [demo.gateway.child, keeper]) child.kill("SIGUSR2");
  await sleep(300);
}

test("the clock jumps forward and back under a live session: it goes on, others open, and the journal raises an alarm each time", async () => {
  const { api, gateway, targets } = demo;
  const sessionId = await openSession(api, targets.ssh);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  await viewer.untilOpen();
  const opened = [sessionId];
  for (const [index, shiftMs] of [FORWARD_MS, FORWARD_MS + BACK_MS].entries()) {
    await setClock(shiftMs);
    // Several looks at the clock by everything that has a time limit.
    await sleep(2000);
    viewer.type(`echo jumped-$((${index}+40))-\r`);
    await viewer.until("an answer", ({ text }) => text.includes(`jumped-${index + 40}-`));
    const other = await openSession(api, targets.ssh);
    opened.push(other);
    const second = await HeadlessViewer.attach(api, other);
    await second.untilOpen();
    second.control({ type: "end" });
    assert.equal(await endCodeOf(api, other), "left");
  }
  assert.equal(viewer.closed, null);
  viewer.control({ type: "end" });
  assert.equal(await endCodeOf(api, sessionId), "left");
  const { items } = await api.must<{ items: { kind: string; level: string }[] }>(
    "GET",
    "/api/v1/journal?kind=keeper.clock-jumped",
  );
  assert.deepEqual(
    items.map(({ level }) => level),
    ["alarm", "alarm"],
  );
  await sleep(1000);
  assertRecorded(gateway, opened);
  const journal = poterne("verify-journal", "--data", gateway.dataDir, "--lang", "en");
  assert.match(journal.output, /Intact/, journal.output);
});

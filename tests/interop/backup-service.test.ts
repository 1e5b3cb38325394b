import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { poterne } from "../support/commands.ts";
import { openSession, startDemo } from "../support/demo.ts";
import { projectRoot, startLab } from "../support/lab.ts";
import { HeadlessViewer } from "../support/viewer.ts";

/** Users of the two services, as an installation has them. */
const GATEWAY_UID = 61_001;
const KEEPER_UID = 61_002;
const SERVICE_START_MS = 30_000;

const scratch = mkdtempSync(path.join(tmpdir(), "poterne-apart-"));
const file = path.join(scratch, "whole.backup");
const services: ChildProcess[] = [];
let sessionId = "";

/** An installation with its keeper as a service: two folders, one socket. */
function installation(name: string) {
  const data = path.join(scratch, name, "data");
  const keeper = path.join(scratch, name, "keeper");
  const socket = path.join(scratch, name, "keeper.sock");
  mkdirSync(path.join(scratch, name), { recursive: true });
  const settings = ["--set", `keeper.socket=${socket}`, "--set", `keeper.folder=${keeper}`];
  return { data, keeper, socket, settings };
}

async function startKeeper({ keeper, socket }: ReturnType<typeof installation>): Promise<ChildProcess> {
  const options = {
    keysDirectory: path.join(keeper, "keys"),
    journalDirectory: path.join(keeper, "journal"),
    node: "node-1",
    retentionMonths: 12,
    socketPath: socket,
  };
  const main = path.join(projectRoot, "packages/gateway/src/keeper/keeper-main.ts");
  const service = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", main, JSON.stringify(options)],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  services.push(service);
  const untilMs = performance.now() + SERVICE_START_MS;
  while (!existsSync(socket) && performance.now() < untilMs) await wait(20);
  return service;
}

async function stopService(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return;
  const ended = once(service, "close");
  service.kill("SIGTERM");
  await ended;
}

const first = installation("first");
before(async () => {
  startLab("sshd", "telnet", "vnc");
  const keeper = await startKeeper(first);
  const { api, gateway, targets } = await startDemo(first.settings, first.data);
  sessionId = await openSession(api, targets.ssh);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  await viewer.untilOpen();
  viewer.type("echo kept-$((40+2))-apart\r");
  await viewer.until("the answer", ({ text }) => text.includes("kept-42-apart"));
  viewer.control({ type: "end" });
  await viewer.until("the end", ({ closed }) => closed !== null);
  const health = await api.must<{ checks: { name: string; found: { en: string } }[] }>(
    "GET",
    "/api/v1/health",
  );
  const keys = health.checks.find(({ name }) => name === "keys");
  assert.match(keys?.found.en ?? "", /Keys present|with the keeper/);
  await gateway.stop({ keepData: true });
  const made = poterne("backup", file, "--data", first.data, ...first.settings, "--lang", "en");
  assert.equal(made.status, 0, made.output);
  assert.match(made.output, /holds the master key/);
  await stopService(keeper);
});
after(async () => {
  for (const service of services) await stopService(service);
  rmSync(scratch, { recursive: true, force: true });
});

test("without the keeper's folder a backup is refused, or says what it does not hold", () => {
  const [set, socket] = first.settings;
  const words = ["--data", first.data, set ?? "", socket ?? "", "--lang", "en"];
  const half = path.join(scratch, "half.backup");
  const refused = poterne("backup", half, ...words);
  assert.equal(refused.status, 2);
  assert.match(refused.output, /keeper\.folder/);
  assert.ok(!existsSync(half));
  const asked = poterne("backup", half, "--without-keys", ...words);
  assert.equal(asked.status, 0, asked.output);
  assert.match(asked.output, /NEITHER KEYS NOR JOURNAL/);
});

test("doctor names what is wrong with a keeper service, and never misses keys that are elsewhere", () => {
  const words = ["--data", first.data, "--lang", "en", "--set", "recording.freeSpaceAlarmBytes=0"];
  const [set, socket] = first.settings;
  const stopped = poterne("doctor", ...words, set ?? "", socket ?? "");
  assert.equal(stopped.status, 1);
  assert.match(stopped.output, /keys are with the keeper, a service of its own/);
  assert.match(stopped.output, /The keeper does not answer .*\n.*systemctl start poterne-keeper/);
  assert.doesNotMatch(stopped.output, /No keys yet/);
});

test("restored into two empty folders, everything works, and the keeper's journal opens a new epoch", async () => {
  const second = installation("second");
  const isRoot = process.getuid?.() === 0;
  for (const [folder, uid] of [
    [second.data, GATEWAY_UID],
    [second.keeper, KEEPER_UID],
  ] as const) {
    mkdirSync(folder, { mode: 0o700 });
    if (isRoot) chownSync(folder, uid, uid);
  }
  const restored = poterne("restore", file, "--data", second.data, ...second.settings, "--lang", "en");
  assert.equal(restored.status, 0, restored.output);
  assert.ok(existsSync(path.join(second.keeper, "journal/restored")));
  assert.ok(!existsSync(path.join(second.data, "journal")) && !existsSync(path.join(second.data, "keys")));
  if (isRoot) {
    for (const name of ["store.sqlite", "tls/server.key", "recordings"])
      assert.equal(statSync(path.join(second.data, name)).uid, GATEWAY_UID, name);
    for (const name of ["keys/master-keys.json", "journal/restored"])
      assert.equal(statSync(path.join(second.keeper, name)).uid, KEEPER_UID, name);
  }
  const again = poterne("restore", file, "--data", second.data, ...second.settings, "--lang", "en");
  assert.match(again.output, /not empty/);
  const keeper = await startKeeper(second);
  const { api, gateway, targets } = await startDemo(second.settings, second.data);
  try {
    const viewer = await HeadlessViewer.attach(api, await openSession(api, targets.ssh));
    await viewer.untilOpen();
    viewer.control({ type: "end" });
    const frames = await api.send("GET", `/api/v1/recordings/${sessionId}/frames?fromMs=0`, null, "");
    assert.match(frames.bytes.toString("utf8"), /kept-42-apart/);
  } finally {
    await gateway.stop({ keepData: true });
    await stopService(keeper);
  }
  assert.ok(!existsSync(path.join(second.keeper, "journal/restored")));
  const journal = poterne("verify-journal", "--data", second.data, ...second.settings, "--lang", "en");
  assert.match(journal.output, /Intact/);
  assert.match(journal.output, /epoch/i);
});

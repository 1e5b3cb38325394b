import assert from "node:assert/strict";
import { kill } from "node:process";
import { after, before, test } from "node:test";
import { poterne } from "../support/commands.ts";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { assertRecorded, endCodeOf } from "../support/evidence.ts";
import { startLab } from "../support/lab.ts";
import { keeperOf } from "../support/processes.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { sleep } from "../support/vnc-peer.ts";

/** Kills in a row: each makes the gateway wait longer before it starts the keeper again. */
const KILLS = 3;
const BACK_WITHIN_MS = 60_000;
/** The keeper may take 20 s for an answer; more for a busy machine. */
const GIVEN_UP_WITHIN_MS = 40_000;

let demo: Demo;
before(async () => {
  startLab("sshd", "telnet", "vnc");
  demo = await startDemo();
});
after(() => demo.gateway.stop());

/** The keeper's process id; waits until there is one. */
async function keeperPid(): Promise<number> {
  const deadline = Date.now() + BACK_WITHIN_MS;
  for (;;) {
    const pid = keeperOf(demo.gateway.child.pid ?? 0);
    if (pid !== null) return pid;
    assert.ok(Date.now() < deadline, "the keeper is not back");
    await sleep(20);
  }
}

test("a killed keeper: the live session goes on, nothing new opens until it is back, then it does, and nothing is missing", async () => {
  const { api, gateway, targets } = demo;
  const sessionId = await openSession(api, targets.ssh);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  const leaverId = await openSession(api, targets.ssh);
  const leaver = await HeadlessViewer.attach(api, leaverId);
  await Promise.all([viewer.untilOpen(), leaver.untilOpen()]);
  const refusals: string[] = [];
  for (let count = 0; count < KILLS; count++) {
    kill(await keeperPid(), "SIGKILL");
    if (count === 0) leaver.control({ type: "end" });
    viewer.type(`echo during-$((${count}+100))-\r`);
    await sleep(30);
    const { status, body } = await api.call<{ code: string }>("POST", "/api/v1/sessions", {
      targetId: targets.ssh.targetId,
    });
    if (status !== 200) refusals.push(`${status} ${body.code}`);
    await viewer.until("an answer without the keeper", ({ text }) => text.includes(`during-${100 + count}-`));
  }
  assert.ok(refusals.length > 0, "something opened each time");
  assert.deepEqual([...new Set(refusals)], ["503 journal-unavailable"]);
  const opened = await openWhenPossible();
  const second = await HeadlessViewer.attach(api, opened);
  await second.untilOpen();
  viewer.type("echo after-$((6*7))-\r");
  await viewer.until("the session that lived through it", ({ text }) => text.includes("after-42-"));
  // The next signed checkpoint is written by the new keeper.
  await sleep(12_000);
  for (const each of [viewer, second]) each.control({ type: "end" });
  assert.equal(await endCodeOf(api, sessionId), "left");
  assert.equal(await endCodeOf(api, opened), "left");
  await sleep(1000);
  assertRecorded(gateway, [sessionId, opened]);
  const { items } = await api.must<{ items: { kind: string }[] }>(
    "GET",
    `/api/v1/journal?sessionId=${leaverId}&limit=100`,
  );
  assert.ok(
    items.some(({ kind }) => kind === "session.ended"),
    "what happened without the keeper is told afterwards",
  );
  const journal = poterne("verify-journal", "--data", gateway.dataDir, "--lang", "en");
  assert.match(journal.output, /Intact/, journal.output);
});

/** Tries as a person would, until it opens. */
async function openWhenPossible(): Promise<string> {
  const deadline = Date.now() + BACK_WITHIN_MS;
  for (;;) {
    const { status, body } = await demo.api.call<{ sessionId?: string }>("POST", "/api/v1/sessions", {
      targetId: demo.targets.ssh.targetId,
    });
    if (status === 200 && body.sessionId !== undefined) return body.sessionId;
    assert.ok(Date.now() < deadline, JSON.stringify(body));
    await sleep(200);
  }
}

test("a keeper that hangs is given up and started anew; nobody waits for ever, and the live session goes on", async () => {
  const { api, targets } = demo;
  const viewer = await HeadlessViewer.attach(api, await openSession(api, targets.ssh));
  await viewer.untilOpen();
  const hung = await keeperPid();
  kill(hung, "SIGSTOP");
  const startedAt = performance.now();
  const refused = api.call<{ code: string }>("POST", "/api/v1/sessions", { targetId: targets.ssh.targetId });
  viewer.type("echo beside-$((6*7))-\r");
  await viewer.until("an answer without the keeper", ({ text }) => text.includes("beside-42-"));
  const { status, body } = await refused;
  assert.deepEqual([status, body.code], [503, "journal-unavailable"]);
  assert.ok(performance.now() - startedAt < GIVEN_UP_WITHIN_MS);
  const second = await HeadlessViewer.attach(api, await openWhenPossible());
  await second.untilOpen();
  assert.notEqual(await keeperPid(), hung);
  for (const each of [viewer, second]) {
    each.control({ type: "end" });
    await each.until("the end", ({ closed }) => closed !== null);
  }
});

import assert from "node:assert/strict";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { poterne } from "../support/commands.ts";
import { openSession, startDemo } from "../support/demo.ts";
import { startLab } from "../support/lab.ts";
import { HeadlessViewer } from "../support/viewer.ts";

/** How often the gateway is killed, and under how many sessions. */
const KILL_COUNT = 20;
const SESSION_COUNT = 10;
/** Sessions write a line so often; the recording may lack one second of them. */
const LINE_MS = 100;

const dataDir = mkdtempSync(path.join(tmpdir(), "poterne-kill-"));
before(() => startLab("sshd", "telnet", "vnc"));
after(() => rmSync(dataDir, { recursive: true, force: true }));

test(`kill -9 under ${SESSION_COUNT} sessions, ${KILL_COUNT} times: everything verifies and the next start is clean`, {
  timeout: 900_000,
}, async () => {
  const killed: string[] = [];
  let lastLine = 0;
  for (let round = 0; round < KILL_COUNT; round++) {
    const { api, gateway, targets } = await startDemo([], dataDir);
    const viewers: HeadlessViewer[] = [];
    for (let count = 0; count < SESSION_COUNT; count++) {
      const sessionId = await openSession(api, targets.ssh);
      killed.push(sessionId);
      viewers.push(await HeadlessViewer.attach(api, sessionId));
    }
    await Promise.all(viewers.map((viewer) => viewer.untilOpen()));
    for (const viewer of viewers)
      viewer.type(`i=0; while :; do i=$((i+1)); echo "tick-$i-"; sleep ${LINE_MS / 1000}; done\r`);
    await new Promise((resolve) => setTimeout(resolve, 2500 + (round % 5) * 170));
    lastLine = lastTick(viewers[0]);
    await gateway.stop({ signal: "SIGKILL", keepData: true });
    for (const viewer of viewers) viewer.close();
  }
  const { api, gateway } = await startDemo([], dataDir);
  try {
    await sealed(api, killed);
    const last = killed.at(-SESSION_COUNT) ?? "";
    const frames = await api.send("GET", `/api/v1/recordings/${last}/frames?fromMs=0`, null, "");
    const recorded = Math.max(
      0,
      ...[...frames.bytes.toString("utf8").matchAll(/tick-(\d+)-/g)].map(([, count]) => Number(count)),
    );
    assert.ok(recorded >= lastLine - 1000 / LINE_MS, `recorded up to ${recorded}, shown up to ${lastLine}`);
  } finally {
    await gateway.stop({ keepData: true });
  }
  const files = globSync(path.join(dataDir, "recordings/**/*"), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const recordings = files.filter((file) => killed.some((sessionId) => file.includes(sessionId)));
  assert.ok(recordings.length >= killed.length, `${recordings.length} files of ${killed.length} sessions`);
  const verified = poterne("verify", ...recordings, "--data", dataDir, "--lang", "en");
  assert.equal(verified.status, 0, verified.output.slice(-2000));
  assert.doesNotMatch(verified.output, /ALTERED|Shorter|No end/);
  const journal = poterne("verify-journal", "--data", dataDir, "--lang", "en");
  assert.match(journal.output, /Intact/, journal.output);
});

function lastTick(viewer: HeadlessViewer | undefined): number {
  return Math.max(0, ...[...(viewer?.text ?? "").matchAll(/tick-(\d+)-/g)].map(([, count]) => Number(count)));
}

/** Waits until the start has sealed what the kill left. */
async function sealed(
  api: Awaited<ReturnType<typeof startDemo>>["api"],
  sessionIds: readonly string[],
): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (const sessionId of sessionIds) {
    for (;;) {
      const { integrity } = await api.must<{ integrity: string }>("GET", `/api/v1/recordings/${sessionId}`);
      if (integrity !== "unfinished" && integrity !== "recording") break;
      assert.ok(Date.now() < deadline, `${sessionId} is still ${integrity}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

import assert from "node:assert/strict";
import { afterEach, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Channel, FrameFlag } from "../../packages/wire/src/index.ts";
import { startLab } from "../support/lab.ts";
import { ALIKE_DB, looksAlike } from "../support/rdp-screen.ts";
import { displayOf, makeRdpSession, RDP_PORT } from "../support/rdp-session.ts";
import { StoppedWorkload } from "../support/stopped-workload.ts";
import { makeViewer, waitFor } from "../support/vnc-peer.ts";

// A desktop that nobody watches and nobody records: the server is told to draw nothing ([MS-RDPBCGR] 2.2.11.3), whatever
// goes on there, and who comes back sees what it looks like now. A recorded one goes on.

const LIMIT_MS = 30_000;
/** What was on its way when the server was told. */
const SETTLES_MS = 1500;
const RUNS_MS = 3000;

const open: ReturnType<typeof makeRdpSession>[] = [];
const workloads: StoppedWorkload[] = [];

before(() => startLab("xrdp", "xrdp10", "shadow2", "shadow3"));
afterEach(async () => {
  for (const workload of workloads.splice(0)) await workload.stop();
  for (const session of open.splice(0)) session.driver.close();
});

/** A session whose viewer can go and come back; how many pictures came while a workload ran without it. */
async function leaveAlone(name: "xrdp" | "xrdp10" | "shadow2" | "shadow3", recording: "off" | "must") {
  const session = makeRdpSession({ port: RDP_PORT[name], policy: { recording } });
  open.push(session);
  const { driver, host } = session;
  await driver.open();
  await waitFor("the first entry point", () => session.entryEnds() > 0, LIMIT_MS);
  const display = await displayOf(name);
  workloads.push(await StoppedWorkload.start(display, "scroll"));
  const attend = (isWatched: boolean) =>
    driver.flow({ queuedBytes: 0, isWatched, decodesH264: host.decodesH264 });
  // As the hub tells a driver without a viewer; the recorder takes what comes.
  host.onFrame = () => queueMicrotask(() => attend(false));
  attend(false);
  await sleep(SETTLES_MS);
  const from = host.frames.length;
  await workloads[0]?.run(RUNS_MS);
  const pictures = host.frames.slice(from).filter(({ channel }) => channel === Channel.picture).length;
  return { session, display, pictures, attend };
}

for (const name of ["xrdp", "xrdp10", "shadow2", "shadow3"] as const)
  test(`${name}: draws nothing for nobody, and all of it for who comes back`, async (t: TestContext) => {
    const { session, display, pictures, attend } = await leaveAlone(name, "off");
    assert.equal(pictures, 0);
    const { driver, host } = session;
    const joined = makeViewer();
    let isInside = false;
    host.onFrame = ({ channel, flags, payload }) => {
      isInside ||= (flags & FrameFlag.entryStart) !== 0;
      if (isInside && channel === Channel.picture) joined.decoder.push(payload);
      queueMicrotask(() => attend(true));
    };
    attend(true);
    driver.requestEntryPoint();
    const look = () => joined.decoder.surface();
    const decibels = await looksAlike("what is there now", look, display, ALIKE_DB);
    await workloads[0]?.run(500);
    const later = await looksAlike("what comes then", look, display, ALIKE_DB);
    t.diagnostic(`${name}: back ${decibels.toFixed(1)} dB, then ${later.toFixed(1)} dB`);
    assert.deepEqual(joined.errors, []);
    assert.equal(host.end, null);
  });

test("xrdp: a recorded desktop that nobody watches goes on", async () => {
  const { pictures } = await leaveAlone("xrdp", "must");
  assert.ok(pictures > 5, `${pictures} pictures`);
});

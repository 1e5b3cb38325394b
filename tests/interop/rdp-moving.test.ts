import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { Channel, FrameFlag } from "../../packages/wire/src/index.ts";
import { projectRoot, startLab } from "../support/lab.ts";
import { looksAlike } from "../support/rdp-screen.ts";
import { displayOf, makeRdpSession, RDP_PORT } from "../support/rdp-session.ts";
import { makeViewer, runWorkload, waitFor } from "../support/vnc-peer.ts";

// The lab's workloads run and stop: what the viewer shows then, and what somebody sees who joins then, is the X display.

const LIMIT_MS = 30_000;
const WORKLOADS = ["typing", "scroll", "drag"] as const;
const SECONDS = 2;
/** What RemoteFX keeps of a desktop, in dB. */
const LEAST_DB = 43;
const SERVERS = ["xrdp", "shadow2", "shadow3"] as const;

const open: ReturnType<typeof makeRdpSession>[] = [];

before(() => startLab(...SERVERS));
afterEach(() => {
  for (const session of open.splice(0)) session.driver.close();
});

for (const name of SERVERS)
  test(`${name}: after each workload the viewer's picture is the display's, and so is a joiner's`, async (t) => {
    const session = makeRdpSession({ port: RDP_PORT[name] });
    open.push(session);
    await session.driver.open();
    await waitFor("the first entry point", () => session.entryEnds() > 0, LIMIT_MS);
    const display = await displayOf(name);
    const { frames } = session.host;
    const look = () => session.viewer.decoder.surface();
    await looksAlike("the desktop", look, display, LEAST_DB);
    for (const workload of WORKLOADS) {
      const before = frames.length;
      await runWorkload(projectRoot, display, workload, SECONDS);
      assert.ok(frames.length > before + 5, `${workload} drew nothing`);
      const decibels = await looksAlike(`after ${workload}`, look, display, LEAST_DB);
      const from = frames.length;
      const entries = session.entryEnds();
      session.driver.requestEntryPoint();
      await waitFor("an entry point", () => session.entryEnds() > entries, LIMIT_MS);
      const joined = makeViewer();
      const start = frames.findIndex(({ flags }, at) => at >= from && (flags & FrameFlag.entryStart) !== 0);
      for (const { channel, payload } of frames.slice(start))
        if (channel === Channel.picture) joined.decoder.push(payload);
      const joinedDb = await looksAlike("joined", () => joined.decoder.surface(), display, LEAST_DB);
      t.diagnostic(`${name}, ${workload}: ${decibels.toFixed(1)} dB, joined ${joinedDb.toFixed(1)} dB`);
      assert.deepEqual(joined.errors, []);
    }
    assert.deepEqual(session.viewer.errors, []);
    assert.equal(session.host.end, null);
  });

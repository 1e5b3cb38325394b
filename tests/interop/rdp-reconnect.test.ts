import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { afterEach, before, test } from "node:test";
import { CutLine } from "../support/cut-line.ts";
import { startLab } from "../support/lab.ts";
import { looksAlike } from "../support/rdp-screen.ts";
import { makeRdpSession, RDP_PORT } from "../support/rdp-session.ts";
import { sleep, waitFor } from "../support/vnc-peer.ts";
import { findXrdpDisplay } from "../support/xrdp-desktop.ts";

// A cable between the gateway and real RDP servers that breaks while a session is open.

const LIMIT_MS = 40_000;
const ends: (() => void)[] = [];

before(() => startLab("xrdp", "shadow3"));
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function openOverLine(port: number) {
  const line = await CutLine.to(`http://localhost:${port}`);
  ends.push(() => line.close());
  const session = makeRdpSession({ port: line.port });
  ends.unshift(() => session.driver.close());
  await session.driver.open();
  await waitFor("the first entry point", () => session.entryEnds() > 0, LIMIT_MS);
  return { ...session, line };
}

for (const name of ["xrdp", "shadow3"] as const)
  test(`${name}: a connection that broke comes back by itself, to the same desktop, and says so`, async () => {
    const { host, line, viewer, entryEnds } = await openOverLine(RDP_PORT[name]);
    const seen = entryEnds();
    line.break();
    await waitFor("the word", () => host.warnings.includes("target-reconnecting"), LIMIT_MS);
    await sleep(1500);
    assert.equal(host.end, null, "still there while the cable is cut");
    line.mend();
    await waitFor("the way back", () => host.warnings.includes("target-reconnected"), LIMIT_MS);
    await waitFor("a whole picture again", () => entryEnds() > seen, LIMIT_MS);
    assert.ok(host.markers.some((marker) => (marker as { type: string }).type === "reconnected"));
    if (name === "xrdp")
      await looksAlike("the desktop again", () => viewer.decoder.surface(), await findXrdpDisplay(), 45);
    assert.deepEqual(viewer.errors, []);
    assert.equal(host.end, null);
  });

test("xrdp: who signs out in the desktop has ended the session: nobody goes back", async () => {
  const { host } = await openOverLine(RDP_PORT.xrdp);
  const display = await findXrdpDisplay();
  // The window manager is what the lab's desktop lives by.
  assert.equal(spawnSync("openbox", ["--exit"], { env: { ...process.env, DISPLAY: display } }).status, 0);
  await waitFor("the end", () => host.end !== null, LIMIT_MS);
  assert.equal(host.end?.code, "closed-by-target");
  assert.deepEqual(host.warnings, []);
});

import assert from "node:assert/strict";
import { after, afterEach, before, type TestContext, test } from "node:test";
import type { Page } from "@playwright/test";
import { Codec } from "../../packages/picture/src/index.ts";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { FreeRdpClient } from "../support/freerdp-client.ts";
import { TestGateway } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { looksAlike, psnr } from "../support/rdp-screen.ts";
import { displayOf, RDP_PORT } from "../support/rdp-session.ts";
import { seenCodecs } from "../support/seen-codecs.ts";
import { drawnOn, openSessionPage, SessionBrowser } from "../support/session-page.ts";
import { StoppedWorkload, WORKLOADS } from "../support/stopped-workload.ts";
import { screenshot } from "../support/vnc-peer.ts";

// The same desktop in H.264 through Poterne in Chromium and through FreeRDP's own client, both connected while the lab's
// workloads run; each workload is stopped several times, and what both show then is compared.

/** Two decoders differ by rounding colours, two streams of one encoder hardly; 64 and more were measured. */
const SAME_DB = 55;
/** The encoder's last word on a screen that came to a halt: 37 and more were measured, another screen makes 20. */
const LEAST_DB = 32;
/** How long a workload runs before each look. */
const RUNS_MS = [1500, 1000] as const;
/**
 * The server encodes for each client at that one's own pace. What the last frame of a slow one left out, and what its
 * rate control blurred, comes with the next change: while there is no likeness the workload goes on for a moment every
 * so often. The moment is short, since what changes much is blurred again.
 */
const STIR_EVERY_MS = 2500;
const STIR_MS = 60;

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
let ada: TestPerson;
const clients: FreeRdpClient[] = [];
const workloads: StoppedWorkload[] = [];

before(async () => {
  startLab("shadow2", "shadow3");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  ada = await enrolPerson(gateway, chief, { login: "ada", name: "Ada", roles: ["user"] });
  browser = await SessionBrowser.start();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});
afterEach(async () => {
  for (const workload of workloads.splice(0)) await workload.stop();
  for (const client of clients.splice(0)) await client.stop();
});

async function openPage(port: number): Promise<{ readonly page: Page; readonly codecs: Set<number> }> {
  const { personId } = ada;
  const { alice: password } = labPasswords;
  const target = await grantTarget(chief.api, { protocol: "rdp", port, personId, password });
  const page = await browser.newPage(await browser.newContext(ada.api));
  const codecs = seenCodecs(page);
  await openSessionPage(page, await openSession(ada.api, target));
  return { page, codecs };
}

for (const name of ["shadow2", "shadow3"] as const)
  test(`${name}, AVC444v2: each workload looks as in FreeRDP's own client`, async (t: TestContext) => {
    const display = await displayOf(name);
    const { page, codecs } = await openPage(RDP_PORT[name]);
    const look = () => drawnOn(page);
    await looksAlike("the desktop", look, display);
    const client = await FreeRdpClient.start(RDP_PORT[name], screenshot(display), ["/gfx:AVC444"]);
    clients.push(client);
    await looksAlike("FreeRDP's client", () => client.look(), display);
    for (const kind of WORKLOADS) {
      workloads.push(await StoppedWorkload.start(display, kind));
      for (const runMs of RUNS_MS) {
        const before = screenshot(display).rgba;
        await workloads[0]?.run(runMs);
        assert.ok(!screenshot(display).rgba.equals(before), `${kind} drew nothing`);
        let ranAtMs = performance.now();
        const { both, ours, theirs } = await eventually(`${kind} in both`, async (seen) => {
          const [here, there, shown] = [await look(), client.look(), screenshot(display)];
          const found = { both: psnr(here, there), ours: psnr(here, shown), theirs: psnr(there, shown) };
          seen(JSON.stringify(found));
          if (found.both >= SAME_DB && found.ours >= LEAST_DB) return found;
          if (performance.now() - ranAtMs > STIR_EVERY_MS) {
            t.diagnostic(`${name}, ${kind}: not alike yet, ${JSON.stringify(found)}`);
            await workloads[0]?.run(STIR_MS);
            ranAtMs = performance.now();
          }
          return null;
        });
        t.diagnostic(
          `${name}, ${kind}: ours to FreeRDP's ${both.toFixed(1)} dB; to the display ours ${ours.toFixed(1)} dB, FreeRDP's ${theirs.toFixed(1)} dB`,
        );
      }
      await workloads.pop()?.stop();
    }
    assert.ok(codecs.has(Codec.avc444v2), `codecs ${[...codecs]}`);
    await page.context().close();
  });

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

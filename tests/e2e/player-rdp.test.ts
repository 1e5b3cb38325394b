import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { BrowserContext, Page } from "@playwright/test";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { grantTarget, personIdOf } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { type DrawnPicture, looksAlike } from "../support/rdp-screen.ts";
import { displayOf, RDP_PORT } from "../support/rdp-session.ts";
import { drawnOn, SessionBrowser } from "../support/session-page.ts";
import { HeadlessViewer } from "../support/viewer.ts";
import { endDesktopsOf } from "../support/xrdp-desktop.ts";

// A desktop of xrdp 0.10 that has just been signed in to begins with surfaces that come and go and with entry points
// that do not end: its recording is opened again and again, and must never stay empty.

const HOME = `${process.env.LAB_TRIXIE ?? "/opt/trixie"}/home/alice`;
const WIDTH = 1280;
/** Desktops begun anew, and how often the recording of each is opened. */
const DESKTOPS = 1;
const OPENINGS = 8;
/** No session of this test is shorter. */
const LEAST_MS = 1000;

let demo: Demo;
let browser: SessionBrowser;
let context: BrowserContext;

before(async () => {
  startLab("xrdp10");
  demo = await startDemo();
  await demo.api.must("PATCH", "/api/v1/me", { language: "en" });
  browser = await SessionBrowser.start();
  context = await browser.newContext(demo.api);
});
after(async () => {
  await browser?.close();
  await demo?.gateway.stop();
});

/** The player's page of a recording, opened at a second. */
async function openAt(sessionId: string, seconds: number): Promise<Page> {
  const page = await browser.newPage(context);
  await page.goto(`/recordings/${sessionId}?t=${seconds}`);
  await page.getByLabel("Place in the recording").waitFor();
  return page;
}

/** Waits until the player shows a desktop of the session's size with something on it. */
function showsDesktop(page: Page, what: string): Promise<DrawnPicture> {
  return eventually(what, async (seen) => {
    const drawn = await drawnOn(page);
    seen(`${drawn.width}x${drawn.height}`);
    const pixels = drawn.rgba as Buffer;
    const isBlank = pixels.subarray(4).every((value, at) => value === pixels[at]);
    return drawn.width === WIDTH && !isBlank ? drawn : null;
  });
}

/** Where the recording ends, in seconds. Before its index is there the slider has a length of its own. */
function endOf(page: Page): Promise<number> {
  return eventually("the recording's length", async (seen) => {
    const max = Number(await page.getByLabel("Place in the recording").getAttribute("max"));
    seen(`${max} ms`);
    return max > LEAST_MS ? max / 1000 : null;
  });
}

for (let desktop = 1; desktop <= DESKTOPS; desktop++)
  test(`a fresh desktop of xrdp 0.10 is recorded (${desktop}): wherever the player opens, it shows it`, async (t) => {
    await endDesktopsOf(HOME);
    const { alice: password } = labPasswords;
    const target = await grantTarget(demo.api, {
      protocol: "rdp",
      port: RDP_PORT.xrdp10,
      personId: await personIdOf(demo.api),
      password,
      rules: { recording: "must" },
    });
    const sessionId = await openSession(demo.api, target);
    const live = await HeadlessViewer.attach(demo.api, sessionId, { keepsFrames: false });
    await live.untilOpen();
    const display = await displayOf("xrdp10");
    const following = await openAt(sessionId, 0);
    await following.getByRole("button", { name: "Play", exact: true }).click();
    await showsDesktop(following, "the session that runs");
    await looksAlike("the running session's picture", () => drawnOn(following), display);
    live.control({ type: "end" });
    await eventually("the recording's end", async () => {
      const url = `/api/v1/recordings/${sessionId}`;
      return (await demo.api.must<{ integrity: string }>("GET", url)).integrity === "complete";
    });
    await following.close();
    const seconds: number[] = [];
    const first = await openAt(sessionId, 0);
    const end = await endOf(first);
    await first.close();
    for (let opening = 0; opening < OPENINGS; opening++) {
      const at = [end, 0, end / 2, end * 0.9][opening % 4] as number;
      const page = await openAt(sessionId, at);
      // At the very beginning nothing was drawn yet: it comes when it plays.
      const isEnd = at > end * 0.8;
      if (!isEnd) await page.getByRole("button", { name: "Play", exact: true }).click();
      await showsDesktop(page, `the picture of opening ${opening + 1}, at ${at} of ${end} s`);
      if (isEnd) await looksAlike(`the display in opening ${opening + 1}`, () => drawnOn(page), display);
      seconds.push(at);
      await page.close();
    }
    t.diagnostic(`opened at ${seconds.map((at) => at.toFixed(1)).join(", ")} s`);
  });

test("no page complained", () => assert.deepEqual(browser.complaints, []));

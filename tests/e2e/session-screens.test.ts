import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { ALIKE_DB, psnr } from "../support/rdp-screen.ts";
import { displayOf, RDP_PORT } from "../support/rdp-session.ts";
import {
  findsNothing,
  openSessionPage,
  pictureOf,
  recordingLength,
  SessionBrowser,
} from "../support/session-page.ts";
import { screenshot } from "../support/vnc-peer.ts";

// Several screens and dense ones on xrdp 0.10 in Chromium: two pages of one browser are two windows of one session.

const IMAGES = "test-results/session-screens";

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
let ada: TestPerson;
let guido: TestPerson;
let sessionId: string;
let display: string;
let first: Page;
let second: Page;
/** The first window's screen, `WxH`. */
let size: string;

before(async () => {
  startLab("xrdp10");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  ada = await enrolPerson(gateway, chief, { login: "ada", name: "Ada", roles: ["user"] });
  guido = await enrolPerson(gateway, chief, {
    login: "guido",
    name: "Guido",
    roles: ["approver", "auditor"],
  });
  for (const { api } of [ada, guido]) await api.must("PATCH", "/api/v1/me", { language: "en" });
  browser = await SessionBrowser.start();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

/** What RandR says in the session: `WxH+X+Y` of each monitor. */
function monitors(): string[] {
  const { stdout } = spawnSync("xrandr", ["-display", display, "--listmonitors"], { encoding: "utf8" });
  return [...stdout.matchAll(/(\d+)\/\d+x(\d+)\/\d+\+(\d+)\+(\d+)/g)].map(
    ([, width, height, x, y]) => `${width}x${height}+${x}+${y}`,
  );
}

/** Both windows' parts of the desktop. */
const screenParts = (): [Part, Part] => [
  { x: 0, width: 1000, height: Number(size.split("x")[1]) },
  { x: 1000, width: 800, height: 600 },
];

const has = (wanted: readonly string[]) =>
  eventually(`the monitors ${wanted.join(" ")}`, async (seen) => {
    seen(monitors().join(" "));
    return monitors().join() === wanted.join();
  });

interface Part {
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/** A part of a picture, from its upper edge down. */
function cut(rgba: Buffer, pictureWidth: number, { x, width, height }: Part): Buffer {
  const rows = Array.from({ length: height }, (_, row) => (row * pictureWidth + x) * 4);
  return Buffer.concat(rows.map((at) => rgba.subarray(at, at + width * 4)));
}

/** Waits until a window shows its part of the X display. */
const shows = (page: Page, what: string, part?: Part) =>
  eventually(what, async (seen) => {
    const [drawn, whole] = [await pictureOf(page), screenshot(display)];
    const { x, width, height } = part ?? { x: 0, width: whole.width, height: whole.height };
    if (drawn.size !== `${width}x${height}`) {
      seen(drawn.size);
      return false;
    }
    const decibels = psnr({ rgba: drawn.rgba }, { rgba: cut(whole.rgba, whole.width, { x, width, height }) });
    seen(`${decibels.toFixed(1)} dB`);
    return decibels >= ALIKE_DB;
  }).catch(async (error: unknown) => {
    await page.screenshot({ path: `${IMAGES}/failed.png` });
    throw error;
  });

/** Waits until a page shows both screens; what lies below the second, lower one is on no screen. */
const showsBoth = (page: Page, what: string) =>
  eventually(what, async (seen) => {
    const [drawn, whole] = [await pictureOf(page), screenshot(display)];
    seen(drawn.size);
    if (drawn.size !== `${whole.width}x${whole.height}`) return false;
    return screenParts().every((part) => {
      const [one, other] = [drawn.rgba, whole.rgba].map((rgba) => cut(rgba, whole.width, part));
      return one !== undefined && other !== undefined && psnr({ rgba: one }, { rgba: other }) >= ALIKE_DB;
    });
  });

/** Where the X pointer is. */
function pointer(): string {
  const { stdout } = spawnSync("xdotool", ["getmouselocation"], {
    encoding: "utf8",
    env: { ...process.env, DISPLAY: display },
  });
  return stdout.replace(/ screen.*/s, "");
}

/** Waits until the desktop is as large as the window, in device pixels times `density`; answers `WxH`. */
const fitted = (page: Page, density = 1) =>
  eventually("a desktop of the window's size", async (seen) => {
    const host = page.locator(".session-host");
    const [width, height] = await host.evaluate(({ clientWidth, clientHeight }) => [
      clientWidth,
      clientHeight,
    ]);
    const wanted = `${(width ?? 0) * density}x${(height ?? 0) * density}`;
    const drawn = (await pictureOf(page)).size;
    seen(`${drawn} for ${wanted}, ${monitors().join(" ")}`);
    return drawn === wanted && monitors().join() === `${wanted}+0+0` ? wanted : null;
  });

async function openDisplayMenu(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Display", exact: true }).click();
}

async function bothShow(when: string): Promise<void> {
  const [left, right] = screenParts();
  await shows(first, `the first screen, ${when}`, left);
  await shows(second, `the second screen, ${when}`, right);
}

/** Moves the mouse to a place of the window's picture; answers where the X pointer came to. */
async function pointTo(page: Page, x: number, y: number, expected: string): Promise<void> {
  const box = await page.locator(".session-host canvas").boundingBox();
  assert.ok(box !== null);
  await eventually(`the pointer at ${expected}`, async (seen) => {
    await page.mouse.move(box.x + x + 1, box.y + y);
    await page.mouse.move(box.x + x, box.y + y);
    seen(pointer());
    return pointer() === expected;
  });
}

test("a further window is a further monitor: RandR has it, each window shows its own part", async () => {
  const context = await browser.newContext(ada.api, {
    isBarPinned: true,
    viewport: { width: 1000, height: 700 },
  });
  first = await browser.newPage(context);
  const { alice: password } = labPasswords;
  const target = await grantTarget(chief.api, {
    ...{ protocol: "rdp", port: RDP_PORT.xrdp10, personId: ada.personId, password },
    rules: { recording: "must" },
  });
  sessionId = await openSession(ada.api, target);
  await openSessionPage(first, sessionId);
  display = await displayOf("xrdp10");
  size = await fitted(first);
  await openDisplayMenu(first);
  const opened = context.waitForEvent("page");
  await first.getByRole("button", { name: "Add a screen" }).click();
  second = await opened;
  await second.setViewportSize({ width: 800, height: 600 });
  await first.keyboard.press("Escape");
  await has([`${size}+0+0`, "800x600+1000+0"]);
  await bothShow("opened");
  await first.screenshot({ path: `${IMAGES}/first.png` });
  await second.screenshot({ path: `${IMAGES}/second.png` });
});

test("what is done in each window carries the desktop's places, and keys go where they were typed", async () => {
  await pointTo(first, 300, 200, "x:300 y:200");
  await pointTo(second, 300, 200, "x:1300 y:200");
  // A window of the desktop's own, on the second screen.
  const xterm = spawn("xterm", ["-geometry", "60x20+1050+50", "-e", "cat"], {
    env: { ...process.env, DISPLAY: display },
  });
  try {
    await bothShow("with a terminal");
    const before = screenshot(display).rgba;
    await second.locator(".session-host canvas").click({ position: { x: 200, y: 200 } });
    await second.keyboard.type("second");
    await eventually("something typed", async () => !screenshot(display).rgba.equals(before));
    await bothShow("typed in");
    await second.screenshot({ path: `${IMAGES}/second-typed.png` });
  } finally {
    xterm.kill();
  }
});

test("each window may be loaded again; who watches sees the whole desktop, and nobody else is its viewer", async () => {
  await second.reload();
  await has([`${size}+0+0`, "800x600+1000+0"]);
  await bothShow("the second loaded again");
  await first.reload();
  await first.waitForSelector(".session-overlay", { state: "detached" });
  await bothShow("the first loaded again");
  await has([`${size}+0+0`, "800x600+1000+0"]);
  const watching = await browser.newPage(await browser.newContext(guido.api, { isBarPinned: true }));
  await watching.goto(`/s/${sessionId}?role=observer`);
  await showsBoth(watching, "the observer's picture");
  await eventually("one viewer and one observer", async () => {
    const signs = await first.locator(".session-signs").textContent();
    return signs?.includes("Guido") === true && !signs.includes("Ada");
  });
  await watching.context().close();
});

test("dark and narrow, a window says why it shows nothing; axe finds nothing", async () => {
  await findsNothing(second, "a further window");
  const context = await browser.newContext(ada.api, {
    colorScheme: "dark",
    viewport: { width: 420, height: 700 },
  });
  const alone = await browser.newPage(context);
  await alone.goto(`/s/${sessionId}?screen=3`);
  await alone.getByRole("heading", { name: "This screen has no session any more" }).waitFor();
  await findsNothing(alone, "a window without a session");
  await alone.screenshot({ path: `${IMAGES}/alone-dark.png` });
  await context.close();
});

test("a window that is closed takes its monitor away; the recording has the whole desktop", async () => {
  await openDisplayMenu(first);
  await first.getByText("One more window shows a screen.").waitFor();
  await first.screenshot({ path: `${IMAGES}/menu.png` });
  await findsNothing(first, "the display menu");
  await first.keyboard.press("Escape");
  await second.close();
  await has([`${size}+0+0`]);
  await shows(first, "the only screen");
  await first.getByRole("button", { name: "Leave", exact: true }).click();
  await first.getByRole("dialog").getByRole("button", { name: "Leave", exact: true }).click();
  await first.getByRole("heading", { name: "Session ended" }).waitFor();
  const player = await browser.newPage(await browser.newContext(guido.api));
  await player.goto(`/recordings/${sessionId}`);
  await player.getByText("Integrity : complete").waitFor();
  const place = player.getByLabel("Place in the recording");
  const end = await recordingLength(place);
  // The machine decides how long each of the tests before took: somewhere in the middle both windows were there.
  let share = 0.3;
  await eventually("both screens in the player", async (seen) => {
    share = share >= 0.8 ? 0.3 : share + 0.05;
    await place.fill(String(Math.round(end * share)));
    await player.waitForTimeout(1000);
    const drawn = (await pictureOf(player)).size;
    seen(`${drawn} at ${share}`);
    return drawn === `1800x${size.split("x")[1]}`;
  });
  await player.context().close();
  await first.context().close();
});

test("a dense screen: as many pixels as the screen has, each one the display's", async () => {
  const dense = { isBarPinned: true, viewport: { width: 640, height: 480 }, deviceScaleFactor: 2 };
  const context = await browser.newContext(ada.api, dense);
  const page = await browser.newPage(context);
  const { alice: password } = labPasswords;
  const target = await grantTarget(chief.api, {
    ...{ protocol: "rdp", port: RDP_PORT.xrdp10, personId: ada.personId, password },
  });
  await openSessionPage(page, await openSession(ada.api, target));
  display = await displayOf("xrdp10");
  await fitted(page);
  await openDisplayMenu(page);
  await page.getByText("My screen (200 %)").click();
  await page.keyboard.press("Escape");
  const pixels = await fitted(page, 2);
  await shows(page, "the dense picture");
  // What is on the screen is what is on the canvas, pixel by pixel: nothing scales it.
  const [width = 0, height = 0] = pixels.split("x").map(Number);
  const canvas = page.locator(".session-host canvas");
  const box = await canvas.boundingBox();
  assert.deepEqual([box?.width, box?.height], [width / 2, height / 2]);
  await page
    .addStyleTag({ content: ".session-signs, .session-focus { visibility: hidden }" })
    .catch(() => undefined);
  await page.screenshot({ path: `${IMAGES}/dense.png` });
  await context.close();
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

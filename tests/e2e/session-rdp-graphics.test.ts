import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "@playwright/test";
import { Codec } from "../../packages/picture/src/index.ts";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { startOlderShadow } from "../support/freerdp-older-shadow.ts";
import { TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { type DrawnPicture, looksAlike } from "../support/rdp-screen.ts";
import { displayOf, RDP_PORT } from "../support/rdp-session.ts";
import { seenCodecs } from "../support/seen-codecs.ts";
import {
  drawnOn,
  findsNothing,
  openSessionPage,
  type PageWish,
  recordingLength,
  SessionBrowser,
} from "../support/session-page.ts";
import { screenshot } from "../support/vnc-peer.ts";
import { endAlicesDesktops } from "../support/xrdp-desktop.ts";

// Real RDP servers in Chromium: RemoteFX without the graphics pipeline, progressive and every kind of H.264 with it,
// compared with the X display.

const IMAGES = "test-results/session-rdp-graphics";
/** Inside the lab's xterm. */
const TERMINAL = { x: 200, y: 200 } as const;

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
let ada: TestPerson;
let guido: TestPerson;

before(async () => {
  startLab("xrdp", "xrdp10", "shadow2", "shadow3");
  await endAlicesDesktops();
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  ada = await enrolPerson(gateway, chief, { login: "ada", name: "Ada", roles: ["user"] });
  const roles = ["approver", "auditor"];
  guido = await enrolPerson(gateway, chief, { login: "guido", name: "Guido", roles });
  // By positions: FreeRDP's shadow servers ignore Unicode, and a terminal in which nothing but Enter arrives looks the same
  // for ever once it is full of empty lines.
  for (const { api } of [ada, guido])
    await api.must("PATCH", "/api/v1/me", { language: "en", keyboardMode: "positions" });
  browser = await SessionBrowser.start();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const newPage = async ({ api }: TestPerson): Promise<Page> =>
  browser.newPage(await browser.newContext(api, { isBarPinned: true }));

function grantRdp(port: number): Promise<GrantedTarget> {
  const { personId } = ada;
  const { alice: password } = labPasswords;
  return grantTarget(chief.api, { protocol: "rdp", port, personId, password, rules: { recording: "must" } });
}

/** Clicks into the desktop's terminal and types a line, whose effect the display shows. */
async function typeOn(page: Page, display: string): Promise<void> {
  const before = screenshot(display).rgba;
  const box = await page.locator(".session-host canvas").boundingBox();
  const { width } = await drawnOn(page);
  assert.ok(box !== null);
  const scale = box.width / width;
  await page.mouse.click(box.x + TERMINAL.x * scale, box.y + TERMINAL.y * scale);
  // Another word each time: a screen full of the same lines looks the same with one more of them.
  const word = [...Date.now().toString()].map((digit) => "abcdefghij"[Number(digit)]).join("");
  await page.keyboard.type(`echo ${word}\n`);
  await eventually("something typed", async () => !screenshot(display).rgba.equals(before));
}

/** What a page shows once it shows the same twice: a desktop that was typed on goes on drawing. */
async function stillOn(page: Page): Promise<DrawnPicture> {
  let before = Buffer.alloc(0);
  return eventually("a still picture", async () => {
    const drawn = await drawnOn(page);
    const isStill = before.equals(drawn.rgba as Buffer);
    before = Buffer.from(drawn.rgba as Buffer);
    await sleep(500);
    return isStill ? drawn : null;
  });
}

async function leave(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Leave", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Leave", exact: true }).click();
  await page.getByRole("heading", { name: "Session ended" }).waitFor();
}

/** Plays the recording's end, and a place in its middle. */
async function replays(sessionId: string, last: DrawnPicture): Promise<void> {
  const player = await newPage(guido);
  await player.goto(`/recordings/${sessionId}`);
  await player.getByText("Integrity : complete").waitFor();
  const place = player.getByLabel("Place in the recording");
  const end = await recordingLength(place);
  for (const at of [end, end / 2, end]) {
    await place.fill(String(Math.round(at)));
    await eventually(`a picture in the player at ${at} of ${end} ms`, async (seen) => {
      const { width, height } = await drawnOn(player);
      seen(`${width}x${height}, not ${last.width} wide`);
      return width === last.width;
    });
  }
  await eventually("the last picture in the player", async (seen) => {
    const { width, height, rgba } = await drawnOn(player);
    seen(`${width}x${height}`);
    return (
      width === last.width &&
      height === last.height &&
      Buffer.from(rgba as Buffer).equals(last.rgba as Buffer)
    );
  });
  await player.context().close();
}

for (const { name, codec, codecName, older } of [
  { name: "xrdp", codec: Codec.remoteFx, codecName: "RemoteFX" },
  { name: "xrdp10", codec: Codec.progressive, codecName: "progressive" },
  { name: "shadow2", codec: Codec.avc444v2, codecName: "AVC444v2" },
  { name: "shadow3", codec: Codec.avc444v2, codecName: "AVC444v2" },
  { name: "shadow3", codec: Codec.avc444, codecName: "AVC444 v1", older: "avc444" },
  { name: "shadow3", codec: Codec.avc420, codecName: "AVC420", older: "avc420" },
] as const)
  test(`${name} with ${codecName}: typed in, reloaded, watched and replayed, the picture is the display's`, async (t: TestContext) => {
    const server = older === undefined ? { port: RDP_PORT[name] } : await startOlderShadow(older);
    t.after(() => ("stop" in server ? server.stop() : undefined));
    const page = await newPage(ada);
    const codecs = seenCodecs(page);
    const target = await grantRdp(server.port);
    const sessionId = await openSession(ada.api, target);
    await openSessionPage(page, sessionId);
    const display = await displayOf(name);
    const shows = async (of: Page, what: string) => {
      const decibels = await looksAlike(what, () => drawnOn(of), display);
      t.diagnostic(`${name}, ${codecName}, ${what}: ${decibels.toFixed(1)} dB`);
    };
    await shows(page, "opened");
    await typeOn(page, display);
    await shows(page, "typed");
    assert.ok(codecs.has(codec), `codecs ${[...codecs]}`);
    await page.reload();
    await page.waitForSelector(".session-overlay", { state: "detached" });
    await shows(page, "reloaded");
    const watching = await newPage(guido);
    await watching.goto("/live");
    await watching
      .getByRole("link", { name: new RegExp(`^Watch Ada's session on ${target.name}`) })
      .first()
      .click();
    await watching.waitForSelector(".session-host[data-kind]:not([data-kind=''])");
    await shows(watching, "watched");
    await typeOn(page, display);
    await shows(watching, "watched on");
    await shows(page, "typed again");
    await page.screenshot({ path: `${IMAGES}/${name}-${codecName.replace(" ", "-")}.png` });
    await watching.context().close();
    const last = await stillOn(page);
    await leave(page);
    await replays(sessionId, last);
    await page.context().close();
  });

/** A page of a browser whose system has no H.264, in its windows and in its workers. */
async function newPageWithoutH264({ api }: TestPerson, wish: PageWish = {}): Promise<Page> {
  const context = await browser.newContext(api, { isBarPinned: true, ...wish });
  await context.addInitScript(() => {
    Reflect.deleteProperty(globalThis, "VideoDecoder");
  });
  await context.route(/display-worker[^/]*\.js/, async (route) => {
    const response = await route.fetch();
    const body = `Reflect.deleteProperty(globalThis, "VideoDecoder");\n${await response.text()}`;
    await route.fulfill({ response, body });
  });
  return browser.newPage(context);
}

const sign = (page: Page) => page.getByText("This browser cannot show this picture");

test("shadow3: a browser without H.264 is told so; once it has control, the server draws otherwise for all", async () => {
  const page = await newPage(ada);
  const target = await grantRdp(RDP_PORT.shadow3);
  const sessionId = await openSession(ada.api, target);
  await openSessionPage(page, sessionId);
  await looksAlike("the picture in H.264", () => drawnOn(page), ":42");
  const watching = await newPageWithoutH264(guido);
  await watching.goto(`/s/${sessionId}?role=observer`);
  await sign(watching).waitFor();
  await watching.screenshot({ path: `${IMAGES}/without-h264-light.png` });
  await findsNothing(watching, "the sign of an undecodable picture");
  await page.context().close();
  const poorer = await newPageWithoutH264(ada);
  await openSessionPage(poorer, sessionId);
  await looksAlike("the picture without H.264", () => drawnOn(poorer), ":42");
  await looksAlike("the observer's picture", () => drawnOn(watching), ":42");
  assert.equal(await sign(watching).count(), 0);
  await leave(poorer);
  await poorer.context().close();
  await watching.context().close();
  for (const wish of [
    { colorScheme: "light" },
    { colorScheme: "dark", viewport: { width: 420, height: 700 } },
  ] as const)
    await tellsInPlayer(sessionId, wish);
});

/** The recording begins in H.264 and ends without. */
async function tellsInPlayer(sessionId: string, wish: PageWish): Promise<void> {
  const player = await newPageWithoutH264(guido, wish);
  await player.goto(`/recordings/${sessionId}`);
  await player.getByText("Integrity : complete").waitFor();
  const place = player.getByLabel("Place in the recording");
  const end = await recordingLength(place);
  await place.fill(String(Math.round(end * 0.3)));
  await sign(player).waitFor();
  await player.screenshot({ path: `${IMAGES}/player-without-h264-${wish.colorScheme}.png` });
  await place.fill(String(end));
  await sign(player).waitFor({ state: "detached" });
  await player.context().close();
}

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

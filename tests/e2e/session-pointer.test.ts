import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { after, afterEach, before, test } from "node:test";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { displayOf, RDP_PORT } from "../support/rdp-session.ts";
import { drawnOn, openSessionPage, SessionBrowser } from "../support/session-page.ts";
import { cursorOf, makeColours, placeCursor, type XCursor } from "../support/x-cursor.ts";

// The pointer as Chromium has it over the picture, against the shape the X server shows.

const GUMBY = 56;
const SIDE = 60;
/** The page's pixels are divided by alpha and multiplied again. */
const ROUNDING = 2;

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
let ada: TestPerson;
const windows: ChildProcess[] = [];

before(async () => {
  startLab("xrdp10");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  ada = await enrolPerson(gateway, chief, { login: "ada", name: "Ada", roles: ["user"] });
  browser = await SessionBrowser.start();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});
afterEach(() => {
  for (const window of windows.splice(0)) window.kill();
});

/** The picture's pointer: hot spot, size, R, G, B, A; null without a shape. Runs inside the page. */
async function readPointer() {
  const { cursor } = document.querySelector<HTMLCanvasElement>(".session-host canvas")?.style ?? {
    cursor: "",
  };
  const [, address = "", hotX, hotY] = /^url\("?([^")]*)"?\) (\d+) (\d+)/.exec(cursor) ?? [];
  if (address === "") return null;
  const image = new Image();
  image.src = address;
  await image.decode();
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context?.drawImage(image, 0, 0);
  const rgba = [...(context?.getImageData(0, 0, width, height).data ?? [])];
  return { hotX: Number(hotX), hotY: Number(hotY), width, height, rgba };
}

/** Where the page's shape is not the X server's, null where it is; xrdp puts shapes into squares of 32 or 96 pixels. */
function differs(ours: NonNullable<Awaited<ReturnType<typeof readPointer>>>, theirs: XCursor): string | null {
  if (ours.hotX !== theirs.hotX || ours.hotY !== theirs.hotY) return `hot spot ${ours.hotX},${ours.hotY}`;
  for (let y = 0; y < ours.height; y++)
    for (let x = 0; x < ours.width; x++) {
      const at = (y * ours.width + x) * 4;
      const [red = 0, green = 0, blue = 0, alpha = 0] = ours.rgba.slice(at, at + 4);
      const isInside = x < theirs.width && y < theirs.height;
      const wanted = isInside ? theirs.bgra.subarray((y * theirs.width + x) * 4) : [0, 0, 0, 0];
      const shown = [(blue * alpha) / 255, (green * alpha) / 255, (red * alpha) / 255, alpha];
      if (shown.some((value, channel) => Math.abs(value - (wanted[channel] ?? 0)) > ROUNDING))
        return `${x},${y}: ${shown} for ${wanted.slice(0, 4)}`;
    }
  return null;
}

test("xrdp10: the page's pointer is the X server's: two colours, alpha, a large one", async () => {
  const { personId } = ada;
  const { alice: password } = labPasswords;
  const wish = { protocol: "rdp", port: RDP_PORT.xrdp10, personId, password } as const;
  const page = await browser.newPage(await browser.newContext(ada.api));
  await openSessionPage(page, await openSession(ada.api, await grantTarget(chief.api, wish)));
  const display = await displayOf("xrdp10");
  const shapes = [GUMBY, makeColours(32), makeColours(96)];
  const places = shapes.map((shape, index) => ({ x: 100 + index * 150, y: 560, side: SIDE, shape }));
  for (const place of places) windows.push(placeCursor(display, place));
  for (const place of places)
    await eventually(`the pointer at ${place.x}`, async (seen) => {
      const box = await page.locator(".session-host canvas").boundingBox();
      assert.ok(box !== null);
      const scale = box.width / (await drawnOn(page)).width;
      for (const y of [place.y - SIDE, place.y + SIDE / 2])
        await page.mouse.move(box.x + (place.x + SIDE / 2) * scale, box.y + y * scale);
      await page.waitForTimeout(500);
      const [ours, theirs] = [await page.evaluate(readPointer), cursorOf(display)];
      const isThere = typeof place.shape === "number" || theirs.width === place.shape.width;
      if (!isThere || ours === null) return false;
      const difference = differs(ours, theirs);
      seen(`${ours.width}x${ours.height} for ${theirs.width}x${theirs.height}, ${difference}`);
      return difference === null;
    });
  assert.deepEqual(browser.complaints, []);
});

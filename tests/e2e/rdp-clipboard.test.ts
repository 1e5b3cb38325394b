import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { addFileHeader, encodeBitmap } from "../../packages/viewer/src/clipboard/bitmap.ts";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import { RDP_PORT } from "../support/rdp-session.ts";
import { openSessionPage, SessionBrowser } from "../support/session-page.ts";
import { needPackage, outputOf } from "../support/vnc-peer.ts";
import { endAlicesDesktops, findXrdpDisplay } from "../support/xrdp-desktop.ts";

// Pictures between a real browser's clipboard and a real RDP desktop's: PNG here, CF_DIB there.

const WIDTH = 40;
const HEIGHT = 30;

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
let page: Page;
let display: string;

before(async () => {
  startLab("xrdp");
  await endAlicesDesktops();
  needPackage("xclip");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  await chief.api.must("PATCH", "/api/v1/me", { language: "en" });
  browser = await SessionBrowser.start();
  const rules = { clipboardToTarget: "all", clipboardFromTarget: "all" };
  const { personId } = chief;
  const wish = {
    protocol: "rdp",
    port: RDP_PORT.xrdp,
    personId,
    password: labPasswords.alice,
    rules,
  } as const;
  page = await browser.newPage(await browser.newContext(chief.api, { isBarPinned: true }));
  await openSessionPage(page, await openSession(chief.api, await grantTarget(chief.api, wish)));
  display = await findXrdpDisplay();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

/** The first pixel of the picture in the browser's clipboard and its size, null when there is none. */
const readPicture = (): Promise<string | null> =>
  page.evaluate(async () => {
    for (const item of await navigator.clipboard.read()) {
      if (!item.types.includes("image/png")) continue;
      const picture = await createImageBitmap(await item.getType("image/png"));
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const context = canvas.getContext("2d");
      context?.drawImage(picture, 0, 0);
      return `${picture.width}x${picture.height} ${[...(context?.getImageData(0, 0, 1, 1).data ?? [])].join(",")}`;
    }
    return null;
  });

test("a picture copied in the desktop is a picture in the browser's clipboard", async () => {
  const pixels = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255);
  pixels.set([200, 100, 50, 255]);
  const file = addFileHeader(encodeBitmap(pixels, WIDTH, HEIGHT));
  const xclip = ["-selection", "clipboard", "-t", "image/bmp", "-display", display];
  // The channel server of a desktop that has just begun does not tell what was copied before it looked.
  const copy = () => {
    const owner = spawn("xclip", xclip, { stdio: ["pipe", "ignore", "ignore"] });
    owner.stdin.end(file);
  };
  await page.bringToFront();
  await page.mouse.click(1000, 600);
  await eventually("the picture", async (seen) => {
    copy();
    await page.waitForTimeout(1000);
    const found = await readPicture();
    seen(String(found));
    return found === `${WIDTH}x${HEIGHT} 200,100,50,255`;
  });
  await page.getByRole("button", { name: /^Clipboard/ }).click();
  await page.getByText("Last picture copied on the machine").waitFor();
  await page.screenshot({ path: "test-results/rdp-clipboard/picture.png" });
  await page.keyboard.press("Escape");
});

test("a picture copied here is one in the desktop's clipboard, what is transparent being white", async () => {
  const desk = await browser.newPage(page.context());
  await desk.goto("/about");
  await desk.evaluate(async () => {
    const canvas = new OffscreenCanvas(8, 4);
    const context = canvas.getContext("2d");
    if (context === null) return;
    context.fillStyle = "rgb(10, 20, 30)";
    context.fillRect(0, 0, 4, 4);
    const picture = await canvas.convertToBlob({ type: "image/png" });
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
  });
  await desk.close();
  await page.bringToFront();
  await page.mouse.click(1000, 600);
  const pixels = new Uint8ClampedArray(8 * 4 * 4).fill(255);
  for (let y = 0; y < 4; y++) for (let x = 0; x < 4; x++) pixels.set([10, 20, 30, 255], (y * 8 + x) * 4);
  const wanted = Buffer.from(encodeBitmap(pixels, 8, 4));
  await eventually("the picture", async (seen) => {
    const command = `xclip -o -selection clipboard -t image/bmp -display ${display} | base64 -w0`;
    const pasted = Buffer.from(await outputOf("sh", ["-c", command]), "base64");
    seen(pasted.toString("hex"));
    return pasted.subarray(14, 14 + wanted.length).equals(wanted);
  });
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

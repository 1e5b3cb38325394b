import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import {
  findsNothing,
  openSessionPage,
  pictureOf,
  SessionBrowser,
  showsDisplay,
} from "../support/session-page.ts";
import { needPackage, outputOf } from "../support/vnc-peer.ts";

// The clipboard of a real browser and of a real desktop (TigerVNC's, read and written by xclip), both ways.

const DISPLAY = ":45";
/** What the desktop's shell writes, to see from outside that keys arrived. */
const PROOF = "/tmp/poterne-clipboard-proof";
const TEXT = "Été à Orléans — œuvre, 12 €, 漢字 🚒\nseconde ligne";

let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
/** A page that may use the browser's clipboard: what a person's other programs would do. */
let desk: Page;
let owner: ChildProcess | null = null;

before(async () => {
  startLab("vnc");
  needPackage("xclip");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  await chief.api.must("PATCH", "/api/v1/me", { language: "en" });
  browser = await SessionBrowser.start();
  desk = await browser.newPage(await browser.newContext(chief.api));
  await desk.goto("/about");
});
after(async () => {
  owner?.kill();
  rmSync(PROOF, { force: true });
  await browser?.close();
  await gateway?.stop();
});

/** A desktop session of its own policy, in a page that may use the clipboard by itself or not. */
async function openDesktop(rules: Readonly<Record<string, unknown>>, permissions: string[]): Promise<Page> {
  const { personId } = chief;
  const options = { quality: null };
  const wish = { protocol: "vnc", port: 5945, personId, username: "", options, rules } as const;
  const sessionId = await openSession(
    chief.api,
    await grantTarget(chief.api, { ...wish, password: labPasswords.vnc }),
  );
  const page = await browser.newPage(
    await browser.newContext(chief.api, {
      permissions,
      isBarPinned: true,
      viewport: { width: 1280, height: 840 },
    }),
  );
  await openSessionPage(page, sessionId);
  await page.mouse.click(900, 700);
  await page.mouse.move(930, 720);
  return page;
}

/** What a program of this computer would paste. */
async function readBrowser(): Promise<string> {
  await desk.bringToFront();
  return desk.evaluate(() => navigator.clipboard.readText());
}

async function writeBrowser(text: string): Promise<void> {
  await desk.bringToFront();
  await desk.evaluate((value) => navigator.clipboard.writeText(value), text);
}

const readDesktop = (): Promise<string> =>
  outputOf("xclip", ["-display", DISPLAY, "-selection", "clipboard", "-o"]);

/** A program of the desktop copies a text. */
function writeDesktop(text: string): void {
  owner?.kill();
  owner = spawn("xclip", ["-display", DISPLAY, "-selection", "clipboard", "-i", "-loops", "0"], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  owner.stdin?.end(text);
}

const desktopHas = (text: string) =>
  eventually("the text on the desktop", async (seen) => {
    const found = await readDesktop();
    seen(found);
    return found === text;
  });

/** The clipboard menu's words of both directions. */
async function ways(page: Page): Promise<string> {
  await page.getByRole("button", { name: /^Clipboard/ }).click();
  const menu = page.getByRole("dialog", { name: "Clipboard" });
  const words = (await menu.textContent()) ?? "";
  await page.keyboard.press("Escape");
  await menu.waitFor({ state: "detached" });
  return words;
}

test("with the browser's leave the clipboard passes by itself, both ways", async () => {
  writeDesktop("nothing yet");
  const page = await openDesktop({}, ["clipboard-read", "clipboard-write"]);
  assert.match(await ways(page), /To the machine● Allowed.*From the machine● Allowed/);
  await writeBrowser(TEXT);
  await page.bringToFront();
  await page.mouse.click(900, 700);
  await desktopHas(TEXT);
  writeDesktop(`from the machine: ${TEXT}`);
  await page.bringToFront();
  await page.getByRole("button", { name: /^Clipboard/ }).click();
  await page.getByText("Last text copied on the machine").waitFor();
  await findsNothing(page, "the clipboard menu");
  await page.getByRole("button", { name: "Show" }).click();
  await page.locator("pre").getByText("from the machine: Été").waitFor();
  assert.equal(await readBrowser(), `from the machine: ${TEXT}`);
  await page.context().close();
});

test("where the browser does not let pages read it, Ctrl+V carries the text by the paste event", async () => {
  writeDesktop("nothing yet");
  const page = await openDesktop({}, ["clipboard-write"]);
  assert.match(await ways(page), /To the machine▲ Blocked by your browser/);
  await writeBrowser(`pasted: ${TEXT}`);
  await page.bringToFront();
  await page.mouse.click(900, 700);
  await page.keyboard.press("Control+v");
  await desktopHas(`pasted: ${TEXT}`);
  writeDesktop(`received: ${TEXT}`);
  await page.bringToFront();
  await page.getByRole("button", { name: /^Clipboard/ }).click();
  await page.getByText("Last text copied on the machine").waitFor();
  await eventually("the text in the browser", async (seen) => {
    const found = await readBrowser();
    seen(found);
    return found === `received: ${TEXT}`;
  });
  await page.context().close();
});

test("a policy that closes the clipboard lets nothing cross, whatever browser and person do", async () => {
  const rules = { clipboardToTarget: "off", clipboardFromTarget: "off" };
  await writeBrowser("the person's secret");
  writeDesktop("the machine's secret");
  const page = await openDesktop(rules, ["clipboard-read", "clipboard-write"]);
  assert.match(await ways(page), /To the machine■ Blocked by policy.*From the machine■ Blocked by policy/);
  await page.mouse.click(900, 700);
  await page.keyboard.press("Control+v");
  writeDesktop("another secret of the machine");
  // What comes after on the same two ways has arrived: keys there, the picture of what they did here.
  await desktopHas("another secret of the machine");
  await page.mouse.click(400, 300);
  await page.keyboard.type(`clear; echo arrived | tee ${PROOF}\n`);
  await eventually("the keys on the desktop", async () => existsSync(PROOF));
  await page.mouse.move(930, 720);
  await showsDisplay(() => pictureOf(page), DISPLAY);
  assert.equal(await readDesktop(), "another secret of the machine");
  assert.equal(await readBrowser(), "the person's secret");
  await page.context().close();
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

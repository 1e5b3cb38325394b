import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "puppeteer-core";
import { eventually } from "../support/eventually.ts";
import { endCodeOf } from "../support/evidence.ts";
import { Firefox } from "../support/firefox.ts";
import { TestGateway } from "../support/gateway.ts";
import { type GrantedTarget, grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { codeNow, enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { readCanvas, type ShownPicture, showsDisplay } from "../support/session-page.ts";
import { needPackage, outputOf } from "../support/vnc-peer.ts";

// The main path in Debian's Firefox ESR: what Chromium proves elsewhere, once more in the other engine.

const DISPLAY = ":45";

let gateway: TestGateway;
let firefox: Firefox;
let page: Page;
let person: TestPerson;
let ssh: GrantedTarget;
let vnc: GrantedTarget;
let terminalSessionId = "";
let desktopSessionId = "";

before(async () => {
  startLab("sshd", "vnc");
  needPackage("xclip");
  gateway = await TestGateway.start();
  const chief = await enrolAdministrator(gateway);
  person = await enrolPerson(gateway, chief, { login: "lea", name: "Léa", roles: ["user", "auditor"] });
  await person.api.must("PATCH", "/api/v1/me", { language: "en" });
  const { personId } = person;
  ssh = await grantTarget(chief.api, { protocol: "ssh", port: 2201, personId, password: labPasswords.alice });
  const options = { quality: null };
  const wish = { protocol: "vnc", port: 5945, personId, username: "", options } as const;
  vnc = await grantTarget(chief.api, { ...wish, password: labPasswords.vnc });
  firefox = await Firefox.start();
  ({ page } = firefox);
});
after(async () => {
  await firefox?.close();
  await gateway?.stop();
});

const shownPicture = async (): Promise<ShownPicture> => {
  const { size, base64 } = await page.evaluate(readCanvas);
  return { size, rgba: Buffer.from(base64, "base64") };
};

/** Opens a target from the list of machines; the session's id. */
async function open(target: GrantedTarget): Promise<string> {
  await page.goto(new URL("/", gateway.url).href);
  const label = await page.waitForFunction(
    (name) =>
      [...document.querySelectorAll("button")].find((one) => (one.ariaLabel ?? "").includes(name))?.ariaLabel,
    {},
    `Open ${target.name}`,
  );
  await firefox.press((await label.jsonValue()) ?? "");
  await page.waitForSelector(".session-host[data-kind]:not([data-kind=''])");
  await overlayGone();
  return new URL(page.url()).pathname.slice("/s/".length);
}

async function overlayGone(): Promise<void> {
  await page.waitForFunction(() => document.querySelector(".session-overlay") === null);
}

async function typeLine(line: string): Promise<void> {
  await page.focus(".xterm-helper-textarea");
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

async function leave(): Promise<void> {
  await firefox.press("Leave");
  await page.waitForSelector("[role=dialog]");
  await page.evaluate(() => {
    const buttons = [...document.querySelectorAll<HTMLButtonElement>("[role=dialog] button")];
    buttons.find((one) => one.textContent === "Leave")?.click();
  });
  await firefox.sees("Session ended");
}

test("signs in with a password and the code of an application", async (context) => {
  context.diagnostic(firefox.version);
  await page.goto(new URL("/sign-in", gateway.url).href);
  await firefox.fill("Login", person.login);
  await firefox.fill("Password", person.password);
  await firefox.press("Sign in");
  await firefox.sees("Second factor");
  // The code of now was used at enrolment.
  await firefox.fill("Six-digit code", codeNow(person.totpSecret, 1));
  await firefox.press("Confirm");
  await firefox.sees("My machines");
});

test("a terminal takes typing, and comes back after a reload", async () => {
  terminalSessionId = await open(ssh);
  await typeLine("echo $((6*7))-works");
  await firefox.sees("42-works");
  await page.reload();
  await overlayGone();
  await firefox.sees("42-works");
  await typeLine("echo $((6*7))-again");
  await firefox.sees("42-again");
  await leave();
});

test("a desktop is drawn as the X display shows it, pixel by pixel, and takes keys and the clipboard", async () => {
  desktopSessionId = await open(vnc);
  await page.mouse.click(900, 600);
  await page.mouse.move(930, 620);
  await showsDisplay(shownPicture, DISPLAY);
  await page.evaluate(() => navigator.clipboard.writeText("Été — œuvre"));
  await page.mouse.click(930, 620);
  await page.keyboard.down("Control");
  await page.keyboard.press("v");
  await page.keyboard.up("Control");
  await eventually("the text on the desktop", async (seen) => {
    const found = await outputOf("xclip", ["-display", DISPLAY, "-selection", "clipboard", "-o"]);
    seen(found);
    return found === "Été — œuvre";
  });
  await page.mouse.click(300, 250);
  await page.keyboard.type("clear; ls /");
  await page.keyboard.press("Enter");
  await page.mouse.move(930, 620);
  await showsDisplay(shownPicture, DISPLAY);
  await leave();
});

test("both recordings are replayed: text from the beginning, the desktop's last picture", async () => {
  await endCodeOf(person.api, terminalSessionId);
  await page.goto(new URL(`/recordings/${terminalSessionId}`, gateway.url).href);
  await firefox.sees("Integrity : complete");
  await page.select("select", "16");
  await firefox.press("Play");
  await firefox.sees("42-again");
  await endCodeOf(person.api, desktopSessionId);
  await page.goto(new URL(`/recordings/${desktopSessionId}`, gateway.url).href);
  await firefox.sees("Integrity : complete");
  await page.waitForSelector(".player-host canvas");
  await page.keyboard.press("End");
  await showsDisplay(shownPicture, DISPLAY);
});

test("no page broke the content policy or threw, and a break would have been seen", async () => {
  assert.deepEqual([await firefox.violations(), firefox.errors], [[], []]);
  await page.evaluate(() => document.body.setAttribute("style", "color: red"));
  await eventually("the planted break", async () => (await firefox.violations()).length === 1);
});

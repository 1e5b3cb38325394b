import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { openSession } from "../support/demo.ts";
import { endCodeOf } from "../support/evidence.ts";
import { TestGateway } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, enrolPerson, type TestPerson } from "../support/people.ts";
import { findsNothing, SessionBrowser, seesText } from "../support/session-page.ts";
import { HeadlessViewer } from "../support/viewer.ts";

// The player on a real SSH session: while it runs, and afterwards.

let gateway: TestGateway;
let browser: SessionBrowser;
let auditor: TestPerson;
let second: TestPerson;
let page: Page;
let worker: HeadlessViewer;
let sessionId = "";
/** A copied link to a moment. */
let link = "";

before(async () => {
  startLab("sshd");
  gateway = await TestGateway.start();
  const chief = await enrolAdministrator(gateway);
  auditor = await enrolPerson(gateway, chief, { login: "aude", name: "Aude", roles: ["auditor"] });
  second = await enrolPerson(gateway, chief, { login: "sam", name: "Sam", roles: ["auditor"] });
  for (const { api } of [auditor, second]) await api.must("PATCH", "/api/v1/me", { language: "en" });
  const { personId } = chief;
  const wish = { protocol: "ssh", port: 2201, personId, password: labPasswords.alice } as const;
  sessionId = await openSession(chief.api, await grantTarget(chief.api, wish));
  worker = await HeadlessViewer.attach(chief.api, sessionId);
  await worker.untilOpen();
  worker.type("PS1='$ '; clear; echo first-$((40+2))\r");
  await worker.until("the first output", ({ text }) => text.includes("first-42"));
  browser = await SessionBrowser.start();
  page = await browser.newPage(await browser.newContext(auditor.api));
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
});

/** What the player's terminal shows. */
const screen = async (): Promise<string> =>
  (await page.locator(".xterm-accessibility").textContent())?.replaceAll("\u00a0", " ") ?? "";

/** Where the player stands, milliseconds. */
const position = async (): Promise<number> =>
  Number(await page.getByLabel("Place in the recording").inputValue());

test("at the live edge what the session shows appears, until it ends", async () => {
  await page.goto(`/recordings/${sessionId}`);
  await page.getByRole("button", { name: "Follow live" }).click();
  await page.getByRole("button", { name: "● Live" }).waitFor();
  await seesText(page, "first-42");
  worker.type("echo second-$((40+2))\r");
  await seesText(page, "second-42");
  await findsNothing(page, "the player at the live edge");
  worker.type("echo third-$((40+2)); sleep 6; echo last-$((40+2)); exit\r");
  await seesText(page, "third-42");
  await seesText(page, "last-42");
  await page.getByRole("button", { name: /Live|Follow live/ }).waitFor({ state: "detached" });
  assert.equal(await endCodeOf(auditor.api, sessionId), "closed-by-target");
});

test("a link to a moment opens there, with what was shown then and no more", async () => {
  await page.goto(`/recordings/${sessionId}`);
  await page.getByText("Integrity : complete").waitFor();
  await page.getByRole("tab", { name: "Search" }).click();
  await page.getByLabel("Text shown in the terminal").fill("third-42");
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("1 result", { exact: true }).waitFor();
  await page
    .locator(".player-jump")
    .filter({ has: page.locator("mark") })
    .click();
  await seesText(page, "third-42");
  assert.equal((await screen()).includes("last-42"), false);
  await page.getByRole("button", { name: "Copy the link to this moment" }).click();
  await page.getByText("Link copied.").waitFor();
  link = await page.evaluate(() => navigator.clipboard.readText());
  const at = await position();
  await page.goto(link);
  await seesText(page, "third-42");
  assert.equal((await screen()).includes("last-42"), false);
  assert.ok(Math.abs((await position()) - at) <= 100, `${await position()} instead of ${at}`);
});

test("at sixteen times the speed it plays to the end, and from the beginning again", async () => {
  await page.getByLabel("Speed").selectOption("16");
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await seesText(page, "last-42");
  const ratio = await page.evaluate(async () => {
    const line = document.querySelector<HTMLInputElement>(".player-line input");
    const buttons = [...document.querySelectorAll("button")];
    const at = () => Number(line?.value);
    const isPlaying = () =>
      [...document.querySelectorAll("button")].some((one) => one.textContent === "Pause");
    const until = async (condition: () => boolean) => {
      while (!condition()) await new Promise((resolve) => requestAnimationFrame(resolve));
    };
    await until(() => !isPlaying());
    buttons.find((one) => one.textContent === "Play")?.click();
    await until(() => isPlaying() && at() > 0 && at() < Number(line?.max) / 2);
    const [fromMs, startedAt] = [at(), performance.now()];
    await until(() => at() > (Number(line?.max) * 3) / 4);
    return (at() - fromMs) / (performance.now() - startedAt);
  });
  // A machine that draws slowly moves the clock in fewer, bounded steps: never slower than this.
  assert.ok(ratio > 2, `× ${ratio}`);
});

test("a mark is found by the next auditor, who cannot remove it; its author can", async () => {
  await page.goto(link);
  await seesText(page, "third-42");
  await page.keyboard.press("m");
  await page.getByRole("tab", { name: "Marks" }).click();
  await page.getByLabel("Comment").fill("why third?");
  await page.getByRole("button", { name: /^Set a mark at/ }).click();
  await page.getByRole("button", { name: "Remove the mark “why third?”" }).waitFor();
  const other = await browser.newPage(await browser.newContext(second.api));
  await other.goto(`/recordings/${sessionId}`);
  await other.getByRole("tab", { name: "Marks" }).click();
  const mark = other.getByRole("button", { name: /why third\? by Aude/ });
  await mark.click();
  await seesText(other, "third-42");
  assert.equal(await other.getByRole("button", { name: /^Remove the mark/ }).count(), 0);
  await other.context().close();
  await page.getByRole("button", { name: "Remove the mark “why third?”" }).click();
  await page.getByText("No marks.").waitFor();
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { grantTarget, personIdOf } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import {
  findsNothing,
  openBar,
  openSessionPage,
  SessionBrowser,
  seesText,
  typeLine,
} from "../support/session-page.ts";

// Telnet in the page, against a real telnetd and the command line of an old switch behind it.

let demo: Demo;
let browser: SessionBrowser;

before(async () => {
  startLab("sshd", "telnet", "vnc");
  demo = await startDemo();
  await demo.api.must("PATCH", "/api/v1/me", { language: "en" });
  browser = await SessionBrowser.start();
});
after(async () => {
  await browser?.close();
  await demo?.gateway.stop();
});

const newPage = async (): Promise<Page> => browser.newPage(await browser.newContext(demo.api));

async function grantTelnetd(password: string) {
  const personId = await personIdOf(demo.api);
  return grantTarget(demo.api, { protocol: "telnet", port: 2301, personId, username: "alice", password });
}

/** Types letters that Playwright's keyboard lacks as the keys they have on a French one, then Enter. */
async function pressAccents(page: Page, text: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  for (const letter of text) {
    const key = { key: letter, text: letter, unmodifiedText: letter };
    await devtools.send("Input.dispatchKeyEvent", { type: "keyDown", ...key });
    await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  }
  await page.keyboard.press("Enter");
}

test("a telnetd: logged in by the vault's password, at the window's size, the same after a reload", async () => {
  const page = await newPage();
  await openSessionPage(page, await openSession(demo.api, await grantTelnetd(labPasswords.alice)));
  await typeLine(page, "echo $(id -un) in $TERM; cat");
  await seesText(page, "alice in xterm-256color");
  // The lab's log-in has no UTF-8 shell; the line itself carries every byte.
  await seesText(page, "cat");
  await pressAccents(page, "œuvre d'été");
  await seesText(page, "œuvre d'été");
  await page.keyboard.press("Control+d");
  await page.reload();
  await page.waitForSelector(".session-overlay", { state: "detached" });
  await seesText(page, "œuvre d'été");
  await page.setViewportSize({ width: 900, height: 500 });
  await typeLine(
    page,
    "clear; until [ $(stty size | cut -d' ' -f1) -lt 30 ]; do sleep 0.1; done; echo fol''lowed",
  );
  await seesText(page, "followed");
  await openBar(page);
  assert.equal(
    await page.getByRole("button", { name: "Files", exact: true }).count(),
    0,
    "Telnet has no files",
  );
  await page.locator(".xterm-helper-textarea").focus();
  const content = await page.content();
  assert.equal(content.includes(labPasswords.alice), false, "the password came into the page");
  await typeLine(page, "exit");
  await page.getByRole("heading", { name: "Session ended" }).waitFor();
  await page.context().close();
});

test("an old switch: logged in by its own prompts, and its pages turn by a key", async () => {
  const page = await newPage();
  await openSessionPage(page, await openSession(demo.api, demo.targets.telnet));
  await seesText(page, "switch#");
  await typeLine(page, "show interfaces");
  await seesText(page, "--More--");
  await page.keyboard.press("Enter");
  await seesText(page, "FastEthernet0/40 is up");
  await page.keyboard.press("Enter");
  await seesText(page, "FastEthernet0/48 is up");
  const screen = (await page.locator(".xterm-accessibility").textContent()) ?? "";
  assert.equal(screen.includes(labPasswords.switch), false, "the password was shown");
  await findsNothing(page, "a switch");
  await page.context().close();
});

test("a wrong password in the vault ends on a page that says so", async () => {
  const page = await newPage();
  await page.goto(`/s/${await openSession(demo.api, await grantTelnetd("not-hers"))}`);
  await page.getByRole("heading", { name: "The session could not go on" }).waitFor();
  await page.getByText("The machine refused the account's name or secret.").waitFor();
  await page.getByRole("link", { name: "Reconnect" }).waitFor();
  await page.context().close();
});

test("what is asked at each opening is typed in the page", async () => {
  const { api } = demo;
  const personId = await personIdOf(api);
  const wish = { protocol: "telnet", port: 2302, personId, password: labPasswords.switch } as const;
  const target = await grantTarget(api, wish);
  const account = { name: `asked-${target.name}`, kind: "ask", username: "" };
  const { accountId } = await api.must<{ accountId: string }>("POST", "/api/v1/accounts", account);
  const grant = `/api/v1/grants/${target.grantId}`;
  const { version } = await api.must<{ version: number }>("GET", grant);
  await api.must("PATCH", grant, { version, accountIds: [accountId] });
  const page = await newPage();
  await page.goto(`/s/${await openSession(api, target)}`);
  await page.getByRole("heading", { name: "Sign in to the machine" }).waitFor();
  await page.getByLabel("User name", { exact: true }).fill("admin");
  await page.getByLabel("Password", { exact: true }).fill(labPasswords.switch);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForSelector(".session-overlay", { state: "detached" });
  await typeLine(page, "show version");
  await seesText(page, "software 12.1, uptime 1 day");
  await typeLine(page, "exit");
  await page.getByRole("heading", { name: "Session ended" }).waitFor();
  await page.context().close();
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

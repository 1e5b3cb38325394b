import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import type { Page, WebSocketRoute } from "@playwright/test";
import { buildPages } from "../../tools/build-pages.mjs";
import { type Demo, openSession, startDemo } from "../support/demo.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolPerson, type TestPerson } from "../support/people.ts";
import { findsNothing, openBar, openSessionPage, SessionBrowser, seesText } from "../support/session-page.ts";
import { screenshot, waitFor } from "../support/vnc-peer.ts";

// The session page and the player against a real gateway, a real sshd and a real VNC server.

const DISPLAY = ":45";
let demo: Demo;
let browser: SessionBrowser;
let guardian: TestPerson;
let folder: string;

before(async () => {
  startLab("sshd", "vnc");
  buildPages();
  demo = await startDemo();
  folder = await mkdtemp(path.join(tmpdir(), "poterne-viewer-session-"));
  browser = await SessionBrowser.start();
  const administrator = { api: demo.api } as TestPerson;
  guardian = await enrolPerson(demo.gateway, administrator, {
    login: "garde",
    name: "Gaëlle Garde",
    roles: ["approver", "auditor"],
  });
  for (const api of [demo.api, guardian.api]) await api.must("PATCH", "/api/v1/me", { language: "en" });
});
after(async () => {
  await browser?.close();
  await demo?.gateway.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Moves over a place of the terminal until the link there is found, which takes a moment after it is drawn, and clicks it. */
async function clickLink(page: Page, x: number, y: number): Promise<void> {
  for (let attempt = 0; attempt < 40; attempt++) {
    await page.mouse.move(x - 2 + 2 * (attempt % 2), y);
    await page.waitForTimeout(250);
    if ((await page.locator(".xterm-cursor-pointer").count()) > 0) return page.mouse.click(x, y);
  }
  assert.fail("the link was never found under the mouse");
}

/** A pixel in the middle of the display, where the window manager shows its list; no window is there. */
function middleOf(display: string): string {
  const { width, height, rgba } = screenshot(display);
  const at = (Math.floor(height / 2) * width + Math.floor(width / 2) + 60) * 4;
  return rgba.subarray(at, at + 3).toString("hex");
}

test("a terminal opens in the page, takes typing, and comes back after a reload", async () => {
  const context = await browser.newContext(demo.api);
  const page = await browser.newPage(context);
  const sessionId = await openSession(demo.api, demo.targets.ssh);
  await openSessionPage(page, sessionId);
  await page.keyboard.type("echo $((6*7))-works\n");
  await seesText(page, "42-works");
  await page.reload();
  await page.waitForSelector(".session-overlay", { state: "detached" });
  await seesText(page, "42-works");
  await openBar(page);
  await findsNothing(page, "the session page");
  await page.getByRole("button", { name: "Leave", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Leave", exact: true }).click();
  await page.getByRole("heading", { name: "Session ended" }).waitFor();
  await page.getByRole("link", { name: "Reconnect" }).waitFor();
  await findsNothing(page, "the end page");
  await context.close();
});

/** Makes a machine of its own, opened with an account whose name and password are asked for; its target's id. */
async function makeAskedTarget(): Promise<string> {
  const { api } = demo;
  const account = { name: "asked", kind: "ask", username: "" };
  const { accountId } = await api.must<{ accountId: string }>("POST", "/api/v1/accounts", account);
  const policies = await api.must<{ items: { policyId: string }[] }>("GET", "/api/v1/policies");
  const sites = await api.must<{ items: { siteId: string }[] }>("GET", "/api/v1/sites");
  const me = await api.must<{ person: { personId: string } }>("GET", "/api/v1/sign-in");
  const { machineId } = await api.must<{ machineId: string }>("POST", "/api/v1/machines", {
    name: "SRV-ASK",
    siteId: sites.items[0]?.siteId,
    addresses: ["127.0.0.1"],
    targets: [{ name: "SRV-ASK", protocol: "ssh", port: 2201 }],
  });
  await api.must("POST", "/api/v1/grants", {
    personId: me.person.personId,
    machineIds: [machineId],
    accountIds: [accountId],
    policyId: policies.items[0]?.policyId,
  });
  const mine = await api.must<{ items: { name: string; targets: { targetId: string }[] }[] }>(
    "GET",
    "/api/v1/my/machines",
  );
  return mine.items.find(({ name }) => name === "SRV-ASK")?.targets[0]?.targetId ?? "";
}

test("credentials are asked in the page, again after a refusal, and never shown back", async () => {
  const context = await browser.newContext(demo.api);
  const page = await browser.newPage(context);
  const { sessionId } = await demo.api.must<{ sessionId: string }>("POST", "/api/v1/sessions", {
    targetId: await makeAskedTarget(),
  });
  await page.goto(`/s/${sessionId}`);
  await page.getByRole("heading", { name: "Sign in to the machine" }).waitFor();
  await findsNothing(page, "the question");
  await page.getByLabel("User name", { exact: true }).fill("alice");
  await page.getByLabel("Password", { exact: true }).fill("not-hers");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("The machine refused this user name or password.").waitFor();
  const name = page.getByLabel("User name", { exact: true });
  if ((await name.count()) > 0) await name.fill("alice");
  assert.equal(await page.getByLabel("Password", { exact: true }).inputValue(), "");
  await page.getByLabel("Password", { exact: true }).fill(labPasswords.alice);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".session-overlay", { state: "detached" });
  await seesText(page, "alice@");
  await page.keyboard.type("exit\n");
  await page.getByRole("heading", { name: "Session ended" }).waitFor();
  await context.close();
});

test("several pasted lines and links of the target are asked about first", async () => {
  const context = await browser.newContext(demo.api);
  const page = await browser.newPage(context);
  const sessionId = await openSession(demo.api, demo.targets.ssh);
  await openSessionPage(page, sessionId);
  await seesText(page, "alice@");
  await page.evaluate(() => navigator.clipboard.writeText("echo one\necho two\n"));
  await page.keyboard.press("Control+Shift+V");
  await page.getByRole("heading", { name: "Paste 2 lines?" }).waitFor();
  await findsNothing(page, "the paste question");
  await page.getByRole("button", { name: "Paste", exact: true }).click();
  await seesText(page, "two");
  await page.locator(".xterm-helper-textarea").focus();
  // The text is put together by the shell, so that the echoed command is not taken for its output.
  await page.keyboard.type(
    "clear; printf '\\e]8;;https://example.org/real\\e\\\\shown %s\\e]8;;\\e\\\\\\n' elsewhere\n",
  );
  await seesText(page, "shown elsewhere");
  const question = page.getByRole("dialog");
  await clickLink(page, 62, 12);
  await question.getByText("https://example.org/real").waitFor();
  await question.getByRole("button", { name: "Cancel" }).click();
  assert.equal(context.pages().length, 1);
  await context.close();
});

test("a cut network greys the picture, counts down, and attaches again by itself", async () => {
  const context = await browser.newContext(demo.api);
  const page = await browser.newPage(context);
  const sockets: WebSocketRoute[] = [];
  let isCut = false;
  await page.routeWebSocket(/\/session\//, async (socket) => {
    if (isCut) return socket.close({ code: 3000 });
    sockets.push(socket);
    socket.connectToServer();
  });
  const sessionId = await openSession(demo.api, demo.targets.ssh);
  await openSessionPage(page, sessionId);
  await page.keyboard.type("echo before-the-cut\n");
  await seesText(page, "before-the-cut");
  isCut = true;
  await sockets.at(-1)?.close({ code: 3000 });
  await page.getByRole("heading", { name: "Connection lost" }).waitFor();
  assert.equal(await page.locator(".session-host").getAttribute("data-frozen"), "true");
  isCut = false;
  await page.getByRole("heading", { name: "Connection lost" }).waitFor({ state: "detached" });
  await seesText(page, "before-the-cut");
  await page.locator(".xterm-helper-textarea").focus();
  await page.keyboard.type("echo after-the-cut; exit\n");
  await page.getByRole("heading", { name: "Session ended" }).waitFor();
  await context.close();
});

test("files are sent, listed, renamed and deleted beside the terminal", async () => {
  const context = await browser.newContext(demo.api);
  const page = await browser.newPage(context);
  const sessionId = await openSession(demo.api, demo.targets.ssh);
  await openSessionPage(page, sessionId);
  await openBar(page);
  await page.getByRole("button", { name: "Files", exact: true }).click();
  const panel = page.getByRole("region", { name: "Files of the machine" });
  await panel.getByRole("button", { name: "Open folder .cache" }).waitFor();
  const name = `viewer-${Date.now()}.txt`;
  await writeFile(path.join(folder, name), "sent by the page\n".repeat(1000));
  await panel.locator("input[type=file]").first().setInputFiles(path.join(folder, name));
  await panel.getByRole("button", { name: `Actions for ${name}` }).waitFor();
  await page.mouse.move(400, 400);
  await findsNothing(page, "the file panel");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    (async () => {
      await panel.getByRole("button", { name: `Actions for ${name}` }).click();
      await page.getByRole("menuitem", { name: "Download" }).click();
    })(),
  ]);
  const saved = path.join(folder, "received");
  await download.saveAs(saved);
  assert.equal(await readFile(saved, "utf8"), "sent by the page\n".repeat(1000));
  await panel.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await panel.getByRole("button", { name: `Actions for ${name}` }).waitFor({ state: "detached" });
  await context.close();
});

test("a guardian sees the screen, pauses, writes, and ends; the person is told", async () => {
  const [personContext, guardianContext] = [
    await browser.newContext(demo.api),
    await browser.newContext(guardian.api),
  ];
  const [page, watching] = [await browser.newPage(personContext), await browser.newPage(guardianContext)];
  const sessionId = await openSession(demo.api, demo.targets.ssh);
  await openSessionPage(page, sessionId);
  await page.keyboard.type("echo seen-by-two\n");
  await seesText(page, "seen-by-two");
  await openSessionPage(watching, sessionId, "?role=guardian");
  await seesText(watching, "seen-by-two");
  await page.getByText("Your screen is seen by Gaëlle Garde").first().waitFor();
  await openBar(watching);
  await watching.getByRole("button", { name: /^Participants/ }).click();
  await watching.getByRole("button", { name: "Pause input" }).click();
  await page.getByText("Input paused").waitFor();
  await watching.getByLabel("Message to the participants").fill("Please wait a moment.");
  await watching.keyboard.press("Enter");
  await page.getByText("Please wait a moment.").waitFor();
  await findsNothing(watching, "the guardian's page");
  await watching.getByRole("button", { name: "Let input go on" }).click();
  await page.getByText("Input paused").waitFor({ state: "detached" });
  await watching.getByRole("button", { name: "End the session" }).click();
  await watching.getByRole("dialog").getByRole("button", { name: "End the session" }).click();
  await page.getByRole("heading", { name: "The session could not go on" }).waitFor();
  assert.match((await page.locator("main").textContent()) ?? "", /Gaëlle Garde ended the session\./);
  await personContext.close();
  await guardianContext.close();
});

test("a desktop is drawn at the window's size, and the keys menu reaches it", async () => {
  const context = await browser.newContext(demo.api);
  const page = await browser.newPage(context);
  const sessionId = await openSession(demo.api, demo.targets.vnc);
  await openSessionPage(page, sessionId);
  await page.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>(".session-host canvas");
    return canvas !== null && canvas.width === 1280 && canvas.height === 760;
  });
  await openBar(page);
  await page.getByRole("button", { name: "Keys", exact: true }).click();
  await page.getByRole("button", { name: "Ctrl+Alt+Del" }).waitFor();
  await findsNothing(page, "the keys menu");
  await page.getByRole("button", { name: "Alt+Tab" }).click();
  await page.waitForTimeout(1000);
  await waitFor("the window manager's list to go", () => middleOf(DISPLAY) === "204060", 15_000);
  await context.close();
});

test("an auditor replays a session, finds a text, jumps to it, sets a mark and verifies", async () => {
  const context = await browser.newContext(demo.api);
  const page = await browser.newPage(context);
  const sessionId = await openSession(demo.api, demo.targets.ssh);
  await openSessionPage(page, sessionId);
  await page.keyboard.type("echo ready; sleep 1; echo needle-$((40+2)); sleep 1; exit\n");
  await page.getByRole("heading", { name: "Session ended" }).waitFor();
  await context.close();
  const auditing = await browser.newContext(guardian.api);
  const player = await browser.newPage(auditing);
  await player.goto(`/recordings/${sessionId}?t=0.5`);
  await player.getByText("Integrity : complete").waitFor();
  await player.getByRole("tab", { name: "Search" }).click();
  await player.getByLabel("Text shown in the terminal").fill("needle-42");
  await player.keyboard.press("Enter");
  await player.locator(".player-jump mark").first().click();
  await seesText(player, "needle-42");
  await player.getByRole("tab", { name: "Marks" }).click();
  await player.getByLabel("Comment").fill("found here");
  await player.getByRole("button", { name: /^Set a mark at/ }).click();
  await player
    .getByRole("button", { name: /found here/ })
    .first()
    .waitFor();
  await findsNothing(player, "the player");
  await player.getByRole("button", { name: "Verify now" }).click();
  await player.getByText(/^Complete/).waitFor();
  await auditing.close();
});

test("the keyboard test ticks what arrives", async () => {
  const context = await browser.newContext(demo.api);
  const page = await browser.newPage(context);
  await page.goto("/keyboard");
  await page.getByLabel("Type here").click();
  await page.keyboard.type("é@");
  assert.equal(await page.locator("li[data-arrived=true]").count(), 2);
  await findsNothing(page, "the keyboard test");
  await context.close();
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

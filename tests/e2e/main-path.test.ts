import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser, Page } from "@playwright/test";
import { TestGateway } from "../support/gateway.ts";
import { startLab } from "../support/lab.ts";
import { openWatchedPage, startBrowser, type WatchedPage } from "../support/watched-page.ts";

/** What the tests' shell writes, to see from outside that it is the same shell throughout. */
const PROOF = "/tmp/poterne-e2e-proof";
/** What covers the picture while a session opens or is attached again. */
const OVERLAY = ".session-overlay";
const DRAWN_WITHIN_MS = 20_000;

let browser: Browser;
let gateway: TestGateway;
let watched: WatchedPage;
let page: Page;
let sessionUrl = "";

before(async () => {
  startLab("sshd", "telnet", "vnc");
  rmSync(PROOF, { force: true });
  gateway = await TestGateway.start(["--demo"]);
  browser = await startBrowser();
  watched = await openWatchedPage(browser, gateway.url, {
    locale: "fr-FR",
    viewport: { width: 1280, height: 800 },
  });
  page = watched.page;
});
after(async () => {
  rmSync(PROOF, { force: true });
  await browser.close();
  await gateway.stop();
});

/** Tickets the page asks for from now on. */
function watchTickets(): readonly string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname.endsWith("/tickets")) asked.push(request.url());
  });
  return asked;
}

test("the printed link lands on My machines and leaves the address", async () => {
  await page.goto(gateway.link);
  await page.getByRole("heading", { name: "Mes machines" }).waitFor();
  assert.equal(page.url().includes("link="), false);
  await page.getByText("SRV-LINUX-01").filter({ visible: true }).first().waitFor();
});

test("the link is worth nothing a second time", async () => {
  const stranger = await openWatchedPage(browser, gateway.url, { locale: "en-GB" });
  await stranger.page.goto(gateway.link);
  await stranger.page
    .getByText(/already|no longer|expired|not valid|invalid/i)
    .first()
    .waitFor();
  await stranger.page.context().close();
});

test("one click opens a real shell that takes keys; the click brought the ticket, a reload asks for one", async () => {
  const tickets = watchTickets();
  await openMachine("SRV-LINUX-01");
  sessionUrl = page.url();
  assert.equal(tickets.length, 0);
  await typeInShell(`PROOF=kept; printf 'a%s' $((6*7)) > ${PROOF}`);
  await fileHolds("a42");
});

test("a reload comes back to the same shell", async () => {
  const tickets = watchTickets();
  await page.reload();
  await recordingTold();
  assert.equal(tickets.length, 1);
  await typeInShell(`printf "$PROOF" > ${PROOF}`);
  await fileHolds("kept");
  assert.equal(page.url(), sessionUrl);
});

test("a network cut is told, and the session comes back by itself", async () => {
  await page.context().setOffline(true);
  await page.waitForSelector(OVERLAY);
  await page.context().setOffline(false);
  await typeInShell(`printf "after-$PROOF" > ${PROOF}`);
  await fileHolds("after-kept");
});

test("the live page shows the session, and leaving shows why and what next", async () => {
  const live = await page.context().newPage();
  await live.goto("/live");
  await live.getByText("SRV-LINUX-01").filter({ visible: true }).first().waitFor();
  await live.close();
  await page.keyboard.press("Control+Alt+Shift");
  await page
    .getByRole("button", { name: /Quitter/ })
    .first()
    .click();
  const confirm = page.getByRole("dialog").getByRole("button", { name: /Quitter|Terminer/ });
  if (await confirm.isVisible().catch(() => false)) await confirm.click();
  await page.getByText(/Vous avez quitté la session/).waitFor();
});

test("the recording is listed as whole and opens in the player", async () => {
  await page.goto("/recordings");
  await page.getByText("SRV-LINUX-01").filter({ visible: true }).first().waitFor();
  await page.goto(`/recordings/${sessionUrl.split("/s/")[1]}?t=1`);
  await page.getByText(/complet, signé/).waitFor();
  await page.getByRole("button", { name: "Lire" }).waitFor();
});

test("a VNC desktop is drawn in the page", async () => {
  await page.goto("/");
  await openMachine("PC-BUREAU-01");
  // The lab's desktop paints its background #204060; the watermark leaves the bottom middle alone.
  const isNear = (value: number, wanted: number) => Math.abs(value - wanted) < 10;
  const deadline = Date.now() + DRAWN_WITHIN_MS;
  for (;;) {
    const [red, green, blue] = await colourAt(640, 780);
    if (isNear(red, 0x20) && isNear(green, 0x40) && isNear(blue, 0x60)) break;
    assert.ok(Date.now() < deadline, `the desktop shows ${red} ${green} ${blue}`);
    await page.waitForTimeout(200);
  }
});

test("no page broke the content policy, threw, or asked a third party", () => {
  assert.deepEqual(watched.complaints, []);
});

/** Waits until the page says that the session is recorded: then it is open. */
async function recordingTold(): Promise<void> {
  await page.getByText("Cette session est enregistrée").first().waitFor({ state: "attached" });
}

async function openMachine(name: string): Promise<void> {
  const card = page.locator("article, li").filter({ hasText: name });
  const buttons =
    (await card.count()) > 0 ? card : page.locator("div").filter({ hasText: new RegExp(`^${name}`) });
  await buttons
    .getByRole("button", { name: /Ouvrir/ })
    .first()
    .click();
  await page.waitForURL(/\/s\/[0-9a-f-]{36}/);
  await recordingTold();
}

/** Types a line once the shell is there; the screen itself is a canvas, so the proof is what the shell did. */
async function typeInShell(line: string): Promise<void> {
  await page.waitForSelector(".session-host[data-kind='terminal']");
  await page.waitForSelector(OVERLAY, { state: "detached" });
  await page.mouse.click(640, 500);
  await page.waitForFunction(() => document.activeElement?.classList.contains("xterm-helper-textarea"));
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

async function fileHolds(text: string): Promise<void> {
  const deadline = Date.now() + DRAWN_WITHIN_MS;
  while (!existsSync(PROOF) || readFileSync(PROOF, "utf8") !== text) {
    assert.ok(Date.now() < deadline, `the shell did not write ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** One pixel of the page as it is shown, red green blue. */
async function colourAt(x: number, y: number): Promise<[number, number, number]> {
  const png = await page.screenshot({ clip: { x, y, width: 1, height: 1 } });
  return page.evaluate(
    async (bytes) => {
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
      const context = new OffscreenCanvas(1, 1).getContext("2d");
      context?.drawImage(bitmap, 0, 0);
      const { data } = context?.getImageData(0, 0, 1, 1) ?? { data: [0, 0, 0] };
      return [data[0] ?? 0, data[1] ?? 0, data[2] ?? 0] as [number, number, number];
    },
    [...png],
  );
}

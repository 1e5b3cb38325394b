import assert from "node:assert/strict";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "@playwright/test";
import { eventually } from "./eventually.ts";
import type { ApiClient } from "./gateway.ts";
import type { DrawnPicture } from "./rdp-screen.ts";
import { screenshot } from "./vnc-peer.ts";
import { startBrowser } from "./watched-page.ts";

/** A loaded machine of two cores takes its time. */
const WAIT_MS = 60_000;

/** Addresses that a page has asked for and not got yet. */
const underWay = new WeakMap<Page, Set<string>>();

/** A context of a person's browser, and what the person likes in sessions. */
export interface PageWish extends BrowserContextOptions {
  /** The session bar stays above the picture. */
  readonly isBarPinned?: boolean;
}

/** A Chromium whose pages belong to signed-in persons, in English, with the terminal's text readable. */
export class SessionBrowser {
  /** Refusals of the content policy and errors of scripts, from all its pages. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Starts one; `switches` are further ones of Chromium, `display` an X display to show its window on. */
  static async start(switches: readonly string[] = [], display?: string): Promise<SessionBrowser> {
    return new SessionBrowser(await startBrowser(switches, display));
  }

  /** A browser context that holds a person's sign-in; may use the clipboard unless told otherwise. */
  async newContext(api: ApiClient, wish: PageWish = {}): Promise<BrowserContext> {
    const { isBarPinned = false, ...options } = wish;
    const context = await this.#browser.newContext({
      baseURL: api.origin,
      ignoreHTTPSErrors: true,
      locale: "en-GB",
      permissions: ["clipboard-read", "clipboard-write"],
      viewport: { width: 1280, height: 760 },
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(WAIT_MS);
    await context.addCookies(cookiesOf(api));
    await context.addInitScript((isPinned) => {
      if (localStorage.getItem("poterne-session") !== null) return;
      const liking = { terminal: { isScreenReader: true }, isBarPinned: isPinned };
      localStorage.setItem("poterne-session", JSON.stringify(liking));
      localStorage.setItem("poterne-language", "en");
    }, isBarPinned);
    return context;
  }

  /** A page of a context, watched for complaints. */
  async newPage(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    const urls = new Set<string>();
    underWay.set(page, urls);
    page.on("request", (request) => urls.add(request.url()));
    page.on("requestfinished", (request) => urls.delete(request.url()));
    page.on("requestfailed", (request) => urls.delete(request.url()));
    page.on("console", (message) => {
      if (/content security policy|trusted ?type/i.test(message.text())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    return page;
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

/** A person's sign-in as a browser keeps it. */
export function cookiesOf(api: ApiClient) {
  const { hostname } = new URL(api.origin);
  return api.cookies.split("; ").map((pair) => {
    const [name = "", value = ""] = pair.split(/=(.*)/s);
    return { name, value, domain: hostname, path: "/", secure: true };
  });
}

/** Goes to a session's page and waits until its picture is there. */
export async function openSessionPage(page: Page, sessionId: string, query = ""): Promise<void> {
  await page.goto(`/s/${sessionId}${query}`);
  await page
    .waitForSelector(".session-host[data-kind]:not([data-kind=''])")
    .catch(async () => assert.fail(`the session did not open: ${await describePage(page)}`));
  await page.waitForSelector(".session-overlay", { state: "detached" });
}

/** What a page shows and still waits for. */
async function describePage(page: Page): Promise<string> {
  const root = await page.locator("#root").innerHTML();
  const html = root.replaceAll(/<style.*?<\/style>/gs, "").slice(0, 2000);
  return `${html}\nunder way: ${[...(underWay.get(page) ?? [])].join(", ")}`;
}

/** Waits until the terminal shows a text. */
export async function seesText(page: Page, text: string): Promise<void> {
  await page
    .waitForFunction(
      (wanted) =>
        (document.querySelector(".xterm-accessibility")?.textContent ?? "")
          .replaceAll("\u00a0", " ")
          .includes(wanted),
      text,
    )
    .catch(async () => {
      const shown = await page.locator(".xterm-accessibility").allTextContents();
      assert.fail(`the terminal never showed ${text}, but ${shown}`);
    });
}

/** Types a line into the terminal. */
export async function typeLine(page: Page, line: string): Promise<void> {
  await page.locator(".xterm-helper-textarea").focus();
  await page.keyboard.type(`${line}\n`);
}

/** Shows the session bar that hides itself. */
export async function openBar(page: Page): Promise<void> {
  await page.mouse.move((page.viewportSize()?.width ?? 0) / 2, 2);
  await page.waitForSelector(".session-bar[data-hidden='false']");
}

/** Fails with axe's words if it finds anything around the remote picture, which is the target's. */
export async function findsNothing(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .exclude(".session-host")
    .exclude(".player-host")
    .analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
  assert.deepEqual(found, [], what);
}

/** A desktop's picture: its size as `WxH` and its colours. */
export interface ShownPicture {
  readonly size: string;
  readonly rgba: Buffer;
}

/** Reads the desktop's canvas; runs inside a page of any browser, so it stands alone. */
export function readCanvas(): { size: string; base64: string } {
  const canvas = document.querySelector<HTMLCanvasElement>(".session-host canvas, .player-host canvas");
  const [width, height] = [canvas?.width ?? 0, canvas?.height ?? 0];
  if (canvas === null || width === 0 || height === 0) return { size: "0x0", base64: "" };
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context?.drawImage(canvas, 0, 0);
  const data = context?.getImageData(0, 0, width, height).data ?? [];
  const text: string[] = [];
  for (let at = 0; at < data.length; at += 30_000)
    text.push(String.fromCharCode(...data.slice(at, at + 30_000)));
  return { size: `${width}x${height}`, base64: btoa(text.join("")) };
}

/** A desktop's picture as the page holds it. */
export async function pictureOf(page: Page): Promise<ShownPicture> {
  const { size, base64 } = await page.evaluate(readCanvas);
  return { size, rgba: Buffer.from(base64, "base64") };
}

/** The same, with width and height as numbers. */
export async function drawnOn(page: Page): Promise<DrawnPicture> {
  const { size, rgba } = await pictureOf(page);
  const [width = 0, height = 0] = size.split("x").map(Number);
  return { width, height, rgba };
}

/** Waits until what a page shows of a desktop is what an X display shows, pixel by pixel. */
export async function showsDisplay(read: () => Promise<ShownPicture>, display: string): Promise<void> {
  await eventually(`the picture of ${display}`, async (seen) => {
    const [drawn, wanted] = [await read(), screenshot(display)];
    const isSameSize = drawn.size === `${wanted.width}x${wanted.height}`;
    const differing = isSameSize ? countDiffering(drawn.rgba, wanted.rgba) : Number.NaN;
    seen(`${drawn.size} with ${differing} pixels that differ from ${wanted.width}x${wanted.height}`);
    return differing === 0;
  });
}

function countDiffering(drawn: Buffer, wanted: Buffer): number {
  let count = 0;
  for (let at = 0; at < wanted.length; at += 4)
    if (drawn.readUIntBE(at, 3) !== wanted.readUIntBE(at, 3)) count++;
  return count;
}

/** A recording's length in milliseconds, off the player's slider: before its index is there that has a length of its own. */
export function recordingLength(slider: Locator): Promise<number> {
  return eventually("the recording's length", async () => {
    const max = Number(await slider.getAttribute("max"));
    return max > 1000 ? max : null;
  });
}

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "@playwright/test";

const WAIT_MS = 20_000;

/** Starts the distribution's Chromium, with further switches; on an X display it shows its window there. */
export function startBrowser(switches: readonly string[] = [], display?: string): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.POTERNE_TEST_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", ...switches],
    headless: display === undefined,
    ...(display === undefined
      ? {}
      : { env: { ...(process.env as Record<string, string>), DISPLAY: display } }),
  });
}

/** A page that remembers everything that should not have happened on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Refusals of the content policy, errors of scripts, requests to other origins. */
  readonly complaints: string[];
  /** Gzip size of the scripts and styles loaded since the last call, bytes. */
  takeLoadedBytes(): Promise<number>;
}

/** Opens a page on a gateway's origin and watches it. */
export async function openWatchedPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    baseURL: origin,
    // A dialogue half faded in has colours nobody reads: without motion, what is there is there.
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const complaints: string[] = [];
  const bodies: Promise<number>[] = [];
  page.on("console", (message) => {
    if (/Content.Security.Policy|TrustedHTML|TrustedScript/i.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== origin) complaints.push(`request to ${url.origin}`);
  });
  page.on("response", (response) => {
    if (!/\.(?:js|css)$/.test(new URL(response.url()).pathname)) return;
    bodies.push(
      response.body().then(
        (body) => gzipSync(body).length,
        () => 0,
      ),
    );
  });
  return {
    page,
    complaints,
    async takeLoadedBytes() {
      const sizes = await Promise.all(bodies.splice(0));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
  };
}

/** Resolves when nothing that ends by itself is still moving: a dialogue that fades away has no colours to judge. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document.getAnimations().every(({ effect }) => effect?.getComputedTiming().endTime === Infinity),
  );
}

/** Fails with axe's words if it finds anything on the page once its movements have ended. */
export async function assertAccessible(page: Page, where: string): Promise<void> {
  await settle(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join(" | ")}`,
  );
  assert.deepEqual(found, [], where);
}

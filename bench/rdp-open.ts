import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium, type Page } from "@playwright/test";
import { type Demo, startDemo } from "../tests/support/demo.ts";
import { labPasswords, startLab } from "../tests/support/lab.ts";
import { RDP_PORT } from "../tests/support/rdp-session.ts";
import { cookiesOf } from "../tests/support/session-page.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { displayOf } from "./rdp-captures.ts";
import { grantRdp, untilEnded } from "./rdp-viewing.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";

const BUDGET = 1.3;
/** xrdp takes ten seconds and more to let go of a desktop that is opened again: both sides wait for it. */
const SERVERS = ["shadow3", "xrdp10"] as const;
const QUICK_SERVERS = ["shadow3"] as const;
const SCREEN = { width: 1280, height: 800 } as const;
const OPEN_LIMIT_MS = 30_000;
const TRIXIE = process.env.LAB_TRIXIE ?? "/opt/trixie";
/** Places where the lab's desktops show their background, which no log-in screen has. */
const PLACES = [
  { x: 1200, y: 60 },
  { x: 1000, y: 600 },
  { x: 60, y: 700 },
] as const;
const BACKGROUND = [0x20, 0x40, 0x60] as const;
/** What a lossy codec may be off. */
const TOLERANCE = 6;
const POLL_MS = 5;

/**
 * Click on *My machines* → first full picture in Chromium, against starting FreeRDP's own client until its window shows
 * one, in turns, to the same live server, whose desktop is there already. Both know the server's certificate.
 */
export const rdpOpen: Bench = async ({ isQuick, say }) => {
  const servers = isQuick ? QUICK_SERVERS : SERVERS;
  startLab("sshd", "telnet", "vnc", ...servers);
  const screen = await startScreen();
  const demo = await startDemo();
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const results: BenchResult[] = [];
  try {
    for (const server of servers) {
      const { name } = await grantRdp(demo, RDP_PORT[server], labPasswords.alice);
      const ratios: number[] = [];
      for (let round = -1; round < (isQuick ? 2 : 8); round++) {
        const ours = await openInBrowser(browser, demo, name);
        const theirs = await screen.open(RDP_PORT[server]);
        // The first opening starts the desktop and pins the certificate.
        if (round < 0) await displayOf(server);
        else ratios.push(ours / theirs);
        say(`${server}: Chromium ${ours.toFixed(0)} ms, xfreerdp ${theirs.toFixed(0)} ms`);
      }
      const metric = `${server}, click to full picture`;
      results.push(atMost("rdp-open", metric, { value: median(ratios), unit: "×", budget: BUDGET }));
    }
  } finally {
    screen.close();
    await browser.close();
    await demo.gateway.stop();
  }
  return results;
};

async function openInBrowser(browser: Browser, demo: Demo, name: string): Promise<number> {
  const viewport = { width: SCREEN.width, height: SCREEN.height };
  const context = await browser.newContext({
    baseURL: demo.api.origin,
    ignoreHTTPSErrors: true,
    locale: "en-GB",
    viewport,
  });
  await context.addCookies(cookiesOf(demo.api));
  const page = await context.newPage();
  try {
    await page.goto("/");
    const button = page
      .locator("li, tr, article", { hasText: name })
      .getByRole("button", { name: /Ouvrir|Open/ })
      .first();
    await button.waitFor();
    // What a browser loads beforehand is loaded.
    await sleep(1500);
    await page.evaluate(watchCanvas, {
      places: PLACES,
      colour: BACKGROUND,
      tolerance: TOLERANCE,
      pollMs: POLL_MS,
    });
    await button.click();
    return await pictureTime(page);
  } finally {
    await endSessions(demo);
    await context.close();
  }
}

/** Notes when the page was clicked first, and when its canvas first showed the colour at all places; runs in the page. */
function watchCanvas(wanted: {
  readonly places: readonly { readonly x: number; readonly y: number }[];
  readonly colour: readonly number[];
  readonly tolerance: number;
  readonly pollMs: number;
}): void {
  const noted = globalThis as unknown as { clickedAtMs: number; shownAtMs: number };
  noted.clickedAtMs = 0;
  noted.shownAtMs = 0;
  document.addEventListener("click", () => (noted.clickedAtMs ||= performance.now()), { capture: true });
  const probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const look = () => {
    const canvas = document.querySelector<HTMLCanvasElement>(".session-host canvas");
    const isShown =
      canvas !== null &&
      canvas.width > 0 &&
      wanted.places.every(({ x, y }) => {
        probe?.drawImage(canvas, x, y, 1, 1, 0, 0, 1, 1);
        const pixel = probe?.getImageData(0, 0, 1, 1).data ?? [0, 0, 0];
        return wanted.colour.every(
          (value, index) => Math.abs(value - (pixel[index] ?? 0)) <= wanted.tolerance,
        );
      });
    if (isShown) noted.shownAtMs = performance.now();
    else setTimeout(look, wanted.pollMs);
  };
  look();
}

async function pictureTime(page: Page): Promise<number> {
  const shown = await page.waitForFunction(
    () => {
      const { clickedAtMs, shownAtMs } = globalThis as unknown as { clickedAtMs: number; shownAtMs: number };
      return shownAtMs > 0 ? shownAtMs - clickedAtMs : false;
    },
    null,
    { timeout: OPEN_LIMIT_MS },
  );
  return Number(await shown.jsonValue());
}

async function endSessions(demo: Demo): Promise<void> {
  const { items } = await demo.api.must<{ items: { sessionId: string; endCode: string | null }[] }>(
    "GET",
    "/api/v1/sessions?limit=10",
  );
  for (const { sessionId, endCode } of items)
    if (endCode === null) await demo.api.must("POST", `/api/v1/sessions/${sessionId}/end`, {});
  await untilEnded(demo);
}

/** A screen of its own for FreeRDP's client, whose pixels stand in a file. */
async function startScreen() {
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-screen-"));
  const number = 81;
  const words = [
    `:${number}`,
    "-screen",
    "0",
    `${SCREEN.width}x${SCREEN.height}x24`,
    "-nolisten",
    "tcp",
    "-fbdir",
    folder,
  ];
  const xvfb = spawn("Xvfb", words, { stdio: "ignore" });
  const file = path.join(folder, "Xvfb_screen0");
  for (
    const endAt = performance.now() + OPEN_LIMIT_MS;
    !existsSync(`/tmp/.X11-unix/X${number}`);
    await sleep(50)
  )
    if (performance.now() > endAt) throw new Error("no screen for xfreerdp");
  return {
    open: (port: number) => openInFreeRdp(port, `:${number}`, file),
    close() {
      xvfb.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openInFreeRdp(port: number, display: string, file: string): Promise<number> {
  const size = `/size:${SCREEN.width}x${SCREEN.height}`;
  const words = [
    `/v:127.0.0.1:${port}`,
    "/cert:ignore",
    size,
    "/f",
    "/gfx:AVC444",
    "/u:alice",
    `/p:${labPasswords.alice}`,
  ];
  const startedAt = performance.now();
  const environment = [`DISPLAY=${display}`, "HOME=/tmp"];
  const child = spawn("chroot", [TRIXIE, "env", ...environment, "xfreerdp3", ...words], { stdio: "ignore" });
  try {
    for (;;) {
      if (showsBackground(file)) return performance.now() - startedAt;
      if (performance.now() - startedAt > OPEN_LIMIT_MS)
        throw new Error(`xfreerdp shows nothing of port ${port}`);
      await sleep(POLL_MS);
    }
  } finally {
    await ended(child);
    // The server has to notice, and the screen to be dark again.
    await sleep(700);
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill();
  });
}

/** Reads the screen's file: an X window dump (XWDFile.h), pixels of 32 bits, blue first. */
function showsBackground(file: string): boolean {
  const header = Buffer.alloc(100);
  const handle = openSync(file, "r");
  try {
    readSync(handle, header, 0, header.length, 0);
    const start = header.readUInt32BE(0) + header.readUInt32BE(76) * 12;
    const rowBytes = header.readUInt32BE(48);
    const pixel = Buffer.alloc(4);
    return PLACES.every(({ x, y }) => {
      readSync(handle, pixel, 0, 4, start + y * rowBytes + x * 4);
      return BACKGROUND.every((value, index) => Math.abs(value - (pixel[2 - index] ?? 0)) <= TOLERANCE);
    });
  } finally {
    closeSync(handle);
  }
}

import { type Browser, chromium, type Page } from "@playwright/test";
import { type Demo, openSession, startDemo } from "../tests/support/demo.ts";
import { projectRoot, startLab } from "../tests/support/lab.ts";
import { HeadlessViewer } from "../tests/support/viewer.ts";
import { runWorkload, sleep } from "../tests/support/vnc-peer.ts";
import { pointTarget } from "./bench-gateway.ts";
import { type RecordedPiece, readRecording, writeHours } from "./hour.ts";
import { startOwnDesktop } from "./own-desktop.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";

const BUDGET_MS = 300;
const HOUR_MS = 3_600_000;
/** Nothing more is drawn for so long: the picture is there. */
const QUIET_MS = 500;
const SEEK_LIMIT_MS = 10_000;
/** At least one entry point lies between places so far apart. */
const FAR_MS = 150_000;

/**
 * Seeks to random places of an hour in the player's page in Chromium: from moving the slider until the last thing was
 * drawn. The hours are made of real recorded sessions, written again and again by the recorder with a fast clock;
 * the desktop's has bursts of 10 s scrolling with typing between them, so that entry points are where the product puts them.
 */
export const seek: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc");
  const first = await startDemo();
  const pieces = [
    await recordDesktop(first, isQuick ? { scroll: 3, typing: 3 } : { scroll: 10, typing: 48 }),
    await recordTerminal(first, isQuick ? 6 : 55),
  ];
  await first.gateway.stop({ keepData: true });
  const hours = await writeHours(first.gateway.dataDir, pieces);
  const demo = await startDemo([], first.gateway.dataDir);
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const results: BenchResult[] = [];
  try {
    for (const [index, { kind }] of pieces.entries()) {
      const page = await openPlayer(browser, demo, hours[index] ?? "");
      const slowest: number[] = [];
      let placeMs = 0;
      for (let round = 0; round < (isQuick ? 1 : 3); round++) {
        const times: number[] = [];
        for (let turn = 0; turn < (isQuick ? 10 : 20); turn++) {
          placeMs = chooseFarFrom(placeMs);
          times.push(await seekTo(page, placeMs));
        }
        slowest.push(Math.max(...times));
        say(`${kind}: median ${median(times).toFixed(0)} ms, slowest ${slowest.at(-1)?.toFixed(0)} ms`);
      }
      await page.close();
      const value = median(slowest);
      results.push(
        atMost("seek", `${kind}, slowest seek of an hour`, { value, unit: "ms", budget: BUDGET_MS }),
      );
    }
  } finally {
    await browser.close();
    await demo.gateway.stop();
  }
  return results;
};

/** A random place with an entry point between: nearer, in idle time, nothing would be drawn that could be waited for. */
export function chooseFarFrom(placeMs: number): number {
  const awayMs = FAR_MS + Math.random() * (HOUR_MS - 2 * FAR_MS);
  return Math.floor((placeMs + awayMs) % HOUR_MS);
}

async function recordDesktop(
  demo: Demo,
  seconds: { readonly scroll: number; readonly typing: number },
): Promise<RecordedPiece> {
  const desktop = await startOwnDesktop();
  try {
    const { vnc } = demo.targets;
    await pointTarget(demo, vnc, { port: desktop.port, options: { minimumSecurity: "none" } });
    const sessionId = await openSession(demo.api, vnc);
    const viewer = await HeadlessViewer.attach(demo.api, sessionId, { keepsFrames: false });
    await viewer.untilOpen();
    await sleep(1000);
    await runWorkload(projectRoot, desktop.display, "scroll", seconds.scroll);
    await runWorkload(projectRoot, desktop.display, "typing", seconds.typing);
    return await endAndRead(demo, viewer, { sessionId, kind: "desktop", protocol: "vnc" });
  } finally {
    desktop.close();
  }
}

async function recordTerminal(demo: Demo, seconds: number): Promise<RecordedPiece> {
  const sessionId = await openSession(demo.api, demo.targets.ssh);
  const viewer = await HeadlessViewer.attach(demo.api, sessionId, { keepsFrames: false });
  await viewer.untilOpen();
  viewer.type('while :; do echo "$(date) $(head -c 60 /dev/urandom | base64 -w0)"; sleep 0.05; done\r');
  await sleep(seconds * 1000);
  return endAndRead(demo, viewer, { sessionId, kind: "terminal", protocol: "ssh" });
}

/** Ends a session and reads its recording once it is complete. */
export async function endAndRead(
  { api }: Demo,
  viewer: HeadlessViewer,
  session: Omit<RecordedPiece, "frames">,
): Promise<RecordedPiece> {
  viewer.control({ type: "end" });
  for (let tries = 0; tries < 200; tries++) {
    const { integrity } = await api.must<{ integrity: string }>(
      "GET",
      `/api/v1/recordings/${session.sessionId}`,
    );
    if (integrity === "complete") break;
    await sleep(50);
  }
  return readRecording(api, session);
}

/**
 * The player's page, with a note of when something was last drawn, by the display's worker or by WebGL, and of how many
 * messages the worker has not drawn yet.
 */
export async function openPlayer(browser: Browser, { api, gateway }: Demo, sessionId: string): Promise<Page> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 760 },
    reducedMotion: "reduce",
  });
  const { hostname } = new URL(gateway.url);
  await context.addCookies(
    api.cookies.split("; ").map((pair) => {
      const [name = "", value = ""] = pair.split(/=(.*)/s);
      return { name, value, domain: hostname, path: "/", secure: true };
    }),
  );
  await context.addInitScript(() => {
    const noted = globalThis as unknown as { drawnAtMs: number; waiting: number };
    noted.drawnAtMs = 0;
    noted.waiting = 0;
    const drew = () => {
      noted.drawnAtMs = performance.now();
    };
    const RealWorker = globalThis.Worker;
    globalThis.Worker = class extends RealWorker {
      constructor(...words: ConstructorParameters<typeof Worker>) {
        super(...words);
        this.addEventListener("message", ({ data }) => {
          if ((data as { type?: string } | null)?.type === "done") noted.waiting--;
          drew();
        });
      }
      override postMessage(message: unknown, options?: Transferable[] | StructuredSerializeOptions) {
        if ((message as { type?: string } | null)?.type === "message") noted.waiting++;
        super.postMessage(message, options as Transferable[]);
      }
    };
    const draw = WebGL2RenderingContext.prototype.drawElementsInstanced;
    WebGL2RenderingContext.prototype.drawElementsInstanced = function (...words) {
      drew();
      return draw.apply(this, words);
    };
  });
  const page = await context.newPage();
  await page.goto(new URL(`/recordings/${sessionId}?t=1`, gateway.url).href);
  await page.waitForFunction(
    ({ quietMs }) => {
      const { drawnAtMs } = globalThis as unknown as { drawnAtMs: number };
      return drawnAtMs > 0 && performance.now() - drawnAtMs > quietMs;
    },
    { quietMs: 2 * QUIET_MS },
    { timeout: 60_000 },
  );
  return page;
}

/** Moves the slider; resolves with the milliseconds until the picture stood still again. */
export function seekTo(page: Page, ms: number): Promise<number> {
  return page.evaluate(
    async ({ toMs, quietMs, limitMs }) => {
      const noted = globalThis as unknown as { drawnAtMs: number; waiting: number };
      const slider = document.querySelector<HTMLInputElement>(".player-line input");
      const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
      if (slider === null || setter === undefined) throw new Error("the player has no slider");
      noted.drawnAtMs = 0;
      const startedAtMs = performance.now();
      setter.call(slider, String(toMs));
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        const nowMs = performance.now();
        const isStill = noted.drawnAtMs > 0 && nowMs - noted.drawnAtMs > quietMs;
        if (isStill && noted.waiting === 0) return noted.drawnAtMs - startedAtMs;
        if (nowMs - startedAtMs > limitMs) return limitMs;
      }
    },
    { toMs: ms, quietMs: QUIET_MS, limitMs: SEEK_LIMIT_MS },
  );
}

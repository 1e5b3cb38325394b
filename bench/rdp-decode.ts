import type { Page } from "@playwright/test";
import { Codec } from "../packages/picture/src/index.ts";
import { GfxVersion, type RdpClientOptions } from "../packages/rdp/src/index.ts";
import { startViewerHarness } from "../tests/e2e/viewer-harness.ts";
import { cpuMsOf } from "./process-cpu.ts";
import { startScrollingDesktop } from "./rdp-capture.ts";
import type { Bench, BenchResult } from "./result.ts";

/** Pictures that may be on their way to the worker at a time, as a session's are. */
const IN_FLIGHT = 4;
const PICTURES = 24;
const QUICK_PICTURES = 12;
const MEASURE_MS = 10_000;
const QUICK_MEASURE_MS = 3000;
/** Meanwhile the decoders are fetched and compiled. */
const WARM_UP_MS = 500;

/** What `load` leaves in the page. */
interface Loaded {
  loaded: ArrayBuffer[];
}

declare const harness: {
  readonly told: { readonly needEntry: number };
  readonly view: { show(item: { message: ArrayBuffer; frames: []; done(): void }): void };
};

const withoutAvc = { hasAvc: false, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 };

/** What is asked of the server to get each codec, and the pictures a second the viewer has to draw. */
const CODECS: readonly {
  readonly name: string;
  readonly codec: number;
  readonly options: Partial<RdpClientOptions>;
  readonly budget: number;
}[] = [
  { name: "RemoteFX", codec: Codec.remoteFx, options: { graphics: withoutAvc }, budget: 40 },
  {
    name: "AVC420",
    codec: Codec.avc420,
    options: { graphics: { hasAvc: true, maxVersion: GfxVersion.RDPGFX_CAPVERSION_81 } },
    budget: 60,
  },
  {
    name: "AVC444v2",
    codec: Codec.avc444v2,
    options: { graphics: { hasAvc: true, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 } },
    budget: 40,
  },
  {
    name: "progressive",
    codec: Codec.progressive,
    options: { graphics: withoutAvc, hasRemoteFx: false },
    budget: 25,
  },
];

/** Hands the page the messages that `replay` draws. */
function load(page: Page, messages: readonly Uint8Array[]): Promise<void> {
  const texts = messages.map((message) => Buffer.from(message).toString("base64"));
  return page.evaluate((list) => {
    const fromText = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    (globalThis as unknown as Loaded).loaded = list.map((text) => fromText(text).buffer);
  }, texts);
}

/** Draws the messages again and again for so long, a few on their way at a time. */
function replay(page: Page, durationMs: number): Promise<{ drawn: number; rate: number }> {
  return page.evaluate(
    async ({ inFlight, limitMs }) => {
      const buffers = (globalThis as unknown as Loaded).loaded;
      let next = 0;
      let drawn = 0;
      const startedAt = performance.now();
      await new Promise<void>((resolve) => {
        let open = 0;
        const send = () => {
          open++;
          const message = (buffers[next++ % buffers.length] as ArrayBuffer).slice(0);
          harness.view.show({ message, frames: [], done });
        };
        const done = () => {
          open--;
          drawn++;
          // A stream is left only at its end: it begins with the one picture that needs no other.
          if (performance.now() - startedAt < limitMs || next % buffers.length !== 0) send();
          else if (open === 0) resolve();
        };
        for (let index = 0; index < inFlight; index++) send();
      });
      if (harness.told.needEntry > 0) throw new Error("a picture could not be drawn");
      return { drawn, rate: (drawn * 1000) / (performance.now() - startedAt) };
    },
    { inFlight: IN_FLIGHT, limitMs: durationMs },
  );
}

/** Pictures a second that Chromium without a GPU decodes and draws, 1920 by 1080, text that scrolls over all of it. */
export const rdpDecode: Bench = async ({ isQuick, say }) => {
  const streams = await captureAll(isQuick ? QUICK_PICTURES : PICTURES);
  const viewer = await startViewerHarness();
  const results: BenchResult[] = [];
  try {
    for (const { name, budget, messages } of streams) {
      const sizeBytes = messages.reduce((sum, { length }) => sum + length, 0) / messages.length;
      const { page } = await viewer.open("desktop");
      await load(page, messages);
      await replay(page, WARM_UP_MS);
      const cpuBefore = cpuMsOf(process.pid);
      const { drawn, rate } = await replay(page, isQuick ? QUICK_MEASURE_MS : MEASURE_MS);
      // What other work on the machine does not change: it tells a slow decoder from a busy machine.
      const cpuMs = (cpuMsOf(process.pid) - cpuBefore) / drawn;
      await page.close();
      const size = `${Math.round(sizeBytes / 1000)} kB`;
      say(`${name}: ${rate.toFixed(1)} pictures a second of ${size}, ${cpuMs.toFixed(1)} ms of CPU each`);
      const value = Math.round(rate * 10) / 10;
      results.push({
        name: "rdp-decode",
        metric: `${name}, 1080p`,
        value,
        unit: "1/s",
        budget,
        ok: value >= budget,
      });
    }
  } finally {
    await viewer.close();
  }
  return results;
};

/** Pictures in each codec; the server and its screen are gone when the measuring begins. */
async function captureAll(count: number) {
  const desktop = await startScrollingDesktop();
  try {
    const streams = [];
    for (const { name, codec, options, budget } of CODECS)
      streams.push({ name, budget, messages: await desktop.capture(codec, count, options) });
    return streams;
  } finally {
    desktop.close();
  }
}

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { concatBytes } from "@poterne/bytes";
import { leaveOutCovered } from "@poterne/picture/covered";
import { Channel, encodeFrame, FrameFlag } from "@poterne/wire";
import { Codec } from "../../packages/picture/src/index.ts";
import { GfxVersion, type RdpClientOptions } from "../../packages/rdp/src/index.ts";
import { eventually } from "../support/eventually.ts";
import { projectRoot, startLab } from "../support/lab.ts";
import { type PeerFrame, RdpPeer } from "../support/rdp-peer.ts";
import { displayOf, RDP_PORT } from "../support/rdp-session.ts";
import { runWorkload } from "../support/vnc-peer.ts";
import { startViewerHarness, type ViewerHarness } from "./viewer-harness.ts";

// What a seek shows, from what is left of the frames since an entry point, against playing all from the start: in
// Chromium, of what real servers send while text scrolls and is typed.

declare const harness: {
  readonly told: { readonly needEntry: number };
  show(base64: string): Promise<void>;
  pixels(): Promise<{ width: number; height: number; base64: string }>;
};

/** Places looked at in each capture. */
const PLACES = 10;
const SCROLL_SECONDS = 2;
const TYPING_SECONDS = 2;
const hasAvc = (wanted: boolean) => ({ hasAvc: wanted, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 });

let peer: RdpPeer | null = null;
let viewer: ViewerHarness;

before(async () => {
  startLab("xrdp", "xrdp10", "shadow3");
  viewer = await startViewerHarness();
});
after(() => viewer.close());
afterEach(async () => {
  await peer?.close();
  peer = null;
});

/** Picture frames as a recording has them. */
function framesOf(frames: readonly PeerFrame[]): { readonly payload: Uint8Array; readonly flags: number }[] {
  return frames
    .filter(({ channel }) => channel === "picture")
    .map(({ payload, entry }) => ({
      payload,
      flags: entry === "start" ? FrameFlag.entryStart : entry === "end" ? FrameFlag.entryEnd : 0,
    }));
}

type Shown = ReturnType<typeof framesOf>;

async function show(page: Page, frames: Shown): Promise<void> {
  const message = concatBytes(
    frames.map((frame) => encodeFrame({ ...frame, channel: Channel.picture, stream: 0, timeMs: 0 })),
  );
  await page.evaluate((text) => harness.show(text), Buffer.from(message).toString("base64"));
}

async function read(page: Page): Promise<string> {
  const { width, height, base64 } = await page.evaluate(() => harness.pixels());
  return `${width}x${height} ${base64}`;
}

/** What the gateway sends for the picture at the end of these frames. */
function forEnd(frames: Shown): Shown {
  const end = frames.findLastIndex(({ flags }) => (flags & FrameFlag.entryEnd) !== 0);
  assert.ok(end >= 0, "no entry point");
  const start = frames.slice(0, end).findLastIndex(({ flags }) => (flags & FrameFlag.entryStart) !== 0);
  const since = frames.slice(start);
  const steps = leaveOutCovered(since.map(({ payload }) => payload));
  for (;;) {
    const step = steps.next();
    if (step.done === true)
      return since.map(({ flags }, index) => ({ flags, payload: step.value[index] as Uint8Array }));
  }
}

const bytesOf = (frames: Shown) => frames.reduce((sum, { payload }) => sum + payload.length, 0);

for (const { name, server, codec, options } of [
  {
    name: "progressive of xrdp 0.10",
    server: "xrdp10",
    codec: Codec.progressive,
    options: { hasRemoteFx: false, graphics: hasAvc(false) },
  },
  {
    name: "AVC444 of shadow 3",
    server: "shadow3",
    codec: Codec.avc444v2,
    options: { hasRemoteFx: false, graphics: hasAvc(true) },
  },
  {
    name: "RemoteFX of xrdp 0.9",
    server: "xrdp",
    codec: Codec.remoteFx,
    options: { hasRemoteFx: true, graphics: null },
  },
  {
    name: "bitmap updates of xrdp 0.9",
    server: "xrdp",
    codec: Codec.planar,
    options: { hasRemoteFx: false, graphics: null },
  },
] as const satisfies readonly { options: Partial<RdpClientOptions>; [name: string]: unknown }[])
  test(`${name}: wherever a seek goes, it shows what playing shows there`, async (t) => {
    const session = new RdpPeer(RDP_PORT[server], options);
    peer = session;
    const isDrawn = ({ commands }: PeerFrame) =>
      commands.some((one) => one.op === "draw" && one.codec === codec);
    const hasEntry = (from: number) => session.frames.slice(from).some(({ entry }) => entry === "end");
    const enter = async () => {
      const from = session.frames.length;
      session.run(session.client.requestEntryPoint(session.nowMs));
      await session.until("an entry point", () => hasEntry(from), 60_000);
    };
    await session.until("the desktop", () => session.isOpen, 60_000);
    const display = await displayOf(server);
    await enter();
    await session.until("a picture", () => session.frames.some(isDrawn), 60_000);
    const first = framesOf(session.frames).length;
    await runWorkload(projectRoot, display, "scroll", SCROLL_SECONDS);
    await enter();
    await runWorkload(projectRoot, display, "typing", TYPING_SECONDS);
    const frames = framesOf(session.frames);
    await session.close();
    const [whole, jumping] = [await viewer.open("desktop"), await viewer.open("desktop")];
    let [played, all, left] = [0, 0, 0];
    for (let place = 1; place <= PLACES; place++) {
      const until = first + Math.floor(((frames.length - first) * place) / PLACES);
      await show(whole.page, frames.slice(played, until));
      played = until;
      const needed = forEnd(frames.slice(0, until));
      all += bytesOf(frames.slice(0, until));
      left += bytesOf(needed);
      await jumping.page.reload();
      await jumping.page.waitForFunction(() => document.title === "ready");
      await show(jumping.page, needed);
      // What was drawn may still be on its way from the Worker to the canvas.
      await eventually(`the same picture after ${until} of ${frames.length} frames`, async (seen) => {
        const [expected, shown] = [await read(whole.page), await read(jumping.page)];
        seen(shown.slice(0, 12));
        return shown === expected;
      });
      assert.equal(await jumping.page.evaluate(() => harness.told.needEntry), 0);
    }
    t.diagnostic(`${frames.length} frames; ${left} of ${all} bytes read for ${PLACES} places`);
    assert.ok(left < all, `${left} of ${all} bytes`);
    assert.deepEqual([...whole.violations, ...jumping.violations], []);
    await whole.page.close();
    await jumping.page.close();
  });

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { concatBytes } from "@poterne/bytes";
import { encodeFrame } from "@poterne/wire";
import { Codec } from "../../packages/picture/src/index.ts";
import { GfxVersion } from "../../packages/rdp/src/index.ts";
import { eventually } from "../support/eventually.ts";
import { startLab } from "../support/lab.ts";
import { RdpPeer } from "../support/rdp-peer.ts";
import { drawsOnScreen, psnr } from "../support/rdp-screen.ts";
import { screenshot } from "../support/vnc-peer.ts";
import { startViewerHarness, type ViewerHarness } from "./viewer-harness.ts";

declare const harness: {
  readonly told: { readonly needEntry: number };
  show(base64: string): Promise<void>;
  pixels(): Promise<{ width: number; height: number; base64: string }>;
};

const SPACE = 0x39;
const ENTER = 0x1c;
/** Inside the lab's terminal. */
const TERMINAL = { x: 200, y: 200 };
const peers: RdpPeer[] = [];
let viewer: ViewerHarness;

before(async () => {
  startLab("shadow2", "shadow3");
  viewer = await startViewerHarness();
});
after(() => viewer.close());
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close();
});

/** Shows picture payloads as one message and gives the canvas. */
async function draw(page: Page, payloads: readonly Uint8Array[]): Promise<{ rgba: Buffer }> {
  const frames = payloads.map((payload) =>
    encodeFrame({ channel: 1, flags: 0, stream: 0, timeMs: 0, payload }),
  );
  const message = Buffer.from(concatBytes(frames)).toString("base64");
  await page.evaluate((text) => harness.show(text), message);
  const { base64 } = await page.evaluate(() => harness.pixels());
  return { rgba: Buffer.from(base64, "base64") };
}

for (const { name, port, display, codec, maxVersion } of [
  {
    name: "shadow 2's AVC420",
    port: 23892,
    display: ":41",
    codec: Codec.avc420,
    maxVersion: GfxVersion.RDPGFX_CAPVERSION_81,
  },
  {
    name: "shadow 3's AVC420",
    port: 23893,
    display: ":42",
    codec: Codec.avc420,
    maxVersion: GfxVersion.RDPGFX_CAPVERSION_81,
  },
  {
    name: "shadow 2's AVC444v2",
    port: 23892,
    display: ":41",
    codec: Codec.avc444v2,
    maxVersion: GfxVersion.RDPGFX_CAPVERSION_107,
  },
  {
    name: "shadow 3's AVC444v2",
    port: 23893,
    display: ":42",
    codec: Codec.avc444v2,
    maxVersion: GfxVersion.RDPGFX_CAPVERSION_107,
  },
])
  test(`${name} is drawn in Chromium as the server's screen is`, async (t) => {
    const peer = new RdpPeer(port, { graphics: { hasAvc: true, maxVersion } });
    peers.push(peer);
    const count = () =>
      peer.frames.flatMap(({ commands }) =>
        commands.filter((one) => one.op === "draw" && one.codec === codec),
      ).length;
    await peer.until("a picture", () => count() > 0, 30_000);
    // Whoever was here before may have left the terminal without the focus.
    for (const buttons of [0, 1, 0]) peer.send(peer.client.pointer(TERMINAL.x, TERMINAL.y, buttons));
    // A still screen is sent once; typing makes pictures that build on it.
    for (const scancode of [SPACE, SPACE, ENTER]) {
      const from = count();
      peer.send(peer.client.key(true, scancode));
      peer.send(peer.client.key(false, scancode));
      await peer.until("a picture of what was typed", () => count() > from, 30_000);
    }
    const { page, violations } = await viewer.open("desktop");
    let decibels = 0;
    // What was typed may still be on its way from the encoder while the screen shows it.
    for (const endAt = Date.now() + 20_000; decibels < 38 && Date.now() < endAt; ) {
      const drawn = await draw(page, drawsOnScreen(peer.frames, peer.client.size));
      decibels = psnr(drawn, screenshot(display));
    }
    t.diagnostic(`${name}: ${decibels.toFixed(1)} dB`);
    assert.equal(await page.evaluate(() => harness.told.needEntry), 0);
    assert.ok(decibels >= 38, `${decibels.toFixed(1)} dB`);
    assert.deepEqual(violations, []);
    await page.close();
  });

test("RemoteFX is calculated in WebAssembly, and the same where that cannot be loaded", async () => {
  const peer = new RdpPeer(23892, { graphics: null });
  peers.push(peer);
  const hasPicture = () =>
    peer.frames.some(({ commands }) =>
      commands.some((one) => one.op === "draw" && one.codec === Codec.remoteFx),
    );
  await peer.until("a picture", hasPicture, 30_000);
  const payloads = drawsOnScreen(peer.frames, peer.client.size);
  const { page, violations } = await viewer.open("desktop");
  const kernels: number[] = [];
  page.on("response", (response) => {
    if (response.url().endsWith(".wasm")) kernels.push(response.status());
  });
  await page.reload();
  await page.waitForFunction(() => document.title === "ready");
  // The first such picture fetches the codecs, they fetch the kernel; until it is there it is drawn without.
  await draw(page, payloads);
  await eventually("the kernel", async () => kernels.length > 0);
  const drawn = await draw(page, payloads);
  assert.deepEqual([...new Set(kernels)], [200]);
  assert.deepEqual(violations, []);
  let refused = 0;
  await page.route("**/*.wasm", (route) => {
    refused++;
    return route.abort();
  });
  await page.reload();
  await page.waitForFunction(() => document.title === "ready");
  assert.ok((await draw(page, payloads)).rgba.equals(drawn.rgba));
  await eventually("the refusal", async () => refused > 0);
  await page.close();
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, before, test } from "node:test";
import { FurtherCodecs } from "@poterne/picture/further";
import { Codec, PictureDecoder } from "../../packages/picture/src/index.ts";
import { GfxVersion } from "../../packages/rdp/src/index.ts";
import { startLab } from "../support/lab.ts";
import { RdpPeer } from "../support/rdp-peer.ts";
import { drawsOnScreen, psnr } from "../support/rdp-screen.ts";
import { screenshot } from "../support/vnc-peer.ts";

const peers: RdpPeer[] = [];
const WITHOUT_AVC = { hasAvc: false, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 };

before(() => startLab("xrdp", "shadow2", "shadow3"));
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close();
});

/** Decodes what a peer was sent and gives the screen. */
function decode(peer: RdpPeer) {
  let error: unknown = null;
  const decoder = new PictureDecoder({
    further: new FurtherCodecs(),
    decodeImage: () => Promise.reject(new Error("no image is expected")),
    presented: () => undefined,
    cursor: () => undefined,
    pointerMoved: () => undefined,
    failed: (cause) => {
      error = cause;
    },
  });
  const { width, height } = peer.client.size;
  for (const payload of drawsOnScreen(peer.frames, { width, height })) decoder.push(payload);
  assert.equal(error, null);
  const surface = decoder.surface(0);
  assert.ok(surface !== undefined);
  return surface;
}

const hasDrawn = (peer: RdpPeer, codec: number): boolean =>
  peer.frames.some(({ commands }) => commands.some((one) => one.op === "draw" && one.codec === codec));

/** The X displays of xrdp's sessions that run now, by the first number the lab gives them. */
function sessionDisplay(first: number): string | null {
  const sockets = readFileSync("/proc/net/unix", "latin1");
  const numbers = [...sockets.matchAll(/\.X11-unix\/X(\d+)/g)].map(([, number]) => Number(number));
  const newest = Math.max(-1, ...numbers.filter((number) => number >= first && number < first + 10));
  return newest < 0 ? null : `:${newest}`;
}

/** Waits until what was decoded looks as the server's screen does; that may still change while both are looked at. */
async function assertLooksAlike(
  peer: RdpPeer,
  display: () => string | null,
  minimumDb: number,
): Promise<number> {
  let best = 0;
  const look = () => {
    const name = display();
    if (name === null) return false;
    best = Math.max(best, psnr(decode(peer), screenshot(name)));
    return best >= minimumDb;
  };
  for (const startedAt = Date.now(); !look() && Date.now() - startedAt < 30_000; )
    await new Promise((resolve) => setTimeout(resolve, 500));
  assert.ok(best >= minimumDb, `${best.toFixed(1)} dB`);
  return best;
}

for (const { name, port, codec, options, display, authority, minimumDb } of [
  {
    name: "xrdp's RemoteFX",
    port: 23890,
    codec: Codec.remoteFx,
    options: { graphics: null },
    display: () => sessionDisplay(60),
    authority: "/home/alice/.Xauthority",
    minimumDb: 38,
  },
  {
    name: "shadow 3's progressive",
    port: 23893,
    codec: Codec.progressive,
    options: { graphics: WITHOUT_AVC, hasRemoteFx: false },
    display: () => ":42",
    authority: "",
    minimumDb: 38,
  },
  {
    name: "shadow 3's RemoteFX in the graphics pipeline",
    port: 23893,
    codec: Codec.remoteFx,
    options: { graphics: WITHOUT_AVC },
    display: () => ":42",
    authority: "",
    minimumDb: 38,
  },
  {
    name: "shadow 2's RemoteFX",
    port: 23892,
    codec: Codec.remoteFx,
    options: { graphics: null },
    display: () => ":41",
    authority: "",
    minimumDb: 38,
  },
])
  test(`${name} is drawn as the server's screen is`, async (t) => {
    const peer = new RdpPeer(port, options);
    peers.push(peer);
    await peer.until("a picture", () => hasDrawn(peer, codec), 30_000);
    process.env.XAUTHORITY = authority;
    const decibels = await assertLooksAlike(peer, display, minimumDb);
    t.diagnostic(`${name}: ${decibels.toFixed(1)} dB`);
  });

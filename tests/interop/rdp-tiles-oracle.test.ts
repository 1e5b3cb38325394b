import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { FurtherCodecs } from "@poterne/picture/further";
import { Codec, PictureDecoder, PictureWriter } from "../../packages/picture/src/index.ts";
import { askFreeRdp, TilesMode } from "../support/freerdp-tiles.ts";
import { startLab } from "../support/lab.ts";
import { RdpPeer } from "../support/rdp-peer.ts";
import { psnr } from "../support/rdp-screen.ts";

const PEER_SIZE = { width: 1024, height: 768 };
const peers: RdpPeer[] = [];

before(() => startLab("xrdp", "xrdp10"));
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close();
});

/** Draws payloads on all of a screen with our decoders; a progressive context's number is put before each. */
function draw(codec: number, size: { width: number; height: number }, payloads: readonly Uint8Array[]) {
  const failures: Error[] = [];
  const decoder = new PictureDecoder({
    further: new FurtherCodecs(),
    decodeImage: () => Promise.reject(new Error("no image is expected")),
    presented: () => undefined,
    cursor: () => undefined,
    pointerMoved: () => undefined,
    failed: (error) => failures.push(error),
  });
  const writer = new PictureWriter();
  writer.surface(0, size.width, size.height);
  const head = new Uint8Array(codec === Codec.progressive ? 4 : 0);
  for (const payload of payloads)
    writer.drawParts({ surface: 0, place: { x: 0, y: 0, ...size }, codec }, head, payload);
  decoder.push(writer.finish());
  assert.deepEqual(failures, []);
  const surface = decoder.surface(0);
  assert.ok(surface !== undefined);
  return surface;
}

/** A picture with edges, gradients and noise. */
function makePicture({ width, height }: { width: number; height: number }): Uint8Array {
  return Uint8Array.from({ length: width * height * 4 }, (_, at) => {
    const [x, y] = [(at >> 2) % width, Math.floor((at >> 2) / width)];
    if (at % 4 === 3) return 255;
    if (x < 80) return (x * 3 + y * (at % 4)) & 255;
    if (y < 60) return ((x >> 3) + (y >> 3)) % 2 === 0 ? 240 - 60 * (at % 4) : 20;
    return (Math.imul(at ^ (at >> 7), 2654435761) >>> 24) >> 1;
  });
}

for (const [name, mode] of [
  ["RLGR1", TilesMode.encodeRlgr1],
  ["RLGR3", TilesMode.encodeRlgr3],
] as const)
  test(`RemoteFX that FreeRDP encoded with ${name} is decoded as FreeRDP decodes it`, (t) => {
    const size = { width: 200, height: 150 };
    const message = askFreeRdp(mode, size, [makePicture(size)]);
    const decibels = psnr(draw(Codec.remoteFx, size, [message]), {
      rgba: askFreeRdp(TilesMode.remoteFx, size, [message]),
    });
    t.diagnostic(`${name}: ${decibels.toFixed(1)} dB`);
    assert.ok(decibels >= 48, `${decibels.toFixed(1)} dB`);
  });

for (const { name, port, options, codec, mode, headBytes } of [
  {
    name: "xrdp's RemoteFX",
    port: 23890,
    options: { graphics: null },
    codec: Codec.remoteFx,
    mode: TilesMode.remoteFx,
    headBytes: 0,
  },
  {
    name: "xrdp 0.10's progressive with extrapolated bands",
    port: 23891,
    options: {},
    codec: Codec.progressive,
    mode: TilesMode.progressive,
    headBytes: 4,
  },
])
  test(`${name} is decoded as FreeRDP decodes it`, async (t) => {
    const peer = new RdpPeer(port, options);
    peers.push(peer);
    const size = PEER_SIZE;
    const payloads = () =>
      peer.frames
        .flatMap(({ commands }) => commands)
        .flatMap((one) =>
          one.op === "draw" && one.codec === codec && one.rectangle.width === size.width
            ? [one.payload.slice(headBytes)]
            : [],
        );
    await peer.until("a whole picture", () => payloads().length > 0, 30_000);
    const sent = payloads();
    const decibels = psnr(draw(codec, size, sent), { rgba: askFreeRdp(mode, size, sent) });
    t.diagnostic(`${name}: ${decibels.toFixed(1)} dB`);
    assert.ok(decibels >= 48, `${decibels.toFixed(1)} dB`);
  });

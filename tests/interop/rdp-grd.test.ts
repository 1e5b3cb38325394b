import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { Codec } from "../../packages/picture/src/index.ts";
import { GfxVersion } from "../../packages/rdp/src/index.ts";
import { Channel, decodeSound, SoundCodec } from "../../packages/wire/src/index.ts";
import { pitchOf, playGrdTone } from "../support/grd-sound.ts";
import { startLab } from "../support/lab.ts";
import { assertJoins } from "../support/rdp-joiner.ts";
import { RdpPeer } from "../support/rdp-peer.ts";
import { makeRdpSession, RDP_PORT, type RdpWish } from "../support/rdp-session.ts";
import { waitFor } from "../support/vnc-peer.ts";

// gnome-remote-desktop 48: NLA, the graphics pipeline in progressive RemoteFX, sound by the dynamic channel. The lab
// starts it anew when its daemon no longer answers.

const LIMIT_MS = 30_000;
const TONE = [440, 1000] as const;
const ENTER = 0x1c;
const closing: (() => unknown)[] = [];

before(() => startLab("grd"));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function openSession(wish: Partial<RdpWish> = {}) {
  const session = makeRdpSession({ port: RDP_PORT.grd, ...wish });
  closing.push(() => session.driver.close());
  await session.driver.open();
  return session;
}

/** How many colours stand in a picture, up to a hundred. */
function coloursOf(rgba: Uint8Array | Uint8ClampedArray): number {
  const pixels = new Uint32Array(rgba.slice().buffer);
  const found = new Set<number>();
  for (const pixel of pixels) if (found.size < 100) found.add(pixel);
  return found.size;
}

test("grd: the driver opens a desktop at the window's size and its picture is drawn", async () => {
  const { viewer, driver, host, entryEnds } = await openSession();
  await waitFor("the first entry point", () => entryEnds() > 0, LIMIT_MS);
  const shown = () => viewer.decoder.surface();
  await waitFor(
    "a picture of many colours",
    () => coloursOf(shown()?.rgba ?? new Uint8Array(0)) >= 50,
    LIMIT_MS,
  );
  assert.deepEqual([shown()?.width, shown()?.height], [1024, 768]);
  assert.deepEqual(viewer.errors, []);
  driver.requestEntryPoint();
  await waitFor("another entry point", () => entryEnds() > 1, LIMIT_MS);
  assert.equal(host.end, null);
});

test("grd: a viewer with nothing joins and a recording seeks at any entry point, by progressive tiles", async () => {
  const graphics = { hasAvc: false, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 };
  const peer = new RdpPeer(RDP_PORT.grd, { graphics, hasRemoteFx: false });
  closing.push(() => peer.close());
  const draws = (from: number) =>
    peer.frames
      .slice(from)
      .some(({ commands }) => commands.some((one) => one.op === "draw" && one.codec === Codec.progressive));
  await peer.until("the first picture", () => draws(0));
  for (let round = 0; round < 3; round++) {
    for (const isDown of [true, false]) peer.send(peer.client.key(isDown, ENTER));
    const from = peer.frames.length;
    peer.run(peer.client.requestEntryPoint(peer.nowMs));
    await peer.until("the entry point", () => peer.frames.slice(from).some(({ entry }) => entry === "end"));
    const later = peer.frames.length;
    peer.send(peer.client.pointer(300 + round * 40, 200, 0));
    await peer.until("more", () => draws(later), 1000).catch(() => {});
    assert.ok(assertJoins(peer.frames, from) > 0);
  }
  assert.equal(peer.failure, null);
});

test("grd: it outlives clients that come and go", async () => {
  for (let round = 0; round < 6; round++) {
    const { driver } = await openSession();
    driver.close();
  }
  const { entryEnds } = await openSession();
  await waitFor("a picture all the same", () => entryEnds() > 0, LIMIT_MS);
});

for (const [decodesOpus, codec, name] of [
  [false, SoundCodec.pcm16, "PCM at its pitch"],
  [true, SoundCodec.opus, "Opus, as it came"],
] as const)
  test(`grd: a tone comes by the dynamic channel as ${name}`, async () => {
    const { host } = await openSession({ decodesOpus });
    const sounds: { readonly rateHz: number; readonly data: Buffer }[] = [];
    const { onFrame } = host;
    host.onFrame = (frame) => {
      onFrame?.(frame);
      if (frame.channel !== Channel.sound) return;
      const { format, data } = decodeSound(frame.payload);
      assert.equal(format.codec, codec);
      sounds.push({ rateHz: format.rateHz, data: Buffer.from(data) });
    };
    const player = playGrdTone(TONE, 6);
    closing.push(() => player.stop());
    await waitFor("sound", () => sounds.length > 60, LIMIT_MS);
    const heard = sounds.slice(20, 60);
    if (decodesOpus) {
      assert.ok(
        heard.every(({ rateHz, data }) => rateHz === 48_000 && data.length > 0 && data.length < 1500),
      );
      return;
    }
    const samples = Buffer.concat(heard.map(({ data }) => data));
    TONE.forEach((hz, channel) => {
      const one = Array.from({ length: samples.length / 4 }, (_, at) =>
        samples.readInt16LE(at * 4 + channel * 2),
      );
      const found = pitchOf(one, heard[0]?.rateHz ?? 0);
      assert.ok(Math.abs(found - hz) < 1, `${found} Hz for ${hz}`);
    });
  });

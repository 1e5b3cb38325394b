import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { Channel, decodeSound, FrameFlag, SoundCodec } from "../../packages/wire/src/index.ts";
import {
  frequencyOf,
  hasSoundDevice,
  isSoundAsleep,
  LISTENER,
  LISTENER_HOME,
  playTone,
} from "../support/desktop-sound.ts";
import { startLab } from "../support/lab.ts";
import { makeRdpSession, RDP_PORT, type RdpWish } from "../support/rdp-session.ts";
import { waitFor } from "../support/vnc-peer.ts";
import { endDesktopsOf } from "../support/xrdp-desktop.ts";

// A tone played inside a real xrdp 0.10 desktop, as the gateway's driver hands it on.

const LIMIT_MS = 30_000;
const TONE = [440, 1000] as const;
const open: ReturnType<typeof makeRdpSession>[] = [];

before(async () => {
  startLab("xrdp10");
  await endDesktopsOf(LISTENER_HOME);
});
afterEach(() => {
  for (const session of open.splice(0)) session.driver.close();
});

interface HeardWave {
  readonly flags: number;
  readonly rateHz: number;
  readonly samples: Int16Array;
  readonly atMs: number;
}

async function openListening(policy: NonNullable<RdpWish["policy"]>) {
  const session = makeRdpSession({ port: RDP_PORT.xrdp10, credentials: LISTENER, policy });
  open.push(session);
  const waves: HeardWave[] = [];
  const { onFrame } = session.host;
  session.host.onFrame = (frame) => {
    onFrame?.(frame);
    if (frame.channel !== Channel.sound) return;
    const { format, data } = decodeSound(frame.payload);
    assert.equal(format.codec, SoundCodec.pcm16);
    assert.equal(format.channels, 2);
    const samples = new Int16Array(Uint8Array.from(data).buffer);
    waves.push({ flags: frame.flags, rateHz: format.rateHz, samples, atMs: performance.now() });
  };
  await session.driver.open();
  await waitFor("the desktop's sound device", hasSoundDevice, LIMIT_MS);
  return { ...session, waves };
}

const channelOf = (waves: readonly HeardWave[], channel: number): number[] =>
  waves.flatMap(({ samples }) => [...samples].filter((_, index) => index % 2 === channel));

test("xrdp10: a tone played in the desktop comes as sound frames, at its pitch and in its time", async () => {
  const { waves, host } = await openListening({});
  const player = playTone(TONE, 4);
  try {
    await waitFor("sound", () => waves.length > 60, LIMIT_MS);
  } finally {
    player.stop();
  }
  const rateHz = waves[0]?.rateHz ?? 0;
  // The start of the tone may be cut; what follows is whole.
  const heard = waves.slice(10, 60);
  TONE.forEach((hz, channel) => {
    const found = frequencyOf(channelOf(heard, channel), rateHz);
    assert.ok(Math.abs(found - hz) < 1, `${found} Hz for ${hz}`);
  });
  const lastedMs = (heard.at(-1)?.atMs ?? 0) - (heard[0]?.atMs ?? 0);
  const soundMs = (channelOf(heard.slice(1), 0).length / rateHz) * 1000;
  // A machine under load hands some of it over late and then at once; twice as fast would be more than a second off.
  assert.ok(Math.abs(lastedMs - soundMs) < 1000, `${soundMs} ms of sound came in ${lastedMs} ms`);
  assert.ok(
    waves.every(({ flags }) => flags === FrameFlag.transient),
    "not recorded unless the policy says so",
  );
  assert.equal(host.end, null);
});

test("xrdp10: with a policy that records sound its frames are the recording's too", async () => {
  const { waves } = await openListening({ recordAudio: true });
  const player = playTone(TONE, 2);
  try {
    await waitFor("sound", () => waves.length > 10, LIMIT_MS);
  } finally {
    player.stop();
  }
  assert.ok(waves.every(({ flags }) => flags === 0));
});

test("xrdp10: with a policy without sound the channel is not offered, and the desktop opens", async () => {
  // xrdp 0.10's channel server dies of sound that no client takes: nothing is played, and what was has ended.
  await waitFor("silence", isSoundAsleep, LIMIT_MS);
  const { waves, host, entryEnds } = await openListening({ audio: false });
  await waitFor("the first entry point", () => entryEnds() > 0, LIMIT_MS);
  assert.equal(waves.length, 0);
  assert.equal(host.end, null);
});

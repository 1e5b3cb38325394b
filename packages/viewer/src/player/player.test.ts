import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes, decodeUtf8, encodeUtf8 } from "@poterne/bytes";
import { Channel, encodeFrame, FrameFlag } from "@poterne/wire";
import type { FrameBatch } from "../connection/session-connection.ts";
import { FakeTimers, settle } from "../testing/fake-timers.ts";
import { findIdleJump, IDLE_LEAD_MS, IDLE_LIMIT_MS } from "./idle.ts";
import { Player } from "./player.ts";
import type { FrameReply, FrameRequest, PlayerIndex } from "./recording-source.ts";

interface Recorded {
  readonly timeMs: number;
  readonly text: string;
  readonly flags?: number;
}

/** A recording: an entry point every minute, one letter each second. */
function makeRecording(seconds: number): Recorded[] {
  const frames: Recorded[] = [];
  for (let second = 0; second < seconds; second++) {
    if (second % 60 === 0)
      frames.push({
        timeMs: second * 1000,
        text: `<${second}>`,
        flags: FrameFlag.entryStart | FrameFlag.entryEnd,
      });
    frames.push({ timeMs: second * 1000 + 500, text: `${second} ` });
  }
  return frames;
}

class FakeSource {
  readonly requests: FrameRequest[] = [];
  readonly recorded: Recorded[];
  indexNow: PlayerIndex;
  failure: Error | null = null;

  constructor(recorded: Recorded[], index: Partial<PlayerIndex> = {}) {
    this.recorded = recorded;
    const durationMs = (recorded.at(-1)?.timeMs ?? 0) + 500;
    const bytes = Array<number>(Math.ceil(durationMs / 1000)).fill(0);
    for (const frame of recorded) bytes[Math.floor(frame.timeMs / 1000)] = 1;
    this.indexNow = {
      kind: "terminal",
      durationMs,
      isRunning: false,
      entryPointsMs: recorded.filter((frame) => frame.flags !== undefined).map((frame) => frame.timeMs),
      activity: { bucketMs: 1000, bytes },
      ...index,
    };
  }

  index(): Promise<PlayerIndex> {
    return Promise.resolve(this.indexNow);
  }

  frames(request: FrameRequest): Promise<FrameReply> {
    this.requests.push(request);
    if (this.failure !== null) return Promise.reject(this.failure);
    const entry = this.indexNow.entryPointsMs.findLast((ms) => ms <= request.fromMs) ?? 0;
    const isWanted = (frame: Recorded): boolean =>
      frame.timeMs <= request.toMs &&
      (request.isAfter ? frame.timeMs > request.fromMs : frame.timeMs >= entry);
    const bytes = this.recorded.filter(isWanted).map(({ timeMs, text, flags }) =>
      encodeFrame({
        channel: Channel.text,
        flags: flags ?? 0,
        stream: 0,
        timeMs,
        payload: encodeUtf8(text),
      }),
    );
    return Promise.resolve({ bytes: concatBytes(bytes), nextMs: null });
  }
}

function setUp(source: FakeSource, isShownAtOnce = true) {
  const timers = new FakeTimers();
  const player = new Player(source, timers);
  const screen = { text: "", resets: 0, pending: [] as FrameBatch[] };
  const sink = {
    reset: () => {
      screen.text = "";
      screen.resets++;
    },
    show: (batch: FrameBatch) => {
      for (const frame of batch.frames) screen.text += decodeUtf8(frame.payload);
      if (isShownAtOnce) batch.done();
      else screen.pending.push(batch);
    },
  };
  return { timers, player, screen, sink };
}

test("opening shows the picture of the wanted second from the entry point before it", async () => {
  const source = new FakeSource(makeRecording(180));
  const { player, screen, sink } = setUp(source);
  await player.open(sink, 62_000);
  await settle();
  assert.equal(screen.text, "<60>60 61 ");
  assert.equal(player.state.read().isPlaying, false);
});

test("a jump made before the display is there is where the recording opens", async () => {
  const { player, screen, sink } = setUp(new FakeSource(makeRecording(180)));
  await player.refresh();
  player.seek(121_000);
  await player.open(sink, 0);
  await settle();
  assert.equal(screen.text, "<120>120 ");
});

test("following asked for before the display is there begins with it", async () => {
  const { player, sink } = setUp(new FakeSource(makeRecording(180), { isRunning: true }));
  await player.refresh();
  player.follow();
  await player.open(sink, 0);
  const { isFollowing, isPlaying, positionMs } = player.state.read();
  assert.deepEqual([isFollowing, isPlaying, positionMs], [true, true, 178_000]);
  player.dispose();
});

test("playing shows each frame when it is due, at the speed chosen", async () => {
  const { player, screen, sink, timers } = setUp(new FakeSource(makeRecording(100)));
  await player.open(sink);
  player.play();
  await timers.advance(2400);
  assert.equal(screen.text, "<0>0 1 ");
  player.setSpeed(4);
  await timers.advance(1000);
  assert.equal(screen.text, "<0>0 1 2 3 4 5 ");
});

test("a terminal that plays on leaves entry points out", async () => {
  const { player, screen, sink, timers } = setUp(new FakeSource(makeRecording(70)));
  await player.open(sink, 58_000);
  player.play();
  await timers.advance(4000);
  assert.equal(screen.text.includes("<60>"), false);
  assert.match(screen.text, /58 59 60 61 $/);
  assert.equal(screen.resets, 1);
});

test("a near seek forward goes on from the picture there is, a far one starts at an entry point", async () => {
  const { player, screen, sink } = setUp(new FakeSource(makeRecording(180)));
  await player.open(sink, 3000);
  await settle();
  player.seek(8000);
  await settle();
  assert.equal(screen.resets, 1);
  assert.match(screen.text, /^<0>0 .*7 $/);
  player.seek(130_000);
  await settle();
  assert.equal(screen.resets, 2);
  assert.match(screen.text, /^<120>120 .*129 $/);
});

test("seeking back starts at an entry point and shows nothing twice", async () => {
  const { player, screen, sink } = setUp(new FakeSource(makeRecording(100)));
  await player.open(sink, 70_000);
  await settle();
  player.seek(2000);
  await settle();
  assert.equal(screen.text, "<0>0 1 ");
});

test("frames are loaded piece by piece and none is lost between pieces", async () => {
  const source = new FakeSource(makeRecording(59));
  const { player, screen, sink, timers } = setUp(source);
  await player.open(sink);
  player.play();
  await timers.advance(60_000);
  assert.equal(screen.text, `<0>${Array.from({ length: 59 }, (_, second) => `${second} `).join("")}`);
  assert.equal(source.requests.length > 2, true);
  assert.equal(player.state.read().isPlaying, false);
});

test("silence is skipped when asked for", async () => {
  const frames = [
    { timeMs: 0, text: "a", flags: FrameFlag.entryStart | FrameFlag.entryEnd },
    { timeMs: 600_000, text: "b" },
    { timeMs: 600_100, text: "c" },
  ];
  const { player, screen, sink, timers } = setUp(new FakeSource(frames));
  await player.open(sink);
  player.setSkippingIdle(true);
  player.play();
  await timers.advance(1500);
  assert.equal(screen.text, "abc");
});

test("a display that does not keep up stops the clock", async () => {
  const big = "x".repeat(3_000_000);
  const frames = Array.from({ length: 10 }, (_, index) => ({
    timeMs: index * 100,
    text: big,
    ...(index === 0 ? { flags: FrameFlag.entryStart | FrameFlag.entryEnd } : {}),
  }));
  const { player, screen, sink, timers } = setUp(new FakeSource(frames), false);
  await player.open(sink);
  player.play();
  await timers.advance(3000);
  const stoppedAt = player.state.read().positionMs;
  assert.equal(stoppedAt < 900, true);
  for (const batch of screen.pending.splice(0)) batch.done();
  await timers.advance(500);
  assert.equal(player.state.read().positionMs > stoppedAt, true);
});

test("a running session is followed at its live edge", async () => {
  const source = new FakeSource(makeRecording(10), { isRunning: true });
  const { player, screen, sink, timers } = setUp(source);
  await player.open(sink);
  player.follow();
  await timers.advance(2500);
  source.recorded.push({ timeMs: 11_000, text: "new" });
  source.indexNow = { ...source.indexNow, durationMs: 12_000 };
  await timers.advance(5000);
  assert.match(screen.text, /9 new$/);
  assert.equal(player.state.read().isPlaying, true);
});

test("a failed load stops playing, is told once and not asked again by itself", async () => {
  const source = new FakeSource(makeRecording(10));
  source.failure = new Error("gone");
  const { player, sink, timers } = setUp(source);
  await player.open(sink);
  await timers.advance(2000);
  assert.equal(source.requests.length, 1);
  assert.equal(player.state.read().error, source.failure);
  source.failure = null;
  player.play();
  await timers.advance(2000);
  assert.equal(player.state.read().error, null);
});

test("an idle jump goes just before the next change, loaded or told by the activity line", () => {
  const activity = { bucketMs: 1000, bytes: [1, 0, 0, 0, 0, 0, 0, 1] };
  const known = { nextChangeMs: null, loadedUntilMs: 1500, durationMs: 8000, activity };
  assert.equal(findIdleJump(1000, known), 7000 - IDLE_LEAD_MS);
  assert.equal(findIdleJump(7000 - IDLE_LIMIT_MS, known), null);
  assert.equal(findIdleJump(1000, { ...known, nextChangeMs: 1200 }), null);
});

test("a display that could not go on gets everything since the entry point, once", async () => {
  const source = new FakeSource(makeRecording(180));
  const { player, screen, sink } = setUp(source);
  await player.open(sink, 62_000);
  await settle();
  assert.deepEqual(
    source.requests.slice(0, 1).map(({ isEndOnly, isAfter }) => ({ isEndOnly, isAfter })),
    [{ isEndOnly: true, isAfter: false }],
  );
  for (const resets of [2, 2]) {
    const from = source.requests.length;
    player.restart();
    await settle();
    assert.equal(screen.resets, resets);
    assert.equal(screen.text, "<60>60 61 ");
    const [first] = source.requests.slice(from).filter(({ isAfter }) => !isAfter);
    assert.equal(first?.isEndOnly ?? false, false);
  }
  player.seek(20_000);
  await settle();
  player.restart();
  await settle();
  assert.equal(screen.text, `<0>${Array.from({ length: 20 }, (_, second) => `${second} `).join("")}`);
  assert.equal(screen.resets, 4);
});

test("a desktop goes on from its picture when a jump ahead is short, and begins at the entry point when it is not", async () => {
  const source = new FakeSource(makeRecording(60), { kind: "desktop" });
  const { player, screen, sink } = setUp(source);
  await player.open(sink, 10_000);
  await settle();
  player.seek(12_000);
  await settle();
  assert.equal(screen.resets, 1);
  player.seek(15_000);
  await settle();
  assert.equal(screen.resets, 2);
  assert.equal(screen.text, `<0>${Array.from({ length: 15 }, (_, second) => `${second} `).join("")}`);
});

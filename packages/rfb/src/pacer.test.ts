import assert from "node:assert/strict";
import { test } from "node:test";
import { Pacer, type PacerAction } from "./pacer.ts";
import { PART_COUNT } from "./update-parts.ts";

/** A server that always has an update ready, and a link of a rate and delay; runs in steps of 5 ms. */
function simulate(options: {
  readonly pacer: Pacer;
  readonly bytesPerMs: (nowMs: number) => number;
  readonly delayMs: number;
  /** Size of an update at a quality. */
  readonly updateBytes: (quality: number | null) => number;
  readonly untilMs: number;
  readonly everyMs: number;
}): {
  waits: number[];
  sizesMs: number[];
  updates: number;
  qualities: (number | null)[];
  isContinuous: boolean;
} {
  const { pacer } = options;
  const log = {
    waits: [] as number[],
    sizesMs: [] as number[],
    updates: 0,
    qualities: [] as (number | null)[],
    isContinuous: false,
  };
  let asked: readonly number[] | null = null;
  let [isAsked, quality, linkFreeAtMs, outstanding] = [false, pacer.quality.quality, 0, 0];
  let flights: { bytes: number; ackAtMs: number }[] = [];
  const act = (actions: readonly PacerAction[]): void => {
    for (const action of actions) {
      if (action.type === "request") {
        isAsked = true;
        asked = action.parts;
      } else if (action.type === "continuous") log.isContinuous = action.isEnabled;
      else quality = action.quality.quality;
    }
  };
  // A session begins with an entry point, whose first frame is small.
  pacer.entryStarted();
  pacer.emitted(40, 0);
  flights.push({ bytes: 40, ackAtMs: options.delayMs });
  outstanding = 40;
  for (let now = 0; now < options.untilMs; now += 5) {
    for (const flight of flights) if (flight.ackAtMs <= now) outstanding -= flight.bytes;
    if (flights.some((flight) => flight.ackAtMs <= now)) {
      flights = flights.filter((flight) => flight.ackAtMs > now);
      pacer.flow(outstanding, true, now);
      act(pacer.decide(now));
    }
    if (now % options.everyMs === 0 && (isAsked || log.isContinuous)) {
      isAsked = false;
      const wholeBytes = options.updateBytes(quality);
      const partBytes = Array.from({ length: PART_COUNT }, (_, part) =>
        asked === null || asked.includes(part) ? wholeBytes / PART_COUNT : 0,
      );
      const bytes = partBytes.reduce((sum, part) => sum + part, 0);
      const ownMs = bytes / options.bytesPerMs(now);
      log.waits.push(Math.max(0, linkFreeAtMs - now));
      log.sizesMs.push(ownMs);
      log.qualities.push(quality);
      log.updates++;
      linkFreeAtMs = Math.max(now, linkFreeAtMs) + ownMs;
      flights.push({ bytes, ackAtMs: linkFreeAtMs + options.delayMs });
      outstanding += bytes;
      pacer.emitted(bytes, now);
      pacer.updated(partBytes, now);
    }
    act(pacer.decide(now));
  }
  return log;
}

function percentile(values: readonly number[], part: number): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length * part)] ?? 0;
}

test("on a fast link updates are continuous, at the best quality", () => {
  const pacer = new Pacer({ quality: 8, isRecorded: true });
  pacer.continuousSupported();
  const log = simulate({
    pacer,
    bytesPerMs: () => 100_000,
    delayMs: 1,
    updateBytes: () => 60_000,
    untilMs: 5000,
    everyMs: 15,
  });
  assert.equal(log.isContinuous, true);
  assert.ok(log.updates > 300);
  assert.equal(pacer.quality.quality, 8);
});

test("on a link of 2 Mbit/s and 80 ms nothing queues up and the quality adapts", () => {
  const pacer = new Pacer({ quality: 8, isRecorded: true });
  pacer.continuousSupported();
  const log = simulate({
    pacer,
    bytesPerMs: () => 250,
    delayMs: 80,
    updateBytes: (quality) => 12_000 + 10_000 * (quality ?? 9),
    untilMs: 30_000,
    everyMs: 35,
  });
  assert.ok((log.qualities.at(-1) ?? 9) <= 2, `quality ${log.qualities.at(-1)}`);
  assert.ok(percentile(log.waits.slice(10), 0.95) <= 150, `${percentile(log.waits.slice(10), 0.95)} ms`);
  assert.ok(log.updates > 100, `${log.updates} updates`);
});

test("a film that is heavy at any quality comes in parts, none of which holds up what follows", () => {
  const pacer = new Pacer({ quality: 8, isRecorded: true });
  const log = simulate({
    pacer,
    bytesPerMs: () => 250,
    delayMs: 80,
    updateBytes: (quality) => 64_000 + 15_000 * (quality ?? 9),
    untilMs: 30_000,
    everyMs: 5,
  });
  const settled = log.sizesMs.slice(100);
  assert.ok(percentile(settled, 0.9) <= 60, `${percentile(settled, 0.9)} ms`);
  const waits = log.waits.slice(100);
  assert.ok(percentile(waits, 0.95) <= 100, `${percentile(waits, 0.95)} ms`);
  const sentMs = log.sizesMs.reduce((sum, ms) => sum + ms, 0);
  assert.ok(sentMs > 0.7 * 30_000, `the line was used for ${sentMs} ms`);
});

test("a film that begins before the link's rate is known does not flood it", () => {
  const pacer = new Pacer({ quality: 8, isRecorded: true });
  pacer.continuousSupported();
  let stillUpdates = 0;
  const log = simulate({
    pacer,
    bytesPerMs: () => 250,
    delayMs: 80,
    // A still screen first, which tells nothing of the rate; then a film, thirty pictures a second.
    updateBytes: (quality) =>
      pacer.rateBytesPerMs === 0 && stillUpdates++ < 20 ? 40 : 60_000 + 9000 * (quality ?? 9),
    untilMs: 10_000,
    everyMs: 35,
  });
  assert.equal(log.isContinuous, false);
  // One whole update at the best quality, after which the next waits for its turn.
  const first = log.waits.slice(0, 100);
  assert.ok(Math.max(...first) <= 100, `${Math.max(...first)} ms`);
});

test("a long but fast way is not taken for a slow one", () => {
  const pacer = new Pacer({ quality: 8, isRecorded: true });
  pacer.continuousSupported();
  simulate({
    pacer,
    bytesPerMs: () => 12_500,
    delayMs: 200,
    updateBytes: () => 40_000,
    untilMs: 20_000,
    everyMs: 35,
  });
  assert.equal(pacer.quality.quality, 8);
});

test("when the link is fast again the quality comes back", () => {
  const pacer = new Pacer({ quality: 8, isRecorded: true });
  pacer.continuousSupported();
  const log = simulate({
    pacer,
    bytesPerMs: (now) => (now < 10_000 ? 250 : 25_000),
    delayMs: 20,
    updateBytes: (quality) => 12_000 + 10_000 * (quality ?? 9),
    untilMs: 50_000,
    everyMs: 35,
  });
  assert.ok(Math.min(...log.qualities.map((quality) => quality ?? 9)) <= 2);
  assert.equal(log.qualities.at(-1), 8);
  assert.equal(log.isContinuous, true);
});

test("lossless pictures stay lossless on a slow link", () => {
  const pacer = new Pacer({ quality: null, isRecorded: true });
  simulate({
    pacer,
    bytesPerMs: () => 50,
    delayMs: 80,
    updateBytes: () => 50_000,
    untilMs: 10_000,
    everyMs: 35,
  });
  assert.equal(pacer.quality.quality, null);
});

test("with nobody watching a recorded session gets an update a second, another none", () => {
  for (const isRecorded of [true, false]) {
    const pacer = new Pacer({ quality: 8, isRecorded });
    pacer.continuousSupported();
    pacer.decide(0);
    pacer.updated(new Array(PART_COUNT).fill(125), 5);
    pacer.flow(0, false, 10);
    let requests = 0;
    for (let now = 10; now < 10_000; now += 10)
      for (const action of pacer.decide(now)) {
        assert.notDeepEqual(action, { type: "continuous", isEnabled: true });
        if (action.type !== "request") continue;
        requests++;
        pacer.emitted(1000, now);
        pacer.updated(new Array(PART_COUNT).fill(125), now);
      }
    assert.ok(isRecorded ? requests >= 9 && requests <= 11 : requests === 0, `${requests} requests`);
    pacer.flow(0, true, 10_000);
    pacer.entryStarted();
    pacer.emitted(40, 10_000);
    pacer.flow(0, true, 10_002);
    assert.ok(pacer.decide(10_002).some((action) => action.type === "continuous"));
  }
});

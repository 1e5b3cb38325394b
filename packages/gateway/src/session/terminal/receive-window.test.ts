import assert from "node:assert/strict";
import { test } from "node:test";
import { ReceiveWindow } from "./receive-window.ts";
import {
  FIRST_WINDOW_BYTES,
  HEARD_MS,
  MAX_WAIT_MS,
  MAX_WINDOW_BYTES,
  MIN_WINDOW_BYTES,
} from "./viewer-pace.ts";

const FRAME_BYTES = 64 * 1024;

interface Link {
  readonly bytesPerMs: (nowMs: number) => number;
  /** There and back. */
  readonly delayMs: number;
}

/**
 * A target that sends whatever it may at once, and a viewer at the end of a link that acknowledges each frame; in
 * steps of a millisecond. Returns how long each frame waited for the line, and what passed.
 */
function flood(link: Link, untilMs: number) {
  let nowMs = 0;
  let leave = FIRST_WINDOW_BYTES;
  let mostUnderWay = 0;
  const window = new ReceiveWindow(
    (bytes) => {
      leave += bytes;
    },
    () => nowMs,
  );
  let [outstanding, lineFreeAtMs, passedBytes] = [0, 0, 0];
  let flights: { readonly bytes: number; readonly ackAtMs: number }[] = [];
  const waits: { readonly atMs: number; readonly waitMs: number; readonly ownMs: number }[] = [];
  const send = (bytes: number) => {
    leave -= bytes;
    assert.ok(window.received(bytes));
    const ownMs = bytes / link.bytesPerMs(nowMs);
    waits.push({ atMs: nowMs, waitMs: Math.max(0, lineFreeAtMs - nowMs), ownMs });
    lineFreeAtMs = Math.max(nowMs, lineFreeAtMs) + ownMs;
    flights.push({ bytes, ackAtMs: lineFreeAtMs + link.delayMs });
    outstanding += bytes;
    window.emitted(bytes);
  };
  // A prompt, acknowledged before the flood.
  send(20);
  for (; nowMs < untilMs; nowMs++) {
    const arrived = flights.filter(({ ackAtMs }) => ackAtMs <= nowMs);
    if (arrived.length > 0) {
      flights = flights.filter(({ ackAtMs }) => ackAtMs > nowMs);
      for (const { bytes } of arrived) {
        outstanding -= bytes;
        passedBytes += bytes;
      }
      window.flow(outstanding, true);
    }
    for (let sent = 0; nowMs > 1000 && leave > 0 && sent < 8; sent++) send(Math.min(FRAME_BYTES, leave));
    mostUnderWay = Math.max(mostUnderWay, outstanding + leave);
  }
  return { waits, passedBytes, mostUnderWay, last: outstanding + leave };
}

test("a fast viewer gets megabytes under way", () => {
  const { passedBytes, mostUnderWay } = flood({ bytesPerMs: () => 100_000, delayMs: 1 }, 2000);
  assert.ok(mostUnderWay > MAX_WINDOW_BYTES / 2, `${mostUnderWay}`);
  assert.ok(mostUnderWay <= MAX_WINDOW_BYTES);
  assert.ok(passedBytes > 80_000_000, `${passedBytes}`);
});

test("a thin link is kept busy, and nothing waits on it for longer than is allowed", () => {
  const { passedBytes, waits } = flood({ bytesPerMs: () => 250, delayMs: 80 }, 31_000);
  assert.ok(passedBytes > 0.7 * 30_000 * 250, `${passedBytes}`);
  const settled = waits.filter(({ atMs }) => atMs > 3000);
  assert.ok(settled.length > 0);
  for (const { waitMs, ownMs } of settled) assert.ok(waitMs <= MAX_WAIT_MS + ownMs, `${waitMs} ms`);
});

test("a long but fast way is not taken for a thin one", () => {
  const { passedBytes } = flood({ bytesPerMs: () => 12_500, delayMs: 200 }, 11_000);
  assert.ok(passedBytes > 0.6 * 10_000 * 12_500, `${passedBytes}`);
});

test("a link that turns thin is found out, and what is under way shrinks with it", () => {
  const { last } = flood({ bytesPerMs: (nowMs) => (nowMs < 3000 ? 12_500 : 250), delayMs: 20 }, 30_000);
  assert.ok(last < 250 * (20 + 2 * MAX_WAIT_MS), `${last}`);
  assert.ok(last >= MIN_WINDOW_BYTES);
});

test("a viewer that stops reading stops the target", () => {
  let granted = 0;
  const window = new ReceiveWindow(
    (bytes) => {
      granted += bytes;
    },
    () => 0,
  );
  window.flow(FIRST_WINDOW_BYTES, true);
  window.received(FIRST_WINDOW_BYTES);
  window.emitted(FIRST_WINDOW_BYTES);
  assert.equal(granted, 0);
  window.flow(0, true);
  assert.ok(granted >= FIRST_WINDOW_BYTES);
});

test("with nobody to acknowledge the target goes on", async () => {
  let nowMs = 0;
  let granted: () => void = () => {};
  const isGranted = new Promise<void>((resolve) => {
    granted = resolve;
  });
  const window = new ReceiveWindow(granted, () => nowMs);
  window.flow(0, true);
  window.received(FIRST_WINDOW_BYTES);
  window.emitted(FIRST_WINDOW_BYTES);
  nowMs = HEARD_MS + 1;
  // The window's own timer is not to end the process; this one keeps it until then.
  const alive = setInterval(() => {}, 50);
  await isGranted;
  clearInterval(alive);
});

test("a target that sends more than it may is found out", () => {
  const window = new ReceiveWindow(
    () => {},
    () => 0,
  );
  window.hold(true);
  assert.equal(window.received(FIRST_WINDOW_BYTES + 1), false);
});

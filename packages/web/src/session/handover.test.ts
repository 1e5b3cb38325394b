import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionConnection, type Timers, type ViewerSocket } from "@poterne/viewer";
import { type Handover, handOver, takeHandover } from "./handover.ts";

/** A socket that is never answered, and tells whether it was closed. */
class SilentSocket implements ViewerSocket {
  binaryType = "";
  onopen = null;
  onmessage = null;
  onclose = null;
  isClosed = false;
  send(): void {}
  close(): void {
    this.isClosed = true;
  }
}

const SIZE = { columns: 80, rows: 24, widthPx: 800, heightPx: 600, scalePercent: 100 };

/** A session whose connection waits for its socket. */
async function begin(sessionId: string): Promise<{ handover: Handover; socket: SilentSocket }> {
  const socket = new SilentSocket();
  const connection = new SessionConnection(
    {
      timers: { nowMs: () => 0, after: () => () => undefined },
      random: () => 0,
      getTicket: async () => ({ ticket: "t", path: "/session" }),
      openSocket: () => socket,
    },
    SIZE,
  );
  connection.start();
  await new Promise((resolve) => setImmediate(resolve));
  return {
    handover: {
      sessionId,
      protocol: "rdp",
      begun: { connection, greeted: Promise.resolve(), listen: () => {} },
    },
    socket,
  };
}

/** Timers that ring when told to. */
class HandTimers implements Timers {
  readonly #waiting = new Set<() => void>();
  nowMs = () => 0;
  after(_waitMs: number, ring: () => void): () => void {
    this.#waiting.add(ring);
    return () => this.#waiting.delete(ring);
  }
  ring(): void {
    for (const ring of this.#waiting) ring();
  }
}

test("what a click began is taken once, by the session it is for, and goes on", async () => {
  const { handover, socket } = await begin("one");
  const timers = new HandTimers();
  handOver(handover, timers);
  assert.equal(takeHandover("one"), handover);
  assert.equal(takeHandover("one"), null);
  timers.ring();
  assert.equal(socket.isClosed, false);
});

test("another session gets nothing, and what was begun is let go", async () => {
  const { handover, socket } = await begin("one");
  handOver(handover, new HandTimers());
  assert.equal(takeHandover("two"), null);
  assert.equal(takeHandover("one"), null);
  assert.equal(socket.isClosed, true);
});

test("a second click lets the first one's session go", async () => {
  const first = await begin("one");
  const second = await begin("two");
  handOver(first.handover, new HandTimers());
  handOver(second.handover, new HandTimers());
  assert.equal(first.socket.isClosed, true);
  assert.equal(takeHandover("two"), second.handover);
});

test("a page that does not come lets its session go after a while", async () => {
  const { handover, socket } = await begin("one");
  const timers = new HandTimers();
  handOver(handover, timers);
  timers.ring();
  assert.equal(socket.isClosed, true);
  assert.equal(takeHandover("one"), null);
});

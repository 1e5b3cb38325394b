import assert from "node:assert/strict";
import { test } from "node:test";
import { RdpPace } from "./pace.ts";

const KB = 1024;

test("a frame is acknowledged once the controller's viewer consumed its bytes, and once only", () => {
  const pace = new RdpPace({ isRecorded: true });
  pace.flow(0, true);
  for (const frameId of [1, 2]) {
    pace.emitted(1000, 0);
    pace.frameEnded(frameId, 0);
  }
  pace.flow(2000, true);
  assert.deepEqual(pace.decide(10).frameIds, []);
  pace.flow(1000, true);
  assert.deepEqual(pace.decide(20).frameIds, [1]);
  pace.flow(0, true);
  assert.deepEqual(pace.decide(30).frameIds, [2]);
  assert.deepEqual(pace.decide(40).frameIds, []);
});

test("with no viewer a recorded desktop runs on, another one draws nothing", () => {
  for (const isRecorded of [true, false]) {
    const pace = new RdpPace({ isRecorded });
    pace.flow(0, false);
    pace.emitted(1000, 0);
    pace.frameEnded(7, 0);
    const { frameIds, wantsOutput } = pace.decide(0);
    assert.deepEqual(frameIds, [7]);
    assert.equal(wantsOutput, isRecorded);
    pace.flow(0, true);
    assert.equal(pace.decide(1).wantsOutput, true);
  }
});

test("what waits long on a slow link stops the reading early, what goes fast only when it is much", () => {
  const pace = new RdpPace({ isRecorded: false });
  pace.emitted(200 * KB, 0);
  pace.flow(200 * KB, true);
  assert.equal(pace.decide(100).isHeld, false);
  assert.equal(pace.decide(400).isHeld, true);
  pace.flow(60 * KB, true);
  assert.equal(pace.decide(500).isHeld, true);
  pace.flow(40 * KB, true);
  assert.equal(pace.decide(600).isHeld, false);
  pace.emitted(5000 * KB, 700);
  pace.flow(5040 * KB, true);
  assert.equal(pace.decide(700).isHeld, true);
});

test("a queue that the viewer takes at once never stops the reading, however long it goes on", () => {
  const pace = new RdpPace({ isRecorded: false });
  for (let atMs = 0; atMs < 20_000; atMs += 10) {
    pace.emitted(150 * KB, atMs);
    pace.flow(150 * KB, true);
    assert.equal(pace.decide(atMs).isHeld, false);
  }
});

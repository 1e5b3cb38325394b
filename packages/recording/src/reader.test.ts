import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "@poterne/bytes";
import { readFrames } from "./reader.ts";
import { buildRecording, someFrames, testKey } from "./testing/build-recording.ts";
import { nodeCompression, nodeCrypto } from "./testing/node-tools.ts";

const tools = { crypto: nodeCrypto, compression: nodeCompression, key: testKey };
const file = buildRecording();
const frames = someFrames();

test("the frames come back as they were written", () => {
  assert.deepEqual([...readFrames(tools, [file])], frames);
});

test("a file cut at any byte plays up to the cut", () => {
  let longest = 0;
  for (let end = 0; end <= file.length; end += 5) {
    const played = [...readFrames(tools, [file.subarray(0, end)])];
    assert.deepEqual(played, frames.slice(0, played.length));
    assert.ok(played.length >= longest);
    longest = played.length;
  }
  assert.ok(longest >= frames.length - 2);
});

test("another key opens nothing", () => {
  const wrong = { ...tools, key: new Uint8Array(32) };
  assert.throws(() => [...readFrames(wrong, [file])], DecodeError);
});

test("a changed chunk does not open", () => {
  const copy = file.slice();
  const at = file.length >> 1;
  copy[at] = (copy[at] ?? 0) ^ 4;
  try {
    const played = [...readFrames(tools, [copy])];
    assert.deepEqual(played, frames.slice(0, played.length));
    assert.ok(played.length < frames.length);
  } catch (error) {
    assert.ok(error instanceof DecodeError);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "@poterne/bytes";
import { ChainWriter } from "./chain-writer.ts";
import { ChunkBuilder } from "./chunk-builder.ts";
import { decodeIndex } from "./chunk-index.ts";
import { CHUNK_TARGET_BYTES } from "./limits.ts";
import { RecordFlag } from "./record-header.ts";
import { sealChunk, someFrames } from "./testing/build-recording.ts";
import { nodeCrypto } from "./testing/node-tools.ts";

function someIndex() {
  const chain = new ChainWriter(nodeCrypto, new Uint8Array(20));
  const builder = new ChunkBuilder();
  for (const frame of someFrames()) {
    const chunks = builder.add(frame);
    const rest = builder.take();
    for (const chunk of rest === null ? chunks : [...chunks, rest]) sealChunk(chain, chunk);
  }
  return chain.index;
}

test("the index survives its own encoding", () => {
  const index = someIndex();
  const again = decodeIndex(index.bytes().slice());
  assert.deepEqual([...again], [...index]);
  assert.equal(again.count, 40);
});

test("the index finds the chunk and the entry point before a time", () => {
  const index = someIndex();
  assert.equal(index.lastAtOrBefore(0), 0);
  assert.equal(index.lastAtOrBefore(1_250), 2);
  assert.equal(index.lastAtOrBefore(10_000_000), 39);
  assert.equal(index.entryAtOrBefore(9_999), 0);
  assert.equal(index.entryAtOrBefore(15_000), 20);
  assert.equal((index.at(20)?.flags ?? 0) & RecordFlag.entryPoint, RecordFlag.entryPoint);
});

test("an index that leaves a chunk out is refused", () => {
  const bytes = someIndex().bytes();
  const without = new Uint8Array([...bytes.subarray(0, 64), ...bytes.subarray(96)]);
  assert.throws(() => decodeIndex(without), DecodeError);
});

test("an index of another length, or over its limit, is refused", () => {
  assert.throws(() => decodeIndex(new Uint8Array(33)), DecodeError);
  assert.throws(() => decodeIndex(new Uint8Array(32)), DecodeError);
  assert.throws(() => decodeIndex(new Uint8Array(32 * 500_001)), /limit/);
});

test("a chunk is given out at 256 kB and a frame of 16 MB stands alone", () => {
  const builder = new ChunkBuilder();
  const frame = (bytes: number) => ({
    channel: 1,
    flags: 0,
    stream: 0,
    timeMs: 1,
    payload: new Uint8Array(bytes),
  });
  assert.deepEqual(builder.add(frame(100)), []);
  const chunks = builder.add(frame(16 * 1024 * 1024));
  assert.deepEqual(
    chunks.map(({ plain }) => plain.length),
    [112, 16 * 1024 * 1024 + 12],
  );
  assert.equal(builder.take(), null);
  assert.equal(builder.add(frame(CHUNK_TARGET_BYTES)).length, 1);
});

test("a frame that opens an entry point begins a chunk", () => {
  const builder = new ChunkBuilder();
  builder.add({ channel: 1, flags: 0, stream: 0, timeMs: 1, payload: new Uint8Array(10) });
  const [before] = builder.add({ channel: 1, flags: 1, stream: 0, timeMs: 2, payload: new Uint8Array(10) });
  assert.equal(before?.flags, 0);
  assert.equal(builder.take()?.flags, RecordFlag.entryPoint);
});

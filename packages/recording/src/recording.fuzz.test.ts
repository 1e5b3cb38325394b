import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { DecodeError, equalBytes } from "@poterne/bytes";
import fc from "fast-check";
import { decodeIndex } from "./chunk-index.ts";
import { readFrames } from "./reader.ts";
import { buildRecording, someFrames, testKey, testSigner } from "./testing/build-recording.ts";
import { nodeCompression, nodeCrypto } from "./testing/node-tools.ts";
import { RecordingVerifier } from "./verifier.ts";

const file = buildRecording({ frames: someFrames(12), checkpointEvery: 3 });
const corpus = new URL("../corpus/", import.meta.url);

/** Runs verifier and reader over any bytes: an answer or a DecodeError, nothing else. */
function survive(bytes: Uint8Array): string {
  const verifier = new RecordingVerifier(nodeCrypto, { trustedKeys: [testSigner.publicKey] });
  verifier.push(bytes);
  try {
    for (const frame of readFrames({ crypto: nodeCrypto, compression: nodeCompression, key: testKey }, [
      bytes,
    ]))
      assert.ok(frame.payload.length <= bytes.length * 1000);
  } catch (error) {
    assert.ok(error instanceof DecodeError, String(error));
  }
  return verifier.finish().verdict;
}

const change = fc.record({
  at: fc.nat(file.length - 1),
  kind: fc.constantFrom("set", "cut", "drop", "repeat", "insert"),
  bytes: fc.uint8Array({ maxLength: 40 }),
});

function mutate(
  bytes: Uint8Array,
  { at, kind, bytes: with_ }: { at: number; kind: string; bytes: Uint8Array },
) {
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(at);
  if (kind === "cut") return before.slice();
  if (kind === "drop") return Uint8Array.from([...before, ...after.subarray(with_.length)]);
  if (kind === "repeat") return Uint8Array.from([...before, ...before.subarray(-with_.length), ...after]);
  if (kind === "insert") return Uint8Array.from([...before, ...with_, ...after]);
  return Uint8Array.from([...before, ...with_, ...after.subarray(with_.length)]);
}

test("a mutated recording is never taken for a whole one, and never breaks the reader", () => {
  const property = fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
    const mutated = changes.reduce((bytes, one) => mutate(bytes, one), file);
    const verdict = survive(mutated);
    if (!equalBytes(mutated, file)) assert.ok(verdict !== "complete" && verdict !== "sealed", verdict);
  });
  fc.assert(property, { numRuns: 1500 });
});

test("random bytes behind a good header are refused or counted as torn", () => {
  const head = buildRecording({ frames: [], end: null });
  const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
    assert.ok(["altered", "unfinished"].includes(survive(Uint8Array.from([...head, ...bytes]))));
  });
  fc.assert(property, { numRuns: 500 });
});

test("random index bytes give a table or a DecodeError", () => {
  const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    try {
      for (const chunk of decodeIndex(bytes)) assert.ok(chunk.offset >= 0);
    } catch (error) {
      assert.ok(error instanceof DecodeError);
    }
  });
  fc.assert(property, { numRuns: 1000 });
});

test("the corpus of past findings is survived", () => {
  const names = readdirSync(corpus).filter((name) => name.endsWith(".bin"));
  assert.ok(names.length >= 4);
  for (const name of names)
    assert.notEqual(survive(new Uint8Array(readFileSync(new URL(name, corpus)))), "complete", name);
});

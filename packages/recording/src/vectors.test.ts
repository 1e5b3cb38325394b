import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decodeUtf8, fromHex, toHex } from "@poterne/bytes";
import { readFrames } from "./reader.ts";
import { RecordingScanner } from "./scanner.ts";
import { buildRecording, testKey, testSigner } from "./testing/build-recording.ts";
import { nodeCompression, nodeCrypto } from "./testing/node-tools.ts";
import { RecordingVerifier } from "./verifier.ts";

interface Vector {
  readonly contentKey: string;
  readonly publicKey: string;
  readonly header: unknown;
  readonly records: readonly {
    type: number;
    flags: number;
    codec: number;
    sequence: number;
    offset: number;
  }[];
  readonly checkpoints: readonly { ordinal: number; count: number; flags: number; head: string }[];
  readonly frames: readonly {
    channel: number;
    flags: number;
    stream: number;
    timeMs: number;
    text: string;
  }[];
}

const folder = new URL("../vectors/", import.meta.url);
const vector = JSON.parse(readFileSync(new URL("terminal.json", folder), "utf8")) as Vector;
const file = fromHex(readFileSync(new URL("terminal.hex", folder), "utf8"));

test("the golden file is written again byte for byte", () => {
  const frames = vector.frames.map(({ text, ...frame }) => ({
    ...frame,
    payload: new TextEncoder().encode(text),
  }));
  assert.equal(toHex(testKey), vector.contentKey);
  assert.equal(toHex(buildRecording({ frames, checkpointEvery: 2 })), toHex(file));
});

test("the golden file reads as its description says", () => {
  const pieces = [...new RecordingScanner(nodeCrypto).push(file)];
  const header = pieces[0]?.type === "header" ? pieces[0].header : null;
  assert.deepEqual(
    JSON.parse(JSON.stringify(header, (_, value) => (value instanceof Uint8Array ? toHex(value) : value))),
    vector.header,
  );
  const records = pieces.flatMap((piece) => (piece.type === "record" ? [piece] : []));
  assert.deepEqual(
    records.map(({ header: { type, flags, codec, sequence }, offset }) => ({
      type,
      flags,
      codec,
      sequence,
      offset,
    })),
    vector.records,
  );
  const checkpoints = pieces.flatMap((piece) => (piece.type === "checkpoint" ? [piece.checkpoint] : []));
  assert.deepEqual(
    checkpoints.map(({ ordinal, count, flags, head }) => ({ ordinal, count, flags, head: toHex(head) })),
    vector.checkpoints,
  );
});

test("the golden file verifies and plays", () => {
  const verifier = new RecordingVerifier(nodeCrypto, { trustedKeys: [fromHex(vector.publicKey)] });
  verifier.push(file);
  assert.equal(verifier.finish().verdict, "complete");
  assert.equal(toHex(testSigner.publicKey), vector.publicKey);
  const tools = { crypto: nodeCrypto, compression: nodeCompression, key: fromHex(vector.contentKey) };
  const frames = [...readFrames(tools, [file])].map(({ payload, ...frame }) => ({
    ...frame,
    text: decodeUtf8(payload),
  }));
  assert.deepEqual(frames, vector.frames);
});

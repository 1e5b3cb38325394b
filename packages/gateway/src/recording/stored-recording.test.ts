import assert from "node:assert/strict";
import { readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { CHECKPOINT_BYTES, RecordingScanner } from "@poterne/recording";
import { recordingCrypto } from "./node-crypto.ts";
import { loadIndex } from "./stored-recording.ts";
import {
  recorderEvents,
  type TestRecordings,
  testHeader,
  testRecordings,
  textFrame,
} from "./testing/test-recordings.ts";

let setup: TestRecordings;
before(async () => {
  setup = await testRecordings();
});
after(() => setup.dispose());

/** A recording of many chunks; its name and file. */
async function record(): Promise<{ name: string; file: string }> {
  const header = testHeader();
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  for (let at = 0; at < 40; at++) {
    recorder.write(textFrame(at * 10, "x".repeat(200_000)));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await recorder.finish({ code: "closed-by-person" });
  const name = (await setup.recordings.parts.rows.find(header.sessionId))?.file_name ?? "";
  return { name, file: path.join(setup.folder, name) };
}

async function countChunks(name: string): Promise<number> {
  const reader = await setup.recordings.parts.storage.open(name);
  try {
    return (await loadIndex(reader)).count;
  } finally {
    await reader.close();
  }
}

test("the index at the end and the one rebuilt by walking are the same", async () => {
  const { name, file } = await record();
  const reader = await setup.recordings.parts.storage.open(name);
  const written = await loadIndex(reader);
  const content = await readFile(file);
  await truncate(file, content.length - CHECKPOINT_BYTES);
  const walked = await loadIndex(reader);
  await reader.close();
  assert.equal(written.count, 42);
  assert.deepEqual(Buffer.from(walked.bytes()), Buffer.from(written.bytes()));
});

test("a walk ends at the cut, wherever it is", async () => {
  const { name, file } = await record();
  const content = await readFile(file);
  let last = 42;
  for (let end = content.length; end > 600; end -= 333) {
    await truncate(file, end);
    const count = await countChunks(name);
    assert.ok(count <= last);
    last = count;
  }
  assert.ok(last <= 2);
});

test("nothing behind a chunk that was taken out is played as if it followed", async () => {
  const { name, file } = await record();
  const content = await readFile(file);
  const pieces = [...new RecordingScanner(recordingCrypto).push(content)];
  const taken = pieces.filter((piece) => piece.type === "record")[10];
  assert.ok(taken !== undefined);
  const end = taken.offset + taken.headerBytes.length + taken.body.length;
  await writeFile(file, Buffer.concat([content.subarray(0, taken.offset), content.subarray(end)]));
  assert.equal(await countChunks(name), 10);
});

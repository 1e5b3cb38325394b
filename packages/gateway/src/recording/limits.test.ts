import assert from "node:assert/strict";
import { test } from "node:test";
import { CHUNK_TARGET_BYTES, ChunkIndex, encodeRecordHeader, RecordType } from "@poterne/recording";
import { FRAME_HEADER_BYTES } from "@poterne/wire";
import { DiskStorage } from "./disk-storage.ts";
import { MAX_RANGE_BYTES, planRange } from "./frame-range.ts";
import { recordingCrypto } from "./node-crypto.ts";
import { MAX_MARKERS, markers } from "./player-index.ts";
import { MAX_QUEUED_BYTES, MAX_STALL_MS } from "./session-recorder.ts";
import type { StorageWriter } from "./storage.ts";
import { MAX_LINE_CHARACTERS, TerminalText } from "./terminal-text.ts";
import {
  markerFrame,
  recorderEvents,
  testHeader,
  testRecordings,
  textFrame,
} from "./testing/test-recordings.ts";
import { MAX_HITS, MAX_TRANSCRIPT_CHARACTERS, readTranscript, searchTranscript } from "./transcript.ts";

// Waits in real time: `npm test` only.

/** An index of chunks of 1 MB, so many in each millisecond. */
function indexOf(count: number, perMs: number): ChunkIndex {
  const index = new ChunkIndex();
  for (let sequence = 0; sequence < count; sequence++) {
    const startMs = Math.floor(sequence / perMs);
    const header = {
      type: RecordType.chunk,
      flags: 0,
      codec: 0,
      sequence,
      startMs,
      endMs: startMs,
      plainBytes: 1024 * 1024,
      bodyBytes: 1024 * 1024 + 16,
      previous: new Uint8Array(16),
    };
    index.add(encodeRecordHeader(recordingCrypto, header), sequence * 2_000_000);
  }
  return index;
}

test("a reply of frames ends at 32 MB, and goes on from there", () => {
  const request = { fromMs: 0, toMs: 1e9, isContinued: false };
  const plan = planRange(indexOf(100, 1), request);
  assert.equal(plan.chunks.length, MAX_RANGE_BYTES / (1024 * 1024));
  assert.equal(plan.nextMs, 32);
  const next = planRange(indexOf(100, 1), { ...request, fromMs: 32, isContinued: true });
  assert.equal(
    next.chunks.some(({ startMs }) => startMs === 32),
    true,
  );
  assert.equal(next.nextMs, 63);
});

test("more than 32 MB within one millisecond still come, whole", () => {
  const plan = planRange(indexOf(80, 40), { fromMs: 0, toMs: 1e9, isContinued: false });
  assert.equal(plan.chunks.length, 40);
  assert.equal(plan.nextMs, 1);
});

test("a search tells at most 500 hits and that there were more", () => {
  const text = Array.from({ length: MAX_HITS + 1 }, (_, at) => `${at}\tneedle\n`).join("");
  const found = searchTranscript({ text, isCut: false }, "needle");
  assert.deepEqual([found.hits.length, found.isCut], [MAX_HITS, true]);
});

test("a transcript stops at 16 million characters and says so", async () => {
  const setup = await testRecordings();
  try {
    const header = testHeader();
    const recorder = await setup.recordings.factory.open(header, recorderEvents());
    const line = `${"x".repeat(MAX_LINE_CHARACTERS - 20)}`;
    const block = Array.from({ length: 30 }, (_, at) => `${at} ${line}\r\n`).join("");
    for (let at = 0; at * block.length < MAX_TRANSCRIPT_CHARACTERS + 1_000_000; at++) {
      recorder.write(textFrame(at, block));
      while (recorder.queuedBytes > 1_000_000) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await recorder.finish({ code: "closed-by-person" });
    const row = await setup.recordings.parts.rows.find(header.sessionId);
    assert.ok(row !== null);
    const recording = await setup.recordings.library.open(row, "test");
    const transcript = await readTranscript(
      setup.recordings.parts.storage,
      recording,
      setup.environment.randomBytes,
    );
    await recording.close();
    assert.equal(transcript.isCut, true);
    assert.ok(transcript.text.length < MAX_TRANSCRIPT_CHARACTERS + 100_000);
  } finally {
    await setup.dispose();
  }
});

test("a line of terminal text is cut at its limit", () => {
  const text = new TerminalText();
  const [first] = text.push(Buffer.from("a".repeat(MAX_LINE_CHARACTERS + 1)), 0);
  assert.equal(first?.text.length, MAX_LINE_CHARACTERS);
});

test("a player's index holds at most 10 000 markers and says that there were more", async () => {
  const setup = await testRecordings();
  try {
    const header = testHeader();
    const recorder = await setup.recordings.factory.open(header, recorderEvents());
    for (let at = 0; at <= MAX_MARKERS; at++) recorder.write(markerFrame(at, { type: "bell" }));
    await recorder.finish({ code: "closed-by-person" });
    const row = await setup.recordings.parts.rows.find(header.sessionId);
    assert.ok(row !== null);
    const recording = await setup.recordings.library.open(row, "test");
    const found = await markers(recording);
    await recording.close();
    assert.deepEqual([found.markers.length, found.areMarkersCut], [MAX_MARKERS, true]);
  } finally {
    await setup.dispose();
  }
});

/** A disk that stands still once it is told to. */
class StandingDisk extends DiskStorage {
  standing: Promise<void> | null = null;

  override async create(name: string): Promise<StorageWriter> {
    const writer = await super.create(name);
    const append = async (parts: readonly Uint8Array[]) => {
      await this.standing;
      await writer.append(parts);
    };
    return {
      append,
      sync: () => writer.sync(),
      truncate: (bytes) => writer.truncate(bytes),
      close: () => writer.close(),
    };
  }
}

test("a disk that stands still fails the recording at 64 MB waiting, before memory runs out", async () => {
  let disk: StandingDisk | undefined;
  const setup = await testRecordings({
    storage: (folder) => {
      disk = new StandingDisk(folder);
      return disk;
    },
  });
  try {
    const failures: Error[] = [];
    const recorder = await setup.recordings.factory.open(testHeader(), recorderEvents(failures));
    const { promise, resolve } = Promise.withResolvers<void>();
    if (disk !== undefined) disk.standing = promise;
    const payload = new Uint8Array(1024 * 1024);
    for (let at = 0; at * payload.length <= MAX_QUEUED_BYTES; at++)
      recorder.write({ channel: 1, flags: 0, stream: 0, timeMs: at, payload });
    assert.match(failures[0]?.message ?? "", /64 MB/);
    assert.equal(recorder.queuedBytes, 0);
    resolve();
    await recorder.finish({ code: "recording-failed" });
    assert.equal(failures.length, 1);
  } finally {
    await setup.dispose();
  }
});

test("a disk that takes nothing for a minute fails the recording; until then it only waits", async (t) => {
  let disk: StandingDisk | undefined;
  const setup = await testRecordings({
    storage: (folder) => {
      disk = new StandingDisk(folder);
      return disk;
    },
  });
  try {
    const failures: Error[] = [];
    const recorder = await setup.recordings.factory.open(testHeader(), recorderEvents(failures));
    const { promise, resolve } = Promise.withResolvers<void>();
    if (disk !== undefined) disk.standing = promise;
    t.mock.timers.enable({ apis: ["setTimeout"] });
    // One whole chunk: shorter ones wait for the beat.
    const payload = new Uint8Array(CHUNK_TARGET_BYTES - FRAME_HEADER_BYTES);
    recorder.write({ channel: 1, flags: 0, stream: 0, timeMs: 1, payload });
    // The chunk is sealed and its write begins.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    t.mock.timers.tick(MAX_STALL_MS - 1);
    assert.equal(failures.length, 0);
    assert.ok(recorder.queuedBytes >= payload.length);
    t.mock.timers.tick(1);
    assert.match(failures[0]?.message ?? "", /stood still/);
    resolve();
    await recorder.finish({ code: "recording-failed" });
    assert.equal(failures.length, 1);
  } finally {
    t.mock.timers.reset();
    await setup.dispose();
  }
});

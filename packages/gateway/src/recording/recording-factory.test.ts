import assert from "node:assert/strict";
import { appendFile, readFile, stat, truncate } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Failure } from "@poterne/contract";
import { decodeFrames, FrameFlag } from "@poterne/wire";
import { DiskStorage } from "./disk-storage.ts";
import { FLUSH_AFTER_MS } from "./flush-beat.ts";
import { JOURNAL_AFTER_MS } from "./record-keeping.ts";
import { CHECKPOINT_AFTER_MS, MAX_UNSIGNED_MS } from "./session-recorder.ts";
import type { StorageWriter } from "./storage.ts";
import {
  recorderEvents,
  type TestRecordings,
  testHeader,
  testRecordings,
  textFrame,
} from "./testing/test-recordings.ts";
import { verifyFile } from "./verify-file.ts";

// Waits in real time: `npm test` only.

let setup: TestRecordings;
before(async () => {
  setup = await testRecordings();
});
after(() => setup.dispose());

async function verify(sessionId: string) {
  const row = await setup.recordings.parts.rows.find(sessionId);
  assert.ok(row !== null);
  const trustedKeys = (await setup.keeper.publicKeys()).map(({ publicKey }) => publicKey);
  const file = path.join(setup.folder, row.file_name);
  return { row, file, result: await verifyFile(file, { trustedKeys }) };
}

async function playAll(sessionId: string) {
  const row = await setup.recordings.parts.rows.find(sessionId);
  assert.ok(row !== null);
  const opened = await setup.recordings.library.open(row, "test");
  const plan = opened.plan({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, isContinued: false });
  const parts: Uint8Array[] = [];
  for await (const bytes of opened.frames(plan)) parts.push(bytes);
  return [...decodeFrames(Buffer.concat(parts))];
}

test("a session's recording is complete, verifies and plays what was written", async () => {
  const header = testHeader();
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  for (let at = 0; at < 500; at++) recorder.write(textFrame(at * 10, `line ${at} of the output\r\n`));
  recorder.write({ ...textFrame(5_001, "secret question"), flags: FrameFlag.transient });
  await recorder.finish({ code: "closed-by-person" });
  const { row, result } = await verify(header.sessionId);
  assert.equal(result.verdict, "complete", result.detail);
  assert.equal(row.integrity, "complete");
  assert.equal(row.end_code, "closed-by-person");
  assert.equal(row.duration_ms, 4_990);
  assert.ok((row.expires_at_ms ?? 0) > Date.now() + 89 * 86_400_000);
  const frames = await playAll(header.sessionId);
  assert.equal(frames.length, 500);
  assert.equal(Buffer.from(frames[499]?.payload ?? []).toString(), "line 499 of the output\r\n");
  const kinds = setup.entries
    .filter(({ subject }) => subject.sessionId === header.sessionId)
    .map(({ kind }) => kind);
  assert.deepEqual(kinds, ["recording.started", "recording.ended"]);
});

test("nothing of what a person or target is called stands in the file in clear", async () => {
  const header = testHeader({ personName: "Very Secret Name", reason: "hush-hush" });
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  recorder.write(textFrame(1, "plain text on the screen"));
  await recorder.finish({ code: "closed-by-person" });
  const content = (await readFile((await verify(header.sessionId)).file)).toString("latin1");
  for (const text of ["Very Secret Name", "hush-hush", "plain text", "web1"])
    assert.ok(!content.includes(text));
});

test("while the session runs, the file is at most a second behind and can be played", async () => {
  const header = testHeader();
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  recorder.write(textFrame(5, "first"));
  assert.ok(recorder.queuedBytes > 0);
  await wait(FLUSH_AFTER_MS + 300);
  assert.equal(recorder.queuedBytes, 0);
  assert.equal((await playAll(header.sessionId)).length, 1);
  const { result } = await verify(header.sessionId);
  assert.equal(result.verdict, "unfinished");
  assert.equal(result.recordCount, 2);
  await recorder.finish({ code: "closed-by-person" });
  assert.equal((await verify(header.sessionId)).result.verdict, "complete");
});

test("a checkpoint is signed while the session runs, and survives a rotation of the signing key", async () => {
  const header = testHeader();
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  recorder.write(textFrame(5, "first"));
  setup.keeper.rotate();
  // A minute goes by: the checkpoint's head goes into the journal.
  setup.environment.offsetMs += JOURNAL_AFTER_MS;
  await wait(CHECKPOINT_AFTER_MS + FLUSH_AFTER_MS + 500);
  setup.environment.offsetMs = 0;
  assert.ok(
    setup.entries.some(({ kind, details }) => kind === "recording.checkpoint" && details.count === 2),
  );
  const { result } = await verify(header.sessionId);
  assert.equal(result.signedCount, 2);
  assert.equal(result.signers.length, 2);
  await recorder.finish({ code: "closed-by-person" });
  assert.equal((await verify(header.sessionId)).result.verdict, "complete");
});

test("a keeper that is away for more than a minute ends the recording, and the next start seals it", async () => {
  const failures: Error[] = [];
  const header = testHeader();
  const recorder = await setup.recordings.factory.open(header, recorderEvents(failures));
  recorder.write(textFrame(5, "first"));
  await wait(FLUSH_AFTER_MS + 200);
  setup.keeper.isAway = true;
  await wait(CHECKPOINT_AFTER_MS + 500);
  assert.equal(failures.length, 0);
  setup.environment.offsetMs += MAX_UNSIGNED_MS;
  await wait(1_500);
  setup.environment.offsetMs = 0;
  assert.equal(failures.length, 1);
  await recorder.finish({ code: "recording-failed" });
  assert.equal((await verify(header.sessionId)).row.integrity, "unfinished");
  setup.keeper.isAway = false;
  await setup.recordings.start().sealing;
  assert.equal((await verify(header.sessionId)).result.verdict, "sealed");
  assert.equal((await verify(header.sessionId)).row.end_code, "recording-failed");
});

test("a frame of 16 MB and a flood are written, and the hub hears that there is room again", async () => {
  const header = testHeader({ kind: "desktop", protocol: "vnc" });
  let drains = 0;
  const recorder = await setup.recordings.factory.open(header, {
    ...recorderEvents(),
    onDrain: () => {
      drains += 1;
    },
  });
  const payload = Buffer.alloc(16 * 1024 * 1024, "picture");
  recorder.write({ channel: 1, flags: 0, stream: 0, timeMs: 1, payload });
  for (let at = 0; at < 200; at++)
    recorder.write({
      channel: 1,
      flags: 0,
      stream: 0,
      timeMs: 2 + at,
      payload: payload.subarray(at, at + 20_000),
    });
  assert.ok(recorder.sinceEntryPoint.changedBytes > 16 * 1024 * 1024);
  await recorder.finish({ code: "closed-by-person" });
  assert.ok(drains >= 1);
  const frames = await playAll(header.sessionId);
  assert.equal(frames.length, 201);
  assert.ok(payload.equals(frames[0]?.payload ?? Buffer.alloc(0)));
  assert.equal((await verify(header.sessionId)).result.verdict, "complete");
});

test("entry points are counted from, and found again", async () => {
  const header = testHeader();
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  recorder.write(textFrame(10, "x".repeat(1000)));
  assert.deepEqual(recorder.sinceEntryPoint, { changedBytes: 1000, timeMs: 0 });
  recorder.write(textFrame(2_000, "screen", FrameFlag.entryStart | FrameFlag.entryEnd));
  assert.deepEqual(recorder.sinceEntryPoint, { changedBytes: 0, timeMs: 2_000 });
  recorder.write(textFrame(3_000, "after"));
  await recorder.finish({ code: "closed-by-person" });
  const row = await setup.recordings.parts.rows.find(header.sessionId);
  assert.ok(row !== null);
  const opened = await setup.recordings.library.open(row, "test");
  const plan = opened.plan({ fromMs: 2_500, toMs: 10_000, isContinued: false });
  assert.equal(plan.fromMs, 2_000);
  const parts: Uint8Array[] = [];
  for await (const bytes of opened.frames(plan)) parts.push(bytes);
  assert.deepEqual(
    [...decodeFrames(Buffer.concat(parts))].map(({ timeMs }) => timeMs),
    [2_000, 3_000],
  );
});

test("what a crash left is sealed at the next start, without its torn end", async () => {
  const header = testHeader();
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  for (let at = 0; at < 50; at++) recorder.write(textFrame(at, `${at} ${"y".repeat(4_000)}`));
  await wait(FLUSH_AFTER_MS + 200);
  const { file } = await verify(header.sessionId);
  await recorder.finish({ code: "closed-by-person" });
  // As a power cut leaves it: the end gone, zeros where the last write should be.
  await truncate(file, (await stat(file)).size - 300);
  await appendFile(file, Buffer.alloc(100));
  await setup.recordings.parts.rows.update(header.sessionId, { integrity: "running", ended_at_ms: null });
  const report = await setup.recordings.start().sealing;
  assert.equal(report.sealedCount, 1);
  const after_ = await verify(header.sessionId);
  assert.equal(after_.result.verdict, "sealed", after_.result.detail);
  assert.equal(after_.row.integrity, "shorter");
  assert.equal((await playAll(header.sessionId)).length, 50);
});

test("a disk over its watermark refuses a recording before anything is made", async () => {
  const full = await testRecordings({ disk: { minimumFreeBytes: Number.MAX_SAFE_INTEGER, lowFreeBytes: 0 } });
  try {
    await assert.rejects(full.recordings.factory.open(testHeader(), recorderEvents()), (error: unknown) => {
      assert.ok(error instanceof Failure);
      return error.code === "no-place-to-record";
    });
    assert.deepEqual(
      full.entries.map(({ kind, level }) => [kind, level]),
      [["recording.disk-full", "alarm"]],
    );
  } finally {
    await full.dispose();
  }
});

test("a keeper that is away refuses a recording and leaves no row and no file", async () => {
  setup.keeper.isAway = true;
  const header = testHeader();
  await assert.rejects(setup.recordings.factory.open(header, recorderEvents()));
  setup.keeper.isAway = false;
  assert.equal(await setup.recordings.parts.rows.find(header.sessionId), null);
});

/** A disk that is full after so many bytes, in mid-piece. */
class FullDisk extends DiskStorage {
  left = 600_000;

  override async create(name: string): Promise<StorageWriter> {
    const writer = await super.create(name);
    const append = async (parts: readonly Uint8Array[]) => {
      const bytes = Buffer.concat(parts);
      const room = Math.min(this.left, bytes.length);
      this.left -= room;
      await writer.append([bytes.subarray(0, room)]);
      if (room < bytes.length) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    };
    return {
      append,
      sync: () => writer.sync(),
      truncate: (bytes) => writer.truncate(bytes),
      close: () => writer.close(),
    };
  }
}

test("a disk that fills up in mid-session is told once, and what was written is sealed and plays", async () => {
  const full = await testRecordings({ storage: (folder) => new FullDisk(folder) });
  try {
    const failures: Error[] = [];
    const header = testHeader();
    const recorder = await full.recordings.factory.open(header, recorderEvents(failures));
    for (let at = 0; at < 200; at++) {
      recorder.write({ ...textFrame(at, ""), payload: Buffer.from(full.environment.randomBytes(4_000)) });
      if (at % 20 === 0) await wait(5);
    }
    await recorder.finish({ code: "recording-failed" });
    assert.equal(failures.length, 1);
    const row = await full.recordings.parts.rows.find(header.sessionId);
    assert.equal(row?.integrity, "sealed");
    assert.equal(row?.end_code, "recording-failed");
    const opened = await full.recordings.library.open(row, "test");
    const plan = opened.plan({ fromMs: 0, toMs: 1e9, isContinued: false });
    let bytes = 0;
    for await (const part of opened.frames(plan)) bytes += [...decodeFrames(part)].length;
    assert.ok(bytes > 20 && bytes < 200);
    assert.ok(full.entries.some(({ kind, level }) => kind === "recording.failed" && level === "alarm"));
  } finally {
    await full.dispose();
  }
});

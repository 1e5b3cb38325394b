import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CHUNK_TARGET_BYTES } from "@poterne/recording";
import { Channel, decodeFrames, FrameFlag } from "@poterne/wire";
import { DiskStorage } from "./disk-storage.ts";
import { cutChunk } from "./frame-range.ts";
import { RecordingLibrary } from "./recording-library.ts";
import type { RecordingRow } from "./recording-tables.ts";
import type { StorageReader } from "./storage.ts";
import {
  recorderEvents,
  type TestRecordings,
  testHeader,
  testRecordings,
} from "./testing/test-recordings.ts";

const HOUR_MS = 3_600_000;
const ENTRY_EVERY_MS = 60_000;
const FRAME_EVERY_MS = 500;
const FRAME_BYTES = 20_000;
const ENTRY_BYTES = 300_000;

/** A disk that counts what is read from it. */
class CountingDisk extends DiskStorage {
  readBytes = 0;

  override async open(name: string): Promise<StorageReader> {
    const reader = await super.open(name);
    const read = async (offset: number, lengthBytes: number) => {
      const bytes = await reader.read(offset, lengthBytes);
      this.readBytes += bytes.length;
      return bytes;
    };
    return { read, size: () => reader.size(), close: () => reader.close() };
  }
}

let setup: TestRecordings;
let disk: CountingDisk;
let row: RecordingRow;

before(async () => {
  setup = await testRecordings({
    storage: (folder) => {
      disk = new CountingDisk(folder);
      return disk;
    },
  });
  row = await recordAnHour();
});
after(() => setup.dispose());

async function recordAnHour(): Promise<RecordingRow> {
  const header = testHeader({ kind: "desktop", protocol: "vnc" });
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  const picture = setup.environment.randomBytes(ENTRY_BYTES);
  for (let timeMs = 0; timeMs < HOUR_MS; timeMs += FRAME_EVERY_MS) {
    const isEntry = timeMs % ENTRY_EVERY_MS === 0;
    recorder.write({
      channel: Channel.picture,
      flags: isEntry ? FrameFlag.entryStart | FrameFlag.entryEnd : 0,
      stream: 0,
      timeMs,
      payload: isEntry ? picture : picture.subarray(0, FRAME_BYTES),
    });
    while (recorder.queuedBytes > 1_000_000) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await recorder.finish({ code: "closed-by-person" });
  const found = await setup.recordings.parts.rows.find(header.sessionId);
  assert.ok(found !== null);
  return found;
}

async function seek(library: RecordingLibrary, atMs: number) {
  const recording = await library.open(row, "test");
  const plan = recording.plan({ fromMs: atMs, toMs: atMs, isContinued: false });
  const parts: Uint8Array[] = [];
  for await (const bytes of recording.frames(plan)) parts.push(bytes);
  return [...decodeFrames(Buffer.concat(parts))];
}

test("a seek anywhere in an hour reads from the entry point before it, and nothing else", async () => {
  const library = new RecordingLibrary(setup.recordings.parts);
  await seek(library, 0);
  for (let round = 0; round < 30; round++) {
    const atMs = Math.floor(Math.random() * HOUR_MS);
    disk.readBytes = 0;
    const frames = await seek(library, atMs);
    const entryMs = atMs - (atMs % ENTRY_EVERY_MS);
    assert.equal(frames[0]?.timeMs, entryMs);
    assert.ok((frames.at(-1)?.timeMs ?? 0) > atMs - FRAME_EVERY_MS && (frames.at(-1)?.timeMs ?? 0) <= atMs);
    const neededBytes = ENTRY_BYTES + ((atMs - entryMs) / FRAME_EVERY_MS) * (FRAME_BYTES + 200);
    // The last chunk is read whole.
    assert.ok(
      disk.readBytes < neededBytes + CHUNK_TARGET_BYTES + 50_000,
      `${disk.readBytes} bytes for ${neededBytes}`,
    );
  }
});

test("the first seek reads the index from the file's end, not the file", async () => {
  disk.readBytes = 0;
  await seek(new RecordingLibrary(setup.recordings.parts), 1_800_000);
  assert.ok(disk.readBytes < 1_500_000, `${disk.readBytes} bytes of ${row.size_bytes}`);
});

test("frames asked for piece by piece come all, each once, in order", async () => {
  const recording = await setup.recordings.library.open(row, "test");
  let count = 0;
  let lastMs = -1;
  let fromMs: number | null = 0;
  for (let isContinued = false; fromMs !== null; isContinued = true) {
    const plan = recording.plan({ fromMs, toMs: fromMs + 777_777, isContinued });
    for await (const { chunk, plain } of recording.readChunks(plan.chunks)) {
      for (const frame of decodeFrames(cutChunk(plan, chunk, plain))) {
        assert.ok(frame.timeMs > lastMs);
        lastMs = frame.timeMs;
        count += 1;
      }
    }
    fromMs = plan.nextMs;
  }
  await recording.close();
  assert.equal(count, HOUR_MS / FRAME_EVERY_MS);
});

test("a picture is made from an entry point that has ended by then; one under way shows nothing", async () => {
  const header = testHeader({ kind: "desktop", protocol: "rdp" });
  const recorder = await setup.recordings.factory.open(header, recorderEvents());
  const { entryStart, entryEnd } = FrameFlag;
  const flagged: readonly (readonly [number, number])[] = [
    [0, 0],
    [100, entryStart],
    [200, 0],
    [300, entryEnd],
    [1000, entryStart],
    [2000, entryStart],
    [2500, 0],
    [3000, entryEnd],
    [4000, 0],
  ];
  for (const [timeMs, flags] of flagged)
    recorder.write({ channel: Channel.picture, flags, stream: 0, timeMs, payload: Uint8Array.of(1) });
  await recorder.finish({ code: "closed-by-person" });
  const ended = await setup.recordings.parts.rows.find(header.sessionId);
  assert.ok(ended !== null);
  const recording = await setup.recordings.library.open(ended, "test");
  const from = async (atMs: number) =>
    (await recording.planForEnd({ fromMs: atMs, toMs: atMs, isContinued: false })).fromMs;
  assert.deepEqual(
    await Promise.all([0, 150, 299, 300, 999, 1500, 2600, 2999, 3000, 4000].map(from)),
    [0, 0, 0, 100, 100, 100, 100, 100, 2000, 2000],
  );
  await recording.close();
});

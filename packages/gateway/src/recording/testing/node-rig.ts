import { randomBytes } from "node:crypto";
import path from "node:path";
import { decodeFrames, type Frame } from "@poterne/wire";
import { NodeJournal } from "../../journal/node-journal.ts";
import { KeeperProcess } from "../../keeper/keeper-process.ts";
import { migrateStore } from "../../store/migrate-store.ts";
import { openStore } from "../../store/open-store.ts";
import { DiskStorage } from "../disk-storage.ts";
import type { RecordingRow } from "../recording-tables.ts";
import { makeRecordings, type Recordings } from "../recordings.ts";

/** Tells the test something: one JSON line. */
export function tell(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** A gateway reduced to its recordings, with the real keeper, journal and store, on one folder; for processes that a test kills. */
export async function openNodeRig(folder: string) {
  const recordingsFolder = path.join(folder, "recordings");
  const environment = {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    randomBytes: (count: number): Uint8Array => randomBytes(count),
  };
  const keeper = await KeeperProcess.start({
    keeper: {
      keysDirectory: path.join(folder, "keys"),
      journalDirectory: path.join(folder, "journal"),
      node: "node-1",
      retentionMonths: 12,
      socketPath: null,
    },
    masterKeyValue: null,
    warn: () => {},
  });
  const store = openStore({ engine: "sqlite", file: path.join(folder, "store.sqlite") });
  await migrateStore(store);
  const journal = new NodeJournal({ keeper, store, environment, nodeId: "node-1", onTrouble: () => {} });
  const storage = new DiskStorage(recordingsFolder);
  const recordings = makeRecordings({
    nodeId: "node-1",
    storage,
    store,
    keeper,
    journal,
    environment,
    disk: { minimumFreeBytes: 0, lowFreeBytes: 0 },
    log: {
      warn: () => {},
      error: (fields) => tell({ type: "problem", text: JSON.stringify(fields, showError) }),
    },
  });
  const close = async () => {
    recordings.stop();
    await journal.close();
    await store.close();
    await keeper.close();
  };
  return { recordingsFolder, keeper, store, journal, storage, recordings, close };
}

/** All frames of a recording, played. */
export async function playFrames(
  { library }: Pick<Recordings, "library">,
  row: RecordingRow,
): Promise<Frame[]> {
  const recording = await library.open(row, "recording:test");
  const plan = recording.plan({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER - 1, isContinued: false });
  const frames: Frame[] = [];
  for await (const bytes of recording.frames(plan)) frames.push(...decodeFrames(bytes));
  return frames;
}

function showError(_: string, value: unknown): unknown {
  return value instanceof Error ? `${value.message} ${String(value.cause ?? "")}` : value;
}

import { randomBytes } from "node:crypto";
import path from "node:path";
import { makeUuidV7 } from "@poterne/bytes";
import { decodeFrames, type Frame, FrameFlag } from "@poterne/wire";
import { readNodeId } from "../packages/gateway/src/app-folders.ts";
import { NodeJournal } from "../packages/gateway/src/journal/node-journal.ts";
import { KeeperProcess } from "../packages/gateway/src/keeper/keeper-process.ts";
import { DiskStorage } from "../packages/gateway/src/recording/disk-storage.ts";
import { makeRecordings } from "../packages/gateway/src/recording/recordings.ts";
import { openStore } from "../packages/gateway/src/store/open-store.ts";
import { systemEnvironment } from "../packages/gateway/src/system-environment.ts";
import type { ApiClient } from "../tests/support/gateway.ts";
import { sleep } from "../tests/support/vnc-peer.ts";

const HOUR_MS = 3_600_000;
/** Each pass of the recorded frames takes at least so long; what is left of it is idle. */
const PASS_MS = 60_000;
const MAX_WAITING_BYTES = 1_000_000;

/** A short recorded session as it stands in its recording. */
export interface RecordedPiece {
  readonly sessionId: string;
  readonly kind: "desktop" | "terminal";
  readonly protocol: string;
  /** From the first entry point on. */
  readonly frames: readonly Frame[];
}

/** Reads all frames of an ended session's recording, as the player does. */
export async function readRecording(
  api: ApiClient,
  session: Omit<RecordedPiece, "frames">,
): Promise<RecordedPiece> {
  const all: Frame[] = [];
  let next: string | null = "0";
  for (let isAfter = false; next !== null; isAfter = true) {
    const url: string = `/api/v1/recordings/${session.sessionId}/frames?fromMs=${next}&toMs=${HOUR_MS}&after=${isAfter}`;
    const { status, headers, bytes } = await api.send("GET", url, null, "application/json");
    if (status !== 200) throw new Error(`frames of the recording: ${status}`);
    all.push(...decodeFrames(bytes));
    const found = headers["x-poterne-next-ms"];
    next = typeof found === "string" ? found : null;
  }
  const first = all.findIndex(({ flags }) => (flags & FrameFlag.entryStart) !== 0);
  if (first < 0) throw new Error("the recording has no entry point");
  return { ...session, frames: all.slice(first) };
}

/**
 * Writes one-hour recordings into the data folder of a gateway that does not run, with the product's own recorder,
 * keeper and store and a clock that runs ahead: each piece again and again. Resolves with their session ids.
 */
export async function writeHours(dataDir: string, pieces: readonly RecordedPiece[]): Promise<string[]> {
  const nodeId = readNodeId(dataDir);
  const keeper = await KeeperProcess.start({
    keeper: {
      keysDirectory: path.join(dataDir, "keys"),
      journalDirectory: path.join(dataDir, "journal"),
      node: nodeId,
      retentionMonths: 12,
      socketPath: null,
    },
    masterKeyValue: null,
    warn: () => {},
  });
  const store = openStore({ engine: "sqlite", file: path.join(dataDir, "store.sqlite") });
  const environment = systemEnvironment;
  const journal = new NodeJournal({ keeper, store, environment, nodeId, onTrouble: () => {} });
  const recordings = makeRecordings({
    nodeId,
    storage: new DiskStorage(path.join(dataDir, "recordings")),
    store,
    keeper,
    journal,
    environment,
    disk: { minimumFreeBytes: 0, lowFreeBytes: 0 },
    log: { warn: () => {}, error: (fields) => console.error(fields) },
  });
  const sessionIds: string[] = [];
  for (const piece of pieces) {
    const sessionId = makeUuidV7(Date.now(), randomBytes(10));
    const header = { ...headerOf(piece), sessionId };
    const failures: Error[] = [];
    const recorder = await recordings.factory.open(header, {
      onFailure: (error) => void failures.push(error),
      onDrain: () => {},
    });
    await writeHour(piece.frames, recorder);
    await recorder.finish({ code: "left" });
    if (failures[0] !== undefined) throw failures[0];
    sessionIds.push(sessionId);
  }
  recordings.stop();
  await journal.close();
  await store.close();
  await keeper.close();
  return sessionIds;
}

async function writeHour(
  frames: readonly Frame[],
  recorder: { write(frame: Frame): void; readonly queuedBytes: number },
): Promise<void> {
  const startMs = frames[0]?.timeMs ?? 0;
  const lengthMs = Math.max(PASS_MS, (frames.at(-1)?.timeMs ?? 0) - startMs + 1);
  for (let passMs = 0; passMs < HOUR_MS; passMs += lengthMs)
    for (const frame of frames) {
      const timeMs = passMs + frame.timeMs - startMs;
      if (timeMs > HOUR_MS) return;
      recorder.write({ ...frame, timeMs });
      while (recorder.queuedBytes > MAX_WAITING_BYTES) await sleep(1);
    }
}

function headerOf({ kind, protocol }: RecordedPiece) {
  return {
    kind,
    protocol,
    startedAtMs: Date.now() - HOUR_MS,
    personId: makeUuidV7(Date.now(), randomBytes(10)),
    personName: "Bench",
    targetId: makeUuidV7(Date.now(), randomBytes(10)),
    targetName: "bench",
    machineName: "bench",
    siteId: makeUuidV7(Date.now(), randomBytes(10)),
    accountName: "bench",
    grantId: makeUuidV7(Date.now(), randomBytes(10)),
    reason: "",
    retentionDays: 90,
  };
}

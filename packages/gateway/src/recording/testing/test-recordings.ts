import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeUuidV7 } from "@poterne/bytes";
import { Channel, type Frame } from "@poterne/wire";
import type { Environment } from "../../environment.ts";
import type { JournalEntry } from "../../journal/journal.ts";
import { type TestStore, testStore } from "../../store/testing/test-stores.ts";
import { DiskStorage } from "../disk-storage.ts";
import type { RecordingHeader } from "../recorder.ts";
import { makeRecordings, type Recordings } from "../recordings.ts";
import type { RecordingStorage } from "../storage.ts";
import { TestKeeper } from "./test-keeper.ts";

/** Recordings on a folder and a store of their own, with a keeper and a journal in memory. */
export interface TestRecordings {
  readonly recordings: Recordings;
  readonly keeper: TestKeeper;
  readonly entries: JournalEntry[];
  readonly problems: unknown[];
  readonly folder: string;
  readonly store: TestStore;
  readonly environment: Environment & { offsetMs: number };
  dispose(): Promise<void>;
}

/** What a test changes of the usual parts. */
export interface TestRecordingsOptions {
  readonly storage?: (folder: string) => RecordingStorage;
  readonly disk?: { readonly minimumFreeBytes: number; readonly lowFreeBytes: number };
}

/** Makes them. */
export async function testRecordings(options: TestRecordingsOptions = {}): Promise<TestRecordings> {
  const folder = await mkdtemp(path.join(tmpdir(), "poterne-recordings-"));
  const store = await testStore("sqlite");
  const keeper = new TestKeeper();
  const entries: JournalEntry[] = [];
  const problems: unknown[] = [];
  const environment = {
    offsetMs: 0,
    now: () => Date.now() + environment.offsetMs,
    monotonicMs: () => performance.now() + environment.offsetMs,
    randomBytes: (count: number): Uint8Array => randomBytes(count),
  };
  const recordings = makeRecordings({
    nodeId: "node-1",
    storage: options.storage?.(folder) ?? new DiskStorage(folder),
    store: store.store,
    keeper: keeper.asKeeper(),
    journal: {
      append: async (entry) => {
        entries.push(entry);
        return makeUuidV7(Date.now(), randomBytes(10));
      },
    },
    environment,
    disk: options.disk ?? { minimumFreeBytes: 0, lowFreeBytes: 0 },
    log: { warn: (fields) => problems.push(fields), error: (fields) => problems.push(fields) },
  });
  const dispose = async () => {
    recordings.stop();
    await store.dispose();
    await rm(folder, { recursive: true, force: true });
  };
  return { recordings, keeper, entries, problems, folder, store, environment, dispose };
}

/** A session's header for tests. */
export function testHeader(change: Partial<RecordingHeader> = {}): RecordingHeader {
  return {
    sessionId: makeUuidV7(Date.now(), randomBytes(10)),
    kind: "terminal",
    protocol: "ssh",
    startedAtMs: Date.now(),
    personId: "p-1",
    personName: "Alice Martin",
    targetId: "t-1",
    targetName: "web1 SSH",
    machineName: "web1",
    siteId: "s-1",
    accountName: "root",
    grantId: "g-1",
    reason: "ticket 42",
    retentionDays: 90,
    ...change,
  };
}

/** A text frame. */
export function textFrame(timeMs: number, text: string, flags = 0): Frame {
  return { channel: Channel.text, flags, stream: 0, timeMs, payload: Buffer.from(text) };
}

/** A marker frame. */
export function markerFrame(timeMs: number, marker: object, flags = 0): Frame {
  return { channel: Channel.marker, flags, stream: 0, timeMs, payload: Buffer.from(JSON.stringify(marker)) };
}

/** Events of a recorder that nobody listens to, except for failures. */
export function recorderEvents(failures: Error[] = []) {
  return { onFailure: (error: Error) => void failures.push(error), onDrain: () => {} };
}

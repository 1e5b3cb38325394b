import type { Store } from "../store/store.ts";
import { type DiskLimits, DiskWatch } from "./disk-watch.ts";
import { LiveRecordings } from "./live-recordings.ts";
import type { RecorderFactory } from "./recorder.ts";
import { recorderFactory } from "./recording-factory.ts";
import { RecordingLibrary } from "./recording-library.ts";
import type { RecordingParts } from "./recording-parts.ts";
import { RecordingStore } from "./recording-store.ts";
import { Retention } from "./retention.ts";
import { type SealReport, sealRecording, sealUnfinished } from "./seal-unfinished.ts";

/** How often retention runs by itself. */
const RETENTION_INTERVAL_MS = 3_600_000;

/** How long after the start it runs first: a gateway restarted every hour keeps its promise too. */
const FIRST_RETENTION_MS = 120_000;

/** What the application gives to the noun *recording*. */
export type RecordingsOptions = Pick<
  RecordingParts,
  "nodeId" | "storage" | "keeper" | "journal" | "environment" | "log"
> & { readonly store: Store; readonly disk: DiskLimits };

/** Everything about recordings, put together once per process. */
export interface Recordings {
  readonly parts: RecordingParts;
  /** For the session hub. */
  readonly factory: RecorderFactory;
  /** For playback. */
  readonly library: RecordingLibrary;
  readonly retention: Retention;
  /** Starts the disk's watch and hourly retention, and seals in the background what the last run left. */
  start(): { readonly sealing: Promise<SealReport> };
  stop(): void;
}

/** Puts the noun together. */
export function makeRecordings(options: RecordingsOptions): Recordings {
  const { environment, journal, storage } = options;
  const disk = new DiskWatch({
    storage,
    limits: options.disk,
    journal,
    monotonicMs: () => environment.monotonicMs(),
  });
  const rows = new RecordingStore(options.store);
  const parts: RecordingParts = {
    nodeId: options.nodeId,
    storage,
    rows,
    keeper: options.keeper,
    journal,
    environment,
    disk,
    live: new LiveRecordings(),
    log: options.log,
  };
  const sealNow = async (sessionId: string) => {
    const row = await rows.find(sessionId).catch(() => null);
    if (row !== null) await sealRecording(parts, row);
  };
  const library = new RecordingLibrary(parts);
  const retention = new Retention(parts, library);
  let timer: NodeJS.Timeout | null = null;
  let firstRun: NodeJS.Timeout | null = null;
  const runRetention = () => {
    retention.run().catch((error: unknown) => options.log.error({ error }, "Retention failed"));
  };
  return {
    parts,
    factory: recorderFactory({ ...parts, sealNow }),
    library,
    retention,
    start: () => {
      disk.start();
      const sealing = sealUnfinished(parts).catch((error: unknown) => {
        options.log.error({ error }, "Unfinished recordings not sealed");
        return { sealedCount: 0, otherCount: 0 };
      });
      timer ??= setInterval(runRetention, RETENTION_INTERVAL_MS).unref();
      firstRun ??= setTimeout(runRetention, FIRST_RETENTION_MS).unref();
      return { sealing };
    },
    stop: () => {
      disk.stop();
      if (timer !== null) clearInterval(timer);
      if (firstRun !== null) clearTimeout(firstRun);
      timer = null;
      firstRun = null;
    },
  };
}

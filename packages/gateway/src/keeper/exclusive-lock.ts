import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const RETRY_MS = 50;

/** What is locked until `release`, or until the process ends in whatever way. */
export interface ExclusiveLock {
  release(): void;
}

/**
 * Takes a lock that one process at a time can hold, waiting for another one to end. It is SQLite's lock on an empty
 * database file: the only lock in Node's library that the kernel frees by itself when its holder is killed.
 */
export async function takeExclusiveLock(path: string, waitMs: number): Promise<ExclusiveLock> {
  const untilMs = performance.now() + waitMs;
  for (;;) {
    const database = new DatabaseSync(path);
    try {
      database.exec("pragma locking_mode = exclusive; begin exclusive;");
      return { release: () => database.close() };
    } catch (error) {
      database.close();
      if (performance.now() > untilMs) {
        throw new Error(`another process holds ${path}: is a keeper already running?`, { cause: error });
      }
    }
    await sleep(RETRY_MS);
  }
}

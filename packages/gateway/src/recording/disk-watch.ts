import { Failure } from "@poterne/contract";
import type { Journal } from "../journal/journal.ts";
import type { RecordingStorage, StorageSpace } from "./storage.ts";

/** The disk's state: `low` is an alarm, at `full` nothing new is recorded. */
export type DiskState = "ok" | "low" | "full";

/** When the disk counts as low or full. */
export interface DiskLimits {
  /** Below this much free space nothing new is recorded. */
  readonly minimumFreeBytes: number;
  /** Below this much free space administrators are warned. */
  readonly lowFreeBytes: number;
}

/** What `open` may do with a reading of this age. */
const MAX_READING_AGE_MS = 2_000;

/** How often the disk is looked at. */
const DISK_WATCH_INTERVAL_MS = 15_000;

/** Watches the room for recordings, alarms in the journal when its state changes. */
export class DiskWatch {
  readonly #storage: RecordingStorage;
  readonly #limits: DiskLimits;
  readonly #journal: Journal;
  readonly #monotonicMs: () => number;
  #space: StorageSpace = { freeBytes: 0, totalBytes: 0 };
  #readAtMs = Number.NEGATIVE_INFINITY;
  #told: DiskState = "ok";
  #timer: NodeJS.Timeout | null = null;

  constructor(options: {
    readonly storage: RecordingStorage;
    readonly limits: DiskLimits;
    readonly journal: Journal;
    readonly monotonicMs: () => number;
  }) {
    this.#storage = options.storage;
    this.#limits = options.limits;
    this.#journal = options.journal;
    this.#monotonicMs = options.monotonicMs;
  }

  /** Begins to look regularly; does not keep the process alive. */
  start(): void {
    this.#timer ??= setInterval(() => void this.read().catch(() => {}), DISK_WATCH_INTERVAL_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Reads the room now and tells the journal of a change. Rejects when the storage is not there. */
  async read(): Promise<StorageSpace & { readonly state: DiskState; readonly minimumFreeBytes: number }> {
    this.#space = await this.#storage.space();
    this.#readAtMs = this.#monotonicMs();
    const state = this.#stateOf(this.#space);
    if (state !== this.#told) await this.#tell(state);
    return { ...this.#space, state, minimumFreeBytes: this.#limits.minimumFreeBytes };
  }

  /** Rejects with the Failure `no-place-to-record` when nothing new may be written. */
  async requireRoom(): Promise<void> {
    const isOld = this.#monotonicMs() - this.#readAtMs > MAX_READING_AGE_MS;
    const { state } = isOld ? await this.#readOrRefuse() : { state: this.#stateOf(this.#space) };
    if (state === "full") throw new Failure("no-place-to-record");
  }

  async #readOrRefuse(): Promise<{ readonly state: DiskState }> {
    try {
      return await this.read();
    } catch (error) {
      throw new Failure("no-place-to-record", {}, error);
    }
  }

  #stateOf({ freeBytes }: StorageSpace): DiskState {
    if (freeBytes < this.#limits.minimumFreeBytes) return "full";
    return freeBytes < this.#limits.lowFreeBytes ? "low" : "ok";
  }

  async #tell(state: DiskState): Promise<void> {
    const { freeBytes, totalBytes } = this.#space;
    await this.#journal
      .append({
        kind: `recording.disk-${state}`,
        level: state === "ok" ? "notice" : "alarm",
        actor: { personId: null, name: "system" },
        sourceAddress: "",
        subject: {},
        details: { freeBytes, totalBytes },
      })
      .then(() => {
        this.#told = state;
      })
      // The next look tries again: what cannot be journaled now is not forgotten.
      .catch(() => {});
  }
}

import { Worker } from "node:worker_threads";
import { Failure } from "@poterne/contract";
import { type FollowerEvents, TerminalFollower } from "./follower.ts";
import type { FollowerOrder, FollowerReport } from "./follower-messages.ts";

/** The widest and highest terminal a follower draws; a viewer that announces more gets this. */
export const MAX_COLUMNS = 500;
export const MAX_ROWS = 300;

/**
 * Room for the worker's new objects, in megabytes. V8 would take thirty more: as much as fifty screens are, for what
 * is garbage a moment later.
 */
const YOUNG_GENERATION_MB = 8;

/**
 * All followers of the process: one worker thread shared by every terminal, started with the first of them. A worker
 * that dies takes no session with it: its followers are closed and the next terminal starts a new one.
 */
export class TerminalFollowers {
  #worker: Worker | null = null;
  readonly #followers = new Map<number, TerminalFollower>();
  #nextId = 1;

  /** A follower for one terminal, empty and of this size. */
  open(columns: number, rows: number, events: FollowerEvents = {}): TerminalFollower {
    const worker = this.#start();
    const id = this.#nextId++;
    const follower = new TerminalFollower({
      id,
      ...clampSize(columns, rows),
      post: (order: FollowerOrder, transfer?: ArrayBuffer[]) => worker.postMessage(order, transfer),
      events,
      onClose: () => this.#forget(id),
    });
    this.#followers.set(id, follower);
    worker.ref();
    return follower;
  }

  /** Ends the worker; followers that are still open are closed. */
  async close(): Promise<void> {
    for (const follower of [...this.#followers.values()]) follower.close();
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL("./follower-worker.ts", import.meta.url), {
      name: "terminals",
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    worker.on("message", (report: FollowerReport) => this.#followers.get(report.id)?.take(report));
    worker.on("error", () => this.#lose(worker));
    worker.on("exit", () => this.#lose(worker));
    this.#worker = worker;
    return worker;
  }

  #forget(id: number): void {
    this.#followers.delete(id);
    // An idle worker must not keep the process alive.
    if (this.#followers.size === 0) this.#worker?.unref();
  }

  #lose(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    for (const follower of [...this.#followers.values()]) follower.close();
  }
}

/** A terminal's size within what is drawn; sizes nobody announced become 80 × 24. */
export function clampSize(
  columns: number,
  rows: number,
): { readonly columns: number; readonly rows: number } {
  if (!Number.isFinite(columns) || !Number.isFinite(rows))
    throw new Failure("internal", { reference: "size" });
  return {
    columns: columns < 1 ? 80 : Math.min(Math.floor(columns), MAX_COLUMNS),
    rows: rows < 1 ? 24 : Math.min(Math.floor(rows), MAX_ROWS),
  };
}

/** The process's followers. */
export const terminalFollowers = new TerminalFollowers();

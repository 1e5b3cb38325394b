import { makeTargetFolder, statFile } from "@poterne/contract";
import { type Observable, ObservableValue } from "@poterne/viewer";
import { ApiFailure, toApiFailure } from "../../api/api-failure.ts";
import { call } from "../../api/call.ts";
import type { DroppedFile } from "./dropped.ts";
import { joinPath, parentPath } from "./paths.ts";
import { sendUpload, type UploadRequest } from "./upload-request.ts";

/** Uploads that run at the same time. */
const MAX_RUNNING = 2;
/** A transfer's progress is shown again after so many bytes, or when it ends. */
const PROGRESS_STEP_BYTES = 256 * 1024;

/** One upload as the panel shows it. */
export interface Transfer {
  readonly transferId: number;
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sentBytes: number;
  readonly state: "waiting" | "running" | "done" | "failed" | "cancelled";
  readonly error: ApiFailure | null;
}

interface Job {
  /** Null for an empty folder, which is made and nothing else. */
  readonly file: File | null;
  readonly path: string;
  readonly needsFolder: boolean;
  abort: AbortController;
}

/** The uploads of one session: a few at a time, each can be cancelled, and resumed after a cut. */
export class TransferQueue {
  readonly transfers: Observable<readonly Transfer[]>;
  readonly #transfers = new ObservableValue<readonly Transfer[]>([]);
  readonly #sessionId: string;
  readonly #onDone: () => void;
  readonly #jobs = new Map<number, Job>();
  /** Folders made or being made: two uploads into one new folder must not both make it. */
  readonly #folders = new Map<string, Promise<void>>();
  #nextId = 1;

  constructor(sessionId: string, onDone: () => void) {
    this.transfers = this.#transfers;
    this.#sessionId = sessionId;
    this.#onDone = onDone;
  }

  /** Takes files to upload into a folder of the target; one larger than the policy allows fails at once. */
  add(files: readonly DroppedFile[], folder: string, fileMaxBytes: number): void {
    for (const { file, relativePath } of files) {
      const transferId = this.#nextId++;
      const path = joinPath(folder, relativePath);
      const sizeBytes = file?.size ?? 0;
      const isTooLarge = sizeBytes > fileMaxBytes;
      const needsFolder = relativePath.includes("/");
      this.#jobs.set(transferId, { file, path, needsFolder, abort: new AbortController() });
      const transfer: Transfer = {
        transferId,
        name: relativePath,
        path,
        sizeBytes,
        sentBytes: 0,
        state: isTooLarge ? "failed" : "waiting",
        error: isTooLarge
          ? new ApiFailure("file-too-large", { details: { path, maxBytes: fileMaxBytes } })
          : null,
      };
      this.#transfers.write([...this.#transfers.read(), transfer]);
    }
    this.#startWaiting();
  }

  cancel(transferId: number): void {
    this.#jobs.get(transferId)?.abort.abort();
    this.#change(transferId, { state: "cancelled" });
    this.#startWaiting();
  }

  /** Tries a failed or cancelled transfer again, from where the target's file ends. */
  resume(transferId: number): void {
    const job = this.#jobs.get(transferId);
    if (job === undefined) return;
    job.abort = new AbortController();
    this.#change(transferId, { state: "waiting", error: null });
    this.#startWaiting();
  }

  /** Takes the finished ones off the list. */
  clearDone(): void {
    const isOver = ({ state }: Transfer): boolean => state === "done" || state === "cancelled";
    for (const transfer of this.#transfers.read())
      if (isOver(transfer)) this.#jobs.delete(transfer.transferId);
    this.#transfers.write(this.#transfers.read().filter((transfer) => !isOver(transfer)));
  }

  /** Stops everything: the session is over or the page goes. */
  dispose(): void {
    for (const job of this.#jobs.values()) job.abort.abort();
  }

  #startWaiting(): void {
    const transfers = this.#transfers.read();
    const runningCount = transfers.filter(({ state }) => state === "running").length;
    const next = transfers.filter(({ state }) => state === "waiting").slice(0, MAX_RUNNING - runningCount);
    for (const transfer of next) void this.#run(transfer);
  }

  async #run({ transferId, sentBytes }: Transfer): Promise<void> {
    const job = this.#jobs.get(transferId);
    if (job === undefined) return;
    this.#change(transferId, { state: "running" });
    try {
      const { file, path } = job;
      if (job.needsFolder) await this.#makeFolders(parentPath(path));
      if (file === null) await this.#makeFolders(path);
      else {
        const offset = sentBytes > 0 ? await this.#findResumeOffset(path, file) : 0;
        await this.#send(transferId, { file, path, offset, signal: job.abort.signal });
      }
      this.#change(transferId, { state: "done", sentBytes: file?.size ?? 0 });
      this.#onDone();
    } catch (error) {
      const isCancelled = error instanceof DOMException && error.name === "AbortError";
      if (!isCancelled) this.#change(transferId, { state: "failed", error: toApiFailure(error) });
    }
    this.#startWaiting();
  }

  #send(transferId: number, part: Pick<UploadRequest, "file" | "path" | "offset" | "signal">): Promise<void> {
    let shownBytes = part.offset;
    const onProgress = (sentBytes: number): void => {
      if (sentBytes - shownBytes < PROGRESS_STEP_BYTES) return;
      shownBytes = sentBytes;
      this.#change(transferId, { sentBytes });
    };
    return sendUpload({ sessionId: this.#sessionId, ...part, onProgress });
  }

  /** What the target already has of a file; from the beginning when it has none, or more than we would send. */
  async #findResumeOffset(path: string, file: File): Promise<number> {
    try {
      const params = { sessionId: this.#sessionId };
      const { sizeBytes } = await call(statFile, { params, query: { path } });
      return sizeBytes < file.size ? sizeBytes : 0;
    } catch {
      return 0;
    }
  }

  #makeFolders(folder: string): Promise<void> {
    if (folder === "/") return Promise.resolve();
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const making = this.#makeFolder(folder);
    this.#folders.set(folder, making);
    // A folder that could not be made is tried again by the next upload into it.
    making.catch(() => this.#folders.delete(folder));
    return making;
  }

  async #makeFolder(folder: string): Promise<void> {
    const params = { sessionId: this.#sessionId };
    const isThere = await call(statFile, { params, query: { path: folder } }).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await this.#makeFolders(parentPath(folder));
    await call(makeTargetFolder, { params, body: { path: folder } });
  }

  #change(transferId: number, part: Partial<Transfer>): void {
    const transfers = this.#transfers.read();
    const isKnown = transfers.some((transfer) => transfer.transferId === transferId);
    if (!isKnown) return;
    this.#transfers.write(
      transfers.map((transfer) => (transfer.transferId === transferId ? { ...transfer, ...part } : transfer)),
    );
  }
}

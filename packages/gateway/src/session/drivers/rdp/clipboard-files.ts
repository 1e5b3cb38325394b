import { Failure } from "@poterne/contract";
import { type ClipboardFile, MAX_FILE_RANGE_BYTES } from "@poterne/rdp";
import type { FileEntry } from "../../driver.ts";

/** How long a target may take for one part of a file. */
const ANSWER_MS = 30_000;
/** Bytes asked for at one time: what stands in the gateway's memory for a reader. */
const ASK_BYTES = Math.min(256 * 1024, MAX_FILE_RANGE_BYTES);

/** What the target is asked: bytes of one of its files. */
export type AskTarget = (request: {
  readonly streamId: number;
  readonly index: number;
  readonly range: { readonly offset: number; readonly length: number };
}) => void;

/** The files the target has in its clipboard, as a tree of folders; their bytes are asked for when somebody reads. */
export class TargetClipboardFiles {
  readonly #ask: AskTarget;
  #files: readonly ClipboardFile[] = [];
  /** Counts what the target copied: bytes of an older list are never given out as those of a newer one. */
  #generation = 0;
  #lastStreamId = 0;
  readonly #waiting = new Map<number, (data: Uint8Array | null) => void>();

  constructor(ask: AskTarget) {
    this.#ask = ask;
  }

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  /** The target's clipboard changed. */
  replace(files: readonly ClipboardFile[]): void {
    this.#files = files;
    this.#generation++;
    for (const settle of [...this.#waiting.values()]) settle(null);
  }

  /** Bytes came; those nobody asked for, or more than were asked for, are dropped. */
  answered(streamId: number, data: Uint8Array | null): void {
    this.#waiting.get(streamId)?.(data);
  }

  list(path: readonly string[]): FileEntry[] {
    if (path.length > 0 && this.stat(path).kind !== "folder") throw notFound(path);
    const names = new Map<string, FileEntry>();
    for (const file of this.#files) {
      const name = file.path[path.length];
      if (name === undefined || !path.every((part, index) => file.path[index] === part)) continue;
      // A folder whose own entry was left out is one all the same.
      const isWhole = file.path.length === path.length + 1;
      if (isWhole || !names.has(name)) names.set(name, describe(name, isWhole ? file : null));
    }
    return [...names.values()];
  }

  stat(path: readonly string[]): FileEntry {
    const name = path.at(-1) ?? "";
    const file = this.#find(path);
    if (file !== undefined) return describe(name, file);
    const isAbove = this.#files.some((one) => path.every((part, index) => one.path[index] === part));
    if (!isAbove) throw notFound(path);
    return describe(name, null);
  }

  /** The file's bytes from `offset` to its announced size; a target that gives fewer fails it. */
  async *read(path: readonly string[], offset: number): AsyncGenerator<Uint8Array> {
    const file = this.#find(path);
    if (file === undefined || file.isFolder) throw notFound(path);
    const generation = this.#generation;
    for (let at = offset; at < file.sizeBytes; ) {
      const length = Math.min(ASK_BYTES, file.sizeBytes - at);
      const data = this.#generation === generation ? await this.#request(file.index, at, length) : null;
      if (data === null || data.length === 0 || data.length > length)
        throw new Failure("file-failed", { path: `/${path.join("/")}`, reason: "clipboard" });
      at += data.length;
      yield data;
    }
  }

  /** Whoever waits is told that nothing comes. */
  close(): void {
    this.replace([]);
  }

  #find(path: readonly string[]): ClipboardFile | undefined {
    return this.#files.find(
      (file) => file.path.length === path.length && file.path.every((part, index) => part === path[index]),
    );
  }

  #request(index: number, offset: number, length: number): Promise<Uint8Array | null> {
    this.#lastStreamId = (this.#lastStreamId + 1) >>> 0;
    const streamId = this.#lastStreamId;
    return new Promise((resolve) => {
      const settle = (data: Uint8Array | null) => {
        clearTimeout(timer);
        this.#waiting.delete(streamId);
        resolve(data);
      };
      const timer = setTimeout(() => settle(null), ANSWER_MS);
      this.#waiting.set(streamId, settle);
      this.#ask({ streamId, index, range: { offset, length } });
    });
  }
}

function notFound(path: readonly string[]): Failure {
  return new Failure("file-not-found", { path: `/${path.join("/")}` });
}

function describe(name: string, file: ClipboardFile | null): FileEntry {
  const isFolder = file === null || file.isFolder;
  return {
    name,
    kind: isFolder ? "folder" : "file",
    sizeBytes: file?.sizeBytes ?? 0,
    modifiedAtMs: file?.modifiedAtMs ?? 0,
    mode: isFolder ? 0o500 : 0o400,
    owner: "",
    group: "",
  };
}

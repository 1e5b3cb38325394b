import type { FileHandle } from "node:fs/promises";
import { Failure } from "@poterne/contract";
import type { FileEntry } from "../driver.ts";
import { type DriveFolder, DriveFullError, type DriveStat } from "./drive-folder.ts";

const READ_BYTES = 256 * 1024;

/** The files of a drive as the file panel sees them; paths are lists of names. All reject with a `Failure`. */
export class DriveFiles {
  readonly #folder: DriveFolder;

  constructor(folder: DriveFolder) {
    this.#folder = folder;
  }

  list(path: readonly string[]): Promise<FileEntry[]> {
    return this.#say(path, async () => (await this.#folder.list(path)).map(describe));
  }

  stat(path: readonly string[]): Promise<FileEntry> {
    return this.#say(path, async () => describe(await this.#folder.stat(path)));
  }

  async *read(path: readonly string[], offset: number): AsyncGenerator<Uint8Array> {
    const handle = await this.#say(path, () => this.#folder.openFile(path, false));
    try {
      for (let at = offset; ; ) {
        const buffer = new Uint8Array(READ_BYTES);
        const { bytesRead } = await this.#say(path, () => handle.read(buffer, 0, READ_BYTES, at));
        if (bytesRead === 0) return;
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }

  async write(path: readonly string[], offset: number, content: AsyncIterable<Uint8Array>): Promise<number> {
    const handle = await this.#say(path, () => this.#openToWrite(path, offset === 0));
    let at = offset;
    try {
      for await (const bytes of content) {
        await this.#say(path, () => this.#folder.write(handle, at, bytes));
        at += bytes.length;
      }
      return at;
    } finally {
      await handle.close();
    }
  }

  async #openToWrite(path: readonly string[], isNew: boolean): Promise<FileHandle> {
    if (!isNew) return this.#folder.openFile(path, true);
    return this.#folder.openEmptied(path).catch((error: { code?: string }) => {
      if (error.code === "ENOENT") return this.#folder.createFile(path);
      throw error;
    });
  }

  makeFolder(path: readonly string[]): Promise<void> {
    return this.#say(path, () => this.#folder.makeFolder(path));
  }

  rename(from: readonly string[], to: readonly string[]): Promise<void> {
    return this.#say(to, () => this.#folder.rename(from, to, false));
  }

  remove(path: readonly string[]): Promise<void> {
    return this.#say(path, () => this.#folder.remove(path));
  }

  async #say<T>(path: readonly string[], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw driveFailure(error, `/${path.join("/")}`);
    }
  }
}

const FAILURES: Readonly<
  Record<string, "file-not-found" | "file-exists" | "folder-not-empty" | "file-is-folder">
> = {
  ENOENT: "file-not-found",
  ENOTDIR: "file-not-found",
  EEXIST: "file-exists",
  ENOTEMPTY: "folder-not-empty",
  EISDIR: "file-is-folder",
};

function driveFailure(error: unknown, path: string): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof DriveFullError) return new Failure("drive-full", { path }, error);
  const { code = "" } = error as { code?: string };
  const known = FAILURES[code];
  if (known !== undefined) return new Failure(known, { path }, error);
  if (code === "ENOSPC") return new Failure("drive-full", { path }, error);
  if (code === "EACCES" || code === "EPERM") return new Failure("file-denied", { path }, error);
  return new Failure("file-failed", { path, reason: code === "EINVAL" ? "name" : code }, error);
}

function describe(stat: DriveStat): FileEntry {
  return {
    name: stat.name,
    kind: stat.isFolder ? "folder" : "file",
    sizeBytes: stat.sizeBytes,
    modifiedAtMs: stat.modifiedAtMs,
    mode: stat.isFolder ? 0o700 : 0o600,
    owner: "",
    group: "",
  };
}

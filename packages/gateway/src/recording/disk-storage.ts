import { fdatasync, ftruncate, writev } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, statfs } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { syncFolder } from "../keeper/durable-file.ts";
import type { RecordingStorage, StorageReader, StorageSpace, StorageWriter } from "./storage.ts";

const fdatasyncAsync = promisify(fdatasync);
const ftruncateAsync = promisify(ftruncate);

/** Only the gateway's user may read: the clear header names sessions and times. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/**
 * Files made durable at one time, of all recordings: on a slow disk each holds one of the pool's four threads, and
 * writing needs one too.
 */
const MAX_SYNCS = 2;
const waitingSyncs: (() => void)[] = [];
let runningSyncs = 0;

async function syncInTurn(fd: number): Promise<void> {
  if (runningSyncs >= MAX_SYNCS) await new Promise<void>((resolve) => waitingSyncs.push(resolve));
  else runningSyncs++;
  try {
    await fdatasyncAsync(fd);
  } finally {
    const next = waitingSyncs.shift();
    // Whoever waits takes over this one's place.
    if (next === undefined) runningSyncs--;
    else next();
  }
}

/** Recordings in a folder of the local disk (or anything mounted there). */
export class DiskStorage implements RecordingStorage {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async create(name: string): Promise<StorageWriter> {
    return new DiskWriter(await this.#open(name, "ax"));
  }

  async resume(name: string): Promise<StorageWriter> {
    return new DiskWriter(await this.#open(name, "a"));
  }

  async open(name: string): Promise<StorageReader> {
    return new DiskReader(await open(this.#path(name), "r"));
  }

  async put(name: string, content: Uint8Array): Promise<void> {
    const temporary = `${name}.new`;
    const handle = await this.#open(temporary, "w");
    try {
      await handle.writeFile(content);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(this.#path(temporary), this.#path(name));
    await syncFolder(path.dirname(this.#path(name)));
  }

  async remove(name: string): Promise<void> {
    await rm(this.#path(name), { force: true });
  }

  async space(): Promise<StorageSpace> {
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
    const { bavail, blocks, bsize } = await statfs(this.#folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  }

  async #open(name: string, flags: string): Promise<FileHandle> {
    const file = this.#path(name);
    await mkdir(path.dirname(file), { recursive: true, mode: FOLDER_MODE });
    return open(file, flags, FILE_MODE);
  }

  /** INVARIANT: never outside the folder, whatever a name holds. */
  #path(name: string): string {
    if (!/^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(name) || name.split("/").includes(".."))
      throw new Error(`not a recording's name: ${name}`);
    return path.join(this.#folder, name);
  }
}

/** Appends through the callback API: one call per batch costs half of what a FileHandle's promise costs. */
class DiskWriter implements StorageWriter {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  append(parts: readonly Uint8Array[]): Promise<void> {
    return new Promise((resolve, reject) => this.#write(parts, resolve, reject));
  }

  async sync(): Promise<void> {
    await syncInTurn(this.#handle.fd);
  }

  async truncate(lengthBytes: number): Promise<void> {
    await ftruncateAsync(this.#handle.fd, lengthBytes);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Writes the parts, in more than one go where the disk takes less. */
  #write(parts: readonly Uint8Array[], resolve: () => void, reject: (error: Error) => void): void {
    let left = 0;
    for (const part of parts) left += part.length;
    if (left === 0) return resolve();
    writev(this.#handle.fd, parts, (error, written) => {
      if (error !== null) reject(error);
      else if (written === left) resolve();
      else if (written === 0) reject(new Error("nothing was written"));
      else this.#write(behind(parts, written), resolve, reject);
    });
  }
}

/** What is left of parts once so many bytes are written: a nearly full disk takes a write in part. */
function behind(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  const rest: Uint8Array[] = [];
  for (const part of parts) {
    if (skip >= part.length) skip -= part.length;
    else {
      rest.push(part.subarray(skip));
      skip = 0;
    }
  }
  return rest;
}

class DiskReader implements StorageReader {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafe(lengthBytes);
    let read = 0;
    while (read < lengthBytes) {
      const { bytesRead } = await this.#handle.read(bytes, read, lengthBytes - read, offset + read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return bytes.subarray(0, read);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

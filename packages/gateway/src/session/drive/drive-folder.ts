import { constants, type Stats } from "node:fs";
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  unlink,
  utimes,
} from "node:fs/promises";
import nodePath from "node:path";
import { isDriveName } from "@poterne/rdp";

/** Files and folders of one drive. */
export const MAX_DRIVE_ENTRIES = 10_000;
/** What an entry counts for, however small: a million empty files fill a disk too. */
const ENTRY_BYTES = 4096;

/** A drive that has no room left for what was to be written. */
export class DriveFullError extends Error {
  constructor() {
    super("the drive is full");
    this.name = "DriveFullError";
  }
}

/** One entry of a drive. */
export interface DriveStat {
  readonly name: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** Where a drive is and how much it may hold. */
export interface DriveOptions {
  readonly root: string;
  readonly quotaBytes: number;
  readonly maxFileBytes: number;
}

/**
 * A folder of the gateway that a session shows to its target. Paths are lists of names.
 * INVARIANT: nothing outside `root` is touched. Every name is checked, every folder on the way is looked at without
 * following links, and no operation makes a link. Rejects with the system's errors (`code`) or `DriveFullError`.
 */
export class DriveFolder {
  readonly #options: DriveOptions;
  #usedBytes = 0;
  #entryCount = 0;

  private constructor(options: DriveOptions) {
    this.#options = options;
  }

  /** Makes the folder if it is not there, and measures what it holds. */
  static async open(options: DriveOptions): Promise<DriveFolder> {
    await mkdir(options.root, { recursive: true, mode: 0o700 });
    const folder = new DriveFolder(options);
    await folder.#measure([]);
    return folder;
  }

  /** Bytes that may still be written. */
  get freeBytes(): number {
    return Math.max(0, this.#options.quotaBytes - this.#usedBytes);
  }

  get quotaBytes(): number {
    return this.#options.quotaBytes;
  }

  async stat(path: readonly string[]): Promise<DriveStat> {
    const full = await this.#resolve(path);
    return describe(path.at(-1) ?? "", requirePlain(await lstat(full)));
  }

  /** The entries of a folder, in the order of their names; those that are neither file nor folder are left out. */
  async list(path: readonly string[]): Promise<DriveStat[]> {
    const full = await this.#resolve(path);
    if (!(await lstat(full)).isDirectory()) throw systemError("ENOTDIR");
    const names = (await readdir(full)).filter(isDriveName).sort();
    const entries: DriveStat[] = [];
    for (const name of names.slice(0, MAX_DRIVE_ENTRIES)) {
      // An entry may go while the folder is read.
      const stats = await lstat(nodePath.join(full, name)).catch(() => null);
      if (stats?.isFile() || stats?.isDirectory()) entries.push(describe(name, stats));
    }
    return entries;
  }

  /** Opens a file that is there; `mayWrite` also to change it. */
  async openFile(path: readonly string[], mayWrite: boolean): Promise<FileHandle> {
    const full = await this.#resolve(path);
    const handle = await open(
      full,
      (mayWrite ? constants.O_RDWR : constants.O_RDONLY) | constants.O_NOFOLLOW,
    );
    try {
      requirePlain(await handle.stat());
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The same, emptied. */
  async openEmptied(path: readonly string[]): Promise<FileHandle> {
    const handle = await this.openFile(path, true);
    try {
      await this.setSize(handle, 0);
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Makes a file that is not there yet, and opens it. */
  async createFile(path: readonly string[]): Promise<FileHandle> {
    const full = await this.#resolve(path);
    return this.#adding(() =>
      open(full, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600),
    );
  }

  async makeFolder(path: readonly string[]): Promise<void> {
    const full = await this.#resolve(path);
    await this.#adding(() => mkdir(full, { mode: 0o700 }));
  }

  /** Writes at a place; what lies between counts as written. */
  async write(handle: FileHandle, offset: number, data: Uint8Array): Promise<void> {
    const { size } = await handle.stat();
    const grown = this.#reserve(size, Math.max(size, offset + data.length));
    try {
      for (let at = 0; at < data.length; ) {
        const { bytesWritten } = await handle.write(data, at, data.length - at, offset + at);
        at += bytesWritten;
      }
    } catch (error) {
      this.#usedBytes -= grown;
      throw error;
    }
  }

  /** Cuts a file or makes it longer. */
  async setSize(handle: FileHandle, sizeBytes: number): Promise<void> {
    const { size } = await handle.stat();
    const grown = this.#reserve(size, sizeBytes);
    try {
      await handle.truncate(sizeBytes);
    } catch (error) {
      this.#usedBytes -= grown;
      throw error;
    }
  }

  async setTime(path: readonly string[], modifiedAtMs: number): Promise<void> {
    const full = await this.#resolve(path);
    requirePlain(await lstat(full));
    await utimes(full, modifiedAtMs / 1000, modifiedAtMs / 1000);
  }

  /** Moves an entry; one that is in the way is an error `EEXIST` unless `mayReplace` and both are files. */
  async rename(from: readonly string[], to: readonly string[], mayReplace: boolean): Promise<void> {
    const source = await this.#resolve(from);
    const target = await this.#resolve(to);
    if (from.length === 0 || to.length === 0) throw systemError("EACCES");
    const moved = requirePlain(await lstat(source));
    const present = await lstat(target).catch(() => null);
    if (present !== null && source !== target) {
      if (!mayReplace || !present.isFile() || !moved.isFile()) throw systemError("EEXIST");
      await this.remove(to);
    }
    await rename(source, target);
  }

  /** Removes a file or an empty folder. */
  async remove(path: readonly string[]): Promise<void> {
    if (path.length === 0) throw systemError("EACCES");
    const full = await this.#resolve(path);
    const stats = await lstat(full);
    if (stats.isDirectory()) await rmdir(full);
    else await unlink(full);
    this.#usedBytes -= ENTRY_BYTES + (stats.isFile() ? stats.size : 0);
    this.#entryCount--;
  }

  /** Empties the drive. */
  async clear(): Promise<void> {
    for (const name of await readdir(this.#options.root))
      await rm(nodePath.join(this.#options.root, name), { recursive: true, force: true });
    this.#usedBytes = 0;
    this.#entryCount = 0;
  }

  /** The place on disk, once every folder on the way was seen to be one. */
  async #resolve(path: readonly string[]): Promise<string> {
    let full = this.#options.root;
    for (const [index, name] of path.entries()) {
      if (!isDriveName(name)) throw systemError("EINVAL");
      full = nodePath.join(full, name);
      if (index < path.length - 1 && !(await lstat(full)).isDirectory()) throw systemError("ENOTDIR");
    }
    return full;
  }

  async #adding<T>(make: () => Promise<T>): Promise<T> {
    if (this.#entryCount >= MAX_DRIVE_ENTRIES || this.freeBytes < ENTRY_BYTES) throw new DriveFullError();
    const made = await make();
    this.#entryCount++;
    this.#usedBytes += ENTRY_BYTES;
    return made;
  }

  #reserve(fromBytes: number, toBytes: number): number {
    const grown = toBytes - fromBytes;
    if (toBytes > this.#options.maxFileBytes || grown > this.freeBytes) throw new DriveFullError();
    this.#usedBytes += grown;
    return grown;
  }

  async #measure(path: readonly string[]): Promise<void> {
    for (const entry of await this.list(path)) {
      this.#entryCount++;
      this.#usedBytes += ENTRY_BYTES + entry.sizeBytes;
      if (entry.isFolder) await this.#measure([...path, entry.name]);
    }
  }
}

function describe(name: string, stats: Stats): DriveStat {
  const isFolder = stats.isDirectory();
  return { name, isFolder, sizeBytes: isFolder ? 0 : stats.size, modifiedAtMs: Math.floor(stats.mtimeMs) };
}

function requirePlain(stats: Stats): Stats {
  if (!stats.isFile() && !stats.isDirectory()) throw systemError("EACCES");
  return stats;
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

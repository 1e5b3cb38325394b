import type { FileHandle } from "node:fs/promises";
import { ByteWriter } from "@poterne/bytes";
import {
  type DriveCreate,
  type DriveIrp,
  type DriveOrder,
  DriveStatus,
  encodeDirectoryEntry,
  encodeFileInformation,
  encodeVolumeInformation,
} from "@poterne/rdp";
import type { DriveEvidence } from "../../drive/drive-evidence.ts";
import { type DriveFolder, DriveFullError, type DriveStat } from "../../drive/drive-folder.ts";

/** Files and folders a target may have open at one time. */
export const MAX_DRIVE_HANDLES = 256;
/** The folder under which the file panel shows the drive. */
export const DRIVE_ROOT = "Poterne";

/** What the target has open. */
interface OpenEntry {
  path: readonly string[];
  readonly isFolder: boolean;
  readonly file: FileHandle | null;
  isDeleted: boolean;
  wasRead: boolean;
  wasWritten: boolean;
  /** What a listing has not given yet. */
  listing: DriveStat[];
}

/** A request's answer: NTSTATUS, and what follows it. */
export interface DriveAnswer {
  readonly status: number;
  readonly result: Uint8Array;
}

/** Thrown for an answer that is a plain NTSTATUS. */
class StatusError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  ENOENT: DriveStatus.NO_SUCH_FILE,
  EEXIST: DriveStatus.OBJECT_NAME_COLLISION,
  ENOTDIR: DriveStatus.OBJECT_PATH_NOT_FOUND,
  EISDIR: DriveStatus.FILE_IS_A_DIRECTORY,
  ENOTEMPTY: DriveStatus.DIRECTORY_NOT_EMPTY,
  EINVAL: DriveStatus.OBJECT_NAME_INVALID,
  ENAMETOOLONG: DriveStatus.OBJECT_NAME_INVALID,
  ENOSPC: DriveStatus.DISK_FULL,
};

const Disposition = { supersede: 0, open: 1, create: 2, openIf: 3, overwrite: 4, overwriteIf: 5 } as const;
/** DR_CREATE_RSP Information ([MS-RDPEFS] 2.2.1.5.1). */
const Information = { superseded: 0, opened: 1, overwritten: 3 } as const;

/** Carries out what a target asks of the drive. Requests come one after another. */
export class DriveOrders {
  readonly #folder: DriveFolder;
  readonly #evidence: DriveEvidence;
  readonly #mayChange: boolean;
  readonly #open = new Map<number, OpenEntry>();
  #lastFileId = 0;

  /** Without `mayChange` the target can read only. */
  constructor(folder: DriveFolder, evidence: DriveEvidence, mayChange: boolean) {
    this.#folder = folder;
    this.#evidence = evidence;
    this.#mayChange = mayChange;
  }

  /** Never rejects: what fails is a status. */
  async carryOut({ fileId, order }: DriveIrp): Promise<DriveAnswer> {
    try {
      return { status: DriveStatus.SUCCESS, result: await this.#do(fileId, order) };
    } catch (error) {
      return { status: statusOf(error), result: emptyResult(order) };
    }
  }

  /** Lets go of everything the target has open. */
  async close(): Promise<void> {
    for (const fileId of [...this.#open.keys()]) await this.#close(fileId).catch(() => {});
  }

  async #do(fileId: number, order: DriveOrder): Promise<Uint8Array> {
    if (order.type === "refuse") throw new StatusError(DriveStatus.NOT_SUPPORTED);
    if (order.type === "create") return this.#create(order);
    if (order.type === "queryVolume") {
      const { quotaBytes: totalBytes, freeBytes } = this.#folder;
      return withLength(encodeVolumeInformation(order.infoClass, { totalBytes, freeBytes }));
    }
    if (order.type === "close") {
      await this.#close(fileId);
      return new Uint8Array(4);
    }
    const entry = this.#open.get(fileId);
    if (entry === undefined) throw new StatusError(DriveStatus.INVALID_HANDLE);
    switch (order.type) {
      case "read":
        return this.#read(entry, order.offset, order.length);
      case "queryFile":
        return withLength(encodeFileInformation(order.infoClass, await this.#facts(entry), entry.isDeleted));
      case "list":
        return this.#list(entry, order);
      default:
        return this.#change(entry, order);
    }
  }

  async #change(entry: OpenEntry, order: DriveOrder): Promise<Uint8Array> {
    if (!this.#mayChange) throw new StatusError(DriveStatus.ACCESS_DENIED);
    switch (order.type) {
      case "write": {
        entry.wasWritten = true;
        await this.#folder.write(requireFile(entry), order.offset, order.data);
        return new ByteWriter(5).u32le(order.data.length).u8(0).finish();
      }
      case "setSize":
        entry.wasWritten = true;
        await this.#folder.setSize(requireFile(entry), order.sizeBytes);
        break;
      case "setTime":
        if (order.modifiedAtMs > 0) await this.#folder.setTime(entry.path, order.modifiedAtMs);
        break;
      case "setDeleted":
        await this.#setDeleted(entry, order.isDeleted);
        break;
      case "rename":
        if (order.path === null) throw new StatusError(DriveStatus.OBJECT_NAME_INVALID);
        await this.#folder.rename(entry.path, order.path, order.mayReplace);
        entry.path = order.path;
        break;
    }
    return new Uint8Array(4);
  }

  async #setDeleted(entry: OpenEntry, isDeleted: boolean): Promise<void> {
    if (isDeleted && entry.path.length === 0) throw new StatusError(DriveStatus.ACCESS_DENIED);
    const isFull = isDeleted && entry.isFolder && (await this.#folder.list(entry.path)).length > 0;
    if (isFull) throw new StatusError(DriveStatus.DIRECTORY_NOT_EMPTY);
    entry.isDeleted = isDeleted;
  }

  async #create(order: DriveCreate): Promise<Uint8Array> {
    const { path } = order;
    if (path === null) throw new StatusError(DriveStatus.OBJECT_NAME_INVALID);
    if (this.#open.size >= MAX_DRIVE_HANDLES) throw new StatusError(DriveStatus.TOO_MANY_OPENED_FILES);
    const found = await this.#folder.stat(path).catch((error: unknown) => {
      if (statusOf(error) === DriveStatus.NO_SUCH_FILE) return null;
      throw error;
    });
    const refusal = this.#refusal(order, found);
    if (refusal !== null) throw new StatusError(refusal);
    const entry = await this.#openEntry(order, found);
    this.#lastFileId = (this.#lastFileId + 1) >>> 0 || 1;
    this.#open.set(this.#lastFileId, entry);
    const information =
      found === null ? Information.superseded : keeps(order) ? Information.opened : Information.overwritten;
    return new ByteWriter(5).u32le(this.#lastFileId).u8(information).finish();
  }

  /** Why this entry cannot be opened or made so, null when it can. */
  #refusal(order: DriveCreate, found: DriveStat | null): number | null {
    const { disposition } = order;
    if (found === null && (disposition === Disposition.open || disposition === Disposition.overwrite))
      return DriveStatus.NO_SUCH_FILE;
    const opensToChange = order.wantsChange && found?.isFolder === false;
    const changes = found === null || order.deleteOnClose || !keeps(order) || opensToChange;
    if (changes && !this.#mayChange) return DriveStatus.ACCESS_DENIED;
    if (found === null) return null;
    if (disposition === Disposition.create) return DriveStatus.OBJECT_NAME_COLLISION;
    if (found.isFolder && order.mustBeFile) return DriveStatus.FILE_IS_A_DIRECTORY;
    return !found.isFolder && order.mustBeFolder ? DriveStatus.NOT_A_DIRECTORY : null;
  }

  async #openEntry(order: DriveCreate, found: DriveStat | null): Promise<OpenEntry> {
    const path = order.path ?? [];
    const isFolder = found?.isFolder ?? order.mustBeFolder;
    const shared = { path, isFolder, isDeleted: order.deleteOnClose, wasRead: false, listing: [] };
    if (isFolder) {
      if (found === null) await this.#folder.makeFolder(path);
      return { ...shared, file: null, wasWritten: false };
    }
    if (found === null) return { ...shared, file: await this.#folder.createFile(path), wasWritten: true };
    if (!keeps(order)) return { ...shared, file: await this.#folder.openEmptied(path), wasWritten: true };
    return { ...shared, file: await this.#folder.openFile(path, this.#mayChange), wasWritten: false };
  }

  async #read(entry: OpenEntry, offset: number, length: number): Promise<Uint8Array> {
    const file = requireFile(entry);
    const buffer = new Uint8Array(length);
    const { bytesRead } = await file.read(buffer, 0, length, offset);
    if (bytesRead > 0) entry.wasRead = true;
    return new ByteWriter(4 + bytesRead).u32le(bytesRead).put(buffer.subarray(0, bytesRead)).finish();
  }

  async #facts(entry: OpenEntry) {
    const stat = await this.#folder.stat(entry.path);
    return { ...stat, isReadOnly: !this.#mayChange };
  }

  async #list(entry: OpenEntry, order: Extract<DriveOrder, { type: "list" }>): Promise<Uint8Array> {
    if (!entry.isFolder) throw new StatusError(DriveStatus.NOT_A_DIRECTORY);
    const { pattern, infoClass } = order;
    if (pattern !== null) {
      const all = await this.#folder.list(entry.path);
      entry.listing = all.filter(({ name }) => matches(name, pattern)).reverse();
      if (entry.listing.length === 0) throw new StatusError(DriveStatus.NO_SUCH_FILE);
    }
    const next = entry.listing.pop();
    if (next === undefined) throw new StatusError(DriveStatus.NO_MORE_FILES);
    return withLength(encodeDirectoryEntry(infoClass, { ...next, isReadOnly: !this.#mayChange }));
  }

  async #close(fileId: number): Promise<void> {
    const entry = this.#open.get(fileId);
    if (entry === undefined) throw new StatusError(DriveStatus.INVALID_HANDLE);
    this.#open.delete(fileId);
    await entry.file?.close();
    const shown = `/${[DRIVE_ROOT, ...entry.path].join("/")}`;
    if (entry.wasWritten) await this.#evidence.closed(entry.path, "from-target", shown);
    else if (entry.wasRead) await this.#evidence.closed(entry.path, "to-target", shown);
    if (entry.isDeleted && this.#mayChange) await this.#folder.remove(entry.path);
  }
}

/** Whether what is there stays as it is. */
function keeps({ disposition }: DriveCreate): boolean {
  return disposition === Disposition.open || disposition === Disposition.openIf;
}

function requireFile(entry: OpenEntry): FileHandle {
  if (entry.file === null) throw new StatusError(DriveStatus.FILE_IS_A_DIRECTORY);
  return entry.file;
}

/** What stands before information: its length. A class that is not known is refused. */
function withLength(information: Uint8Array | null): Uint8Array {
  if (information === null) throw new StatusError(DriveStatus.NOT_SUPPORTED);
  return new ByteWriter(4 + information.length).u32le(information.length).put(information).finish();
}

/** What follows the status of a request that failed ([MS-RDPEFS] 2.2.1.5): lengths and ids of 0. */
function emptyResult(order: DriveOrder): Uint8Array {
  return new Uint8Array(order.type === "create" || order.type === "list" || order.type === "write" ? 5 : 4);
}

function statusOf(error: unknown): number {
  if (error instanceof StatusError) return error.status;
  if (error instanceof DriveFullError) return DriveStatus.DISK_FULL;
  const { code = "" } = error as { code?: string };
  return STATUS_BY_CODE[code] ?? DriveStatus.ACCESS_DENIED;
}

/** `*` for all, a name for itself, and `*` and `?` in between; one pass, no way to make it slow. */
function matches(name: string, pattern: string): boolean {
  if (pattern === "*" || pattern === "*.*" || pattern === "") return true;
  const text = name.toLowerCase();
  const wanted = pattern.toLowerCase();
  let at = 0;
  let star = -1;
  let mark = 0;
  let from = 0;
  while (from < text.length) {
    if (at < wanted.length && (wanted[at] === "?" || wanted[at] === text[from])) {
      at++;
      from++;
    } else if (wanted[at] === "*") {
      star = at++;
      mark = from;
    } else if (star >= 0) {
      at = star + 1;
      from = ++mark;
    } else return false;
  }
  while (wanted[at] === "*") at++;
  return at === wanted.length;
}

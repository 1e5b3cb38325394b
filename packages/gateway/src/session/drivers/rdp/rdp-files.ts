import { Failure } from "@poterne/contract";
import type { DriveFiles } from "../../drive/drive-files.ts";
import type { DriverFiles, FileEntry } from "../../driver.ts";
import type { TargetClipboardFiles } from "./clipboard-files.ts";
import { DRIVE_ROOT } from "./drive-orders.ts";

/** The folder under which the file panel shows the clipboard's files. */
export const CLIPBOARD_ROOT = "Clipboard";

/** What the panel's folders stand for; null for one that policy does not allow. */
export interface RdpFileParts {
  readonly drive: DriveFiles | null;
  readonly clipboard: {
    /** What the target has copied. */
    readonly theirs: TargetClipboardFiles;
    /** What is offered to the target. */
    readonly ours: DriveFiles | null;
    /** Something of `ours` changed. */
    changed(): Promise<void>;
  } | null;
}

/**
 * Files beside a desktop, as the file panel sees them: `/Poterne` is the drive that the target shows, `/Clipboard` what
 * the target has copied or, when it has copied no files, what it is offered for pasting.
 */
export class RdpFiles implements DriverFiles {
  readonly #parts: RdpFileParts;

  constructor(parts: RdpFileParts) {
    this.#parts = parts;
  }

  async home(): Promise<string> {
    return `/${this.#parts.drive === null ? CLIPBOARD_ROOT : DRIVE_ROOT}`;
  }

  async list(path: string, limit: number): Promise<{ entries: FileEntry[]; isCut: boolean }> {
    const entries = await this.#listAll(path);
    return { entries: entries.slice(0, limit), isCut: entries.length > limit };
  }

  async #listAll(path: string): Promise<FileEntry[]> {
    const parts = split(path);
    if (parts.length === 0) return this.#roots();
    const { inDrive, inClipboard, rest } = this.#locate(parts);
    if (inDrive !== null) return inDrive.list(rest);
    const theirs = inClipboard?.theirs;
    if (theirs !== undefined && !theirs.isEmpty) return theirs.list(rest);
    return (await inClipboard?.ours?.list(rest)) ?? [];
  }

  async stat(path: string): Promise<FileEntry> {
    const parts = split(path);
    if (parts.length === 0) return folder("");
    const { inDrive, inClipboard, rest } = this.#locate(parts);
    if (rest.length === 0) return folder(parts[0] ?? "");
    if (inDrive !== null) return inDrive.stat(rest);
    const theirs = inClipboard?.theirs;
    if (theirs !== undefined && !theirs.isEmpty) return theirs.stat(rest);
    const ours = inClipboard?.ours ?? null;
    if (ours === null) throw new Failure("file-not-found", { path });
    return ours.stat(rest);
  }

  async *read(path: string, offset: number): AsyncGenerator<Uint8Array> {
    const { inDrive, inClipboard, rest } = this.#locate(split(path));
    if (inDrive !== null) return yield* inDrive.read(rest, offset);
    if (inClipboard === null) throw new Failure("file-not-found", { path });
    const { theirs, ours } = inClipboard;
    if (!theirs.isEmpty) return yield* theirs.read(rest, offset);
    if (ours === null) throw new Failure("file-not-found", { path });
    yield* ours.read(rest, offset);
  }

  async write(path: string, offset: number, content: AsyncIterable<Uint8Array>): Promise<number> {
    const { drive, clipboard, rest } = this.#place(path);
    if (drive !== null) return drive.write(rest, offset, content);
    // A clipboard holds files, not folders: those have their place in the drive.
    if (rest.length !== 1) throw new Failure("file-denied", { path });
    const sizeBytes = await clipboard.ours.write(rest, offset, content);
    await clipboard.changed();
    return sizeBytes;
  }

  async makeFolder(path: string): Promise<void> {
    const { drive, rest } = this.#place(path);
    if (drive === null) throw new Failure("file-denied", { path });
    await drive.makeFolder(rest);
  }

  async rename(from: string, to: string): Promise<void> {
    const source = this.#place(from);
    const target = this.#place(to);
    if (source.drive === null || target.drive === null) throw new Failure("file-denied", { path: from });
    await source.drive.rename(source.rest, target.rest);
  }

  async remove(path: string): Promise<void> {
    const { drive, clipboard, rest } = this.#place(path);
    if (drive !== null) return drive.remove(rest);
    await clipboard.ours.remove(rest);
    await clipboard.changed();
  }

  /** Neither a drive nor a clipboard knows permissions. */
  async setMode(path: string): Promise<void> {
    throw new Failure("file-denied", { path });
  }

  #roots(): FileEntry[] {
    const { drive, clipboard } = this.#parts;
    return [
      ...(drive === null ? [] : [folder(DRIVE_ROOT)]),
      ...(clipboard === null ? [] : [folder(CLIPBOARD_ROOT)]),
    ];
  }

  #locate(parts: readonly string[]) {
    const [root, ...rest] = parts;
    const inDrive = root === DRIVE_ROOT ? this.#parts.drive : null;
    const inClipboard = root === CLIPBOARD_ROOT ? this.#parts.clipboard : null;
    if (inDrive === null && inClipboard === null)
      throw new Failure("file-not-found", { path: `/${parts.join("/")}` });
    return { inDrive, inClipboard, rest };
  }

  /** Where something may be changed: below one of the two folders, never they themselves. */
  #place(path: string) {
    const { inDrive, inClipboard, rest } = this.#locate(split(path));
    if (rest.length === 0) throw new Failure("file-denied", { path });
    if (inDrive !== null) return { drive: inDrive, clipboard: null, rest } as const;
    const ours = inClipboard?.ours ?? null;
    if (inClipboard === null || ours === null) throw new Failure("file-denied", { path });
    return { drive: null, clipboard: { ours, changed: () => inClipboard.changed() }, rest } as const;
  }
}

function split(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

function folder(name: string): FileEntry {
  return { name, kind: "folder", sizeBytes: 0, modifiedAtMs: 0, mode: 0o700, owner: "", group: "" };
}

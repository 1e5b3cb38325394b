import { encodeUtf8 } from "@poterne/bytes";
import { Failure } from "@poterne/contract";
import type { DriverFiles, FileEntry } from "../driver.ts";
import type { FileSession } from "./file-access.ts";
import { Transfer } from "./transfer.ts";
import { ZipWriter } from "./zip-writer.ts";

/** Files and folders of one archive. */
export const MAX_ARCHIVE_ENTRIES = 10_000;
/** Folders inside folders. */
export const MAX_ARCHIVE_DEPTH = 64;
/** Entries that could not be read and are named in the archive itself. */
const MAX_NAMED_MISSING = 1000;

const FILE_MODE = 0o100000;
const FOLDER_MODE = 0o040000;

/** One entry found while walking: where it is on the target and in the archive. */
interface Found {
  readonly path: string;
  readonly name: string;
  readonly entry: FileEntry;
}

/**
 * A folder as a ZIP archive, made while it is read. Each file is a transfer of its own in the evidence. Links are
 * followed to files and never to folders; what cannot be read is named in `poterne-missing.txt` at the end. Throws
 * `too-many-files` and `file-too-large` (all files together) in mid-stream: the archive is then visibly cut.
 */
export async function* archiveFolder(target: FileSession, path: string): AsyncGenerator<Uint8Array> {
  const { files, session } = target;
  const writer = new ZipWriter();
  const missing: string[] = [];
  let totalBytes = 0;
  for await (const found of walk(files, path, missing)) {
    if (writer.entryCount >= MAX_ARCHIVE_ENTRIES)
      throw new Failure("too-many-files", { path, limit: MAX_ARCHIVE_ENTRIES });
    const { entry, name } = found;
    if (entry.kind === "folder") {
      yield* writer.entry(
        { name: `${name}/`, modifiedAtMs: entry.modifiedAtMs, mode: FOLDER_MODE | entry.mode, sizeBytes: 0 },
        nothing(),
      );
      continue;
    }
    totalBytes += entry.sizeBytes;
    if (totalBytes > session.policy.fileMaxBytes)
      throw new Failure("file-too-large", { path, maxBytes: session.policy.fileMaxBytes });
    yield* writer.entry(
      { name, modifiedAtMs: entry.modifiedAtMs, mode: FILE_MODE | entry.mode, sizeBytes: entry.sizeBytes },
      readForArchive(target, found, missing),
    );
  }
  if (missing.length > 0) {
    const text = encodeUtf8(`${missing.slice(0, MAX_NAMED_MISSING).join("\n")}\n`);
    const note = {
      name: "poterne-missing.txt",
      modifiedAtMs: 0,
      mode: FILE_MODE | 0o644,
      sizeBytes: text.length,
    };
    yield* writer.entry(note, once(text));
  }
  yield* writer.finish();
}

/** A file's content, at most as long as announced; a failure before the first byte leaves it out with a note. */
async function* readForArchive(
  target: FileSession,
  found: Found,
  missing: string[],
): AsyncGenerator<Uint8Array> {
  const { session, files } = target;
  const transfer = Transfer.begin({ session, direction: "from-target", path: found.path, offset: 0 });
  let left = found.entry.sizeBytes;
  let outcome: "done" | "failed" | "cancelled" = "cancelled";
  try {
    if (left > 0)
      for await (const bytes of files.read(found.path, 0)) {
        const piece = bytes.subarray(0, left);
        transfer.pass(piece);
        left -= piece.length;
        yield piece;
        if (left === 0) break;
      }
    outcome = "done";
  } catch (error) {
    outcome = "failed";
    if (transfer.sizeBytes > 0 || !isAboutOneFile(error)) throw error;
    missing.push(found.name);
  } finally {
    await transfer.end(outcome);
  }
}

/** Everything below a folder, parents before children, names safe on any system. */
async function* walk(files: DriverFiles, root: string, missing: string[]): AsyncGenerator<Found> {
  const base = safeName(root.slice(root.lastIndexOf("/") + 1) || "root");
  const waiting: { path: string; name: string; depth: number }[] = [{ path: root, name: base, depth: 0 }];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = await listForArchive(files, folder, missing, folder.depth === 0);
    for (const listed of entries) {
      const path = folder.path === "/" ? `/${listed.name}` : `${folder.path}/${listed.name}`;
      const name = `${folder.name}/${safeName(listed.name)}`;
      const entry = listed.kind === "link" ? await followLink(files, path) : listed;
      if (entry === null || entry.kind === "other" || entry.kind === "link") missing.push(name);
      else yield { path, name, entry };
      if (listed.kind !== "folder") continue;
      if (folder.depth >= MAX_ARCHIVE_DEPTH)
        throw new Failure("too-many-files", { path, limit: MAX_ARCHIVE_DEPTH });
      waiting.push({ path, name, depth: folder.depth + 1 });
    }
  }
}

async function listForArchive(
  files: DriverFiles,
  folder: { readonly path: string; readonly name: string },
  missing: string[],
  isRoot: boolean,
): Promise<readonly FileEntry[]> {
  try {
    const { entries, isCut } = await files.list(folder.path, MAX_ARCHIVE_ENTRIES);
    if (isCut) throw new Failure("too-many-files", { path: folder.path, limit: MAX_ARCHIVE_ENTRIES });
    return entries;
  } catch (error) {
    if (isRoot || !isAboutOneFile(error)) throw error;
    missing.push(`${folder.name}/`);
    return [];
  }
}

/** The file a link leads to, null when it leads to a folder or nowhere: following those might never end. */
async function followLink(files: DriverFiles, path: string): Promise<FileEntry | null> {
  try {
    const entry = await files.stat(path);
    return entry.kind === "file" ? entry : null;
  } catch (error) {
    if (!isAboutOneFile(error)) throw error;
    return null;
  }
}

function isAboutOneFile(error: unknown): boolean {
  return error instanceof Failure && ["file-not-found", "file-denied", "file-failed"].includes(error.code);
}

/** A name that can neither leave the folder it is unpacked into nor upset Windows. */
function safeName(name: string): string {
  const safe = name.replace(/[\p{Cc}\\/:*?"<>|]/gu, "_").replace(/[. ]+$/, "_");
  return safe === "" ? "_" : safe;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

import { createReadStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { z } from "zod";
import { DRIVES_FOLDER } from "./manifest.ts";
import type { TarEntry } from "./tar.ts";

/** Of the drives' folder, what policies keep: `kept/PERSON/TARGET/…`; drives of living sessions are no backup's matter. */
const KEPT = "kept";
/** Entries of the archive: the files by number, and after them the list of their names, which may be anything. */
const FILES = `${DRIVES_FOLDER}/`;
const LIST = `${DRIVES_FOLDER}.jsonl`;
/** Where files wait for their names while a backup is restored. */
const NAMELESS = ".restoring";
const MAX_DEPTH = 64;
const MAX_LINE_CHARACTERS = 64 * 1024;

/** A part of a path that stays where it is put, also on systems that know backslashes and drive letters. */
const safePart = z
  .string()
  .min(1)
  .max(255)
  .refine((part) => part !== "." && part !== ".." && !/[/\\\0]/.test(part));
const line = z.strictObject({
  path: z.array(safePart).min(1).max(MAX_DEPTH),
  /** The file's number; null for a folder. */
  file: z.number().int().nonnegative().nullable(),
  modifiedAtMs: z.number(),
});
type Line = z.infer<typeof line>;

/**
 * The kept drives as entries of an archive. Sessions may be writing there: a file that gets shorter or goes away while
 * it is read is not on the list, and a restore leaves it out.
 */
export async function* keptDriveEntries(dataDir: string): AsyncGenerator<TarEntry> {
  const root = path.join(dataDir, DRIVES_FOLDER, KEPT);
  const lines: string[] = [];
  let number = 0;
  for await (const found of walk(root, [])) {
    if (found.isFolder) {
      lines.push(toLine({ path: found.path, file: null, modifiedAtMs: found.modifiedAtMs }));
      continue;
    }
    const file = number++;
    let isWhole = true;
    const content = wholeOrPadded(path.join(root, ...found.path), found.sizeBytes, () => {
      isWhole = false;
    });
    yield { name: `${FILES}${file}`, sizeBytes: found.sizeBytes, content };
    if (isWhole) lines.push(toLine({ path: found.path, file, modifiedAtMs: found.modifiedAtMs }));
  }
  const list = Buffer.from(lines.join(""));
  yield { name: LIST, sizeBytes: list.length, content: Readable.from(list.length === 0 ? [] : [list]) };
}

const toLine = (one: Line): string => `${JSON.stringify(one)}\n`;

interface Found {
  readonly path: readonly string[] & Line["path"];
  readonly isFolder: boolean;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** Folders before what is in them; links and devices, which a drive has none of, are passed over. */
async function* walk(root: string, parts: string[]): AsyncGenerator<Found> {
  if (parts.length >= MAX_DEPTH) return;
  const entries = await readdir(path.join(root, ...parts), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const here = [...parts, entry.name];
    const found = await stat(path.join(root, ...here)).catch(() => null);
    if (found === null || !(entry.isDirectory() || entry.isFile())) continue;
    const isFolder = entry.isDirectory();
    yield { path: here, isFolder, sizeBytes: found.size, modifiedAtMs: found.mtimeMs };
    if (isFolder) yield* walk(root, here);
  }
}

/** An entry's length stands before its content: what is missing in the end is made up by zeros, and told. */
async function* wholeOrPadded(
  file: string,
  sizeBytes: number,
  tellShort: () => void,
): AsyncGenerator<Uint8Array> {
  let missing = sizeBytes;
  try {
    if (sizeBytes > 0)
      for await (const chunk of createReadStream(file, { start: 0, end: sizeBytes - 1 })) {
        missing -= (chunk as Buffer).length;
        yield chunk as Buffer;
      }
  } catch {
    // It was removed, or cannot be read any more.
    if (missing === 0) tellShort();
  }
  if (missing > 0) tellShort();
  for (; missing > 0; missing -= Math.min(missing, ZEROS.length)) yield ZEROS.subarray(0, missing);
}
const ZEROS = new Uint8Array(64 * 1024);

/** Whether an entry is of the kept drives. */
export function isKeptDriveEntry(name: string): boolean {
  return name === LIST || name.startsWith(FILES);
}

/** Where an entry's file is written first; null for the list. Throws for a name that is no number. */
export function namelessFile(dataDir: string, name: string): string | null {
  if (name === LIST) return null;
  const number = name.slice(FILES.length);
  if (!/^\d{1,15}$/.test(number)) throw new Error(`the backup's drives hold ${name}`);
  return path.join(dataDir, DRIVES_FOLDER, NAMELESS, number);
}

/** Gives the files their names, once all are there; throws when a name would lead out of the folder. */
export async function nameKeptDrives(dataDir: string, list: AsyncIterable<Uint8Array>): Promise<void> {
  const drives = path.join(dataDir, DRIVES_FOLDER);
  const folders: { readonly full: string; readonly modifiedAtMs: number }[] = [];
  for await (const text of createInterface({ input: Readable.from(list) })) {
    if (text.length > MAX_LINE_CHARACTERS) throw new Error("a line of the backup is too long");
    const { path: parts, file, modifiedAtMs } = line.parse(JSON.parse(text));
    const full = path.join(drives, KEPT, ...parts);
    if (file === null) {
      await mkdir(full, { recursive: true, mode: 0o700 });
      folders.push({ full, modifiedAtMs });
    } else {
      await rename(path.join(drives, NAMELESS, String(file)), full);
      await utimes(full, new Date(), new Date(modifiedAtMs));
    }
  }
  for (const { full, modifiedAtMs } of folders.toReversed())
    await utimes(full, new Date(), new Date(modifiedAtMs));
  await rm(path.join(drives, NAMELESS), { recursive: true, force: true });
}

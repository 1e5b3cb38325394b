import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import { mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdCompress } from "node:zlib";
import { storeMigrations } from "../store/migrations/index.ts";
import type { Store } from "../store/store.ts";
import { keptDriveEntries } from "./kept-drives.ts";
import {
  BACKUP_FORMAT,
  type BackupManifest,
  DATA_FOLDERS,
  KEEPER_FOLDERS,
  RECORDINGS_FOLDER,
} from "./manifest.ts";
import { dumpTable, listTables } from "./store-dump.ts";
import { type TarEntry, writeTar } from "./tar.ts";

/** What to back up. */
export interface BackupOptions {
  readonly store: Store;
  readonly dataDir: string;
  /** Where the folders of keys and journal are; null leaves both out. */
  readonly keeperDir: string | null;
  readonly file: string;
  readonly version: string;
  readonly nodeId: string;
  /** Recordings and kept drives: what is large. */
  readonly withRecordings: boolean;
  readonly nowMs: number;
}

/** Writes a backup and resolves with its manifest. The file is whole or not there: it is renamed when complete. */
export async function makeBackup(options: BackupOptions): Promise<BackupManifest> {
  const scratch = await mkdtemp(path.join(tmpdir(), "poterne-backup-"));
  const unfinished = `${options.file}.unfinished`;
  try {
    const dumps = await dumpStore(options.store, scratch);
    const manifest: BackupManifest = {
      format: BACKUP_FORMAT,
      version: options.version,
      createdAtMs: options.nowMs,
      nodeId: options.nodeId,
      migration: storeMigrations.at(-1)?.name ?? "",
      recordings: options.withRecordings ? "included" : "referenced",
      drives: options.withRecordings ? "included" : "apart",
      keys: options.keeperDir === null ? "apart" : "included",
      tables: Object.fromEntries(dumps.map(({ table, rowCount }) => [table, rowCount])),
    };
    const archive = writeTar(listEntries(options, manifest, dumps), options.nowMs);
    await pipeline(
      Readable.from(archive),
      createZstdCompress(),
      createWriteStream(unfinished, { mode: 0o600, flush: true }),
    );
    renameSync(unfinished, options.file);
    return manifest;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    rmSync(unfinished, { force: true });
  }
}

interface Dump {
  readonly table: string;
  readonly file: string;
  readonly rowCount: number;
}

/** The store goes to scratch files first, because an entry's length stands before its content. */
async function dumpStore(store: Store, scratch: string): Promise<Dump[]> {
  const dumps: Dump[] = [];
  for (const table of await listTables(store)) {
    const file = path.join(scratch, `${table}.jsonl`);
    let rowCount = 0;
    const lines = (async function* () {
      for await (const line of dumpTable(store, table)) {
        rowCount++;
        yield line;
      }
    })();
    await writeFile(file, Readable.from(lines), { mode: 0o600 });
    dumps.push({ table, file, rowCount });
  }
  return dumps;
}

async function* listEntries(
  options: BackupOptions,
  manifest: BackupManifest,
  dumps: readonly Dump[],
): AsyncGenerator<TarEntry> {
  const text = Buffer.from(JSON.stringify(manifest));
  yield { name: "manifest.json", sizeBytes: text.length, content: Readable.from([text]) };
  for (const { table, file } of dumps) yield await fileEntry(`store/${table}.jsonl`, file);
  const folders = options.withRecordings ? [...DATA_FOLDERS, RECORDINGS_FOLDER] : DATA_FOLDERS;
  for (const folder of folders) yield* folderEntries(options.dataDir, folder);
  if (options.withRecordings) yield* keptDriveEntries(options.dataDir);
  // After the store: what its rows refer to is in the journal, and not the other way round.
  if (options.keeperDir !== null)
    for (const folder of KEEPER_FOLDERS) yield* folderEntries(options.keeperDir, folder);
}

async function* folderEntries(dataDir: string, folder: string): AsyncGenerator<TarEntry> {
  const full = path.join(dataDir, folder);
  if (!existsSync(full)) return;
  for (const entry of await readdir(full, { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* folderEntries(dataDir, name);
    else if (entry.isFile() && !entry.name.endsWith(".lock"))
      yield await fileEntry(`data/${name}`, path.join(dataDir, name));
  }
}

/** A file as it is now: what a running gateway appends later is not in the backup. */
async function fileEntry(name: string, file: string): Promise<TarEntry> {
  const { size } = await stat(file);
  const content = size === 0 ? Readable.from([]) : createReadStream(file, { start: 0, end: size - 1 });
  return { name, sizeBytes: size, content };
}

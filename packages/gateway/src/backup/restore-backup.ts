import { createReadStream, createWriteStream } from "node:fs";
import { lchown, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import type { Words } from "../health/check.ts";
import { RESTORED_FILE } from "../journal/segment.ts";
import { isStoreInUse, migrateStore } from "../store/migrate-store.ts";
import { storeMigrations } from "../store/migrations/index.ts";
import type { Store } from "../store/store.ts";
import { isKeptDriveEntry, nameKeptDrives, namelessFile } from "./kept-drives.ts";
import {
  type BackupManifest,
  backupManifest,
  DATA_FOLDERS,
  KEEPER_FOLDERS,
  RECORDINGS_FOLDER,
} from "./manifest.ts";
import { loadTables, readRows } from "./store-dump.ts";
import { readTar, type TarEntry } from "./tar.ts";

/** Where a backup goes: an empty data folder and an empty store (on any engine). */
export interface RestoreOptions {
  readonly file: string;
  readonly dataDir: string;
  /** Where keys and journal go: the data folder, or the empty folder of a keeper service; null when it is not named. */
  readonly keeperDir: string | null;
  readonly store: Store;
}

/** What a person must know: why a restore was refused. */
export class RestoreRefused extends Error {
  readonly words: Words;

  constructor(words: Words) {
    super(words.en);
    this.words = words;
  }
}

/** Restores a backup; refuses to write over anything. Resolves with the backup's manifest. */
export async function restoreBackup(options: RestoreOptions): Promise<BackupManifest> {
  await refuseUnlessEmpty(options);
  let manifest: BackupManifest | null = null;
  const tables = new Map<string, Record<string, unknown>[]>();
  const archive = createReadStream(options.file).pipe(createZstdDecompress());
  for await (const entry of readTar(archive)) {
    if (manifest === null) manifest = await readManifest(entry, options);
    else if (entry.name.startsWith("store/"))
      tables.set(tableName(entry.name), await readRows(entry.content));
    else if (entry.name.startsWith("data/")) await writeData(options, entry);
    else if (isKeptDriveEntry(entry.name)) await writeKeptDrive(options, entry);
    else throw foreign(entry.name);
  }
  if (manifest === null) throw notOurs();
  if (manifest.keys === "included") await markRestored(options.keeperDir ?? options.dataDir);
  await migrateStore(options.store);
  await loadTables(options.store, tables);
  return manifest;
}

/**
 * Gives what root restored to the user whose folder it lies in: the service could not read it otherwise. Nothing for
 * other users. Call it once the store is closed.
 */
export async function giveToOwner(folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await lchown(path.join(entry.parentPath, entry.name), uid, gid);
}

/** The keeper begins a new epoch at its next start: what happened since the backup is not in this journal. */
async function markRestored(keeperDir: string): Promise<void> {
  const journal = path.join(keeperDir, "journal");
  await mkdir(journal, { recursive: true, mode: 0o700 });
  await writeFile(path.join(journal, RESTORED_FILE), "", { mode: 0o600 });
}

async function refuseUnlessEmpty({ dataDir, keeperDir, store }: RestoreOptions): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const names = (await readdir(dataDir)).filter((name) => !name.startsWith("store."));
  if (names.length > 0) throw notEmpty(dataDir);
  if (keeperDir !== null && keeperDir !== dataDir) {
    await mkdir(keeperDir, { recursive: true, mode: 0o700 });
    if ((await readdir(keeperDir)).length > 0) throw notEmpty(keeperDir);
  }
  if (await isStoreInUse(store))
    throw new RestoreRefused({
      fr: "la base n'est pas vide : restaurez dans une base vide",
      en: "the store is not empty: restore into an empty one",
    });
}

function notEmpty(folder: string): RestoreRefused {
  return new RestoreRefused({
    fr: `le dossier ${folder} n'est pas vide : restaurez dans un dossier vide`,
    en: `the folder ${folder} is not empty: restore into an empty one`,
  });
}

function notOurs(): RestoreRefused {
  return new RestoreRefused({
    fr: "le fichier n'est pas une sauvegarde de Poterne",
    en: "the file is no backup of Poterne",
  });
}

function foreign(name: string): RestoreRefused {
  return new RestoreRefused({
    fr: `la sauvegarde contient ${name}, que cette version ne connaît pas`,
    en: `the backup holds ${name}, which this version does not know`,
  });
}

async function readManifest(entry: TarEntry, { keeperDir }: RestoreOptions): Promise<BackupManifest> {
  if (entry.name !== "manifest.json") throw notOurs();
  const parts: Uint8Array[] = [];
  for await (const chunk of entry.content) parts.push(chunk);
  const parsed = backupManifest.safeParse(JSON.parse(Buffer.concat(parts).toString("utf8")));
  if (!parsed.success)
    throw new RestoreRefused({
      fr: "la sauvegarde est dans un autre format",
      en: "the backup is of another format version",
    });
  const { keys, migration, version } = parsed.data;
  if (!storeMigrations.some(({ name }) => name === migration))
    throw new RestoreRefused({
      fr: `la sauvegarde vient d'une version plus récente (${version}) : installez-la d'abord`,
      en: `the backup was made by a newer version (${version}): install that one first`,
    });
  if (keys === "included" && keeperDir === null)
    throw new RestoreRefused({
      fr: "la sauvegarde contient les clés et le journal : dites où est le dossier du gardien (keeper.folder)",
      en: "the backup holds keys and journal: say where the keeper's folder is (keeper.folder)",
    });
  return parsed.data;
}

function tableName(name: string): string {
  const match = /^store\/([a-z_]{1,60})\.jsonl$/.exec(name);
  if (match?.[1] === undefined) throw foreign(name);
  return match[1];
}

async function writeKeptDrive({ dataDir }: RestoreOptions, entry: TarEntry): Promise<void> {
  const file = namelessFile(dataDir, entry.name);
  if (file === null) await nameKeptDrives(dataDir, entry.content);
  else await writeFileOf(entry, file);
}

async function writeData({ dataDir, keeperDir }: RestoreOptions, entry: TarEntry): Promise<void> {
  const name = entry.name.slice("data/".length);
  const folder = name.split("/")[0] ?? "";
  const isKeepers = (KEEPER_FOLDERS as readonly string[]).includes(folder);
  const isOurs = folder === RECORDINGS_FOLDER || (DATA_FOLDERS as readonly string[]).includes(folder);
  if (!isOurs && !isKeepers) throw foreign(entry.name);
  const file = path.join(isKeepers ? (keeperDir ?? dataDir) : dataDir, name);
  await writeFileOf(entry, file);
}

async function writeFileOf(entry: TarEntry, file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const mode = file.endsWith(".crt") ? 0o644 : 0o600;
  await pipeline(Readable.from(entry.content), createWriteStream(file, { mode, flags: "wx", flush: true }));
}

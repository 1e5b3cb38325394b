import { accessSync, constants, existsSync } from "node:fs";
import path from "node:path";
import { type Folders, makeFolders, readNodeId, readVersion, storeOptions } from "../app-folders.ts";
import { makeBackup } from "../backup/make-backup.ts";
import type { BackupManifest } from "../backup/manifest.ts";
import { noteProof } from "../backup/proof-notes.ts";
import { giveToOwner, RestoreRefused, restoreBackup } from "../backup/restore-backup.ts";
import type { Words } from "../health/check.ts";
import { isStoreInUse, migrateStore, pendingMigrations } from "../store/migrate-store.ts";
import { openStore } from "../store/open-store.ts";
import { systemEnvironment } from "../system-environment.ts";
import type { Command } from "./command.ts";
import { counted } from "./language.ts";
import { type CommandLine, readCommandLine } from "./options.ts";

/** `poterne backup`: store, keys, journal, certificate, recordings and kept drives in one file. */
export const backupCommand: Command = {
  name: "backup",
  usage: "FILE [--without-recordings] [--without-keys]",
  summary: {
    fr: "tout écrire dans un fichier (il contient les clés : gardez-le en sûreté)",
    en: "write everything into one file (it holds the keys: keep it safe)",
  },
  async run(words) {
    const line = readCommandLine(words, {
      "without-recordings": { type: "boolean" },
      "without-keys": { type: "boolean" },
    });
    const file = line.words[0];
    if (file === undefined) return refuse(line, { fr: "poterne backup FICHIER", en: "poterne backup FILE" });
    if (existsSync(file)) return refuse(line, { fr: `${file} existe déjà`, en: `${file} exists already` });
    const { settings } = line.configuration;
    const folders = makeFolders(settings);
    const keeperDir = line.flags["without-keys"] === true ? null : findKeeper(folders);
    if (keeperDir !== null && typeof keeperDir === "object") return refuse(line, keeperDir);
    const store = openStore(storeOptions(settings, folders.data));
    const manifest = await makeBackup({
      store,
      dataDir: folders.data,
      keeperDir,
      file,
      version: readVersion(),
      nodeId: readNodeId(folders.data),
      withRecordings: line.flags["without-recordings"] !== true,
      nowMs: Date.now(),
    })
      .then(async (made) => {
        const details = { file: path.basename(file), keys: made.keys, recordings: made.recordings };
        await noteProof(store, systemEnvironment, { kind: "backup.made", isGood: true, details });
        return made;
      })
      .finally(() => store.close());
    console.log(`${file}${describe(manifest)[line.language]}`);
    return 0;
  },
};

/** The folder of keys and journal, or why it cannot be read: half a backup is not made unasked. */
function findKeeper({ keeper }: Folders): string | Words {
  if (keeper === null)
    return {
      fr: "Les clés et le journal sont chez le gardien : donnez son dossier (keeper.folder), ou --without-keys.",
      en: "Keys and journal are with the keeper: name its folder (keeper.folder), or give --without-keys.",
    };
  try {
    if (existsSync(keeper)) accessSync(path.join(keeper, "keys"), constants.R_OK | constants.X_OK);
    return keeper;
  } catch {
    return {
      fr: `Les clés et le journal sont dans ${keeper}, illisible pour vous : lancez la commande en root, ou avec --without-keys.`,
      en: `Keys and journal are in ${keeper}, which you cannot read: run this as root, or with --without-keys.`,
    };
  }
}

function describe(manifest: BackupManifest): Words {
  const rows = Object.values(manifest.tables).reduce((sum, count) => sum + count, 0);
  const isWhole = manifest.keys === "included";
  const recordings = {
    included: { fr: "enregistrements et lecteurs inclus", en: "recordings and drives included" },
    referenced: { fr: "enregistrements et lecteurs non inclus", en: "recordings and drives not included" },
  }[manifest.recordings];
  const keys = isWhole
    ? {
        fr: "Il contient la clé maîtresse : gardez-le aussi sûrement que la machine.",
        en: "It holds the master key: keep it as safe as the machine.",
      }
    : {
        fr: "Il ne contient NI CLÉS NI JOURNAL : sans eux, ni secret ni enregistrement ne s'ouvre.",
        en: "It holds NEITHER KEYS NOR JOURNAL: without them no secret and no recording opens.",
      };
  const nouns = { fr: { one: "ligne", many: "lignes" }, en: { one: "row", many: "rows" } };
  return {
    fr: ` : ${counted("fr", rows, nouns)}, ${recordings.fr}. ${keys.fr}`,
    en: `: ${counted("en", rows, nouns)}, ${recordings.en}. ${keys.en}`,
  };
}

/** `poterne restore`: into an empty data folder and an empty store, of any engine. */
export const restoreCommand: Command = {
  name: "restore",
  usage: "FILE",
  summary: {
    fr: "remettre une sauvegarde dans un dossier et une base vides",
    en: "bring a backup back into an empty data folder and store",
  },
  async run(words) {
    const line = readCommandLine(words);
    const file = line.words[0];
    if (file === undefined || !existsSync(file))
      return refuse(line, {
        fr: "poterne restore FICHIER (une sauvegarde existante)",
        en: "poterne restore FILE (an existing backup)",
      });
    const { settings } = line.configuration;
    const folders = makeFolders(settings);
    const store = openStore(storeOptions(settings, folders.data));
    try {
      const manifest = await restoreBackup({
        file,
        dataDir: folders.data,
        keeperDir: folders.keeper,
        store,
      }).finally(() => store.close());
      await giveToOwner(folders.data);
      if (folders.keeper !== null && folders.keeper !== folders.data) await giveToOwner(folders.keeper);
      const made = new Date(manifest.createdAtMs).toISOString();
      const kept = describe(manifest);
      console.log(
        line.language === "fr"
          ? `Sauvegarde du ${made} restaurée${kept.fr}`
          : `Restored the backup of ${made}${kept.en}`,
      );
      return 0;
    } catch (error) {
      if (!(error instanceof RestoreRefused)) throw error;
      return refuse(line, error.words);
    }
  },
};

/** `poterne upgrade`: brings the store's schema up to date, after a backup. */
export const upgradeCommand: Command = {
  name: "upgrade",
  usage: "",
  summary: {
    fr: "mettre la base à jour pour cette version, après une sauvegarde",
    en: "bring the store up to this version, after a backup",
  },
  async run(words) {
    const line = readCommandLine(words);
    const { settings } = line.configuration;
    const folders = makeFolders(settings);
    const store = openStore(storeOptions(settings, folders.data));
    try {
      const pending = await pendingMigrations(store);
      if (pending.length === 0) {
        console.log(line.language === "fr" ? "La base est à jour." : "The store is up to date.");
        return 0;
      }
      const file = (await isStoreInUse(store)) ? `${folders.data}/before-${pending.at(-1)}.backup` : null;
      if (file !== null)
        await makeBackup({
          store,
          dataDir: folders.data,
          // A keeper service's folder is closed to the gateway, and a change of the schema does not touch it.
          keeperDir: folders.keeper === folders.data ? folders.data : null,
          file,
          version: readVersion(),
          nodeId: readNodeId(folders.data),
          withRecordings: false,
          nowMs: Date.now(),
        });
      const applied = (await migrateStore(store)).join(", ");
      const backup = {
        fr: file === null ? "la base était vide, sans rien à sauvegarder" : `la sauvegarde est ${file}`,
        en: file === null ? "the store was empty, nothing to back up" : `the backup is ${file}`,
      }[line.language];
      console.log(
        line.language === "fr" ? `Appliqué : ${applied} ; ${backup}.` : `Applied ${applied}; ${backup}.`,
      );
      return 0;
    } finally {
      await store.close();
    }
  },
};

function refuse(line: CommandLine, words: Words): number {
  console.error(words[line.language]);
  return 2;
}

import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeFolders, storeOptions } from "../app-folders.ts";
import { noteProof } from "../backup/proof-notes.ts";
import { RestoreRefused, restoreBackup } from "../backup/restore-backup.ts";
import { ConfigurationError } from "../config/load.ts";
import { verifyJournal } from "../journal/journal-verify.ts";
import { parsePublicKeys } from "../keeper/signing-keys.ts";
import { openStore } from "../store/open-store.ts";
import { systemEnvironment } from "../system-environment.ts";
import type { Command } from "./command.ts";
import type { Language } from "./language.ts";
import { readCommandLine } from "./options.ts";

interface Trial {
  readonly isGood: boolean;
  readonly rows: number;
  readonly madeAtMs: number;
  /** `intact`, `altered`, or `absent` in a backup without keys. */
  readonly journal: string;
}

/** `poterne restore-test`: restores a backup into a scratch folder, looks at what came back, and throws it away. */
export const restoreTestCommand: Command = {
  name: "restore-test",
  usage: "FILE",
  summary: {
    fr: "essayer la restauration d'une sauvegarde dans un dossier provisoire, puis l'effacer",
    en: "try to restore a backup into a scratch folder, then delete it",
  },
  async run(words) {
    const line = readCommandLine(words);
    const file = line.words[0];
    if (file === undefined || !existsSync(file))
      throw new ConfigurationError(
        line.language === "fr" ? "poterne restore-test SAUVEGARDE" : "poterne restore-test BACKUP",
      );
    const trial = await tryRestore(file, line.language);
    const { settings } = line.configuration;
    const store = openStore(storeOptions(settings, makeFolders(settings).data));
    const { isGood, ...details } = trial;
    const note = {
      kind: "backup.tested",
      isGood,
      details: { ...details, file: path.basename(file) },
    } as const;
    await noteProof(store, systemEnvironment, note).finally(() => store.close());
    const made = new Date(trial.madeAtMs).toISOString();
    const journal = { fr: JOURNAL_FR[trial.journal], en: `journal ${trial.journal}` }[line.language];
    console.log(
      line.language === "fr"
        ? `Sauvegarde du ${made} : ${trial.rows} lignes relues, ${journal} — ${isGood ? "bonne" : "MAUVAISE"}.`
        : `Backup of ${made}: ${trial.rows} rows read back, ${journal} — ${isGood ? "good" : "BAD"}.`,
    );
    return isGood ? 0 : 1;
  },
};

const JOURNAL_FR: Readonly<Record<string, string>> = {
  intact: "journal intact",
  altered: "journal altéré",
  absent: "sans journal",
};

/** Restores into a folder and an SQLite store that go afterwards, whatever happens. */
async function tryRestore(file: string, language: Language): Promise<Trial> {
  const scratch = await mkdtemp(path.join(tmpdir(), "poterne-restore-test-"));
  const store = openStore({ engine: "sqlite", file: path.join(scratch, "store.sqlite") });
  try {
    const manifest = await restoreBackup({
      file,
      dataDir: path.join(scratch, "data"),
      keeperDir: path.join(scratch, "data"),
      store,
    });
    let rows = 0;
    let isWhole = true;
    for (const [table, count] of Object.entries(manifest.tables)) {
      const { rowCount } = await store.db
        .selectFrom(table as "person")
        .select(({ fn }) => fn.countAll<number>().as("rowCount"))
        .executeTakeFirstOrThrow();
      const found = Number(rowCount);
      rows += found;
      isWhole &&= found === count;
    }
    const journal = manifest.keys === "included" ? await lookAtJournal(path.join(scratch, "data")) : "absent";
    return { isGood: isWhole && journal !== "altered", rows, madeAtMs: manifest.createdAtMs, journal };
  } catch (error) {
    // A file that is cut or altered fails anywhere; why is for the person at the terminal.
    console.error(error instanceof RestoreRefused ? error.words[language] : String(error).slice(0, 300));
    return { isGood: false, rows: 0, madeAtMs: 0, journal: "absent" };
  } finally {
    await store.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function lookAtJournal(dataDir: string): Promise<"intact" | "altered"> {
  const keys = parsePublicKeys(readFileSync(path.join(dataDir, "keys", "public-keys.json"), "utf8"));
  const { isIntact } = await verifyJournal(path.join(dataDir, "journal"), keys);
  return isIntact ? "intact" : "altered";
}

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { makeFolders, storeOptions } from "../app-folders.ts";
import { noteProof } from "../backup/proof-notes.ts";
import { ConfigurationError } from "../config/load.ts";
import { type JournalVerdict, verifyJournal } from "../journal/journal-verify.ts";
import { parsePublicKeys } from "../keeper/signing-keys.ts";
import { RecordingStore } from "../recording/recording-store.ts";
import { describeVerification, verifyFile } from "../recording/verify-file.ts";
import { openStore } from "../store/open-store.ts";
import { systemEnvironment } from "../system-environment.ts";
import type { Command } from "./command.ts";
import { counted, type Language } from "./language.ts";
import { type CommandLine, readCommandLine } from "./options.ts";

const keyFlags = { keys: { type: "string" } } as const;
const DAY_MS = 86_400_000;
const MAX_PREVIEW_ROWS = 1000;

/** `poterne verify FILE…`: whether recordings are as they were written, and who signed them. Works on the ciphertext. */
export const verifyCommand: Command = {
  name: "verify",
  usage: "FILE… [--keys public-keys.json] [--journal DIR]",
  summary: {
    fr: "vérifier des enregistrements : complets, scellés, raccourcis ou altérés",
    en: "check recordings: complete, sealed, shortened or altered",
  },
  async run(words) {
    const line = readCommandLine(words, { ...keyFlags, journal: { type: "string" } });
    if (line.words.length === 0)
      throw new ConfigurationError(
        line.language === "fr" ? "nommez au moins un enregistrement" : "name at least one recording file",
      );
    const trustedKeys = readKeys(line).map(({ publicKey }) => publicKey);
    let isGood = true;
    for (const file of line.words) {
      const result = await verifyFile(file, { trustedKeys, ...readJournal(line) });
      console.log(`${file}: ${describeVerification(result, line.language)}`);
      isGood &&= result.verdict === "complete" || result.verdict === "sealed";
    }
    return isGood ? 0 : 1;
  },
};

/** `poterne verify-journal [DIR]`: whether anything in the journal was altered, cut, swapped or dropped. */
export const verifyJournalCommand: Command = {
  name: "verify-journal",
  usage: "[DIR] [--keys public-keys.json]",
  summary: {
    fr: "vérifier la chaîne et les signatures du journal",
    en: "check the journal's chain and signatures",
  },
  async run(words) {
    const line = readCommandLine(words, keyFlags);
    const directory = line.words[0] ?? makeFolders(line.configuration.settings).journal;
    const verdict = await verifyJournal(directory, readKeys(line));
    const { problems, notes } = verdict;
    console.log(describeJournal(verdict, line.language));
    for (const { code, file, line: at, afterSequence } of problems)
      console.log(`  ${code} ${file}:${at} (${afterSequence})`);
    for (const note of notes) console.log(`  ${note}`);
    if (line.words[0] === undefined) await noteVerdict(line, verdict);
    return verdict.isIntact ? 0 : 1;
  },
};

/** The node's own journal was looked at: that goes into it, by way of a store that is there. */
async function noteVerdict(line: CommandLine, verdict: JournalVerdict): Promise<void> {
  const { settings } = line.configuration;
  const store = openStore(storeOptions(settings, makeFolders(settings).data));
  const details = { entries: verdict.entryCount, problems: verdict.problemCount };
  const note = { kind: "journal.verified", isGood: verdict.isIntact, details } as const;
  await noteProof(store, systemEnvironment, note).finally(() => store.close());
}

const ENTRIES = { fr: { one: "entrée", many: "entrées" }, en: { one: "entry", many: "entries" } };
const SEGMENTS = { fr: { one: "segment", many: "segments" }, en: { one: "segment", many: "segments" } };
const EXPIRED = {
  fr: { one: "segment échu", many: "segments échus" },
  en: { one: "segment expired", many: "segments expired" },
};
const PROBLEMS = { fr: { one: "anomalie", many: "anomalies" }, en: { one: "problem", many: "problems" } };
const RECORDINGS = {
  fr: { one: "enregistrement serait supprimé", many: "enregistrements seraient supprimés" },
  en: { one: "recording would be deleted", many: "recordings would be deleted" },
};
const HELD = {
  fr: { one: "est sous conservation légale", many: "sont sous conservation légale" },
  en: { one: "is on legal hold", many: "are on legal hold" },
};

function describeJournal(verdict: JournalVerdict, language: Language): string {
  const { entryCount, segmentCount, droppedSegmentCount, problemCount } = verdict;
  const french = language === "fr";
  if (!verdict.isIntact) {
    const problems = counted(language, problemCount, PROBLEMS);
    return french ? `ALTÉRÉ : ${problems}.` : `ALTERED: ${problems}.`;
  }
  const entries = counted(language, entryCount, ENTRIES);
  const segments = counted(language, segmentCount, SEGMENTS);
  const dropped = droppedSegmentCount === 0 ? "" : ` (${counted(language, droppedSegmentCount, EXPIRED)})`;
  return french
    ? `Intact : ${entries} en ${segments}${dropped}.`
    : `Intact: ${entries} in ${segments}${dropped}.`;
}

/** `poterne retention [--days N]`: which recordings would go now, or in N days. Deletes nothing. */
export const retentionCommand: Command = {
  name: "retention",
  usage: "[--days N]",
  summary: {
    fr: "montrer quels enregistrements partiraient, maintenant ou dans N jours",
    en: "show which recordings would be deleted, now or in N days",
  },
  async run(words) {
    const line = readCommandLine(words, { days: { type: "string" } });
    const { settings } = line.configuration;
    const store = openStore(storeOptions(settings, makeFolders(settings).data));
    try {
      const atMs = Date.now() + Number(line.flags.days ?? 0) * DAY_MS;
      const found = await new RecordingStore(store).expired({ atMs, siteIds: null, limit: MAX_PREVIEW_ROWS });
      for (const row of found.rows)
        console.log(
          `${row.id}  ${new Date(row.started_at_ms).toISOString()}  ${row.target_name}  ${row.person_name}`,
        );
      const megabytes = (found.totalBytes / 1e6).toFixed(1);
      const size = line.language === "fr" ? `${megabytes.replace(".", ",")} Mo` : `${megabytes} MB`;
      const separator = line.language === "fr" ? " ;" : ";";
      const gone = counted(line.language, found.total, RECORDINGS);
      const text = `${gone} (${size})${separator} ${counted(line.language, found.heldCount, HELD)}.`;
      console.log(text);
      return 0;
    } finally {
      await store.close();
    }
  },
};

/** The journal to compare with: the one named, or the node's own where there is one. */
function readJournal(line: CommandLine): { readonly journalDirectory?: string } {
  const named = line.flags.journal;
  const directory = typeof named === "string" ? named : makeFolders(line.configuration.settings).journal;
  return existsSync(directory) ? { journalDirectory: directory } : {};
}

function readKeys(line: CommandLine) {
  const named = line.flags.keys;
  const file =
    typeof named === "string"
      ? named
      : path.join(makeFolders(line.configuration.settings).keys, "public-keys.json");
  if (!existsSync(file))
    throw new ConfigurationError(
      line.language === "fr"
        ? `${file} est introuvable ou illisible : donnez les clés publiques avec --keys`
        : `${file} is missing or not readable: give the public keys with --keys`,
    );
  return parsePublicKeys(readFileSync(file, "utf8"));
}

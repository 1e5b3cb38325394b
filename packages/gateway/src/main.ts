import { errorCatalogue, Failure } from "@poterne/contract";
import type { Command } from "./cli/command.ts";
import { type Language, languageOf } from "./cli/language.ts";
import { ConfigurationError } from "./config/load.ts";
import { fillIn } from "./http/problem.ts";

// Loaded one at a time: `verify` need not wait for the whole gateway to be read.
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./cli/serve-command.ts")).serveCommand,
  config: async () => (await import("./cli/config-command.ts")).configCommand,
  doctor: async () => (await import("./cli/doctor-command.ts")).doctorCommand,
  verify: async () => (await import("./cli/verify-commands.ts")).verifyCommand,
  "verify-journal": async () => (await import("./cli/verify-commands.ts")).verifyJournalCommand,
  retention: async () => (await import("./cli/verify-commands.ts")).retentionCommand,
  backup: async () => (await import("./cli/backup-commands.ts")).backupCommand,
  restore: async () => (await import("./cli/backup-commands.ts")).restoreCommand,
  "restore-test": async () => (await import("./cli/restore-test-command.ts")).restoreTestCommand,
  upgrade: async () => (await import("./cli/backup-commands.ts")).upgradeCommand,
  "rotate-keys": async () => (await import("./cli/key-commands.ts")).rotateKeysCommand,
  "reset-admin": async () => (await import("./cli/key-commands.ts")).resetAdminCommand,
};

/** Runs one command and resolves with its exit code. */
async function run(words: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = words;
  const load = loaders[name];
  if (load === undefined) return printHelp(name, languageOf(rest));
  try {
    const command = await load();
    return await command.run(rest);
  } catch (error) {
    if (error instanceof ConfigurationError) console.error(`poterne ${name}: ${error.message}`);
    else if (error instanceof Failure)
      console.error(`poterne ${name}: ${describeFailure(error, languageOf(rest))}`);
    else throw error;
    return 2;
  }
}

function describeFailure({ code, details }: Failure, language: Language): string {
  const { what, next } = errorCatalogue[code][language];
  return `${fillIn(what, details)} ${next} (${code})`;
}

async function printHelp(name: string, language: Language): Promise<number> {
  for (const load of Object.values(loaders)) {
    const { name: known, usage, summary } = await load();
    console.log(`poterne ${`${known} ${usage}`.padEnd(40)} ${summary[language]}`);
  }
  return name === "help" || name === "--help" ? 0 : 2;
}

// What the gateway writes is its own: keys, store, recordings.
process.umask(0o077);

process.exitCode = await run(process.argv.slice(2));

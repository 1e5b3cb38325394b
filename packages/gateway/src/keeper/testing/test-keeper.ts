import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeeperProcess } from "../keeper-process.ts";

/** A real keeper in a folder of its own, for tests of whatever needs one. */
export interface TestKeeper {
  readonly keeper: KeeperProcess;
  readonly directory: string;
  readonly keysDirectory: string;
  readonly journalDirectory: string;
  /** What it warned of. */
  readonly warnings: string[];
  /** Ends the keeper and starts a new one on the same folder. */
  restart(): Promise<TestKeeper>;
  dispose(): Promise<void>;
}

/** Starts a keeper process on a fresh folder. */
export async function testKeeper(folder?: string, masterKeyValue: string | null = null): Promise<TestKeeper> {
  const directory = folder ?? (await mkdtemp(join(tmpdir(), "poterne-keeper-")));
  const keysDirectory = join(directory, "keys");
  const journalDirectory = join(directory, "journal");
  const warnings: string[] = [];
  const keeper = await KeeperProcess.start({
    keeper: { keysDirectory, journalDirectory, node: "node-1", retentionMonths: 12, socketPath: null },
    masterKeyValue,
    warn: (text) => warnings.push(text),
  });
  return {
    keeper,
    directory,
    keysDirectory,
    journalDirectory,
    warnings,
    restart: async () => {
      await keeper.close();
      return testKeeper(directory, masterKeyValue);
    },
    dispose: async () => {
      await keeper.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { JournalFile } from "../journal/journal-file.ts";
import { JOURNAL_DOMAIN } from "../journal/journal-line.ts";
import { toBase64, utf8 } from "./byte-text.ts";
import { systemClock } from "./clock.ts";
import type { KeeperOptions } from "./keeper-options.ts";
import type { KeeperHoldings } from "./keeper-service.ts";
import { MasterKeys } from "./master-keys.ts";
import { readAuditorKeys } from "./recording-keys.ts";
import { SigningKeys } from "./signing-keys.ts";

/** Reads (or makes) the keys and opens the journal. `warn` takes what an administrator should read. */
export async function openHoldings(
  options: KeeperOptions,
  masterKeyValue: string | null,
  warn: (text: string) => void,
): Promise<KeeperHoldings> {
  const clock = systemClock();
  const directory = options.keysDirectory;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const masterKeys = await MasterKeys.load({
    directory,
    environmentValue: masterKeyValue,
    witnessFile: SigningKeys.witnessFile(directory),
    now: clock.now,
  });
  if (masterKeys.isNew) {
    warn(
      `A master key was made: ${masterKeys.path}. Back it up now, away from this machine and from the store's backups: without it no secret and no recording can be opened again.`,
    );
  }
  const signingKeys = await SigningKeys.load({ directory, masterKeys, now: clock.now });
  const auditors = await readAuditorKeys(join(directory, "auditors"));
  const journal = new JournalFile({
    directory: options.journalDirectory,
    node: options.node,
    clock,
    signer: {
      keyId: () => signingKeys.current.keyId,
      sign: (text) => toBase64(signingKeys.sign(JOURNAL_DOMAIN, utf8(text)).signature),
    },
    retentionMonths: options.retentionMonths,
    onTrouble: (error) => {
      warn(
        error === null
          ? "The journal can be written again."
          : `The journal cannot be written (${error.message}): nothing new opens until it can.`,
      );
    },
  });
  return {
    masterKeys,
    signingKeys,
    auditors,
    journal,
    journalDirectory: options.journalDirectory,
    retentionMonths: options.retentionMonths,
    monotonicMs: clock.monotonicMs,
  };
}

import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBase64, utf8 } from "../../keeper/byte-text.ts";
import type { KeeperClock } from "../../keeper/clock.ts";
import { rawPublicKey, signStatement } from "../../keeper/signature.ts";
import { signingKeyId } from "../../keeper/signing-keys.ts";
import { EntryIds } from "../entry-id.ts";
import { JournalFile, type JournalFileOptions } from "../journal-file.ts";
import { JOURNAL_DOMAIN } from "../journal-line.ts";
import { type JournalAnchor, type JournalVerdict, verifyJournal } from "../journal-verify.ts";

/** A clock that tests move by hand. */
class HandClock implements KeeperClock {
  bootId = "boot-1";
  #nowMs: number;
  #monotonicMs = 1_000_000;

  constructor(at = "2026-11-21T08:00:00.000Z") {
    this.#nowMs = Date.parse(at);
  }

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Time passes. */
  pass(ms: number): void {
    this.#nowMs += ms;
    this.#monotonicMs += ms;
  }

  /** The wall clock alone is set. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }
}

/** A journal file in a folder of its own with keys and a clock of the test. */
export interface JournalSetup {
  readonly directory: string;
  readonly clock: HandClock;
  readonly troubles: (Error | null)[];
  open(changed?: Partial<JournalFileOptions>): JournalFile;
  /** JSON of an entry with this kind. */
  entry(kind?: string, details?: Readonly<Record<string, string>>): string;
  verify(anchors?: readonly JournalAnchor[]): Promise<JournalVerdict>;
  dispose(): Promise<void>;
}

/** Makes a folder, a key and a clock. */
export async function journalSetup(folder?: string): Promise<JournalSetup> {
  const root = folder ?? (await mkdtemp(join(tmpdir(), "poterne-journal-")));
  const directory = join(root, "journal");
  const clock = new HandClock();
  const pair = generateKeyPairSync("ed25519");
  const publicKey = rawPublicKey(pair.publicKey);
  const keyId = signingKeyId(publicKey);
  const ids = new EntryIds();
  const troubles: (Error | null)[] = [];
  const signer = {
    keyId: () => keyId,
    sign: (text: string) => toBase64(signStatement(pair.privateKey, JOURNAL_DOMAIN, utf8(text))),
  };
  return {
    directory,
    clock,
    troubles,
    open: (changed = {}) =>
      new JournalFile({
        directory,
        node: "node-1",
        clock,
        signer,
        retentionMonths: 12,
        onTrouble: (error) => troubles.push(error),
        ...changed,
      }),
    entry: (kind = "session.opened", details = {}) =>
      JSON.stringify({
        entryId: ids.next(clock.now()),
        kind,
        level: "info",
        actor: { personId: null, name: "Zoé" },
        sourceAddress: "",
        subject: {},
        details,
      }),
    verify: (anchors = []) => verifyJournal(directory, [{ keyId, publicKey }], anchors),
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}

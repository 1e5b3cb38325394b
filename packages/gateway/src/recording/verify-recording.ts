import { fromHex } from "@poterne/bytes";
import { Failure, type IntegrityState, type RecordingVerdict } from "@poterne/contract";
import { type JournalCheckpoint, RecordingVerifier } from "@poterne/recording";
import { recordingCrypto } from "./node-crypto.ts";
import type { RecordingParts } from "./recording-parts.ts";
import { toVerdict } from "./recording-replies.ts";
import type { RecordingRow } from "./recording-tables.ts";
import { verifyStored } from "./seal-file.ts";
import { isMissing } from "./storage.ts";

const DAY_MS = 86_400_000;

/** Verifies stored recordings against the keeper's keys and the journal's heads; one run per recording at a time. */
export class StoredVerifier {
  readonly #parts: RecordingParts;
  readonly #running = new Map<string, Promise<RecordingVerdict>>();

  constructor(parts: RecordingParts) {
    this.#parts = parts;
  }

  /** The verdict, which the row then shows. Throws the Failures `recording-deleted` and `recording-unreadable`. */
  verify(row: RecordingRow): Promise<RecordingVerdict> {
    const running = this.#running.get(row.id);
    if (running !== undefined) return running;
    const started = this.#verify(row).finally(() => this.#running.delete(row.id));
    this.#running.set(row.id, started);
    return started;
  }

  async #verify(row: RecordingRow): Promise<RecordingVerdict> {
    if (row.integrity === "deleted") throw new Failure("recording-deleted");
    const keys = await this.#parts.keeper.publicKeys();
    const verifier = new RecordingVerifier(recordingCrypto, {
      trustedKeys: keys.map(({ publicKey }) => publicKey),
      journal: await this.#anchors(row),
    });
    const result = await this.#read(row, verifier);
    const verdict = toVerdict(result, this.#parts.environment.now());
    const isRunning = this.#parts.live.find(row.id) !== null;
    await this.#parts.rows.update(row.id, {
      verdict: JSON.stringify(verdict),
      ...(isRunning ? {} : { integrity: stateOf(verdict.verdict) }),
    });
    return verdict;
  }

  /** Every head the journal's files hold, and the row's last one: it may be newer than the files a restore brought. */
  async #anchors(row: RecordingRow): Promise<readonly JournalCheckpoint[]> {
    const endMs = row.ended_at_ms ?? this.#parts.environment.now();
    const anchors = await this.#parts.keeper.recordingAnchors(row.id, {
      fromDay: dayOf(row.started_at_ms - DAY_MS),
      toDay: dayOf(endMs + DAY_MS),
    });
    if (row.journal_count === 0) return anchors;
    return [...anchors, { count: row.journal_count, head: fromHex(row.journal_head) }];
  }

  async #read(row: RecordingRow, verifier: RecordingVerifier) {
    try {
      const reader = await this.#parts.storage.open(row.file_name);
      try {
        return await verifyStored(reader, verifier);
      } finally {
        await reader.close();
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.#parts.rows.update(row.id, { integrity: "missing" });
      throw new Failure("recording-unreadable", {}, error);
    }
  }
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function stateOf(verdict: RecordingVerdict["verdict"]): IntegrityState {
  return verdict === "not-a-recording" ? "altered" : verdict;
}

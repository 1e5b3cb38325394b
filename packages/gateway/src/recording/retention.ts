import { createHash } from "node:crypto";
import { Failure } from "@poterne/contract";
import { searchText } from "../store/fold-text.ts";
import { keyWrapsFileName } from "./key-wraps.ts";
import type { RecordingLibrary } from "./recording-library.ts";
import {
  journalRecording,
  type RecordingActor,
  type RecordingParts,
  systemActor,
} from "./recording-parts.ts";
import type { RecordingRow } from "./recording-tables.ts";
import { isMissing } from "./storage.ts";
import { transcriptFileName } from "./transcript.ts";

/** Recordings removed by one run; the next run goes on. */
const MAX_DELETIONS_PER_RUN = 5_000;

const READ_BYTES = 1024 * 1024;

/** Proof that a recording was removed: what it was, by its digest, and the journal's entry. */
export interface DeletionCertificate {
  readonly journalEntryId: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Why and by whom. */
export interface Deletion {
  readonly actor: RecordingActor;
  readonly reason: string;
}

/** What became of an erased person's recordings. */
export interface ErasedRecordings {
  readonly deletedCount: number;
  /** Under legal hold. */
  readonly heldCount: number;
  /** Within the retention their policy demands, or still being closed. */
  readonly retainedCount: number;
  /** When the last of these may go, Unix milliseconds; null when none stays, or for one that is not closed yet. */
  readonly retainedUntilMs: number | null;
}

/** Removes recordings: at their time, or before it by a person. Each leaves a certificate in the journal and its row. */
export class Retention {
  readonly #parts: RecordingParts;
  readonly #library: RecordingLibrary;

  constructor(parts: RecordingParts, library: RecordingLibrary) {
    this.#parts = parts;
    this.#library = library;
  }

  /** What a run at a time would remove. */
  preview(options: {
    readonly atMs: number;
    readonly siteIds: readonly string[] | null;
    readonly limit: number;
  }) {
    return this.#parts.rows.expired(options);
  }

  /** Removes what has expired. One that cannot be removed is logged and tried again next time. */
  async run(
    siteIds: readonly string[] | null = null,
    actor: RecordingActor = systemActor,
  ): Promise<{ readonly deletedCount: number; readonly deletedBytes: number }> {
    const atMs = this.#parts.environment.now();
    const { rows } = await this.preview({ atMs, siteIds, limit: MAX_DELETIONS_PER_RUN });
    let deletedCount = 0;
    let deletedBytes = 0;
    for (const row of rows) {
      try {
        const { sizeBytes } = await this.delete(row, { actor, reason: "retention" });
        deletedCount += 1;
        deletedBytes += sizeBytes;
      } catch (error) {
        this.#parts.log.error({ error, sessionId: row.id }, "Recording not deleted");
      }
    }
    return { deletedCount, deletedBytes };
  }

  /**
   * Removes one recording. The certificate is journaled first: a crash in between leaves a file that the next run
   * removes, never a removal without a trace. Throws the Failures `recording-on-hold`, `recording-running`,
   * `recording-deleted`, `journal-unavailable`.
   */
  async delete(row: RecordingRow, { actor, reason }: Deletion): Promise<DeletionCertificate> {
    if (row.integrity === "deleted") throw new Failure("recording-deleted");
    if (row.is_on_hold !== 0) throw new Failure("recording-on-hold");
    if (row.ended_at_ms === null || this.#parts.live.find(row.id) !== null)
      throw new Failure("recording-running");
    const { sha256, sizeBytes } = await this.#digest(row.file_name);
    const journalEntryId = await journalRecording(this.#parts.journal, row, {
      kind: "recording.deleted",
      level: "notice",
      actor,
      details: {
        reason,
        sha256,
        sizeBytes,
        startedAtMs: row.started_at_ms,
        durationMs: row.duration_ms,
        count: row.journal_count,
        head: row.journal_head,
        integrity: row.integrity,
      },
    });
    await this.#parts.storage.remove(transcriptFileName(row.file_name));
    await this.#parts.storage.remove(row.file_name);
    await this.#parts.storage.remove(keyWrapsFileName(row.file_name));
    this.#library.forget(row.id);
    await this.#parts.rows.update(row.id, {
      integrity: "deleted",
      expires_at_ms: null,
      deleted_reason: reason,
      deleted_by_name: actor.name,
      deleted_at_ms: this.#parts.environment.now(),
      deletion_entry_id: journalEntryId,
      ...(await this.#unnamed(row)),
    });
    return { journalEntryId, sha256, sizeBytes };
  }

  /**
   * What may go of an erased person's recordings goes: those whose retention has ended. Those under legal hold or within
   * the time the policy demands stay, under the name of then, and lose it with their own deletion (decision 0060). Call
   * it once the person is erased in the store. A recording that cannot be deleted now counts as retained: the hourly run
   * tries it again.
   */
  async erasePerson(personId: string, deletion: Deletion): Promise<ErasedRecordings> {
    const atMs = this.#parts.environment.now();
    const erased = {
      deletedCount: 0,
      heldCount: 0,
      retainedCount: 0,
      retainedUntilMs: null as number | null,
    };
    let cursor: string | undefined;
    do {
      const page = await this.#parts.rows.list({ personId, siteIds: null }, { limit: 200, cursor });
      for (const row of page.rows) {
        if (row.integrity === "deleted") await this.#parts.rows.update(row.id, await this.#unnamed(row));
        else if (row.is_on_hold !== 0) erased.heldCount += 1;
        else if (isExpired(row, atMs) && (await this.#tryDelete(row, deletion))) erased.deletedCount += 1;
        else {
          erased.retainedCount += 1;
          erased.retainedUntilMs = latest(erased.retainedUntilMs, row.expires_at_ms);
        }
      }
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return erased;
  }

  async #tryDelete(row: RecordingRow, deletion: Deletion): Promise<boolean> {
    try {
      await this.delete(row, deletion);
      return true;
    } catch (error) {
      this.#parts.log.error({ error, sessionId: row.id }, "Recording not deleted");
      return false;
    }
  }

  /** The change that takes an erased person's name and words out of a deleted recording's row; none for others. */
  async #unnamed(row: RecordingRow): Promise<Partial<RecordingRow>> {
    const pseudonym = await this.#parts.rows.pseudonymOf(row.person_id);
    if (pseudonym === null) return {};
    const search_text = searchText([pseudonym, row.target_name, row.machine_name, row.account_name]);
    return { person_name: pseudonym, reason: "", search_text };
  }

  async #digest(name: string): Promise<{ sha256: string; sizeBytes: number }> {
    const hash = createHash("sha256");
    let sizeBytes = 0;
    try {
      const reader = await this.#parts.storage.open(name);
      try {
        for (;;) {
          const bytes = await reader.read(sizeBytes, READ_BYTES);
          if (bytes.length === 0) break;
          hash.update(bytes);
          sizeBytes += bytes.length;
        }
      } finally {
        await reader.close();
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return { sha256: hash.digest("hex"), sizeBytes };
  }
}

function isExpired(row: RecordingRow, atMs: number): boolean {
  return row.expires_at_ms !== null && row.expires_at_ms <= atMs;
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

import { toHex } from "@poterne/bytes";
import { expiryOf, journalRecording, type RecordingParts, systemActor } from "./recording-parts.ts";
import type { RecordingRow } from "./recording-tables.ts";
import type { RecordingEnd } from "./session-recorder.ts";

/** A checkpoint's head goes into the journal at most this often (and at start and end). */
export const JOURNAL_AFTER_MS = 60_000;

/** A checkpoint as it is anchored in the journal. */
interface Anchor {
  readonly count: number;
  readonly head: Uint8Array;
}

/** Keeps row and journal of one recording in step with its file. Only the start may refuse; later faults are logged. */
export class RecordKeeping {
  readonly #parts: RecordingParts;
  readonly #row: RecordingRow;
  #last: Anchor = { count: 0, head: new Uint8Array(32) };
  #anchoredAtMs: number;

  constructor(parts: RecordingParts, row: RecordingRow) {
    this.#parts = parts;
    this.#row = row;
    this.#anchoredAtMs = parts.environment.monotonicMs();
  }

  /** The first anchor; rejects with `journal-unavailable`: what is not journaled does not begin. */
  async started(): Promise<void> {
    await this.#anchor("recording.started", {});
  }

  /** After each signed checkpoint: anchors it when the last one is a minute old. */
  readonly checkpoint = (checkpoint: Anchor, written: { sizeBytes: number; durationMs: number }): void => {
    this.#last = checkpoint;
    const now = this.#parts.environment.monotonicMs();
    if (now - this.#anchoredAtMs < JOURNAL_AFTER_MS) return;
    this.#anchoredAtMs = now;
    const { sizeBytes: size_bytes, durationMs: duration_ms } = written;
    this.#anchor("recording.checkpoint", {})
      .then(() => this.#update({ size_bytes, duration_ms }))
      .catch((error: unknown) => this.#log(error, "Checkpoint not journaled"));
  };

  /** The file ended well. */
  async ended(code: string, end: RecordingEnd): Promise<void> {
    this.#last = end;
    const details = { code, sizeBytes: end.sizeBytes, durationMs: end.durationMs };
    await this.#anchor("recording.ended", details).catch((error: unknown) =>
      this.#log(error, "Recording's end not journaled"),
    );
    const endedAtMs = this.#parts.environment.now();
    await this.#update({
      integrity: end.integrity,
      size_bytes: end.sizeBytes,
      duration_ms: end.durationMs,
      ended_at_ms: endedAtMs,
      end_code: code,
      expires_at_ms: expiryOf(endedAtMs, this.#row.retention_days),
    });
  }

  /** Writing failed: an alarm, and what the row can say until the file is sealed. */
  async failed(error: Error, end: RecordingEnd): Promise<void> {
    this.#log(error, "Recording failed");
    const endedAtMs = this.#parts.environment.now();
    await journalRecording(this.#parts.journal, this.#row, {
      kind: "recording.failed",
      level: "alarm",
      actor: systemActor,
      details: { error: error.message, sizeBytes: end.sizeBytes },
    }).catch((problem: unknown) => this.#log(problem, "Recording's failure not journaled"));
    await this.#update({
      integrity: "unfinished",
      size_bytes: end.sizeBytes,
      duration_ms: end.durationMs,
      ended_at_ms: endedAtMs,
      end_code: "recording-failed",
      expires_at_ms: expiryOf(endedAtMs, this.#row.retention_days),
    });
  }

  async #anchor(kind: string, details: Record<string, string | number>): Promise<void> {
    const { count, head } = this.#last;
    const headHex = toHex(head);
    await journalRecording(this.#parts.journal, this.#row, {
      kind,
      level: "info",
      actor: systemActor,
      details: { ...details, count, head: headHex },
    });
    await this.#update({ journal_count: count, journal_head: headHex });
  }

  /** The store may be away: the next start reads the file and sets the row right. */
  async #update(change: Partial<RecordingRow>): Promise<void> {
    await this.#parts.rows
      .update(this.#row.id, change)
      .catch((error: unknown) => this.#log(error, "Recording's row not updated"));
  }

  #log(error: unknown, message: string): void {
    this.#parts.log.error({ error, sessionId: this.#row.id }, message);
  }
}

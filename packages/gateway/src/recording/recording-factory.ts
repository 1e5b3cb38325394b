import { Failure, protocol } from "@poterne/contract";
import { ChainWriter, encodeFileHeader } from "@poterne/recording";
import type { Frame } from "@poterne/wire";
import { searchText } from "../store/fold-text.ts";
import { toStoreError } from "../store/store-errors.ts";
import { CheckpointSigner } from "./checkpoint-signer.ts";
import { recordingCrypto } from "./node-crypto.ts";
import { RecordKeeping } from "./record-keeping.ts";
import type { Recorder, RecorderFactory, RecordingHeader } from "./recorder.ts";
import type { RecordingParts } from "./recording-parts.ts";
import type { RecordingRow } from "./recording-tables.ts";
import { SessionRecorder } from "./session-recorder.ts";
import { recordingFileName, type StorageWriter } from "./storage.ts";

/** What the factory needs beside the common parts. */
export interface RecorderFactoryParts extends RecordingParts {
  /** Seals the file of a recording that failed in mid-session, if disk and keeper allow it by then. */
  sealNow(sessionId: string): Promise<void>;
}

type Events = Parameters<RecorderFactory["open"]>[1];

/** The factory that the session hub opens recordings with. */
export function recorderFactory(parts: RecorderFactoryParts): RecorderFactory {
  const signer = new CheckpointSigner(parts.keeper);
  return {
    open: async (header, events) => {
      await parts.disk.requireRoom();
      const row = makeRow(parts, header);
      await parts.rows.insert(row).catch((error: unknown) => {
        throw toStoreError(error);
      });
      const recorder = new KeptRecorder(parts, { row, events });
      try {
        await recorder.begin(header, signer);
      } catch (error) {
        await recorder.abandon();
        throw error instanceof Failure ? error : new Failure("no-place-to-record", {}, error);
      }
      return recorder;
    },
  };
}

/** A session's recorder with its row and journal entries. */
class KeptRecorder implements Recorder {
  readonly #parts: RecorderFactoryParts;
  readonly #row: RecordingRow;
  readonly #events: Events;
  readonly #keeping: RecordKeeping;
  #inner: SessionRecorder | null = null;
  #hasBegun = false;
  #failed: Promise<void> | null = null;
  #finished: Promise<void> | null = null;

  constructor(parts: RecorderFactoryParts, session: { readonly row: RecordingRow; readonly events: Events }) {
    this.#parts = parts;
    this.#row = session.row;
    this.#events = session.events;
    this.#keeping = new RecordKeeping(parts, session.row);
  }

  get queuedBytes(): number {
    return this.#inner?.queuedBytes ?? 0;
  }

  get sinceEntryPoint(): { readonly changedBytes: number; readonly timeMs: number } {
    return this.#inner?.sinceEntryPoint ?? { changedBytes: 0, timeMs: 0 };
  }

  /** Makes the key, the file and its first signed records, and anchors them in the journal. */
  async begin(header: RecordingHeader, signer: CheckpointSigner): Promise<void> {
    const { environment, keeper, live, storage } = this.#parts;
    const { key, wraps } = await keeper.makeRecordingKey(header.sessionId);
    const { sessionId, startedAtMs, kind, protocol } = header;
    const fileHeader = encodeFileHeader({ sessionId, startedAtMs, kind, protocol, wraps });
    const writer = await createFile(storage.create(this.#row.file_name), fileHeader);
    const chain = new ChainWriter(recordingCrypto, fileHeader);
    const inner = new SessionRecorder({
      sessionId,
      chain,
      key: Uint8Array.from(key),
      writer,
      signer,
      environment,
      events: {
        onDrain: () => this.#events.onDrain(),
        onFailure: (error) => this.#fail(error),
        onCheckpoint: (checkpoint) =>
          this.#keeping.checkpoint(checkpoint, { sizeBytes: chain.offset, durationMs: chain.endMs }),
      },
    });
    this.#inner = inner;
    await inner.begin(header);
    await this.#keeping.started();
    live.add(sessionId, inner);
    this.#hasBegun = true;
  }

  /** Takes back a beginning that failed: nothing was recorded yet. */
  async abandon(): Promise<void> {
    await this.#inner?.close({ code: "no-place-to-record" }).catch(() => {});
    await this.#failed;
    this.#parts.live.remove(this.#row.id);
    await this.#parts.storage.remove(this.#row.file_name).catch(() => {});
    await this.#parts.rows.remove(this.#row.id).catch(() => {});
  }

  write(frame: Frame): void {
    this.#inner?.write(frame);
  }

  finish(end: { readonly code: string }): Promise<void> {
    this.#finished ??= this.#finish(end);
    return this.#finished;
  }

  async #finish(end: { readonly code: string }): Promise<void> {
    if (this.#inner === null) return;
    try {
      const result = await this.#inner.close(end);
      if (this.#failed === null) await this.#keeping.ended(end.code, result);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.#parts.live.remove(this.#row.id);
    await this.#failed;
  }

  #fail(error: Error): void {
    // Until it has begun, `open` rejects instead.
    if (this.#failed !== null || !this.#hasBegun) return;
    this.#failed = this.#settleFailure(error);
    this.#events.onFailure(error);
  }

  async #settleFailure(error: Error): Promise<void> {
    const end = await this.#inner?.close({ code: "recording-failed" }).catch(() => null);
    this.#parts.live.remove(this.#row.id);
    if (end === undefined || end === null) return;
    await this.#keeping.failed(error, end);
    await this.#parts.sealNow(this.#row.id);
  }
}

async function createFile(created: Promise<StorageWriter>, fileHeader: Uint8Array): Promise<StorageWriter> {
  const writer = await created;
  try {
    await writer.append([fileHeader]);
    return writer;
  } catch (error) {
    await writer.close();
    throw error;
  }
}

function makeRow(parts: RecordingParts, header: RecordingHeader): RecordingRow {
  const { personName, targetName, machineName, accountName, reason } = header;
  return {
    id: header.sessionId,
    node_id: parts.nodeId,
    file_name: recordingFileName(header.sessionId, header.startedAtMs),
    kind: header.kind,
    protocol: protocol.parse(header.protocol),
    person_id: header.personId,
    person_name: personName.slice(0, 200),
    target_id: header.targetId,
    target_name: targetName.slice(0, 200),
    machine_name: machineName.slice(0, 190),
    site_id: header.siteId,
    account_name: accountName.slice(0, 200),
    grant_id: header.grantId,
    reason: reason.slice(0, 1000),
    search_text: searchText([personName, targetName, machineName, accountName, reason]),
    retention_days: header.retentionDays,
    started_at_ms: header.startedAtMs,
    ...unsetColumns,
  };
}

const unsetColumns = {
  ended_at_ms: null,
  duration_ms: 0,
  size_bytes: 0,
  end_code: null,
  integrity: "running",
  journal_count: 0,
  journal_head: "",
  expires_at_ms: null,
  is_on_hold: 0,
  hold_reason: null,
  hold_by_name: null,
  hold_at_ms: null,
  deleted_reason: null,
  deleted_by_name: null,
  deleted_at_ms: null,
  deletion_entry_id: null,
  verdict: null,
  comment_count: 0,
} as const;

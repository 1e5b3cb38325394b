import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "@poterne/contract";
import type { KeeperClock } from "../keeper/clock.ts";
import { syncFolder } from "../keeper/durable-file.ts";
import { ClockWatch } from "./clock-watch.ts";
import { EntryIds } from "./entry-id.ts";
import { ChainDraft, type ChainState, newEpochState, type SegmentReason } from "./journal-chain.ts";
import { MAX_ENTRY_BYTES, type WrittenEntry } from "./journal-entry.ts";
import type { LineSigner } from "./journal-line.ts";
import { type JournalPlace, JournalReader, type ReadLines } from "./journal-reader.ts";
import { type Recovered, recoverJournal } from "./journal-recovery.ts";
import { dropSegment, firstKeptDay } from "./journal-retention.ts";
import { HEAD_FILE, RESTORED_FILE, type Segment, segmentName } from "./segment.ts";
import { SegmentFile } from "./segment-file.ts";

/** Entries that may wait to be written, and their size: beyond, appending fails. */
const MAX_WAITING = 20_000;
const MAX_WAITING_BYTES = 33_554_432;

/** One write: what is under it is durable together. */
const MAX_BATCH_BYTES = 1_048_576;

/** A segment longer than this ends before its day does. */
const MAX_SEGMENT_BYTES = 268_435_456;

/** A checkpoint is signed so often while entries come, at least. */
const CHECKPOINT_EVERY_MS = 10_000;
const CHECKPOINT_EVERY_LINES = 1_000;

/** How often the clock, the day and the checkpoint are looked at. */
const TICK_MS = 1_000;

/** What a journal file needs. */
export interface JournalFileOptions {
  readonly directory: string;
  readonly node: string;
  readonly clock: KeeperClock;
  readonly signer: LineSigner;
  readonly retentionMonths: number;
  /** A segment ends at this size; `MAX_SEGMENT_BYTES` by default. */
  readonly maxSegmentBytes?: number;
  /** Told once per failure to write, and once when it works again (null). */
  readonly onTrouble: (error: Error | null) => void;
}

/** Where the file stands. */
export interface JournalFileState {
  readonly isAvailable: boolean;
  readonly epoch: number;
  readonly sequence: number;
  readonly head: string;
  readonly checkpoint: { readonly sequence: number; readonly atMs: number; readonly keyId: string } | null;
  readonly segmentCount: number;
  readonly sizeBytes: number;
}

interface Waiting {
  readonly json: string;
  readonly resolve: (written: { sequence: number; hash: string }) => void;
  readonly reject: (error: Error) => void;
}

interface Open {
  file: SegmentFile;
  segment: Segment;
  state: ChainState;
}

/** The node's journal on disk: one writer, batches made durable together, in daily segments. */
export class JournalFile {
  readonly #options: JournalFileOptions;
  readonly #ids = new EntryIds();
  readonly #reader: JournalReader;
  readonly #timer: NodeJS.Timeout;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #pumping: Promise<void> | null = null;
  #open: Open | null = null;
  #segments: Segment[] = [];
  #clockWatch: ClockWatch | null = null;
  #notes: string[] = [];
  #checkpoint: JournalFileState["checkpoint"] = null;
  #uncheckedLines = 0;
  #checkpointMs: number;
  #isTroubled = false;
  #isClosed = false;

  constructor(options: JournalFileOptions) {
    this.#options = options;
    this.#reader = new JournalReader(options.directory);
    this.#checkpointMs = options.clock.monotonicMs();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  /** Appends an entry (JSON on one line); resolves once it is on disk. Rejects with the Failure `journal-unavailable`. */
  append(json: string): Promise<{ readonly sequence: number; readonly hash: string }> {
    const isFull =
      this.#waiting.length >= MAX_WAITING || this.#waitingBytes + json.length > MAX_WAITING_BYTES;
    if (this.#isClosed || isFull) return Promise.reject(new Failure("journal-unavailable"));
    if (json.length > MAX_ENTRY_BYTES || json.includes("\n")) {
      return Promise.reject(new Failure("bad-request", { detail: "journal entry" }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ json, resolve, reject });
      this.#waitingBytes += json.length;
      this.#pump();
    });
  }

  /** Appends an entry of the keeper's own. */
  note(kind: string, level: WrittenEntry["level"], facts: Pick<WrittenEntry, "details" | "subject">) {
    return this.append(this.#noteJson(kind, level, facts));
  }

  /** Lines after a place, as they stand on disk; entries, checkpoints and the rest. */
  read(after: JournalPlace): Promise<ReadLines> {
    const open = this.#open;
    const end = open === null ? null : { file: open.segment.file, sizeBytes: open.file.sizeBytes };
    return this.#reader.read(this.#segments, after, end);
  }

  /** Where it stands. */
  get state(): JournalFileState {
    const open = this.#open;
    return {
      isAvailable: !this.#isTroubled && open !== null,
      epoch: open?.state.epoch ?? 0,
      sequence: open?.state.sequence ?? 0,
      head: open?.state.hash ?? "",
      checkpoint: this.#checkpoint,
      segmentCount: this.#segments.length,
      sizeBytes: open?.file.sizeBytes ?? 0,
    };
  }

  /** Writes what waits and a last checkpoint, then closes. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#pumping !== null) await this.#pumping;
    this.#isClosed = true;
    if (this.#open !== null && this.#uncheckedLines > 0) await this.#guard(() => this.#writeBatch([], true));
    await this.#open?.file.close();
    this.#open = null;
  }

  #tick(): void {
    const isDue = this.#isCheckpointDue() || this.#isSegmentOver();
    if (isDue || this.#open === null || this.#hasClockJumped()) this.#pump();
  }

  /** Notes a jump as an entry of its own, ahead of what comes next. */
  #hasClockJumped(): boolean {
    const jump = this.#clockWatch?.check() ?? null;
    if (jump === null) return false;
    const details = {
      jumpMs: Math.round(jump.jumpMs),
      expectedAt: new Date(jump.expectedMs).toISOString(),
      foundAt: new Date(jump.foundMs).toISOString(),
    };
    this.#notes.push(this.#noteJson("keeper.clock-jumped", "alarm", { details, subject: {} }));
    return true;
  }

  #pump(): void {
    if (this.#pumping !== null || this.#isClosed) return;
    this.#pumping = this.#drain().finally(() => {
      this.#pumping = null;
      if (this.#waiting.length > 0) this.#pump();
    });
  }

  async #drain(): Promise<void> {
    do {
      const batch = this.#takeBatch();
      const error = await this.#guard(() => this.#writeBatch(batch, false));
      if (error !== null)
        for (const { reject } of batch) reject(new Failure("journal-unavailable", {}, error));
    } while (this.#waiting.length > 0);
  }

  #takeBatch(): readonly Waiting[] {
    let count = 0;
    let size = 0;
    while (count < this.#waiting.length && size < MAX_BATCH_BYTES) {
      size += this.#waiting[count]?.json.length ?? 0;
      count++;
    }
    this.#waitingBytes -= size;
    return this.#waiting.splice(0, count);
  }

  /** Runs a step that writes; tells of trouble once, and of its end once. */
  async #guard(step: () => Promise<void>): Promise<Error | null> {
    try {
      await step();
      this.#endTrouble();
      return null;
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      if (!this.#isTroubled) this.#options.onTrouble(cause);
      this.#isTroubled = true;
      return cause;
    }
  }

  #endTrouble(): void {
    if (this.#isTroubled) this.#options.onTrouble(null);
    this.#isTroubled = false;
  }

  async #writeBatch(batch: readonly Waiting[], isLast: boolean): Promise<void> {
    const open = await this.#ensureOpen();
    const draft = new ChainDraft(this.#options, open.state);
    this.#hasClockJumped();
    const notes = this.#notes;
    const noteCount = notes.length;
    for (const note of notes) draft.entry(note);
    const written = batch.map(({ json }) => draft.entry(json));
    this.#uncheckedLines += noteCount + batch.length;
    const isCheckpoint = this.#isCheckpointDue() || (isLast && this.#uncheckedLines > 0);
    const checkpoint = isCheckpoint ? draft.checkpoint() : null;
    if (draft.sizeBytes === 0) return;
    await open.file.append(draft.bytes);
    open.state = draft.state;
    this.#endTrouble();
    notes.splice(0, noteCount);
    for (const [index, result] of written.entries()) batch[index]?.resolve(result);
    if (checkpoint !== null) await this.#noteCheckpoint(checkpoint.sequence, draft.text);
  }

  async #noteCheckpoint(sequence: number, text: string): Promise<void> {
    const { clock, signer, directory } = this.#options;
    this.#checkpoint = { sequence, atMs: clock.now(), keyId: signer.keyId() };
    this.#uncheckedLines = 0;
    this.#checkpointMs = clock.monotonicMs();
    await writeHead(directory, lastLine(text));
  }

  #isCheckpointDue(): boolean {
    if (this.#uncheckedLines === 0) return false;
    const elapsedMs = this.#options.clock.monotonicMs() - this.#checkpointMs;
    return this.#uncheckedLines >= CHECKPOINT_EVERY_LINES || elapsedMs >= CHECKPOINT_EVERY_MS;
  }

  #today(): string {
    return new Date(this.#options.clock.now()).toISOString().slice(0, 10);
  }

  #isSegmentOver(): boolean {
    return this.#overReason() !== null;
  }

  #overReason(): SegmentReason | null {
    const open = this.#open;
    if (open === null) return null;
    if (open.segment.day !== this.#today()) return "day";
    const maxBytes = this.#options.maxSegmentBytes ?? MAX_SEGMENT_BYTES;
    return open.file.sizeBytes >= maxBytes ? "size" : null;
  }

  /** The segment to write to: recovers the journal at first, begins a new segment when the old one is over. */
  async #ensureOpen(): Promise<Open> {
    if (this.#open === null) await this.#recover();
    const reason = this.#overReason();
    const open = this.#open;
    if (open !== null && reason !== null) {
      const draft = new ChainDraft(this.#options, open.state);
      draft.trailer();
      await open.file.append(draft.bytes);
      await writeHead(this.#options.directory, lastLine(draft.text));
      this.#open = null;
      await open.file.close();
      await this.#begin(draft.state, reason, null);
      await this.#dropOld();
    }
    if (this.#open === null) throw new Error("the journal has no open segment");
    return this.#open;
  }

  async #recover(): Promise<void> {
    const { directory, clock } = this.#options;
    const found = await recoverJournal(directory);
    this.#segments = [...found.segments];
    this.#clockWatch ??= new ClockWatch(clock, found.lastStamp);
    const { current, tip, newEpoch } = found;
    if (newEpoch !== null) {
      const before = tip === null ? null : { epoch: tip.epoch, sequence: tip.sequence, hash: tip.hash };
      await this.#begin(newEpochState(found.lastEpoch + 1), newEpoch, before);
      await rm(join(directory, RESTORED_FILE), { force: true });
    } else if (current !== null) {
      this.#open = await reopen(directory, current, found);
      this.#uncheckedLines = 1;
    } else if (tip !== null) {
      // The last process ended between a trailer and the next segment.
      await this.#begin({ ...newEpochState(tip.epoch), sequence: tip.sequence, hash: tip.hash }, "day", null);
    }
    for (const { kind, details } of found.notes) {
      this.#notes.push(this.#noteJson(kind, "alarm", { details, subject: {} }));
    }
    await this.#dropOld();
  }

  async #begin(
    state: ChainState,
    reason: SegmentReason,
    before: { epoch: number; sequence: number; hash: string } | null,
  ): Promise<void> {
    const { directory } = this.#options;
    const day = this.#today();
    const segment = {
      file: segmentName(state.epoch, state.sequence + 1, day),
      epoch: state.epoch,
      firstSequence: state.sequence + 1,
      day,
    };
    const draft = new ChainDraft(this.#options, state);
    draft.segment(reason, before);
    const file = await SegmentFile.create(join(directory, segment.file), draft.text.trimEnd());
    await syncFolder(directory);
    this.#open = { file, segment, state: draft.state };
    this.#segments.push(segment);
    this.#uncheckedLines += 1;
  }

  /** Retention. That an old segment cannot be dropped is an alarm and no reason to stop writing. */
  async #dropOld(): Promise<void> {
    const { directory, clock, retentionMonths, signer } = this.#options;
    const keptFrom = firstKeptDay(clock.now(), retentionMonths);
    for (const segment of this.#segments.slice(0, -1)) {
      if (segment.day >= keptFrom) break;
      try {
        const details = { ...(await dropSegment(directory, segment, signer)) };
        this.#segments.shift();
        this.#notes.push(
          this.#noteJson("keeper.journal-segment-dropped", "notice", { details, subject: {} }),
        );
      } catch (error) {
        const details = { file: segment.file, error: String(error).slice(0, 200) };
        this.#notes.push(
          this.#noteJson("keeper.journal-retention-failed", "alarm", { details, subject: {} }),
        );
        return;
      }
    }
  }

  #noteJson(
    kind: string,
    level: WrittenEntry["level"],
    facts: Pick<WrittenEntry, "details" | "subject">,
  ): string {
    const entry: WrittenEntry = {
      entryId: this.#ids.next(this.#options.clock.now()),
      kind,
      level,
      actor: { personId: null, name: "keeper" },
      sourceAddress: "",
      subject: facts.subject,
      details: facts.details,
    };
    return JSON.stringify(entry);
  }
}

async function reopen(
  directory: string,
  { segment, scan }: NonNullable<Recovered["current"]>,
  { tip }: Recovered,
): Promise<Open> {
  if (tip === null || scan.header === null) throw new Error(`${segment.file} cannot be continued`);
  const file = await SegmentFile.reopen(join(directory, segment.file), scan.goodBytes);
  const state: ChainState = {
    epoch: tip.epoch,
    sequence: tip.sequence,
    hash: tip.hash,
    segmentFirstSequence: scan.header.sequence,
    segmentPrevious: scan.header.previous,
    segmentEntryCount: scan.entryCount,
    segmentFirstAt: scan.firstAt,
  };
  return { file, segment, state };
}

function lastLine(text: string): string {
  const body = text.trimEnd();
  return body.slice(body.lastIndexOf("\n") + 1);
}

/** Remembers the newest signed line beside the segments. Not synced: it may be older than the journal, never newer. */
async function writeHead(directory: string, line: string): Promise<void> {
  const path = join(directory, HEAD_FILE);
  await writeFile(`${path}.new`, `${line}\n`, { mode: 0o640 });
  await rename(`${path}.new`, path);
}

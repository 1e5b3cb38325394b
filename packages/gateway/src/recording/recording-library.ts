import { DecodeError } from "@poterne/bytes";
import { Failure } from "@poterne/contract";
import { ChunkIndex, holdsFrames, type IndexedChunk } from "@poterne/recording";
import { decodeFrames, FrameFlag } from "@poterne/wire";
import { cutChunk, planRange, type RangePlan, type RangeRequest } from "./frame-range.ts";
import { leaveOutOfFrames } from "./frames-for-end.ts";
import { readKeyWraps } from "./key-wraps.ts";
import type { RecordingParts } from "./recording-parts.ts";
import type { RecordingRow } from "./recording-tables.ts";
import { isMissing, type StorageReader } from "./storage.ts";
import { loadIndex, type ReadChunk, readChunks, readClearHeader } from "./stored-recording.ts";

/** Ended recordings whose key and index stay at hand; a player asks many times. */
const MAX_CACHED = 16;

/** How long they stay. */
const CACHE_MS = 10 * 60_000;

/** Place of the first chunk of frames: the session's header stands before it. */
const FIRST_FRAMES = 1;

interface Contents {
  readonly key: Uint8Array;
  readonly index: ChunkIndex;
}

/** One recording, opened for reading. Close it when done. */
export class OpenRecording {
  readonly row: RecordingRow;
  readonly index: ChunkIndex;
  readonly isRunning: boolean;
  readonly #reader: StorageReader;
  readonly #key: Uint8Array;
  #closing: Promise<void> | null = null;

  constructor(row: RecordingRow, contents: Contents, opened: { reader: StorageReader; isRunning: boolean }) {
    this.row = row;
    this.index = contents.index;
    this.isRunning = opened.isRunning;
    this.#reader = opened.reader;
    this.#key = contents.key;
  }

  /** Milliseconds from the start to the last frame. */
  get durationMs(): number {
    return this.index.at(this.index.count - 1)?.endMs ?? 0;
  }

  /** Chunks in plain, in order. Throws the Failure `recording-unreadable` when one does not open. */
  async *readChunks(chunks: Iterable<IndexedChunk>): AsyncGenerator<ReadChunk> {
    try {
      yield* readChunks(this.#reader, this.#key, chunks);
    } catch (error) {
      throw error instanceof DecodeError ? new Failure("recording-unreadable", {}, error) : error;
    }
  }

  /** All chunks of frames in order. */
  *frameChunks(): Generator<IndexedChunk> {
    for (const chunk of this.index) if (holdsFrames(chunk)) yield chunk;
  }

  plan(request: RangeRequest): RangePlan {
    return planRange(this.index, request);
  }

  /**
   * The plan of a picture, from an entry point that is whole by then: one that has not ended shows nothing to who starts
   * there. Where none is within one reply, the last one.
   */
  async planForEnd(request: RangeRequest): Promise<RangePlan> {
    const last = this.plan(request);
    if (request.isContinued) return last;
    let plan = last;
    let unread = plan.chunks;
    for (;;) {
      const first = plan.chunks[0]?.sequence ?? 0;
      if (first <= FIRST_FRAMES || (await this.#endsEntry(unread, plan.untilMs))) return plan;
      plan = planRange(this.index, request, this.index.entryBefore(first));
      if (plan.nextMs !== null && plan.nextMs <= request.toMs) return last;
      unread = plan.chunks.filter(({ sequence }) => sequence < first);
    }
  }

  async #endsEntry(chunks: readonly IndexedChunk[], untilMs: number): Promise<boolean> {
    for await (const { plain } of this.readChunks(chunks))
      for (const { flags, timeMs } of decodeFrames(plain))
        if ((flags & FrameFlag.entryEnd) !== 0 && timeMs <= untilMs) return true;
    return false;
  }

  /** The frames of a plan, a chunk at a time; closes the recording at the end. */
  async *frames(plan: RangePlan): AsyncGenerator<Uint8Array> {
    try {
      for await (const { chunk, plain } of this.readChunks(plan.chunks)) {
        const bytes = cutChunk(plan, chunk, plain);
        if (bytes.length > 0) yield bytes;
      }
    } finally {
      await this.close();
    }
  }

  /** Like `frames`, but of the pictures only what the one at the end needs. */
  async *framesForEnd(plan: RangePlan): AsyncGenerator<Uint8Array> {
    const all: Uint8Array[] = [];
    for await (const bytes of this.frames(plan)) all.push(bytes);
    yield await leaveOutOfFrames(all);
  }

  /** May be called more than once. */
  close(): Promise<void> {
    this.#closing ??= this.#reader.close();
    return this.#closing;
  }

  /** The content key, for what is derived from the recording and kept beside it. */
  get key(): Uint8Array {
    return this.#key;
  }
}

/** Opens recordings for reading, also while they are written; keeps keys and indexes of ended ones for a while. */
export class RecordingLibrary {
  readonly #parts: RecordingParts;
  readonly #cache = new Map<string, { readonly contents: Promise<Contents>; readonly untilMs: number }>();

  constructor(parts: RecordingParts) {
    this.#parts = parts;
  }

  /**
   * Opens a recording; `purpose` goes to the keeper's journal when it unwraps the key. Throws the Failures
   * `recording-deleted` and `recording-unreadable`.
   */
  async open(row: RecordingRow, purpose: string): Promise<OpenRecording> {
    if (row.integrity === "deleted") throw new Failure("recording-deleted");
    const reader = await this.#openFile(row);
    try {
      const live = this.#live(row.id);
      const contents = live ?? (await this.#load(row, reader, purpose));
      return new OpenRecording(row, contents, { reader, isRunning: live !== null });
    } catch (error) {
      await reader.close();
      this.#cache.delete(row.id);
      throw error instanceof DecodeError ? new Failure("recording-unreadable", {}, error) : error;
    }
  }

  /** Forgets what is at hand of a recording that goes away. */
  forget(sessionId: string): void {
    this.#cache.delete(sessionId);
  }

  async #openFile(row: RecordingRow): Promise<StorageReader> {
    try {
      return await this.#parts.storage.open(row.file_name);
    } catch (error) {
      throw isMissing(error) ? new Failure("recording-unreadable", {}, error) : error;
    }
  }

  /** A copy of what the recorder knows: chunks wholly in the file, and the key before the end wipes it. */
  #live(sessionId: string): Contents | null {
    const recorder = this.#parts.live.find(sessionId);
    if (recorder === null) return null;
    const { index, key, writtenBytes } = recorder.readable;
    let count = index.count;
    while (count > 0 && (index.at(count - 1)?.offset ?? 0) >= writtenBytes) count -= 1;
    return { key: key.slice(), index: new ChunkIndex(index.bytes().slice(0, count * 32)) };
  }

  async #load(row: RecordingRow, reader: StorageReader, purpose: string): Promise<Contents> {
    const isEnded = row.integrity !== "running" && row.integrity !== "unfinished";
    const cached = this.#cache.get(row.id);
    const now = this.#parts.environment.monotonicMs();
    if (isEnded && cached !== undefined && cached.untilMs > now) return cached.contents;
    const contents = this.#read(row, reader, purpose);
    if (!isEnded) return contents;
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size < MAX_CACHED) break;
      this.#cache.delete(oldest);
    }
    this.#cache.set(row.id, { contents, untilMs: now + CACHE_MS });
    return contents;
  }

  async #read(
    { id: sessionId, file_name: fileName }: RecordingRow,
    reader: StorageReader,
    purpose: string,
  ): Promise<Contents> {
    const { header } = await readClearHeader(reader);
    if (header.sessionId !== sessionId)
      throw new DecodeError("invalid", "recording header", 0, "another session's recording");
    const wraps = await readKeyWraps(this.#parts.storage, fileName, header);
    const key = await this.#parts.keeper.openRecordingKey(sessionId, wraps, purpose);
    return { key, index: await loadIndex(reader) };
  }
}

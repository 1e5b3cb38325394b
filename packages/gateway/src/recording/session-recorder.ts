import { encodeUtf8 } from "@poterne/bytes";
import {
  CHUNK_TARGET_BYTES,
  type ChainWriter,
  CheckpointFlag,
  ChunkBuilder,
  type ChunkIndex,
  MAX_INDEX_RECORDS,
  MAX_RECORDS,
  type PlainChunk,
  RecordFlag,
} from "@poterne/recording";
import { Channel, type Frame, FrameFlag, MAX_FRAME_PAYLOAD_BYTES } from "@poterne/wire";
import type { Environment } from "../environment.ts";
import { freeMemory } from "../free-memory.ts";
import type { CheckpointSigner } from "./checkpoint-signer.ts";
import { appendIndex, ChunkSealer, type SealedBatch } from "./chunk-sealer.ts";
import { onNextBeat } from "./flush-beat.ts";
import { givePlain, takePlain } from "./plain-pool.ts";
import type { Recorder } from "./recorder.ts";
import type { StorageWriter } from "./storage.ts";

/** A checkpoint is asked for so long after the first record it will cover: at most 10 s with the signing. */
export const CHECKPOINT_AFTER_MS = 8_000;

/** Written data is made durable at most this often. */
const SYNC_AFTER_MS = 5_000;

/** Without a signature for so long the recording counts as failed: evidence that nobody signs is none. */
export const MAX_UNSIGNED_MS = 60_000;

/** Below this many bytes, those being gathered included, the hub is told that there is room again. */
const DRAIN_BELOW_BYTES = CHUNK_TARGET_BYTES;

/** More waiting bytes than this and the recording fails: the disk stands still and the hub did not slow down. */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** One write may take so long; meanwhile the target is held back. Then the recording fails: the disk stands still. */
export const MAX_STALL_MS = 60_000;

const SOON = Promise.resolve();

/** How long the end waits for its signature before the file is left to the next start's sealing. */
const FINAL_SIGNATURE_MS = 10_000;

/** What one recording is written with. */
export interface SessionRecorderParts {
  readonly sessionId: string;
  readonly chain: ChainWriter;
  readonly key: Uint8Array;
  readonly writer: StorageWriter;
  readonly signer: CheckpointSigner;
  readonly environment: Environment;
  readonly events: SessionRecorderEvents;
}

/** What a recording tells. `onFailure` comes once, and then nothing more is written. */
interface SessionRecorderEvents {
  onFailure(error: Error): void;
  onDrain(): void;
  /** After each signed checkpoint that stands in the file. */
  onCheckpoint(checkpoint: { readonly count: number; readonly head: Uint8Array }): void;
}

/** How a recording ended. */
export interface RecordingEnd {
  readonly integrity: "complete" | "sealed" | "unfinished";
  readonly count: number;
  readonly head: Uint8Array;
  readonly sizeBytes: number;
  readonly durationMs: number;
}

/**
 * Writes one session's recording: gathers frames, seals chunks, appends them, has checkpoints signed. One pump at a
 * time touches chain and file; signing and syncing run beside it and never hold a frame up.
 */
export class SessionRecorder implements Recorder {
  readonly #parts: SessionRecorderParts;
  readonly #sealer: ChunkSealer;
  readonly #builder = new ChunkBuilder(takePlain, givePlain);
  #queue: PlainChunk[] = [];
  #queuedBytes = 0;
  #writtenBytes: number;
  #signedCount = 0;
  #checkpoints: Uint8Array[] = [];
  #pump: Promise<void> | null = null;
  #isFlushDue = false;
  #checkpointTimer: NodeJS.Timeout | null = null;
  #syncTimer: NodeJS.Timeout | null = null;
  #signing: Promise<void> | null = null;
  #unsignedSinceMs: number | null = null;
  #changedBytes = 0;
  #entryTimeMs = 0;
  #lastTimeMs = 0;
  #wasBehind = false;
  #state: "open" | "finishing" | "failed" | "closed" = "open";
  #error: Error | null = null;
  #failure: Promise<RecordingEnd> | null = null;
  #end: Promise<RecordingEnd> | null = null;

  constructor(parts: SessionRecorderParts) {
    this.#parts = parts;
    this.#sealer = new ChunkSealer(parts.chain, parts.key);
    this.#writtenBytes = parts.chain.offset;
  }

  get queuedBytes(): number {
    return this.#builder.pendingBytes + this.#queuedBytes;
  }

  get sinceEntryPoint(): { readonly changedBytes: number; readonly timeMs: number } {
    return { changedBytes: this.#changedBytes, timeMs: this.#entryTimeMs };
  }

  /** What a reader may use while the session runs: chunks that are wholly in the file. */
  get readable(): { readonly index: ChunkIndex; readonly writtenBytes: number; readonly key: Uint8Array } {
    return { index: this.#parts.chain.index, writtenBytes: this.#writtenBytes, key: this.#parts.key };
  }

  /** Session time of the last frame taken. */
  get durationMs(): number {
    return this.#lastTimeMs;
  }

  /** Writes chunk 0 (the session's header, sealed) and has it signed; resolves once both are in the file. */
  async begin(header: object): Promise<void> {
    const plain = encodeUtf8(JSON.stringify(header));
    this.#enqueue([{ flags: RecordFlag.sessionHeader, startMs: 0, endMs: 0, plain }]);
    await this.#idle();
    await this.#sign(0);
    await this.#idle();
    if (this.#error !== null)
      throw new Error("the recording's beginning could not be written", { cause: this.#error });
  }

  write(frame: Frame): void {
    if (this.#state !== "open" || (frame.flags & FrameFlag.transient) !== 0) return;
    if (frame.payload.length > MAX_FRAME_PAYLOAD_BYTES) return this.#fail(new Error("frame over 16 MB"));
    // Frames of two sources may cross by a millisecond; the index needs times that never go back.
    const timeMs = Math.max(frame.timeMs, this.#lastTimeMs);
    this.#lastTimeMs = timeMs;
    this.#countChange(frame, timeMs);
    this.#enqueue(this.#builder.add(timeMs === frame.timeMs ? frame : { ...frame, timeMs }));
    if (this.#isFlushDue || this.#builder.pendingBytes === 0) return;
    this.#isFlushDue = true;
    onNextBeat(this.#flush);
  }

  async finish(end: { readonly code: string }): Promise<void> {
    await this.close(end);
  }

  /** As `finish`, and says how the file ended. A failed recording resolves with what could be saved. */
  close(end: { readonly code: string }): Promise<RecordingEnd> {
    this.#end ??= this.#failure ?? this.#close(end);
    return this.#end;
  }

  #countChange(frame: Frame, timeMs: number): void {
    if ((frame.flags & FrameFlag.entryStart) !== 0) this.#entryTimeMs = timeMs;
    if ((frame.flags & FrameFlag.entryEnd) !== 0) this.#changedBytes = 0;
    else if (frame.channel === Channel.picture || frame.channel === Channel.text)
      this.#changedBytes += frame.payload.length;
  }

  readonly #flush = (): void => {
    this.#isFlushDue = false;
    const chunk = this.#builder.take();
    if (chunk !== null) this.#enqueue([chunk]);
  };

  #enqueue(chunks: readonly PlainChunk[]): void {
    if (chunks.length === 0) return;
    for (const chunk of chunks) {
      this.#queue.push(chunk);
      this.#queuedBytes += chunk.plain.length;
    }
    if (this.queuedBytes > DRAIN_BELOW_BYTES) this.#wasBehind = true;
    if (this.queuedBytes > MAX_QUEUED_BYTES)
      return this.#fail(new Error("the recording's queue is over 64 MB"));
    this.#startPump();
  }

  #startPump(): void {
    if (this.#pump === null && this.#state !== "failed" && this.#state !== "closed") this.#pump = this.#run();
  }

  async #idle(): Promise<void> {
    while (this.#pump !== null) await this.#pump;
  }

  /** The pump; never rejects. Every promise counts here: it runs a dozen times a second and session. */
  async #run(): Promise<void> {
    // Frames of one turn of the loop are sealed together.
    await SOON;
    try {
      while (this.#hasWork && this.#state !== "failed") {
        if (this.#parts.chain.count > MAX_RECORDS - 8) throw new Error("the recording has too many records");
        const sealed = this.#sealer.sealSome(this.#queue);
        await this.#append(sealed instanceof Promise ? await sealed : sealed);
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.#pump = null;
    // What came in the moment between the pump's last look and its end.
    if (this.#hasWork) this.#startPump();
  }

  get #hasWork(): boolean {
    return this.#queue.length > 0 || this.#checkpoints.length > 0;
  }

  async #append({ parts, plainBytes }: SealedBatch): Promise<void> {
    for (const checkpoint of this.#checkpoints.splice(0)) {
      this.#parts.chain.appendCheckpoint(checkpoint);
      parts.push(checkpoint);
    }
    const timer = setTimeout(this.#stalled, MAX_STALL_MS);
    try {
      await this.#parts.writer.append(parts);
    } finally {
      clearTimeout(timer);
    }
    for (const part of parts) freeMemory(part);
    this.#writtenBytes = this.#parts.chain.offset;
    this.#queuedBytes = Math.max(0, this.#queuedBytes - plainBytes);
    this.#schedule();
    if (this.#wasBehind && this.queuedBytes <= DRAIN_BELOW_BYTES) {
      this.#wasBehind = false;
      this.#parts.events.onDrain();
    }
  }

  readonly #stalled = (): void => this.#fail(new Error("the disk stood still for a minute"));

  /** Sets the timers that written data needs: durability, and a signature over it. */
  #schedule(): void {
    if (this.#state !== "open") return;
    this.#syncTimer ??= setTimeout(this.#syncNow, SYNC_AFTER_MS);
    if (this.#parts.chain.count <= this.#signedCount) return;
    this.#unsignedSinceMs ??= this.#parts.environment.monotonicMs();
    this.#checkpointTimer ??= setTimeout(this.#checkpointNow, CHECKPOINT_AFTER_MS);
  }

  readonly #syncNow = (): void => {
    const coveredBytes = this.#writtenBytes;
    this.#parts.writer
      .sync()
      .catch((error: Error) => this.#fail(error))
      .finally(() => {
        // The next is due only now: on a slow disk they would pile up.
        this.#syncTimer = null;
        if (this.#writtenBytes > coveredBytes) this.#schedule();
      });
  };

  readonly #checkpointNow = (): void => {
    this.#checkpointTimer = null;
    if (this.#state === "open" && this.#signing === null) this.#signing = this.#signBeside();
  };

  async #signBeside(): Promise<void> {
    try {
      await this.#sign(0);
    } catch (error) {
      const since = this.#unsignedSinceMs ?? this.#parts.environment.monotonicMs();
      if (this.#parts.environment.monotonicMs() - since > MAX_UNSIGNED_MS)
        this.#fail(new Error("no checkpoint could be signed for a minute", { cause: error }));
      else if (this.#state === "open")
        this.#checkpointTimer ??= setTimeout(this.#checkpointNow, CHECKPOINT_AFTER_MS / 5);
    } finally {
      this.#signing = null;
    }
  }

  /** Has the records written so far signed and gives the checkpoint to the pump. */
  async #sign(flags: number): Promise<void> {
    await this.#idle();
    const { chain, environment, events, sessionId, signer } = this.#parts;
    const snapshot = chain.snapshot();
    const bytes = await signer.sign(snapshot, { sessionId, flags, unixMs: environment.now() });
    if (this.#state === "failed") return;
    this.#signedCount = snapshot.count;
    this.#unsignedSinceMs = null;
    this.#checkpoints.push(bytes);
    this.#startPump();
    await this.#idle();
    events.onCheckpoint(snapshot);
  }

  async #close(end: { readonly code: string }): Promise<RecordingEnd> {
    this.#clearTimers();
    this.#flush();
    if (this.#state === "open") this.#state = "finishing";
    const note = encodeUtf8(JSON.stringify({ code: end.code }));
    const atMs = this.#lastTimeMs;
    this.#enqueue([{ flags: RecordFlag.sessionEnd, startMs: atMs, endMs: atMs, plain: note }]);
    await this.#idle();
    await this.#signing;
    try {
      await this.#writeEnd();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    return this.#failure ?? this.#release("complete");
  }

  async #writeEnd(): Promise<void> {
    const { chain, environment, sessionId, signer, writer } = this.#parts;
    if (this.#state === "failed") return;
    await writer.append(appendIndex(chain, MAX_INDEX_RECORDS) ?? []);
    const giveUpAtMs = environment.monotonicMs() + FINAL_SIGNATURE_MS;
    for (;;) {
      try {
        const context = { sessionId, flags: CheckpointFlag.final, unixMs: environment.now() };
        const bytes = await signer.sign(chain.snapshot(), context);
        chain.appendCheckpoint(bytes);
        await writer.append([bytes]);
        return;
      } catch (error) {
        if (environment.monotonicMs() > giveUpAtMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  async #release(integrity: RecordingEnd["integrity"]): Promise<RecordingEnd> {
    const { chain, key, writer } = this.#parts;
    this.#state = "closed";
    this.#writtenBytes = chain.offset;
    await writer.sync();
    await writer.close();
    key.fill(0);
    return this.#describe(integrity);
  }

  #describe(integrity: RecordingEnd["integrity"]): RecordingEnd {
    const { count, head, endMs: durationMs } = this.#parts.chain;
    return { integrity, count, head, sizeBytes: this.#writtenBytes, durationMs };
  }

  #fail(error: Error): void {
    if (this.#state === "failed" || this.#state === "closed") return;
    this.#state = "failed";
    this.#error = error;
    this.#clearTimers();
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#failure = this.#saveAfterFailure();
    this.#parts.events.onFailure(error);
  }

  /** Takes a torn piece away, so that the file ends with a whole one; sealing signs what is there. */
  async #saveAfterFailure(): Promise<RecordingEnd> {
    await this.#idle();
    await this.#signing;
    const { key, writer } = this.#parts;
    for (const step of [() => writer.truncate(this.#writtenBytes), () => writer.sync(), () => writer.close()])
      await step().catch(() => {});
    key.fill(0);
    return this.#describe("unfinished");
  }

  #clearTimers(): void {
    for (const timer of [this.#checkpointTimer, this.#syncTimer]) if (timer !== null) clearTimeout(timer);
    this.#checkpointTimer = null;
    this.#syncTimer = null;
  }
}

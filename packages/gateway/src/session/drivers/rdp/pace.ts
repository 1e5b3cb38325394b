/** Queued for longer than this and over `SLOW_OVER_BYTES`, pictures wait: the server is not read … */
const SLOW_AFTER_MS = 250;
const SLOW_OVER_BYTES = 96 * 1024;
/** … nor over this, however fast it goes … */
const HOLD_OVER_BYTES = 4 * 1024 * 1024;
/** … until so little is left. */
const RESUME_BELOW_BYTES = 48 * 1024;
/** A frame nobody is there to acknowledge is acknowledged for a recording after so long. */
const UNDRIVEN_AFTER_MS = 1000;
/** Marks of when how much was emitted; the oldest ones are joined over it. */
const MAX_MARKS = 256;

/** How much had been handed over when. */
interface Mark {
  readonly bytes: number;
  readonly atMs: number;
}

/** A frame of the server that waits for its acknowledgement. */
interface UnacknowledgedFrame extends Mark {
  readonly frameId: number;
}

/** What is to be done about the server's pace. */
export interface PaceDecision {
  /** Frames to acknowledge, in order. */
  readonly frameIds: readonly number[];
  /** Whether to read nothing from the server for now. */
  readonly isHeld: boolean;
  /** Whether the server is to draw at all. */
  readonly wantsOutput: boolean;
}

/**
 * Keeps an RDP server's pace to what the controller's viewer and the recording take: a frame is acknowledged once its
 * bytes were consumed, and where a server sends no frames its connection is not read. Without a viewer a recorded
 * desktop runs on and any other one draws nothing.
 */
export class RdpPace {
  readonly #isRecorded: boolean;
  #emittedBytes = 0;
  #queuedBytes = 0;
  #isWatched = true;
  #isHeld = false;
  #frames: UnacknowledgedFrame[] = [];
  #marks: Mark[] = [];

  constructor(options: { readonly isRecorded: boolean }) {
    this.#isRecorded = options.isRecorded;
  }

  /** Pictures or sound were handed over. */
  emitted(sizeBytes: number, nowMs: number): void {
    this.#emittedBytes += sizeBytes;
    if (this.#marks.length >= MAX_MARKS) this.#marks = this.#marks.filter((_, index) => index % 2 === 0);
    this.#marks.push({ bytes: this.#emittedBytes, atMs: nowMs });
  }

  /** A frame of the server is whole: all its bytes were handed over. */
  frameEnded(frameId: number, nowMs: number): void {
    this.#frames.push({ frameId, bytes: this.#emittedBytes, atMs: nowMs });
  }

  /** What the hub says of the queue. */
  flow(queuedBytes: number, isWatched: boolean): void {
    this.#queuedBytes = queuedBytes;
    this.#isWatched = isWatched;
    const consumed = this.consumedBytes;
    const first = this.#marks.findIndex(({ bytes }) => bytes > consumed);
    this.#marks = first < 0 ? [] : this.#marks.slice(first);
  }

  /** What was handed over that viewers acknowledge. */
  get emittedBytes(): number {
    return this.#emittedBytes;
  }

  /** How much of it the controller's viewer and the recording took. */
  get consumedBytes(): number {
    return this.#emittedBytes - this.#queuedBytes;
  }

  /** Decides; a frame is named once only. */
  decide(nowMs: number): PaceDecision {
    const consumed = this.consumedBytes;
    const isDone = ({ bytes, atMs }: UnacknowledgedFrame): boolean => {
      const isUndriven = this.#queuedBytes === 0 && nowMs - atMs > UNDRIVEN_AFTER_MS;
      return !this.#isWatched || bytes <= consumed || isUndriven;
    };
    const waiting = this.#frames.findIndex((frame) => !isDone(frame));
    const done = this.#frames.splice(0, waiting < 0 ? this.#frames.length : waiting);
    this.#isHeld = this.#queuedBytes > (this.#isHeld ? RESUME_BELOW_BYTES : this.#holdOverBytes(nowMs));
    return {
      frameIds: done.map(({ frameId }) => frameId),
      isHeld: this.#isHeld,
      wantsOutput: this.#isWatched || this.#isRecorded,
    };
  }

  #holdOverBytes(nowMs: number): number {
    const oldest = this.#marks[0];
    const isSlow = oldest !== undefined && nowMs - oldest.atMs > SLOW_AFTER_MS;
    return isSlow ? SLOW_OVER_BYTES : HOLD_OVER_BYTES;
  }
}

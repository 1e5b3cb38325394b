/** Emissions remembered at one time; over it the last one grows. */
const MAX_MARKS = 256;
/** The least delay is that of the last one to two windows. */
const WINDOW_MS = 60_000;
/** Without any word of the viewer for so long what was emitted counts as gone: whoever follows does not acknowledge. */
const STALE_MS = 3000;
/** Shorter transmissions than this are not told apart from none. */
const SHORTEST_MS = 2;

/** Emissions from this size on tell the rate … */
const TELLING_BYTES = 8 * 1024;
/** … smaller ones only when they are later than any machine's hiccup. */
const JITTER_MS = 40;
/** So long or so much without a pause tells a rate. */
const RUN_MS = 30;
const RUN_BYTES = 64 * 1024;
/** One lump must not make a thin line a thick one. */
const MOST_GROWTH = 4;
/** Only what left alone and as small as this tells that the way's own delay has grown: the rest may have waited. */
const LONE_BYTES = 4 * 1024;

interface Mark {
  /** Bytes emitted so far, this one included. */
  total: number;
  readonly atMs: number;
  /** Bytes on their way when it was emitted, itself included. */
  backlogBytes: number;
}

/**
 * Measures the way to a viewer from when bytes were emitted and when they were consumed: its delay without load, and
 * its rate. The delay of a long way is not taken for a slow one.
 */
export class LinkMeter {
  #emittedBytes = 0;
  #queuedBytes = 0;
  #marks: Mark[] = [];
  #leastDelayMs = Number.POSITIVE_INFINITY;
  #windowLeastMs = Number.POSITIVE_INFINITY;
  #windowFromMs = 0;
  #heardAtMs = 0;
  #arrivedAtMs = Number.NEGATIVE_INFINITY;
  #arrivedBytes = 0;
  /** What arrived without the line being idle in between, and how long that took. */
  #runBytes = 0;
  #runMs = 0;
  /** Whether that began when the line had been idle. */
  #isRunWhole = false;
  #rate = 0;

  /** Bytes a millisecond, 0 while unknown. */
  get rate(): number {
    return this.#rate;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Whether anything was acknowledged yet: the delay is known then, the rate perhaps. */
  get isHeard(): boolean {
    return this.#leastDelayMs !== Number.POSITIVE_INFINITY;
  }

  /** The way's own delay there and back, 0 while unknown. */
  get leastDelayMs(): number {
    return this.#leastDelayMs === Number.POSITIVE_INFINITY ? 0 : this.#leastDelayMs;
  }

  /** Bytes left for the viewer. */
  emitted(sizeBytes: number, nowMs: number): void {
    this.#emittedBytes += sizeBytes;
    this.#queuedBytes += sizeBytes;
    const last = this.#marks.at(-1);
    if (last !== undefined && this.#marks.length >= MAX_MARKS) {
      last.total = this.#emittedBytes;
      last.backlogBytes = this.#queuedBytes;
    } else this.#marks.push({ total: this.#emittedBytes, atMs: nowMs, backlogBytes: this.#queuedBytes });
  }

  /** What is still on its way, by the viewer's acknowledgements. */
  consumed(queuedBytes: number, nowMs: number): void {
    this.#queuedBytes = queuedBytes;
    this.#heardAtMs = nowMs;
    const arrived = this.#emittedBytes - queuedBytes;
    let done = 0;
    let last: Mark | undefined;
    for (let mark = this.#marks[0]; mark !== undefined && mark.total <= arrived; mark = this.#marks[done]) {
      done++;
      last = mark;
    }
    const first = this.#marks[0];
    if (first === undefined || last === undefined) return;
    // Of several that one acknowledgement covers only the last was held up by nothing else.
    this.#learnDelay(last, nowMs);
    this.#learnRate(first, last, nowMs);
    this.#marks.splice(0, done);
    this.#arrivedAtMs = nowMs;
    this.#arrivedBytes = last.total;
  }

  #learnDelay(mark: Mark, nowMs: number): void {
    const delayMs = nowMs - mark.atMs;
    if (mark.backlogBytes <= LONE_BYTES && nowMs - this.#windowFromMs > WINDOW_MS) {
      if (this.#windowLeastMs !== Number.POSITIVE_INFINITY) this.#leastDelayMs = this.#windowLeastMs;
      this.#windowLeastMs = delayMs;
      this.#windowFromMs = nowMs;
    }
    this.#windowLeastMs = Math.min(this.#windowLeastMs, delayMs);
    this.#leastDelayMs = Math.min(this.#leastDelayMs, delayMs);
  }

  /** The rate is what arrived by the time the line had it: since the last arrival, or since it could be there at all. */
  #learnRate(first: Mark, last: Mark, nowMs: number): void {
    const couldBeThereAtMs = first.atMs + this.#leastDelayMs;
    if (couldBeThereAtMs > this.#arrivedAtMs) {
      this.#endRun();
      this.#isRunWhole = true;
    }
    this.#runBytes += last.total - this.#arrivedBytes;
    this.#runMs += nowMs - Math.max(this.#arrivedAtMs, couldBeThereAtMs);
    // Acknowledgements come in lumps: only several together tell a rate.
    const isLong = this.#runMs >= RUN_MS || this.#runBytes >= RUN_BYTES;
    if (isLong || (this.#isRunWhole && this.#queuedBytes === 0)) this.#endRun();
  }

  #endRun(): void {
    const bytes = this.#runBytes;
    const tookMs = this.#runMs;
    const isTold = this.#isRunWhole || tookMs >= RUN_MS || bytes >= RUN_BYTES;
    this.#runBytes = 0;
    this.#runMs = 0;
    this.#isRunWhole = false;
    // A small emission that comes a little late tells of a busy machine, not of a slow way.
    if (!isTold || bytes === 0 || (bytes < TELLING_BYTES && tookMs < JITTER_MS)) return;
    const found = bytes / Math.max(SHORTEST_MS, tookMs);
    const rate = this.#rate === 0 ? found : Math.min(found, MOST_GROWTH * this.#rate);
    this.#rate = this.#rate === 0 ? rate : this.#rate + (rate - this.#rate) / 3;
  }

  /** Nobody follows: nothing is on its way. */
  forget(): void {
    this.#marks = [];
    this.#queuedBytes = 0;
    this.#runBytes = 0;
    this.#runMs = 0;
    this.#arrivedBytes = this.#emittedBytes;
  }

  /** The next viewer's way is another one. */
  restart(): void {
    this.forget();
    this.#leastDelayMs = Number.POSITIVE_INFINITY;
    this.#windowLeastMs = Number.POSITIVE_INFINITY;
    this.#rate = 0;
  }

  /** How long so many bytes take, beyond the way's own delay. */
  msFor(bytes: number): number {
    return this.#rate === 0 ? 0 : bytes / this.#rate;
  }

  /**
   * How much longer than without load what is queued will have waited: by the rate, or by how late the oldest of it is
   * already, after those it left behind.
   */
  waitMs(nowMs: number): number {
    const oldest = this.#marks[0];
    if (oldest === undefined || this.#queuedBytes === 0) return 0;
    if (nowMs - Math.max(this.#heardAtMs, oldest.atMs) > STALE_MS) {
      this.forget();
      return 0;
    }
    const least = this.leastDelayMs;
    const lateMs = nowMs - oldest.atMs - least - this.msFor(oldest.backlogBytes);
    return Math.max(lateMs, this.msFor(this.#queuedBytes) - least, 0);
  }
}

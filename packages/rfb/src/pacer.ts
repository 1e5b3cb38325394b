import type { PictureQuality } from "./client-messages.ts";
import { LinkMeter } from "./link-meter.ts";
import { UpdateParts } from "./update-parts.ts";

/** What the pacer wants told to the server, in order. */
export type PacerAction =
  /** `parts` are bands of the screen, `PART_COUNT` from the top; null is all of it. */
  | { readonly type: "request"; readonly parts: readonly number[] | null }
  | { readonly type: "continuous"; readonly isEnabled: boolean }
  | { readonly type: "quality"; readonly quality: PictureQuality };

/** What a pacer starts from. */
export interface PacerOptions {
  /** The best JPEG quality, null for lossless pictures always. */
  readonly quality: number | null;
  /** Whether the session is recorded: then updates go on, slowly, while nobody watches. */
  readonly isRecorded: boolean;
}

/** Waiting longer than this for what is queued turns continuous updates off and lowers the quality. */
const SLOW_WAIT_MS = 150;
/** The next update is asked for once what is queued will be gone in so long. */
const NEXT_WAIT_MS = 25;
/** … or at once, for the sake of a light one, while it will be gone in so long … */
const MAX_URGENT_WAIT_MS = 300;
/** … and when the whole is tried, in so long: what is queued then is what the trial began with. */
const MAX_TRIAL_WAIT_MS = 2000;
/** Whatever the link, more than this is never queued. */
const MAX_QUEUE_BYTES = 2 * 1024 * 1024;
/** One update may take so long on the link before the quality goes down … */
const HEAVY_UPDATE_MS = 120;
/** … and must stay below this before it goes up again. */
const LIGHT_UPDATE_MS = 40;
const LOWER_EVERY_MS = 500;
const RAISE_AFTER_MS = 3000;
const QUALITY_STEP_DOWN = 2;
/** So many times too heavy, and the lowest quality is taken at once. */
const FAR_TOO_HEAVY = 3;
const LOWEST_QUALITY = 0;
const NORMAL_COMPRESS_LEVEL = 2;
const SLOW_COMPRESS_LEVEL = 6;
/** An update longer than this on the link is asked for in parts: whatever comes next would wait behind it … */
const LONG_UPDATE_MS = 150;
/** … and as many parts are asked for together as take so long. */
const PARTS_MS = 30;
/** When parts asked for have not changed within so long, others are asked for as well. */
const PARTS_WAIT_MS = 100;
/** A way with less delay than this is taken for a fast one until its rate is known … */
const NEAR_MS = 10;
/** … and one with more for a thin one, of 2 Mbit/s. */
const CAUTIOUS_RATE = 250;
/** Updates come unasked only on a line of 16 Mbit/s and more: on others a film would have flooded it before it is stopped. */
const CONTINUOUS_RATE = 2000;
/** How often a recording without viewers gets an update. */
const UNWATCHED_INTERVAL_MS = 1000;

/**
 * Decides when to ask the server for updates and how good they shall be, from how fast they are consumed. It queues
 * nothing: on a slow link fewer and lighter updates are asked for. No clock: time comes with each call.
 */
export class Pacer {
  readonly #options: PacerOptions;
  #hasContinuous = false;
  #isContinuous = false;
  #isRequested = false;
  #isWatched = true;
  /** Whether an entry point has come since somebody watches. */
  #hasEntered = false;
  readonly #link = new LinkMeter();
  readonly #parts = new UpdateParts();
  /** When parts were asked for that have not come yet, null when the whole screen or nothing is. */
  #partsAskedAtMs: number | null = null;
  #quality: number;
  #changedQualityAtMs = 0;
  #calmSinceMs = 0;
  #hasBeenSlow = false;
  #lastUpdateAtMs = 0;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#quality = options.quality ?? 0;
  }

  /** The quality asked for now. */
  get quality(): PictureQuality {
    return {
      quality: this.#options.quality === null ? null : this.#quality,
      compressLevel: this.#isSlow ? SLOW_COMPRESS_LEVEL : NORMAL_COMPRESS_LEVEL,
    };
  }

  /** Bytes a millisecond the viewer takes, 0 while unknown. */
  get rateBytesPerMs(): number {
    return this.#link.rate;
  }

  get #isSlow(): boolean {
    return this.#options.quality === null ? this.#calmSinceMs < 0 : this.#quality < this.#options.quality;
  }

  /** The server does continuous updates. */
  continuousSupported(): void {
    this.#hasContinuous = true;
  }

  /** An update was asked for outside of the pacer's doing (a full one, for an entry point). */
  requested(): void {
    this.#isRequested = true;
  }

  /**
   * An entry point begins. What was emitted before the first one went to no viewer, though the hub did not count it as
   * queued: it looked as if it had arrived at once.
   */
  entryStarted(): void {
    if (this.#hasEntered) return;
    this.#hasEntered = true;
    this.#link.restart();
  }

  /** A frame went to the hub. */
  emitted(sizeBytes: number, nowMs: number): void {
    if (this.#isWatched) this.#link.emitted(sizeBytes, nowMs);
  }

  /** An update ended; `partBytes` is what it took in each band of the screen. */
  updated(partBytes: readonly number[], nowMs: number): void {
    this.#isRequested = false;
    this.#partsAskedAtMs = null;
    this.#lastUpdateAtMs = nowMs;
    this.#parts.updated(partBytes, nowMs);
  }

  /** How far the slower of controller and recorder has come. */
  flow(queuedBytes: number, isWatched: boolean, nowMs: number): void {
    if (isWatched && !this.#isWatched) this.#hasEntered = false;
    this.#isWatched = isWatched;
    this.#link.consumed(queuedBytes, nowMs);
    if (!isWatched) this.#link.forget();
  }

  /** What to do now; call after `updated`, `flow` and at `nextWakeMs`. */
  decide(nowMs: number): PacerAction[] {
    const actions: PacerAction[] = [];
    const waitMs = this.#waitMs(nowMs);
    this.#decideQuality(waitMs, nowMs, actions);
    this.#decideContinuous(waitMs, nowMs, actions);
    if (!this.#isContinuous && !this.#isRequested && this.#mayRequest(waitMs, nowMs)) {
      this.#isRequested = true;
      actions.push({ type: "request", parts: this.#chooseParts(nowMs) });
    } else if (this.#partsAskedAtMs !== null && nowMs - this.#partsAskedAtMs >= PARTS_WAIT_MS) {
      const parts = this.#parts.stoodStill();
      this.#partsAskedAtMs = parts === null ? null : nowMs;
      actions.push({ type: "request", parts });
    }
    return actions;
  }

  /** How much longer what is asked for now will wait than alone. */
  #waitMs(nowMs: number): number {
    const { queuedBytes, leastDelayMs } = this.#link;
    if (queuedBytes > MAX_QUEUE_BYTES) return Number.POSITIVE_INFINITY;
    const waitMs = this.#link.waitMs(nowMs);
    const rate = this.#assumedRate;
    return rate === 0 ? waitMs : Math.max(waitMs, queuedBytes / rate - leastDelayMs);
  }

  #chooseParts(nowMs: number): readonly number[] | null {
    const rate = this.#isWatched ? this.#assumedRate : 0;
    if (rate === 0) {
      this.#parts.forgetRequest();
      return null;
    }
    const parts = this.#parts.choose({
      bytesPerMs: rate,
      wholeBytes: rate * LONG_UPDATE_MS,
      partBytes: rate * PARTS_MS,
    });
    this.#partsAskedAtMs = parts === null ? null : nowMs;
    return parts;
  }

  /** Bytes a millisecond, 0 where it need not be known: pictures flood a thin line before they have told what it takes. */
  get #assumedRate(): number {
    if (this.#link.rate > 0) return this.#link.rate;
    return this.#link.isHeard && this.#link.leastDelayMs <= NEAR_MS ? 0 : CAUTIOUS_RATE;
  }

  /** When `decide` should be called again at the latest, null when an event will come. */
  nextWakeMs(nowMs: number): number | null {
    if (this.#partsAskedAtMs !== null) return this.#partsAskedAtMs + PARTS_WAIT_MS;
    if (this.#isWatched || !this.#options.isRecorded || this.#isRequested) return null;
    return Math.max(nowMs + 1, this.#lastUpdateAtMs + UNWATCHED_INTERVAL_MS);
  }

  #mayRequest(waitMs: number, nowMs: number): boolean {
    if (waitMs <= NEXT_WAIT_MS) this.#parts.caughtUp();
    else if (!this.#parts.isUrgent) return false;
    else if (waitMs > (this.#parts.isTrying ? MAX_TRIAL_WAIT_MS : MAX_URGENT_WAIT_MS)) return false;
    if (this.#isWatched) return true;
    return this.#options.isRecorded && nowMs - this.#lastUpdateAtMs >= UNWATCHED_INTERVAL_MS;
  }

  #decideContinuous(waitMs: number, nowMs: number, actions: PacerAction[]): void {
    if (waitMs > SLOW_WAIT_MS) {
      this.#calmSinceMs = -1;
      this.#hasBeenSlow = true;
    } else if (this.#calmSinceMs < 0 && waitMs <= NEXT_WAIT_MS) this.#calmSinceMs = nowMs;
    const isCalm =
      this.#calmSinceMs >= 0 && nowMs - this.#calmSinceMs >= (this.#hasBeenSlow ? RAISE_AFTER_MS : 0);
    const isHeavy = this.#link.msFor(this.#parts.wholeBytes) > LIGHT_UPDATE_MS;
    const isThin = this.#assumedRate > 0 && this.#assumedRate < CONTINUOUS_RATE;
    const mayRun = this.#hasContinuous && this.#isWatched && !isThin;
    if (this.#isContinuous && (!mayRun || waitMs > SLOW_WAIT_MS)) this.#switch(false, actions);
    else if (!this.#isContinuous && mayRun && isCalm && !this.#isSlow && !isHeavy)
      this.#switch(true, actions);
  }

  #switch(isEnabled: boolean, actions: PacerAction[]): void {
    this.#isContinuous = isEnabled;
    // A request that was open is void once updates are continuous, and one is needed when they stop being.
    this.#isRequested = false;
    this.#partsAskedAtMs = null;
    this.#parts.forgetRequest();
    actions.push({ type: "continuous", isEnabled });
  }

  #decideQuality(waitMs: number, nowMs: number, actions: PacerAction[]): void {
    const best = this.#options.quality;
    if (best === null || this.#link.rate === 0) return;
    const updateMs = this.#link.msFor(this.#parts.wholeBytes);
    const sinceMs = nowMs - this.#changedQualityAtMs;
    const isHeavy = updateMs > HEAVY_UPDATE_MS || waitMs > 2 * SLOW_WAIT_MS;
    if (isHeavy && this.#quality > LOWEST_QUALITY && sinceMs >= LOWER_EVERY_MS)
      this.#setQuality(
        Math.max(updateMs, waitMs / 2) > FAR_TOO_HEAVY * HEAVY_UPDATE_MS
          ? LOWEST_QUALITY
          : Math.max(LOWEST_QUALITY, this.#quality - QUALITY_STEP_DOWN),
        nowMs,
        actions,
      );
    else if (
      updateMs < LIGHT_UPDATE_MS &&
      waitMs <= NEXT_WAIT_MS &&
      this.#quality < best &&
      sinceMs >= RAISE_AFTER_MS
    )
      this.#setQuality(this.#quality + 1, nowMs, actions);
  }

  #setQuality(quality: number, nowMs: number, actions: PacerAction[]): void {
    this.#quality = quality;
    this.#changedQualityAtMs = nowMs;
    actions.push({ type: "quality", quality: this.quality });
  }
}

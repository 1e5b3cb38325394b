/** So much is queued when sound begins, and the queue is kept near it: less and a late message is heard as a gap … */
export const TARGET_QUEUE_S = 0.12;
/** … over this a wave is left out: sound stays so close to the picture. */
export const MAX_QUEUE_S = 0.4;
/** The most the pitch is changed to follow the target's clock: nobody hears a two-hundredth. */
const MAX_PULL = 0.005;
/** How strongly a queue that is too long or too short pulls, in parts a second. */
const PULL_PER_S = 0.05;
/** How much the newest measure weighs. */
const SMOOTHING = 0.1;

/** What to do with a wave. */
export type SoundDecision =
  | { readonly type: "skip" }
  /** Play it at `startS` of the clock, `pull` times as fast as it says. */
  | { readonly type: "play"; readonly startFrame: number; readonly pull: number; readonly isFresh: boolean };

/**
 * When which sound plays. The target's clock and this machine's never agree: the queue between them is kept near its
 * target by a pitch changed unnoticeably, and by leaving out when much comes at once.
 */
export class SoundQueue {
  readonly #rateHz: number;
  /** The first frame of the clock nothing is planned for. */
  #nextFrame = 0;
  #averageS = TARGET_QUEUE_S;

  /** `rateHz`: frames of the clock a second. */
  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  /** Decides for a wave that comes at `nowS`. */
  decide(nowS: number): SoundDecision {
    const queuedS = this.#nextFrame / this.#rateHz - nowS;
    if (queuedS <= 0) {
      this.#nextFrame = Math.ceil((nowS + TARGET_QUEUE_S) * this.#rateHz);
      this.#averageS = TARGET_QUEUE_S;
      return { type: "play", startFrame: this.#nextFrame, pull: 1, isFresh: true };
    }
    if (queuedS > MAX_QUEUE_S) return { type: "skip" };
    this.#averageS += (queuedS - this.#averageS) * SMOOTHING;
    const wanted = (this.#averageS - TARGET_QUEUE_S) * PULL_PER_S;
    const pull = 1 + Math.max(-MAX_PULL, Math.min(MAX_PULL, wanted));
    return { type: "play", startFrame: this.#nextFrame, pull, isFresh: false };
  }

  /** A wave was planned that lasts so many frames of the clock. */
  planned(frames: number): void {
    this.#nextFrame += frames;
  }

  /** Nothing is planned any more. */
  clear(): void {
    this.#nextFrame = 0;
  }
}

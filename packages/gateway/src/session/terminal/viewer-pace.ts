import { LinkMeter } from "@poterne/rfb";

/** All that may be under way while nothing is known of the viewer's pace. */
export const FIRST_WINDOW_BYTES = 64 * 1024;
/** However thin the link: enough for a screen that is drawn anew. */
export const MIN_WINDOW_BYTES = 16 * 1024;
/** However fast: what one session may hold in memory, and what a link that turns thin would have to carry first. */
export const MAX_WINDOW_BYTES = 2 * 1024 * 1024;
/** How long output may wait on its way to the viewer, beyond the way's own delay: a key's effect waits behind it. */
export const MAX_WAIT_MS = 150;
/** Without a word of the hub for so long nobody acknowledges, and only what it told last counts as under way. */
export const HEARD_MS = 400;
/** What may be under way then: the recorder tells of its own lag. */
const UNHEARD_WINDOW_BYTES = 256 * 1024;

/**
 * How much of a terminal's output may be under way to the slower of controller and recorder: what it takes within
 * `MAX_WAIT_MS`, by its own acknowledgements. A fast viewer gets megabytes, a thin link no queue.
 */
export class ViewerPace {
  readonly #nowMs: () => number;
  readonly #link = new LinkMeter();
  #toldBytes = 0;
  #emittedSince = 0;
  #emittedFromMs = 0;
  #isWatched = false;
  #hasEntered = false;

  /** `nowMs` is monotonic. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** What may be under way at present, in bytes. */
  get windowBytes(): number {
    const least = this.#isHeard ? MIN_WINDOW_BYTES : UNHEARD_WINDOW_BYTES;
    if (this.#link.rate === 0) return Math.max(least, FIRST_WINDOW_BYTES);
    const bytes = this.#link.rate * (this.#link.leastDelayMs + MAX_WAIT_MS);
    return Math.floor(Math.min(MAX_WINDOW_BYTES, Math.max(least, bytes)));
  }

  get #isHeard(): boolean {
    return this.#emittedSince === 0 || this.#nowMs() - this.#emittedFromMs <= HEARD_MS;
  }

  /** Output emitted and not consumed yet, in bytes: as the hub told it, and what was emitted since. */
  get queuedBytes(): number {
    return this.#toldBytes + (this.#isHeard ? this.#emittedSince : 0);
  }

  /** Output went on to viewers and recorder. */
  emitted(bytes: number): void {
    const nowMs = this.#nowMs();
    if (this.#emittedSince === 0) this.#emittedFromMs = nowMs;
    this.#emittedSince += bytes;
    this.#link.emitted(bytes, nowMs);
  }

  /**
   * An entry point was emitted. What was emitted before the first one went to no viewer, though the hub did not count
   * it as queued: it looked as if it had arrived at once.
   */
  entered(): void {
    if (!this.#hasEntered) this.#link.restart();
    this.#hasEntered = true;
  }

  /** The output not consumed yet, and whether anybody watches, as the hub tells it. */
  flow(queuedBytes: number, isWatched: boolean): void {
    if (isWatched && !this.#isWatched) this.#hasEntered = false;
    this.#isWatched = isWatched;
    this.#toldBytes = queuedBytes;
    this.#emittedSince = 0;
    this.#link.consumed(queuedBytes, this.#nowMs());
  }
}

import { FIRST_WINDOW_BYTES, HEARD_MS, ViewerPace } from "./viewer-pace.ts";

/**
 * How much a target may send (RFC 4254 §5.2). INVARIANT: leave not used plus output not consumed yet is never more
 * than the viewer's pace allowed when the leave was given, so that what a slow viewer has not seen stays at the target.
 */
export class ReceiveWindow {
  readonly #grant: (bytes: number) => void;
  readonly #pace: ViewerPace;
  #left = FIRST_WINDOW_BYTES;
  /** Output that has arrived and was not emitted yet. */
  #gatheredBytes = 0;
  #isHeld = false;
  #timer: NodeJS.Timeout | null = null;

  /**
   * `grant` tells the target how many more bytes it may send; `FIRST_WINDOW_BYTES` are granted already. `nowMs` is
   * monotonic.
   */
  constructor(grant: (bytes: number) => void, nowMs: () => number) {
    this.#grant = grant;
    this.#pace = new ViewerPace(nowMs);
  }

  /** Output has arrived. False when the target sent more than it had leave to. */
  received(bytes: number): boolean {
    this.#left -= bytes;
    this.#gatheredBytes += bytes;
    return this.#left >= 0;
  }

  /** Output went on to viewers and recorder. */
  emitted(bytes: number): void {
    this.#gatheredBytes = Math.max(0, this.#gatheredBytes - bytes);
    this.#pace.emitted(bytes);
    this.#refill();
  }

  /** An entry point was emitted. */
  entered(): void {
    this.#pace.entered();
  }

  /** The output not consumed yet, and whether anybody watches, as the hub tells it. */
  flow(queuedBytes: number, isWatched: boolean): void {
    this.#pace.flow(queuedBytes, isWatched);
    this.#refill();
  }

  /** Stops all output for a moment, and lets it go again. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#refill();
  }

  #refill(): void {
    if (this.#isHeld) return;
    const { windowBytes, queuedBytes } = this.#pace;
    const bytes = windowBytes - queuedBytes - this.#gatheredBytes - this.#left;
    // Leave in small portions would cost a message each.
    if (bytes < windowBytes / 4) return this.#lookAgain();
    this.#left += bytes;
    this.#grant(bytes);
  }

  /** When nobody acknowledges, nobody calls. */
  #lookAgain(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#refill();
    }, HEARD_MS).unref();
  }
}

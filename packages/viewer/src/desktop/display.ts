import type { DecodeError } from "@poterne/bytes";
import { type DecodedImage, type FurtherCodecs, PictureDecoder, type SurfaceDamage } from "@poterne/picture";
import { Channel, decodeFrames, type Frame, FrameFlag } from "@poterne/wire";
import type { FromDisplayWorker } from "./worker-protocol.ts";

/** The screen's number among the surfaces. */
const SCREEN = 0;
/** The structure named in errors of H.264. */
const VIDEO = "AVC";

/** What the display draws on and with: a canvas of the worker. */
export interface DisplayHost {
  post(message: FromDisplayWorker): void;
  decodeImage(bytes: Uint8Array, mimeType: "image/jpeg"): Promise<DecodedImage>;
  /** Fetches the codecs beyond those of RFB, when the first of them is needed. */
  loadFurtherCodecs(): Promise<FurtherCodecs>;
  /** Gives the canvas the screen's size. */
  resize(widthPx: number, heightPx: number): void;
  /** Blits the changed parts of the screen. */
  blit(damage: SurfaceDamage): void;
}

/**
 * The part of the display worker that knows frames: feeds the decoder, holds the picture back while an entry point is
 * incomplete, and after an error waits for the next entry point.
 */
export class Display {
  readonly #host: DisplayHost;
  readonly #decoder: PictureDecoder;
  #isFresh = true;
  #isHeldBack = false;
  #isBroken = false;
  #isUndecodable = false;
  #wasHeldBack = false;

  constructor(host: DisplayHost) {
    this.#host = host;
    this.#decoder = new PictureDecoder({
      decodeImage: (bytes, mimeType) => host.decodeImage(bytes, mimeType),
      further: () => host.loadFurtherCodecs(),
      presented: (damage) => this.#presented(damage),
      cursor: (shape) => host.post({ type: "cursor", shape }),
      pointerMoved: (x, y) => host.post({ type: "pointer", x, y }),
      failed: (error) => this.#failed(error),
    });
  }

  /** Forgets everything: what comes next begins at an entry point or at the session's start. */
  reset(): void {
    this.#decoder.clear();
    this.#isFresh = true;
    this.#isHeldBack = false;
    this.#wasHeldBack = false;
    this.#isBroken = false;
  }

  /** Takes the frames of one message; resolves when they are drawn (or could not be). */
  async take(message: Uint8Array): Promise<void> {
    for (const frame of decodeFrames(message))
      if (frame.channel === Channel.picture || frame.channel === Channel.pointer) this.#frame(frame);
    await this.#decoder.idle();
  }

  #frame(frame: Frame): void {
    const isEntryStart = (frame.flags & FrameFlag.entryStart) !== 0;
    if (this.#isBroken) {
      if (!isEntryStart) return;
      this.reset();
    }
    // A viewer with empty state shows nothing until the entry point is whole; others hold that picture already.
    if (isEntryStart && this.#isFresh) this.#isHeldBack = true;
    this.#isFresh = false;
    if ((frame.flags & FrameFlag.entryEnd) !== 0) this.#isHeldBack = false;
    this.#decoder.push(frame.payload);
  }

  #presented(damage: readonly SurfaceDamage[]): void {
    const screen = damage.find((part) => part.surfaceId === SCREEN);
    if (screen === undefined) return;
    if (screen.isResized) this.#resize(screen.surface.width, screen.surface.height);
    if (this.#isHeldBack) {
      this.#wasHeldBack = true;
      return;
    }
    this.#tellUndecodable(false);
    if (!this.#wasHeldBack) return this.#host.blit(screen);
    this.#wasHeldBack = false;
    const { width, height } = screen.surface;
    this.#host.blit({ ...screen, rectangles: [{ x: 0, y: 0, width, height }] });
  }

  #resize(widthPx: number, heightPx: number): void {
    this.#host.resize(widthPx, heightPx);
    this.#host.post({ type: "size", widthPx, heightPx });
  }

  #tellUndecodable(isUndecodable: boolean): void {
    if (isUndecodable === this.#isUndecodable) return;
    this.#isUndecodable = isUndecodable;
    this.#host.post({ type: "undecodable", isUndecodable });
  }

  #failed(error: DecodeError): void {
    this.#isBroken = true;
    // Another entry point would bring the same: the next one that comes is tried all the same.
    if (error.code === "unsupported" && error.structure === VIDEO) return this.#tellUndecodable(true);
    this.#host.post({ type: "need-entry", detail: error.message });
  }
}

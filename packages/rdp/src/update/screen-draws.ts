import { Codec, type Rectangle } from "@poterne/picture";
import { KeptDraws } from "./kept-draws.ts";
import { readShownTiles } from "./remotefx-tiles.ts";
import { SCREEN, type Screen } from "./screen.ts";

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Draws outside the graphics pipeline: each is passed on, told of, and kept where entry points need it. */
export class ScreenDraws {
  readonly screen: Screen;
  readonly kept: KeptDraws;
  readonly #drawn: (place: Rectangle) => void;

  /** `drawn` is told each part of the screen that was drawn. */
  constructor(screen: Screen, maxKeptBytes: number, drawn: (place: Rectangle) => void) {
    this.screen = screen;
    this.kept = new KeptDraws(maxKeptBytes);
    this.#drawn = drawn;
  }

  /** A bitmap of any codec but RemoteFX; `head` stands before its data in the picture language. */
  draw(place: Rectangle, codec: number, head: Uint8Array, payload: Uint8Array): void {
    this.screen.writer.drawParts({ surface: SCREEN, place, codec }, head, payload);
    this.kept.fit(this.screen.width, this.screen.height);
    this.kept.take(place, codec, head, payload);
    this.#drawn(place);
  }

  /** A RemoteFX message; throws `DecodeError`. */
  drawRemoteFx(place: Rectangle, payload: Uint8Array): void {
    const tiles = readShownTiles(place, payload);
    this.screen.writer.drawParts({ surface: SCREEN, place, codec: Codec.remoteFx }, NO_BYTES, payload);
    this.kept.fit(this.screen.width, this.screen.height);
    if (tiles === null) {
      this.kept.clear();
      return this.#drawn(place);
    }
    for (const { shown } of tiles) for (const part of shown) this.#drawn(part);
    this.kept.takeRemoteFx(place, payload, tiles);
  }
}

import { DecodeError } from "@poterne/bytes";
import { BANDS, COMPONENTS, TILE_PIXELS } from "../remotefx/tile.ts";

/** Tiles of all surfaces whose coefficients are kept: 24 kB each, and 12 kB while they are not whole. */
export const MAX_KEPT_TILES = 4096;

/** [MS-RDPEGFX] 3.3.1.2 and 3.3.1.3: what a decoder keeps of one tile. */
export interface TileState {
  /** Coefficients as they are known so far, of Y, Cb and Cr. */
  readonly coefficients: Int16Array;
  /** The sign of each; null once the tile is whole, or when its context was deleted. */
  signs: Int8Array | null;
  /** The lowest bit known of each component's bands. */
  readonly bitPositions: Uint8Array;
}

/** The kept tiles of one surface, by their place in its grid. */
export class TileStates {
  readonly #count: { tiles: number };
  readonly #states = new Map<number, TileState>();
  /** The server may send differences to frames of the past: whole tiles are kept too. */
  hasDifferences = true;

  /** `count` is shared by all surfaces of a decoder. */
  constructor(count: { tiles: number }) {
    this.#count = count;
  }

  get(place: number): TileState | undefined {
    return this.#states.get(place);
  }

  /** The state of a tile, all zero when it is new. Throws `DecodeError` `limit`. */
  make(place: number): TileState {
    const known = this.#states.get(place);
    if (known !== undefined) return known;
    if (this.#count.tiles >= MAX_KEPT_TILES) throw new DecodeError("limit", "progressive", 0, "kept tiles");
    const made: TileState = {
      coefficients: new Int16Array(COMPONENTS * TILE_PIXELS),
      signs: null,
      bitPositions: new Uint8Array(COMPONENTS * BANDS),
    };
    this.#states.set(place, made);
    this.#count.tiles++;
    return made;
  }

  forget(place: number): void {
    if (this.#states.delete(place)) this.#count.tiles--;
  }

  /** A context of the surface is gone: tiles are not upgraded any more, differences to them may still come. */
  forgetSigns(): void {
    for (const state of this.#states.values()) state.signs = null;
  }

  clear(): void {
    this.#count.tiles -= this.#states.size;
    this.#states.clear();
  }
}

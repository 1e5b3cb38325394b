import { toPixels } from "./colour.ts";
import { decodeRlgr, type RlgrModeId } from "./rlgr.ts";
import { type BandLayout, COMPONENTS, TILE_PIXELS } from "./tile.ts";
import { invertWavelet, scaleBands } from "./wavelet.ts";

/**
 * The arithmetic of RemoteFX tiles. The one below is the reference; a host may bring a faster one that gives the same
 * pixels for any input. A tile's steps are called in this order for each component (0 Y, 1 Cb, 2 Cr), then `colour`.
 */
export interface TileKernel {
  /** The coefficients, later the values, of the three components of the tile in work. */
  readonly coefficients: Int16Array;
  /** The tile's pixels after `colour`: RGBA, rows of 64. */
  readonly pixels: Uint32Array;
  /** Entropy decoding; throws `DecodeError` `invalid`. */
  entropy(component: number, bytes: Uint8Array, mode: RlgrModeId): void;
  /** Sums up LL3 and shifts each band left by its number of `shifts`, ten in the layout's order. */
  scale(component: number, shifts: Uint8Array, layout: BandLayout): void;
  invert(component: number, layout: BandLayout): void;
  colour(): void;
}

/** The reference kernel. */
export class PlainKernel implements TileKernel {
  readonly coefficients = new Int16Array(COMPONENTS * TILE_PIXELS);
  readonly pixels = new Uint32Array(TILE_PIXELS);
  readonly #components = [0, 1, 2].map((index) =>
    this.coefficients.subarray(index * TILE_PIXELS, (index + 1) * TILE_PIXELS),
  );

  #component(index: number): Int16Array {
    return this.#components[index] as Int16Array;
  }

  entropy(component: number, bytes: Uint8Array, mode: RlgrModeId): void {
    decodeRlgr(bytes, mode, this.#component(component));
  }

  scale(component: number, shifts: Uint8Array, layout: BandLayout): void {
    scaleBands(this.#component(component), shifts, layout);
  }

  invert(component: number, layout: BandLayout): void {
    invertWavelet(this.#component(component), layout);
  }

  colour(): void {
    toPixels(this.coefficients, this.pixels);
  }
}

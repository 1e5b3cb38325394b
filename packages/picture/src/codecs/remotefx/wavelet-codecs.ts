import { Codec, type Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";
import { ProgressiveDecoder } from "../progressive/progressive.ts";
import { PlainKernel, type TileKernel } from "./kernel.ts";
import { decodeRemoteFx } from "./remotefx.ts";

/** The codecs made of RemoteFX tiles, with what they keep from draw to draw. */
export class WaveletCodecs {
  #kernel: TileKernel = new PlainKernel();
  readonly #progressive = new ProgressiveDecoder();

  /** From here on tiles are calculated by this kernel; what is kept stays valid. */
  useKernel(kernel: TileKernel): void {
    this.#kernel = kernel;
  }

  /** Draws, and returns the parts of the surface that changed; null for other codecs. Throws `DecodeError`. */
  draw(codec: number, payload: Uint8Array, surface: Surface, place: Rectangle): readonly Rectangle[] | null {
    if (codec === Codec.remoteFx) return decodeRemoteFx(payload, surface, place, this.#kernel);
    if (codec === Codec.progressive) return this.#progressive.draw(payload, surface, this.#kernel);
    return null;
  }

  /** A progressive context of the surface is gone; undefined surfaces are no error. */
  forgetContext(surface: Surface | undefined): void {
    if (surface !== undefined) this.#progressive.forgetContext(surface);
  }

  /** The surface is gone or has another size. */
  forgetSurface(surface: Surface | undefined): void {
    if (surface !== undefined) this.#progressive.forgetSurface(surface);
  }

  /** All codecs begin as new. */
  clear(): void {
    this.#progressive.clear();
  }
}

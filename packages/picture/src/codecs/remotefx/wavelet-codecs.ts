import { Codec, type Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";
import { PlainKernel, type TileKernel } from "./kernel.ts";
import { decodeRemoteFx } from "./remotefx.ts";

/** The codecs made of RemoteFX tiles, with what they keep from draw to draw. */
export class WaveletCodecs {
  #kernel: TileKernel = new PlainKernel();

  /** From here on tiles are calculated by this kernel; what is kept stays valid. */
  useKernel(kernel: TileKernel): void {
    this.#kernel = kernel;
  }

  /** Draws, and returns the parts of the surface that changed; null for other codecs. Throws `DecodeError`. */
  draw(codec: number, payload: Uint8Array, surface: Surface, place: Rectangle): readonly Rectangle[] | null {
    if (codec === Codec.remoteFx) return decodeRemoteFx(payload, surface, place, this.#kernel);
    return null;
  }
}

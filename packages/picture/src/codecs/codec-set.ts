import { DecodeError } from "@poterne/bytes";
import { Codec, CodecStateAction } from "../language.ts";
import { decodeAlpha } from "./alpha.ts";
import { ClearCodec } from "./clear/clear-codec.ts";
import type { DecodeRectangle } from "./codec.ts";
import { decodeHextile } from "./hextile.ts";
import { decodeRle15, decodeRle16, decodeRle24, makeRle8 } from "./interleaved.ts";
import { decodeNsCodec } from "./ns-codec.ts";
import { Palette } from "./palette.ts";
import { decodePlanar } from "./planar.ts";
import { decodeRaw } from "./raw.ts";
import { decodeRaw15, decodeRaw16, decodeRaw24, decodeRaw32, makeRaw8 } from "./raw-bitmap.ts";
import { decodeRre } from "./rre.ts";
import { decodeTight } from "./tight.ts";
import { decodeTrle, decodeZrle } from "./zrle.ts";

/** The decoders of one stream of frames, with what those remember that do. */
export class CodecSet {
  readonly palette = new Palette();
  readonly #clearCodec = new ClearCodec();

  readonly #decoders: Readonly<Record<number, DecodeRectangle>> = {
    [Codec.raw]: decodeRaw,
    [Codec.rre]: decodeRre,
    [Codec.hextile]: decodeHextile,
    [Codec.tight]: decodeTight,
    [Codec.zrle]: decodeZrle,
    [Codec.trle]: decodeTrle,
    [Codec.planar]: decodePlanar,
    [Codec.rle8]: makeRle8(this.palette),
    [Codec.rle15]: decodeRle15,
    [Codec.rle16]: decodeRle16,
    [Codec.rle24]: decodeRle24,
    [Codec.nsCodec]: decodeNsCodec,
    [Codec.clearCodec]: this.#clearCodec.decode,
    [Codec.alpha]: decodeAlpha,
    [Codec.raw8]: makeRaw8(this.palette),
    [Codec.raw15]: decodeRaw15,
    [Codec.raw16]: decodeRaw16,
    [Codec.raw24]: decodeRaw24,
    [Codec.raw32]: decodeRaw32,
  };

  /** The decoder of a codec, undefined for one that is not drawn here. */
  find(codec: number): DecodeRectangle | undefined {
    return this.#decoders[codec];
  }

  /** Carries out a `codec state` command; throws `DecodeError`. */
  changeState(action: number, data: Uint8Array): void {
    if (action === CodecStateAction.palette) this.palette.set(data);
    else if (action === CodecStateAction.reset) this.#reset();
    else if (action !== CodecStateAction.forgetProgressive)
      throw new DecodeError("unsupported", "codec state", 0, `action ${action}`);
  }

  /** All codecs begin as new; the palette is no codec's. */
  #reset(): void {
    this.#clearCodec.clear();
  }

  /** As before the first frame. */
  clear(): void {
    this.#reset();
    this.palette.clear();
  }
}

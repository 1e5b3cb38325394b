import { DecodeError } from "@poterne/bytes";
import type { DrawCommand } from "../commands.ts";
import { Codec, CodecStateAction, type Rectangle } from "../language.ts";
import type { Surface } from "../surface.ts";
import { decodeAlpha } from "./alpha.ts";
import { isAvc } from "./avc/messages.ts";
import { VideoDraws, type VideoHost, type VideoKernel, type VideoPictures } from "./avc/video-draws.ts";
import { ClearCodec } from "./clear/clear-codec.ts";
import type { DecodeRectangle, InflateContexts } from "./codec.ts";
import { decodeRle15, decodeRle16, decodeRle24, makeRle8 } from "./interleaved.ts";
import { decodeNsCodec } from "./ns-codec.ts";
import { Palette } from "./palette.ts";
import { decodePlanar } from "./planar.ts";
import { decodeRaw15, decodeRaw16, decodeRaw24, decodeRaw32, makeRaw8 } from "./raw-bitmap.ts";
import type { TileKernel } from "./remotefx/kernel.ts";
import { WaveletCodecs } from "./remotefx/wavelet-codecs.ts";

/**
 * The codecs beyond those of RFB, for one stream of frames, with what they remember. Apart from the decoder, so that a
 * viewer fetches them only once a stream needs one.
 */
export class FurtherCodecs {
  readonly #palette = new Palette();
  readonly #clearCodec = new ClearCodec();
  readonly #wavelets = new WaveletCodecs();
  readonly #video: VideoDraws;

  readonly #decoders: Readonly<Record<number, DecodeRectangle>> = {
    [Codec.planar]: decodePlanar,
    [Codec.rle8]: makeRle8(this.#palette),
    [Codec.rle15]: decodeRle15,
    [Codec.rle16]: decodeRle16,
    [Codec.rle24]: decodeRle24,
    [Codec.nsCodec]: decodeNsCodec,
    [Codec.clearCodec]: this.#clearCodec.decode,
    [Codec.alpha]: decodeAlpha,
    [Codec.raw8]: makeRaw8(this.#palette),
    [Codec.raw15]: decodeRaw15,
    [Codec.raw16]: decodeRaw16,
    [Codec.raw24]: decodeRaw24,
    [Codec.raw32]: decodeRaw32,
  };

  /** `video` decodes H.264; without it such draws are refused as `unsupported`. */
  constructor(video?: VideoHost) {
    this.#video = new VideoDraws(video);
  }

  /** RemoteFX tiles and H.264's colours are calculated by this kernel from here on, also after `clear`. */
  useKernel(kernel: TileKernel & VideoKernel): void {
    this.#wavelets.useKernel(kernel);
    this.#video.useKernel(kernel);
  }

  /** Draws, and returns the parts of the surface that changed; null for a codec that is not of these. Throws `DecodeError`. */
  draw(command: DrawCommand, surface: Surface, contexts: InflateContexts): readonly Rectangle[] | null {
    const { codec, payload, rectangle } = command;
    const parts = this.#wavelets.draw(codec, payload, surface, rectangle);
    if (parts !== null) return parts;
    const decode = this.#decoders[codec];
    if (decode === undefined) return null;
    decode(payload, surface, rectangle, contexts);
    return [rectangle];
  }

  /** Hands an H.264 draw's pictures to the host, in the order of the commands; null for other draws. */
  startVideo(command: DrawCommand): Promise<VideoPictures> | null {
    return isAvc(command.codec) ? this.#video.start(command) : null;
  }

  /** Draws decoded H.264 pictures and returns the parts of the surface that changed. */
  drawVideo(command: DrawCommand, pictures: VideoPictures, surface: Surface): readonly Rectangle[] {
    return this.#video.draw(command, pictures, surface);
  }

  /** A surface's stream of H.264 ends here among the calls of `startVideo`; all of them without a number. */
  endVideo(surface?: number): void {
    if (surface === undefined) this.#video.endAll();
    else this.#video.end(surface);
  }

  /** Carries out a `codec state` command; throws `DecodeError`. */
  changeState(action: number, data: Uint8Array, surface: Surface | undefined): void {
    if (action === CodecStateAction.palette) this.#palette.set(data);
    else if (action === CodecStateAction.reset) this.#reset();
    else if (action === CodecStateAction.forgetProgressive) this.#wavelets.forgetContext(surface);
    else throw new DecodeError("unsupported", "codec state", 0, `action ${action}`);
  }

  /** What codecs keep of a surface goes with it, or with its size. */
  forgetSurface(surface: Surface | undefined): void {
    this.#wavelets.forgetSurface(surface);
    this.#video.forgetSurface(surface);
  }

  /** All codecs begin as new; the palette is no codec's. */
  #reset(): void {
    this.#clearCodec.clear();
    this.#wavelets.clear();
  }

  /** As before the first frame. */
  clear(): void {
    this.#reset();
    this.#palette.clear();
    this.#video.clear();
  }
}

import { DecodeError } from "@poterne/bytes";
import type { DrawCommand } from "../../commands.ts";
import type { Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";
import { intersect } from "../remotefx/regions.ts";
import { type AvcPart, decodeAvcMessage } from "./messages.ts";
import { describeAvcPicture } from "./nal-units.ts";
import { joinNeighbours } from "./neighbours.ts";
import { drawYuv420, type YuvFrame } from "./yuv.ts";
import { drawYuv444 } from "./yuv444.ts";

/** One picture for the host's H.264 decoder. */
export interface VideoChunk {
  readonly isKey: boolean;
  /** `avc1.PPCCLL` of the stream the picture belongs to; a change of it begins a new decoder at a key picture. */
  readonly codecName: string;
  /** Annex B; stays valid. */
  readonly bytes: Uint8Array;
}

/** The host's H.264 decoders, one for each surface. */
export interface VideoHost {
  /**
   * Decodes the next picture of a surface's stream; several may be asked for before the first is there. Null when the
   * decoder gave no picture for it. Rejects with `DecodeError`: `unsupported` when this machine has no such decoder.
   */
  decode(surface: number, chunk: VideoChunk): Promise<YuvFrame | null>;
  /** The surface's stream ends; pictures asked for still come. Unknown numbers are no error. */
  end(surface: number): void;
}

/** The colours of H.264 pictures; the functions of this folder are the reference. */
export interface VideoKernel {
  readonly draw420: typeof drawYuv420;
  readonly draw444: typeof drawYuv444;
}

/** What a draw needs: its parts, and their frames as far as they could be decoded. */
export interface VideoPictures {
  readonly parts: readonly AvcPart[];
  readonly frames: readonly (YuvFrame | null)[];
}

/** AVC420 and AVC444 on all surfaces of one stream of frames. */
export class VideoDraws {
  readonly #host: VideoHost | undefined;
  /** The codec name of each surface's stream, from its first key picture on. */
  readonly #streams = new Map<number, string>();
  /** The last luma frame of each surface: AVC444 sends what it lacks later. */
  readonly #lumas = new Map<Surface, YuvFrame>();

  #kernel: VideoKernel = { draw420: drawYuv420, draw444: drawYuv444 };

  constructor(host: VideoHost | undefined) {
    this.#host = host;
  }

  /** From here on colours are calculated by this kernel. */
  useKernel(kernel: VideoKernel): void {
    this.#kernel = kernel;
  }

  /** Hands a draw's pictures to the decoder, in the order of the commands; throws or rejects with `DecodeError`. */
  start(command: DrawCommand): Promise<VideoPictures> {
    const parts = decodeAvcMessage(command.codec, command.payload);
    return Promise.all(parts.map(({ stream }) => this.#decode(command.surface, stream))).then((frames) => ({
      parts,
      frames,
    }));
  }

  async #decode(surface: number, stream: Uint8Array): Promise<YuvFrame | null> {
    if (this.#host === undefined) throw new DecodeError("unsupported", "AVC", 0, "no H.264 decoder here");
    const { isKey, codecName } = describeAvcPicture(stream);
    if (isKey && codecName !== null) this.#streams.set(surface, codecName);
    const name = this.#streams.get(surface);
    // Before its first key picture a stream cannot be decoded: its pictures are passed over.
    if (name === undefined) return null;
    return await this.#host.decode(surface, { isKey, codecName: name, bytes: stream });
  }

  /** The surface's stream ends where this is called among the calls of `start`. */
  end(surface: number): void {
    this.#streams.delete(surface);
    this.#host?.end(surface);
  }

  /** All streams end. */
  endAll(): void {
    for (const surface of [...this.#streams.keys()]) this.end(surface);
  }

  /** Draws decoded pictures and returns the parts of the surface that changed. */
  draw(command: DrawCommand, pictures: VideoPictures, surface: Surface): readonly Rectangle[] {
    const areas = pictures.parts.flatMap((part, index) => {
      const frame = pictures.frames[index] ?? null;
      if (frame === null) return [];
      if (part.view === "luma") this.#keepLuma(surface, frame);
      const luma = this.#lumas.get(surface);
      if (luma === undefined || !isSameSize(luma, frame)) return [];
      const areas = withoutCovered(areasOf(command, part, frame), areasOfNext(command, pictures, index));
      for (const area of areas)
        if (part.view === "luma") this.#kernel.draw420(luma, surface, area);
        else this.#kernel.draw444({ luma, chroma: frame, codec: command.codec }, surface, area);
      return areas;
    });
    for (const [index, part] of pictures.parts.entries())
      if (part.view === "chroma") pictures.frames[index]?.release?.();
    return areas;
  }

  #keepLuma(surface: Surface, frame: YuvFrame): void {
    this.#lumas.get(surface)?.release?.();
    this.#lumas.set(surface, frame);
  }

  forgetSurface(surface: Surface | undefined): void {
    if (surface !== undefined) this.#lumas.delete(surface);
  }

  clear(): void {
    this.endAll();
    this.#lumas.clear();
  }
}

/** Where a picture is shown: regions are on the surface, as its frame is; nothing is drawn outside the rectangle. */
function areasOf(command: DrawCommand, { regions }: AvcPart, frame: YuvFrame): readonly Rectangle[] {
  const wanted = command.isWholePicture ? [command.rectangle] : regions;
  const room = intersect({ x: 0, y: 0, width: frame.width, height: frame.height }, command.rectangle);
  if (room === null) return [];
  const areas = wanted.map((region) => intersect(region, room)).filter((area) => area !== null);
  return joinNeighbours(areas);
}

/** What the part after this one draws: chroma draws luma's colours anew. */
function areasOfNext(
  command: DrawCommand,
  { parts, frames }: VideoPictures,
  index: number,
): readonly Rectangle[] {
  const part = parts[index + 1];
  const frame = frames[index + 1] ?? null;
  const here = frames[index] ?? null;
  if (part === undefined || frame === null || here === null || !isSameSize(here, frame)) return [];
  return areasOf(command, part, frame);
}

/** The rectangles that do not lie inside one of the others. */
function withoutCovered(
  rectangles: readonly Rectangle[],
  covers: readonly Rectangle[],
): readonly Rectangle[] {
  return rectangles.filter(
    (one) =>
      !covers.some(
        (cover) =>
          one.x >= cover.x &&
          one.y >= cover.y &&
          one.x + one.width <= cover.x + cover.width &&
          one.y + one.height <= cover.y + cover.height,
      ),
  );
}

function isSameSize(one: YuvFrame, other: YuvFrame): boolean {
  return one.width === other.width && one.height === other.height;
}

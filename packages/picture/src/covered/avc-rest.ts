import { ByteWriter, concatBytes } from "@poterne/bytes";
import { type AvcPart, decodeAvcMessage } from "../codecs/avc/messages.ts";
import { describeAvcPicture } from "../codecs/avc/nal-units.ts";
import { intersect } from "../codecs/remotefx/regions.ts";
import { Codec, type Rectangle } from "../language.ts";
import { drawAll, type KnownSurface } from "./needs.ts";
import type { LeaveOut, ReadDraw } from "./rest.ts";

/** [MS-RDPEGFX] 2.2.4.5: LC stands above the length of the first stream. */
const LC_SHIFT = 30;

/** One surface's stream of pictures. */
interface Stream {
  /** A key picture has come: decoders draw from here on. */
  isKeyed: boolean;
  /** Luma has come: chroma is drawn from here on. */
  hasLuma: boolean;
  /** On the way back: nothing before is needed. */
  isClosed: boolean;
}

/**
 * Which pictures of H.264 are needed: all since the key picture before the end, since each builds on those before; of
 * those that are drawn over only the decoding, not the drawing. A picture is taken to be as large as what it names of its
 * surface ([MS-RDPEGFX] 2.2.4.4).
 */
export class AvcRests {
  readonly #streams = new Map<number, Stream>();

  /** The stream of a surface ends: nothing of it is needed behind that. */
  end(surface: number): void {
    const stream = this.#streams.get(surface);
    if (stream !== undefined) stream.isClosed = true;
    this.#streams.delete(surface);
  }

  /** All streams end. */
  endAll(): void {
    for (const surface of [...this.#streams.keys()]) this.end(surface);
  }

  /** The surface has another size: its stream goes on, its luma is gone. */
  forgetLuma(surface: number): void {
    const stream = this.#streams.get(surface);
    if (stream !== undefined) stream.hasLuma = false;
  }

  /** Reads one draw; throws `DecodeError`. */
  read({ command, surface }: ReadDraw): LeaveOut {
    const { codec, payload } = command;
    const known = this.#streams.get(surface.number);
    const stream = known ?? { isKeyed: false, hasLuma: false, isClosed: false };
    if (known === undefined) this.#streams.set(surface.number, stream);
    const parts = decodeAvcMessage(codec, payload);
    const areas: Rectangle[] = [];
    let isStart = false;
    for (const [index, part] of parts.entries()) {
      const { isKey, codecName } = describeAvcPicture(part.stream);
      if (isKey && codecName !== null) {
        stream.isKeyed = true;
        // A key picture in the second stream leaves the luma before it in use.
        if (index === 0 && part.view === "luma") isStart = true;
      }
      if (!stream.isKeyed) continue;
      if (part.view === "luma") stream.hasLuma = true;
      const regions = command.isWholePicture ? [command.rectangle] : part.regions;
      if (stream.hasLuma) areas.push(...onSurface(regions, command.rectangle, surface));
    }
    return (needs) => {
      const isShown = drawAll(needs.of(surface), areas);
      if (!isShown && stream.isClosed) return "none";
      stream.isClosed = isStart;
      if (isShown || areas.length === 0) return "all";
      return { payload: withoutRegions(codec, parts), isWholePicture: false };
    };
  }
}

function onSurface(
  regions: readonly Rectangle[],
  place: Rectangle,
  { width, height }: KnownSurface,
): Rectangle[] {
  const room = intersect(place, { x: 0, y: 0, width, height });
  if (room === null) return [];
  return regions.map((region) => intersect(region, room)).filter((area) => area !== null);
}

/** The same pictures, of which nothing is shown. */
function withoutRegions(codec: number, parts: readonly AvcPart[]): Uint8Array {
  const noRegions = new Uint8Array(4);
  const [first, second] = parts;
  if (first === undefined) return noRegions;
  if (codec === Codec.avc420) return concatBytes([noRegions, first.stream]);
  const lc = second !== undefined ? 0 : first.view === "luma" ? 1 : 2;
  const firstBytes = noRegions.length + first.stream.length;
  const head = new ByteWriter(4).u32le(lc * 2 ** LC_SHIFT + (lc === 0 ? firstBytes : 0)).finish();
  const blocks = [head, noRegions, first.stream];
  if (second !== undefined) blocks.push(noRegions, second.stream);
  return concatBytes(blocks);
}

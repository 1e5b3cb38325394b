import { ByteReader, DecodeError } from "@poterne/bytes";
import type { Rectangle } from "../language.ts";
import type { Surface } from "../surface.ts";
import { type DecodeRectangle, type InflateContexts, rgbAt } from "./codec.ts";

/** Compression types in the high half of Tight's control byte; below 8 it is basic compression. */
export const TightType = { fill: 8, jpeg: 9 } as const;

/** Filters of Tight's basic compression. */
export const TightFilter = { copy: 0, palette: 1, gradient: 2 } as const;

/** Below this many bytes basic compression sends pixels as they are. */
export const TIGHT_MIN_TO_COMPRESS_BYTES = 12;

/**
 * The JPEG file of a Tight rectangle, or null when it is compressed another way (then `decodeTight` is to be called).
 * Stream resets of a JPEG rectangle are carried out by `resetTightStreams`.
 */
export function findTightJpeg(payload: Uint8Array): Uint8Array | null {
  if ((payload[0] ?? 0) >> 4 !== TightType.jpeg) return null;
  const reader = new ByteReader(payload, "Tight JPEG", 1);
  return reader.take(readCompactLength(reader));
}

/** Carries out the reset bits of a rectangle's control byte. */
export function resetTightStreams(control: number, contexts: InflateContexts): void {
  for (let stream = 0; stream < 4; stream++) if ((control & (1 << stream)) !== 0) contexts.reset(stream);
}

/** Tight's length: one to three bytes, seven bits each, the last with eight. */
export function readCompactLength(reader: ByteReader): number {
  const first = reader.u8();
  if ((first & 128) === 0) return first;
  const second = reader.u8();
  const low = (first & 127) | ((second & 127) << 7);
  return (second & 128) === 0 ? low : low | (reader.u8() << 14);
}

/** Tight, except JPEG: one colour, or pixels, palette indices or gradients behind one of four zlib streams. */
export const decodeTight: DecodeRectangle = (payload, surface, rectangle, contexts) => {
  const reader = new ByteReader(payload, "Tight rectangle");
  const control = reader.u8();
  resetTightStreams(control, contexts);
  const type = control >> 4;
  const { x, y, width, height } = rectangle;
  if (type === TightType.fill) surface.fill(x, y, width, height, rgbAt(reader.take(3), 0));
  else if (type < TightType.fill) decodeBasic(reader, type, { surface, rectangle, contexts });
  else throw new DecodeError("unsupported", "Tight rectangle", 0, `type ${type}`);
  if (reader.remaining !== 0) throw reader.fail("invalid", "bytes left over");
};

interface Place {
  readonly surface: Surface;
  readonly rectangle: Rectangle;
  readonly contexts: InflateContexts;
}

function decodeBasic(reader: ByteReader, type: number, place: Place): void {
  const { width, height } = place.rectangle;
  const filter = (type & 4) !== 0 ? reader.u8() : TightFilter.copy;
  const read = (sizeBytes: number): Uint8Array => {
    if (sizeBytes < TIGHT_MIN_TO_COMPRESS_BYTES) return reader.take(sizeBytes);
    const packed = reader.take(readCompactLength(reader));
    const plain = place.contexts.get(type & 3).inflate(packed, sizeBytes);
    if (plain.length !== sizeBytes) throw reader.fail("invalid", "too few pixels");
    return plain;
  };
  if (filter === TightFilter.copy) putRgb(read(width * height * 3), place);
  else if (filter === TightFilter.gradient) putGradient(read(width * height * 3), place);
  else if (filter === TightFilter.palette) {
    const count = reader.u8() + 1;
    const colours = reader.take(count * 3);
    const palette = new Uint32Array(256);
    for (let index = 0; index < count; index++) palette[index] = rgbAt(colours, index * 3);
    if (count <= 2) putMono(read(((width + 7) >> 3) * height), palette, place);
    else putIndexed(read(width * height), palette, place);
  } else throw reader.fail("unsupported", `filter ${filter}`);
}

function putRgb(plain: Uint8Array, { surface, rectangle: { x, y, width, height } }: Place): void {
  const { pixels } = surface;
  let from = 0;
  for (let row = y; row < y + height; row++) {
    const start = row * surface.width + x;
    for (let at = start; at < start + width; at++) {
      pixels[at] =
        0xff000000 |
        ((plain[from + 2] as number) << 16) |
        ((plain[from + 1] as number) << 8) |
        (plain[from] as number);
      from += 3;
    }
  }
}

function putMono(plain: Uint8Array, palette: Uint32Array, { surface, rectangle }: Place): void {
  const { x, y, width, height } = rectangle;
  const { pixels } = surface;
  const rowBytes = (width + 7) >> 3;
  const zero = palette[0] as number;
  const one = palette[1] as number;
  for (let row = 0; row < height; row++) {
    const start = (y + row) * surface.width + x;
    const from = row * rowBytes;
    for (let column = 0; column < width; column++)
      pixels[start + column] =
        ((plain[from + (column >> 3)] as number) & (128 >> (column & 7))) !== 0 ? one : zero;
  }
}

function putIndexed(plain: Uint8Array, palette: Uint32Array, { surface, rectangle }: Place): void {
  const { x, y, width, height } = rectangle;
  const { pixels } = surface;
  let from = 0;
  for (let row = y; row < y + height; row++) {
    const start = row * surface.width + x;
    for (let at = start; at < start + width; at++) pixels[at] = palette[plain[from++] as number] as number;
  }
}

/** Each colour is the difference to left + above - above left, clamped to a byte. */
function putGradient(plain: Uint8Array, { surface, rectangle }: Place): void {
  const { x, y, width, height } = rectangle;
  let above = new Uint8Array((width + 1) * 3);
  let current = new Uint8Array((width + 1) * 3);
  let from = 0;
  for (let row = 0; row < height; row++) {
    const start = (y + row) * surface.width + x;
    for (let column = 0; column < width; column++) {
      const at = (column + 1) * 3;
      for (let channel = at; channel < at + 3; channel++) {
        const guess =
          (current[channel - 3] as number) + (above[channel] as number) - (above[channel - 3] as number);
        current[channel] = (plain[from++] as number) + Math.max(0, Math.min(255, guess));
      }
      surface.pixels[start + column] = rgbAt(current, at);
    }
    [above, current] = [current, above];
  }
}

import { ByteReader } from "@poterne/bytes";
import type { Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";
import { decodeNsStream } from "../ns-codec.ts";
import { bgrAt } from "../rgb.ts";
import { PixelRuns, readRunLength } from "./pixel-runs.ts";

/** [MS-RDPEGFX] 2.2.4.1.1.3.1 subCodecId. */
const SUBCODEC_RAW = 0;
const SUBCODEC_NSCODEC = 1;
const SUBCODEC_RLEX = 2;
const MAX_RLEX_COLOURS = 127;

/** [MS-RDPEGFX] 2.2.4.1.1.3 the subcodec layer: parts of the picture, each coded in its own way. Throws `DecodeError`. */
export function decodeSubcodecs(reader: ByteReader, surface: Surface, rectangle: Rectangle): void {
  while (reader.remaining > 0) {
    const left = reader.u16le();
    const top = reader.u16le();
    const width = reader.u16le();
    const height = reader.u16le();
    const sizeBytes = reader.u32le();
    const subcodec = reader.u8();
    const data = new ByteReader(reader.take(sizeBytes), "ClearCodec subcodec");
    if (width === 0 || height === 0 || left + width > rectangle.width || top + height > rectangle.height)
      throw reader.fail("invalid", "a part outside the picture");
    const part = { x: rectangle.x + left, y: rectangle.y + top, width, height };
    if (subcodec === SUBCODEC_RAW) decodeBgr(data, surface, part);
    else if (subcodec === SUBCODEC_NSCODEC) {
      const rows = { pixels: surface.pixels, start: part.y * surface.width + part.x, step: surface.width };
      decodeNsStream(data, width, height, rows);
    } else if (subcodec === SUBCODEC_RLEX) decodeRlex(data, surface, part);
    else throw reader.fail("unsupported", `subcodec ${subcodec}`);
  }
}

function decodeBgr(reader: ByteReader, surface: Surface, { x, y, width, height }: Rectangle): void {
  let from = reader.advance(width * height * 3);
  for (let row = y; row < y + height; row++) {
    const start = row * surface.width + x;
    for (let at = start; at < start + width; at++, from += 3) surface.pixels[at] = bgrAt(reader.bytes, from);
  }
}

/** [MS-RDPEGFX] 2.2.4.1.1.3.1.1 RLEX: runs of a palette's colour, each followed by a suite of the colours after it. */
function decodeRlex(reader: ByteReader, surface: Surface, part: Rectangle): void {
  const count = reader.u8();
  if (count < 1 || count > MAX_RLEX_COLOURS) throw reader.fail("invalid", `${count} colours`);
  const from = reader.advance(count * 3);
  const palette = new Uint32Array(count);
  for (let index = 0; index < count; index++) palette[index] = bgrAt(reader.bytes, from + index * 3);
  const stopBits = Math.max(1, 32 - Math.clz32(count - 1));
  const runs = new PixelRuns(reader, surface, part);
  while (runs.left > 0) {
    const packed = reader.u8();
    const stop = packed & ((1 << stopBits) - 1);
    const start = stop - (packed >> stopBits);
    if (stop >= count || start < 0) throw reader.fail("invalid", "a colour outside the palette");
    runs.put(readRunLength(reader), palette[start] as number);
    for (let index = start; index <= stop; index++) runs.put(1, palette[index] as number);
  }
}

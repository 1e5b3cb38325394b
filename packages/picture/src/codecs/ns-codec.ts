import { ByteReader } from "@poterne/bytes";
import { drawBitmap, type PixelRows, readBitmapHead } from "./bitmap.ts";
import type { DecodeRectangle } from "./codec.ts";
import { writeLumaChroma } from "./colour-loss.ts";
import { planeStore } from "./planes.ts";

const MAX_COLOUR_LOSS = 7;
/** [MS-RDPNSC] 2.2.2.1 the last bytes of a compressed plane are as they are. */
const END_BYTES = 4;
const OPAQUE = 255;

/** [MS-RDPNSC] 2.2.2 NSCodec behind a bitmap head; alpha is not shown. */
export const decodeNsCodec: DecodeRectangle = (payload, surface, rectangle) => {
  const reader = new ByteReader(payload, "NSCodec bitmap");
  const head = readBitmapHead(reader, rectangle);
  drawBitmap(surface, rectangle, head, (rows) => decodeNsStream(reader, head.width, head.height, rows));
};

/** [MS-RDPNSC] 2.2.2 NSCODEC_COMPRESSED_BITMAP_STREAM of a bitmap of this size; throws `DecodeError`. */
export function decodeNsStream(reader: ByteReader, width: number, height: number, rows: PixelRows): void {
  const lumaBytes = reader.u32le();
  const orangeBytes = reader.u32le();
  const greenBytes = reader.u32le();
  const alphaBytes = reader.u32le();
  const colourLoss = reader.u8();
  const chromaShift = reader.u8() === 0 ? 0 : 1;
  reader.advance(2);
  if (colourLoss < 1 || colourLoss > MAX_COLOUR_LOSS)
    throw reader.fail("invalid", `colour loss ${colourLoss}`);
  // [MS-RDPNSC] 3.1.8.3.2: planes are padded where chroma is halved.
  const lumaStride = chromaShift === 0 ? width : (width + 7) & ~7;
  const chromaStride = lumaStride >> chromaShift;
  const chromaRows = (height + chromaShift) >> chromaShift;
  const luma = readPlane(reader, 0, lumaBytes, lumaStride * height);
  const orange = readPlane(reader, 1, orangeBytes, chromaStride * chromaRows);
  const green = readPlane(reader, 2, greenBytes, chromaStride * chromaRows);
  reader.advance(alphaBytes);
  const strides = { lumaStride, chromaStride, chromaShift };
  const planes = { luma, orange, green, ...strides, colourLoss, orangeSign: 1 } as const;
  writeLumaChroma(planes, width, height, rows);
}

/** One plane of `samples` bytes from `sizeBytes` of the stream: left out, compressed or as it is. */
function readPlane(reader: ByteReader, index: number, sizeBytes: number, samples: number): Uint8Array {
  const coded = reader.take(sizeBytes);
  if (sizeBytes >= samples) return coded;
  const plane = planeStore.get(index, samples);
  if (sizeBytes === 0) plane.fill(OPAQUE, 0, samples);
  else expandPlane(new ByteReader(coded, "NSCodec plane"), plane, samples);
  return plane;
}

/** [MS-RDPNSC] 2.2.2.1 and 2.2.2.2: a byte that stands twice is followed by how often it stands, less two. */
function expandPlane(reader: ByteReader, plane: Uint8Array, samples: number): void {
  const { bytes } = reader;
  const end = samples - END_BYTES;
  if (end < 0) throw reader.fail("invalid", "a plane too small to be compressed");
  let at = 0;
  while (at < end) {
    const value = reader.u8();
    // Before the last bytes there is no room for a run.
    if (at + 1 === end || bytes[reader.offset] !== value) {
      plane[at++] = value;
      continue;
    }
    reader.advance(1);
    const factor = reader.u8();
    const length = factor < 0xff ? factor + 2 : reader.u32le();
    if (length > end - at) throw reader.fail("invalid", "a run past the plane's end");
    plane.fill(value, at, at + length);
    at += length;
  }
  plane.set(reader.take(END_BYTES), end);
}

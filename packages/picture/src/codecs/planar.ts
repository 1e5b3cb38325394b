import { ByteReader } from "@poterne/bytes";
import { type BitmapHead, drawBitmap, type PixelRows, readBitmapHead } from "./bitmap.ts";
import type { DecodeRectangle } from "./codec.ts";
import { writeLumaChroma } from "./colour-loss.ts";
import { decodeRlePlane, planeStore } from "./planes.ts";

/** [MS-RDPEGDI] 2.2.2.5.1 FormatHeader. */
const COLOUR_LOSS_BITS = 0x07;
const CHROMA_SUBSAMPLING = 0x08;
const RLE = 0x10;
const NO_ALPHA = 0x20;

/**
 * [MS-RDPEGDI] 2.2.2.5.1 RDP 6.0 bitmap compression of 32 bits a pixel. Alpha is read and not shown: desktops are opaque.
 */
export const decodePlanar: DecodeRectangle = (payload, surface, rectangle) => {
  const reader = new ByteReader(payload, "planar bitmap");
  const head = readBitmapHead(reader, rectangle);
  drawBitmap(surface, rectangle, head, (rows) => decodeStream(reader, head, rows));
};

function decodeStream(reader: ByteReader, { width, height }: BitmapHead, rows: PixelRows): void {
  const format = reader.u8();
  const colourLoss = format & COLOUR_LOSS_BITS;
  const chromaShift = (format & CHROMA_SUBSAMPLING) === 0 ? 0 : 1;
  if (chromaShift === 1 && colourLoss === 0) throw reader.fail("invalid", "subsampling without chroma");
  const chromaWidth = (width + chromaShift) >> chromaShift;
  const chromaHeight = (height + chromaShift) >> chromaShift;
  const isRle = (format & RLE) !== 0;
  const plane = (index: number, wide: number, high: number): Uint8Array => {
    if (!isRle) return reader.take(wide * high);
    const samples = planeStore.get(index, wide * high);
    decodeRlePlane(reader, samples, wide, high);
    return samples;
  };
  if ((format & NO_ALPHA) === 0) plane(0, width, height);
  // Red, green and blue, or luma, orange and green chroma.
  const first = plane(0, width, height);
  const second = plane(1, chromaWidth, chromaHeight);
  const third = plane(2, chromaWidth, chromaHeight);
  if (colourLoss === 0) return writeColours(first, second, third, { width, height, rows });
  const strides = { lumaStride: width, chromaStride: chromaWidth, chromaShift };
  const planes = { luma: first, orange: second, green: third, ...strides };
  // [MS-RDPEGDI] 3.1.9.1.2: Windows' servers turn it, and decoders must turn it back.
  writeLumaChroma({ ...planes, colourLoss, orangeSign: -1 }, width, height, rows);
}

function writeColours(
  red: Uint8Array,
  green: Uint8Array,
  blue: Uint8Array,
  { width, height, rows }: { readonly width: number; readonly height: number; readonly rows: PixelRows },
): void {
  const { pixels } = rows;
  let from = 0;
  for (let row = 0; row < height; row++) {
    let at = rows.start + row * rows.step;
    for (const end = from + width; from < end; from++, at++)
      pixels[at] =
        0xff000000 | ((blue[from] as number) << 16) | ((green[from] as number) << 8) | (red[from] as number);
  }
}

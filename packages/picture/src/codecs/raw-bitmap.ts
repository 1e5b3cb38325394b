import { ByteReader } from "@poterne/bytes";
import { readBitmapHead } from "./bitmap.ts";
import type { DecodeRectangle } from "./codec.ts";
import type { Palette } from "./palette.ts";
import { bgrAt, rgb555, rgb565 } from "./rgb.ts";

/** Reads `count` pixels at `from` and writes them from `at` on. */
type ReadRow = (bytes: Uint8Array, from: number, pixels: Uint32Array, at: number, count: number) => void;

/** [MS-RDPBCGR] 2.2.9.1.1.3.1.2.2 uncompressed bitmap data: rows padded to four bytes; only what is shown is read. */
function makeDecoder(bytesPerPixel: number, readRow: ReadRow): DecodeRectangle {
  return (payload, surface, rectangle) => {
    const reader = new ByteReader(payload, "raw bitmap");
    const head = readBitmapHead(reader, rectangle);
    const rowBytes = (head.width * bytesPerPixel + 3) & ~3;
    // The last row's padding may be missing.
    const sizeBytes = rowBytes * (head.height - 1) + head.width * bytesPerPixel;
    if (reader.remaining < sizeBytes) throw reader.fail("truncated");
    const { x, y, width, height } = rectangle;
    for (let row = 0; row < height; row++) {
      const coded = head.isBottomUp ? head.height - 1 - row : row;
      readRow(
        payload,
        reader.offset + coded * rowBytes,
        surface.pixels,
        (y + row) * surface.width + x,
        width,
      );
    }
  };
}

/** 15 bits a pixel. */
export const decodeRaw15: DecodeRectangle = makeDecoder(2, (bytes, from, pixels, at, count) => {
  for (let index = 0; index < count; index++, from += 2)
    pixels[at + index] = rgb555((bytes[from] as number) | ((bytes[from + 1] as number) << 8));
});

/** 16 bits a pixel. */
export const decodeRaw16: DecodeRectangle = makeDecoder(2, (bytes, from, pixels, at, count) => {
  for (let index = 0; index < count; index++, from += 2)
    pixels[at + index] = rgb565((bytes[from] as number) | ((bytes[from + 1] as number) << 8));
});

/** 24 bits a pixel: B, G, R. */
export const decodeRaw24: DecodeRectangle = makeDecoder(3, (bytes, from, pixels, at, count) => {
  for (let index = 0; index < count; index++, from += 3) pixels[at + index] = bgrAt(bytes, from);
});

/** 32 bits a pixel: B, G, R, X. */
export const decodeRaw32: DecodeRectangle = makeDecoder(4, (bytes, from, pixels, at, count) => {
  for (let index = 0; index < count; index++, from += 4) pixels[at + index] = bgrAt(bytes, from);
});

/** 8 bits a pixel: places in the palette. */
export function makeRaw8({ colours }: Palette): DecodeRectangle {
  return makeDecoder(1, (bytes, from, pixels, at, count) => {
    for (let index = 0; index < count; index++)
      pixels[at + index] = colours[bytes[from + index] as number] as number;
  });
}

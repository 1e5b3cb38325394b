import { ByteWriter } from "@poterne/bytes";
import { makePicker } from "./rle-streams.ts";

const CHROMA_SUBSAMPLING = 0x08;
const RLE = 0x10;
const NO_ALPHA = 0x20;

/** A planar stream of random planes, coded by random segments that fill each row exactly ([MS-RDPEGDI] 2.2.2.5.1). */
export function randomPlanarStream(
  seed: number,
  { format, width, height }: { readonly format: number; readonly width: number; readonly height: number },
): Uint8Array {
  const pick = makePicker(seed);
  const writer = new ByteWriter().u8(format);
  const half = (side: number) => ((format & CHROMA_SUBSAMPLING) === 0 ? side : (side + 1) >> 1);
  const planes = [
    [width, height],
    [half(width), half(height)],
    [half(width), half(height)],
  ] as const;
  if ((format & NO_ALPHA) === 0) putPlane(writer, pick, { format, width, height });
  for (const [wide, high] of planes) putPlane(writer, pick, { format, width: wide, height: high });
  // [MS-RDPEGDI] 2.2.2.5.1: a pad byte where planes are not compressed.
  if ((format & RLE) === 0) writer.u8(0);
  return writer.finish();
}

function putPlane(
  writer: ByteWriter,
  pick: (limit: number) => number,
  { format, width, height }: { readonly format: number; readonly width: number; readonly height: number },
): void {
  if ((format & RLE) === 0) {
    for (let index = 0; index < width * height; index++) writer.u8(pick(256));
    return;
  }
  for (let row = 0; row < height; row++)
    for (let left = width; left > 0; ) left -= putSegment(writer, pick, left);
}

/** Returns how many bytes of the row the segment makes. */
function putSegment(writer: ByteWriter, pick: (limit: number) => number, left: number): number {
  const run = pick(3) === 0 ? Math.min(left, pick(48)) : 0;
  if (run >= 16) {
    writer.u8(run >= 32 ? 2 | ((run - 32) << 4) : 1 | ((run - 16) << 4));
    return run;
  }
  const short = run >= 3 ? run : 0;
  const raw = Math.min(left - short, pick(16));
  writer.u8(short | (raw << 4));
  for (let index = 0; index < raw; index++) writer.u8(pick(256));
  return short + raw;
}

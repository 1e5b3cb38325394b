import type { PixelRows } from "./bitmap.ts";

/** Planes of a bitmap whose colours are luma, orange and green chroma. */
export interface LumaChroma {
  readonly luma: Uint8Array;
  readonly orange: Uint8Array;
  readonly green: Uint8Array;
  /** Samples a row of the luma and of the chroma planes. */
  readonly lumaStride: number;
  readonly chromaStride: number;
  /** 1 when chroma planes have half the rows and columns, else 0. */
  readonly chromaShift: number;
  /** Bits the chroma lost, 1 to 7. */
  readonly colourLoss: number;
  /** -1 when red and blue change places afterwards: that is orange chroma with its sign turned. */
  readonly orangeSign: 1 | -1;
}

/** [MS-RDPEGDI] 3.1.9.1.2 to 3.1.9.1.4 writes AYCoCg planes as opaque pixels. */
export function writeLumaChroma(planes: LumaChroma, width: number, height: number, rows: PixelRows): void {
  const { luma, orange, green, chromaShift, orangeSign } = planes;
  // Chroma is kept halved: so one bit less than was lost is put back.
  const shift = 24 + planes.colourLoss - 1;
  for (let row = 0; row < height; row++) {
    const lumaRow = row * planes.lumaStride;
    const chromaRow = (row >> chromaShift) * planes.chromaStride;
    let at = rows.start + row * rows.step;
    for (let column = 0; column < width; column++, at++) {
      const y = luma[lumaRow + column] as number;
      const chroma = chromaRow + (column >> chromaShift);
      const co = (((orange[chroma] as number) << shift) >> 24) * orangeSign;
      const cg = ((green[chroma] as number) << shift) >> 24;
      const low = y - cg;
      const red = low + co;
      const middle = y + cg;
      const blue = low - co;
      rows.pixels[at] =
        ((red | middle | blue) & ~255) === 0
          ? 0xff000000 | (blue << 16) | (middle << 8) | red
          : 0xff000000 | (clampByte(blue) << 16) | (clampByte(middle) << 8) | clampByte(red);
    }
  }
}

function clampByte(value: number): number {
  return Math.max(0, Math.min(255, value));
}

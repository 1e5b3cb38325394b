import { Codec, type Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";
import { pixelOf, type YuvFrame } from "./yuv.ts";

/** The average of four is used unless undoing it changes it by more than this ([MS-RDPEGFX] 3.3.8.3.2). */
const FILTER_THRESHOLD = 30;
/** Lines of a macroblock: version 1 has U and V in its upper and lower half. */
const BLOCK_LINES = 16;

/** The value at an even place, of which luma has the average with its three neighbours. */
function unfilter(average: number, sumOfThree: number): number {
  const value = Math.max(0, Math.min(4 * average - sumOfThree, 255));
  return Math.abs(value - average) > FILTER_THRESHOLD ? value : average;
}

/** The three of a square of four pixels that luma does not have: right, below, below right. */
interface Square {
  rightU: number;
  rightV: number;
  belowU: number;
  belowV: number;
  cornerU: number;
  cornerV: number;
}

/** Reads the square whose upper left corner is at (even) x and y. */
type ReadSquare = (chroma: YuvFrame, x: number, y: number, square: Square) => void;

/** [MS-RDPEGFX] 3.3.8.3.2. */
const readSquareV1: ReadSquare = (chroma, x, y, square) => {
  const right = (y >> 1) * chroma.uvStride + (x >> 1);
  square.rightU = chroma.u[right] as number;
  square.rightV = chroma.v[right] as number;
  const line = y - (y % BLOCK_LINES) + ((y % BLOCK_LINES) >> 1);
  const isThere = line + BLOCK_LINES / 2 < chroma.height;
  const below = line * chroma.yStride + x;
  const belowV = below + (BLOCK_LINES / 2) * chroma.yStride;
  // A frame cropped inside its last macroblocks has lost the lower line's V: the upper line's is near.
  square.belowU = chroma.y[below] as number;
  square.cornerU = chroma.y[below + 1] as number;
  square.belowV = isThere ? (chroma.y[belowV] as number) : square.rightV;
  square.cornerV = isThere ? (chroma.y[belowV + 1] as number) : square.rightV;
};

/** [MS-RDPEGFX] 3.3.8.3.3. */
const readSquareV2: ReadSquare = (chroma, x, y, square) => {
  const right = y * chroma.yStride + (x >> 1);
  const corner = right + chroma.yStride;
  const half = (chroma.width + 1) >> 1;
  square.rightU = chroma.y[right] as number;
  square.rightV = chroma.y[right + half] as number;
  square.cornerU = chroma.y[corner] as number;
  square.cornerV = chroma.y[corner + half] as number;
  const plane = (x & 2) === 0 ? chroma.u : chroma.v;
  const below = (y >> 1) * chroma.uvStride + (x >> 2);
  square.belowU = plane[below] as number;
  square.belowV = plane[below + ((chroma.width + 3) >> 2)] as number;
};

/**
 * Draws a part of a picture in 4:4:4, from the last luma frame and what the chroma frame adds to it. The part is known
 * to lie inside both frames and the surface. `codec` is AVC444 or its version 2.
 */
export function drawYuv444(
  frames: { readonly luma: YuvFrame; readonly chroma: YuvFrame; readonly codec: number },
  surface: Surface,
  part: Rectangle,
): void {
  const { luma, chroma, codec } = frames;
  const readSquare = codec === Codec.avc444v2 ? readSquareV2 : readSquareV1;
  const square: Square = { rightU: 0, rightV: 0, belowU: 0, belowV: 0, cornerU: 0, cornerV: 0 };
  const right = part.x + part.width;
  const bottom = part.y + part.height;
  const put = (x: number, y: number, u: number, v: number) => {
    if (x < part.x || y < part.y || x >= right || y >= bottom) return;
    surface.pixels[y * surface.width + x] = pixelOf(luma.y[y * luma.yStride + x] as number, u, v);
  };
  for (let y = part.y & ~1; y < bottom; y += 2)
    for (let x = part.x & ~1; x < right; x += 2) {
      readSquare(chroma, x, y, square);
      const at = (y >> 1) * luma.uvStride + (x >> 1);
      const u = unfilter(luma.u[at] as number, square.rightU + square.belowU + square.cornerU);
      const v = unfilter(luma.v[at] as number, square.rightV + square.belowV + square.cornerV);
      put(x, y, u, v);
      put(x + 1, y, square.rightU, square.rightV);
      put(x, y + 1, square.belowU, square.belowV);
      put(x + 1, y + 1, square.cornerU, square.cornerV);
    }
}

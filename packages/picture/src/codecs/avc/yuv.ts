import type { Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";

/** A decoded picture in 4:2:0: the planes U and V have half the width and height, rounded up. */
export interface YuvFrame {
  readonly width: number;
  readonly height: number;
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
  readonly yStride: number;
  /** Of U and V. */
  readonly uvStride: number;
  /** Gives the planes' memory back for another picture; nobody may look at them any more. Called once at most. */
  release?(): void;
}

/** Room on both sides of 0–255 for what the matrix gives. */
const CLAMP_OFFSET = 768;
const clamped = Uint8ClampedArray.from(
  { length: 256 + 2 * CLAMP_OFFSET },
  (_, index) => index - CLAMP_OFFSET,
);
/** [MS-RDPEGFX] 3.3.8.3.1, BT.709 with full range: what U and V add to 256 times red, green, blue. */
const redOfV = Int32Array.from({ length: 256 }, (_, v) => 403 * (v - 128));
const greenOfU = Int32Array.from({ length: 256 }, (_, u) => -48 * (u - 128));
const greenOfV = Int32Array.from({ length: 256 }, (_, v) => -120 * (v - 128));
const blueOfU = Int32Array.from({ length: 256 }, (_, u) => 475 * (u - 128));

/** An opaque pixel from full-range BT.709. */
export function pixelOf(y: number, u: number, v: number): number {
  const base = (y << 8) + (CLAMP_OFFSET << 8);
  const red = clamped[(base + (redOfV[v] as number)) >> 8] as number;
  const green = clamped[(base + (greenOfU[u] as number) + (greenOfV[v] as number)) >> 8] as number;
  const blue = clamped[(base + (blueOfU[u] as number)) >> 8] as number;
  return 0xff000000 | (blue << 16) | (green << 8) | red;
}

/** Draws a part of a frame, known to lie inside it and inside the surface, at the same place. */
export function drawYuv420(frame: YuvFrame, surface: Surface, { x, y, width, height }: Rectangle): void {
  for (let row = y; row < y + height; row++) {
    const yRow = row * frame.yStride;
    const uvRow = (row >> 1) * frame.uvStride;
    const to = row * surface.width;
    for (let column = x; column < x + width; column++) {
      const uv = uvRow + (column >> 1);
      surface.pixels[to + column] = pixelOf(
        frame.y[yRow + column] as number,
        frame.u[uv] as number,
        frame.v[uv] as number,
      );
    }
  }
}

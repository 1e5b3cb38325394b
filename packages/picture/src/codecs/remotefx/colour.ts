import { TILE_PIXELS } from "./tile.ts";

/** The matrix of [MS-RDPRFX] 3.1.8.2.5, times 2^14. */
const RED_FROM_CR = 22979;
const GREEN_FROM_CB = -5632;
const GREEN_FROM_CR = -11705;
const BLUE_FROM_CB = 28998;
/** Values have 5 bits after the point (11.5), the matrix has 14. */
const SHIFT = 5 + 14;
/** Y is level-shifted by 128; half of one is added so that results are rounded. */
const Y_OFFSET = 128 * 32 + 16;

function clamp(value: number): number {
  return Math.max(0, Math.min(value, 255));
}

/** [MS-RDPRFX] 3.1.8.2.5: three components (11.5 fixed point, Y then Cb then Cr) become opaque RGBA pixels. */
export function toPixels(components: Int16Array, pixels: Uint32Array): void {
  for (let at = 0; at < TILE_PIXELS; at++) {
    const y = ((components[at] as number) + Y_OFFSET) << 14;
    const cb = components[at + TILE_PIXELS] as number;
    const cr = components[at + 2 * TILE_PIXELS] as number;
    const red = clamp((y + cr * RED_FROM_CR) >> SHIFT);
    const green = clamp((y + cb * GREEN_FROM_CB + cr * GREEN_FROM_CR) >> SHIFT);
    const blue = clamp((y + cb * BLUE_FROM_CB) >> SHIFT);
    pixels[at] = 0xff000000 | (blue << 16) | (green << 8) | red;
  }
}

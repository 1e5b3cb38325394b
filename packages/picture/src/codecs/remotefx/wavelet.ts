import { BANDS, type BandLayout, TILE_PX } from "./tile.ts";

// All arithmetic is modulo 2^16, as 16-bit registers do it, so that SIMD code gives the same pixels for any input.

/** Half of a sum that is first cut to 16 bits, rounded down as the lifting equations have it. */
function half(sum: number): number {
  return (sum << 16) >> 17;
}

/**
 * Undoes differences in LL3 and quantisation of one component in place: each band is shifted left by its number
 * (16 and more: nothing is left of it). [MS-RDPRFX] 3.1.8.2.2 and 3.1.8.2.3.
 */
export function scaleBands(coefficients: Int16Array, shifts: Uint8Array, layout: BandLayout): void {
  const { bandStarts } = layout;
  const lastBand = bandStarts[BANDS - 1] as number;
  for (let at = lastBand + 1; at < (bandStarts[BANDS] as number); at++)
    coefficients[at] = (coefficients[at] as number) + (coefficients[at - 1] as number);
  for (let band = 0; band < BANDS; band++) {
    const shift = shifts[band] as number;
    const end = bandStarts[band + 1] as number;
    for (let at = bandStarts[band] as number; at < end; at++)
      coefficients[at] = shift > 15 ? 0 : (coefficients[at] as number) << shift;
  }
}

const scratch = new Int16Array(TILE_PX * (TILE_PX + 2));

/** [MS-RDPRFX] 3.1.8.2.4, [MS-RDPEGFX] 3.3.8.2.2: turns a component's bands into its 64 × 64 values, in place. */
export function invertWavelet(coefficients: Int16Array, { lowPx, highPx, bandStarts }: BandLayout): void {
  for (const level of [2, 1, 0] as const)
    invertLevel(coefficients, bandStarts[level * 3] as number, lowPx[level], highPx[level]);
}

/** One level: the bands HL, LH, HH, LL from `start` on become the picture of twice the size there. */
function invertLevel(coefficients: Int16Array, start: number, low: number, high: number): void {
  const width = Math.min(low + high, TILE_PX);
  const hl = start;
  const lh = hl + high * low;
  const hh = lh + low * high;
  const ll = hh + high * high;
  for (let row = 0; row < low; row++)
    invertLine(coefficients, ll + row * low, hl + row * high, row * width, low, high);
  const lowRows = low * width;
  for (let row = 0; row < high; row++)
    invertLine(coefficients, lh + row * low, hh + row * high, lowRows + row * width, low, high);
  invertColumns(coefficients, start, low, high);
}

/** One line of the scratch from its low and its high half. */
function invertLine(
  from: Int16Array,
  lowAt: number,
  highAt: number,
  to: number,
  low: number,
  high: number,
): void {
  let before = from[highAt] as number;
  let even = 0;
  for (let index = 0; index < high; index++) {
    const detail = from[highAt + index] as number;
    const next = (((from[lowAt + index] as number) - half(before + detail + 1)) << 16) >> 16;
    const at = to + 2 * index;
    scratch[at] = next;
    if (index > 0) scratch[at - 1] = 2 * before + half(even + next);
    before = detail;
    even = next;
  }
  const at = to + 2 * high;
  if (low === high) {
    scratch[at - 1] = 2 * before + even;
    return;
  }
  // Reduced bands: the high half lacks its last value, which is the one before it (mirrored), or zero at level 1.
  const detail = low === high + 1 ? before : 0;
  const next = (((from[lowAt + high] as number) - half(before + detail + 1)) << 16) >> 16;
  scratch[at - 1] = 2 * before + half(even + next);
  scratch[at] = next;
  if (low === high + 2) scratch[at + 1] = half(next + (from[lowAt + high + 1] as number));
}

/** All columns of the scratch, row by row: neighbours in a row are neighbours in memory. */
function invertColumns(to: Int16Array, start: number, low: number, high: number): void {
  const width = Math.min(low + high, TILE_PX);
  const highRows = low * width;
  for (let index = 0; index < high; index++) {
    const detailRow = highRows + index * width;
    const beforeRow = index === 0 ? detailRow : detailRow - width;
    const row = start + 2 * index * width;
    for (let x = 0; x < width; x++) {
      const before = scratch[beforeRow + x] as number;
      const next =
        (((scratch[index * width + x] as number) - half(before + (scratch[detailRow + x] as number) + 1)) <<
          16) >>
        16;
      to[row + x] = next;
      if (index > 0) to[row - width + x] = 2 * before + half((to[row - 2 * width + x] as number) + next);
    }
  }
  invertLastRows(to, start, low, high);
}

function invertLastRows(to: Int16Array, start: number, low: number, high: number): void {
  const width = Math.min(low + high, TILE_PX);
  const beforeRow = low * width + (high - 1) * width;
  const row = start + 2 * high * width;
  for (let x = 0; x < width; x++) {
    const before = scratch[beforeRow + x] as number;
    const even = to[row - 2 * width + x] as number;
    if (low === high) {
      to[row - width + x] = 2 * before + even;
      continue;
    }
    const detail = low === high + 1 ? before : 0;
    const next = (((scratch[high * width + x] as number) - half(before + detail + 1)) << 16) >> 16;
    to[row - width + x] = 2 * before + half(even + next);
    to[row + x] = next;
    if (low === high + 2) to[row + width + x] = half(next + (scratch[(high + 1) * width + x] as number));
  }
}

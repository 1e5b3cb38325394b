/** The side of a RemoteFX tile, in pixels. */
export const TILE_PX = 64;

/** Pixels of a tile, and coefficients of one of its components. */
export const TILE_PIXELS = TILE_PX * TILE_PX;

/** Y, Cb and Cr. */
export const COMPONENTS = 3;

/** Bands of one component: three of each of three levels, and what is left of the picture at the third. */
export const BANDS = 10;

/** Bytes of one quantisation table: ten numbers of four bits. */
export const QUANT_BYTES = 5;

/** How wide the low and the high half of a line are, for levels 1, 2 and 3. */
export interface BandLayout {
  readonly lowPx: readonly [number, number, number];
  readonly highPx: readonly [number, number, number];
  /** Where each band begins among a component's coefficients: HL1 LH1 HH1 HL2 LH2 HH2 HL3 LH3 HH3 LL3, and the end. */
  readonly bandStarts: readonly number[];
}

function makeLayout(lowPx: BandLayout["lowPx"], highPx: BandLayout["highPx"]): BandLayout {
  const bandStarts = [0];
  const add = (size: number) => bandStarts.push((bandStarts.at(-1) as number) + size);
  for (const level of [0, 1, 2] as const) {
    add(highPx[level] * lowPx[level]);
    add(lowPx[level] * highPx[level]);
    add(highPx[level] * highPx[level]);
  }
  add(lowPx[2] * lowPx[2]);
  return { lowPx, highPx, bandStarts };
}

/** [MS-RDPRFX] 3.1.8.1.6: both halves of a line are as wide. */
export const EVEN_LAYOUT: BandLayout = makeLayout([32, 16, 8], [32, 16, 8]);

/** [MS-RDPEGFX] 3.2.8.1.2.2 Reduce-Extrapolate. */
export const REDUCED_LAYOUT: BandLayout = makeLayout([33, 17, 9], [31, 16, 8]);

/** Where a band's number stands in a table of [MS-RDPRFX] 2.2.2.1.5, in the order of `bandStarts`. */
export const REMOTEFX_BAND_ORDER: readonly number[] = [8, 7, 9, 5, 4, 6, 2, 1, 3, 0];

/** The same for the tables of [MS-RDPEGFX] 2.2.4.2.1.5.2. */
export const PROGRESSIVE_BAND_ORDER: readonly number[] = [7, 8, 9, 4, 5, 6, 1, 2, 3, 0];

/** The ten numbers of the table at `at`, in the order of `bandStarts`; the bytes are known to be there. */
export function readBandTable(bytes: Uint8Array, at: number, order: readonly number[]): Uint8Array {
  const table = new Uint8Array(BANDS);
  order.forEach((place, band) => {
    const byte = bytes[at + (place >> 1)] as number;
    table[band] = (place & 1) === 0 ? byte & 15 : byte >> 4;
  });
  return table;
}

import { ByteReader } from "@poterne/bytes";
import type { Rectangle } from "../../language.ts";
import { readRegion } from "../remotefx/regions.ts";
import { PROGRESSIVE_BAND_ORDER, QUANT_BYTES, readBandTable, TILE_PX } from "../remotefx/tile.ts";

/** [MS-RDPEGFX] 2.2.4.2.1 block types. */
const WBT_CONTEXT = 0xccc3;
const WBT_REGION = 0xccc4;
const WBT_TILE_SIMPLE = 0xccc5;
const WBT_TILE_PROGRESSIVE_FIRST = 0xccc6;
const WBT_TILE_PROGRESSIVE_UPGRADE = 0xccc7;
const RFX_SUBBAND_DIFFING = 0x01;
const RFX_DWT_REDUCE_EXTRAPOLATE = 0x01;
const RFX_TILE_DIFFERENCE = 0x01;
/** `progressiveQuality` of a tile that is whole after this pass. */
export const FULL_QUALITY = 0xff;
const BLOCK_HEADER_BYTES = 6;
/** Blocks of one payload outside regions. */
const MAX_BLOCKS = 16384;
/** Tiles of one payload: a surface of the largest size has fewer. */
export const MAX_TILES = 16384;

/** What tiles of one region share; tables are in the order of the layout's bands. */
export interface ProgressiveRegion {
  readonly isReduced: boolean;
  readonly quants: readonly Uint8Array[];
  /** For each quality: Y, Cb, Cr. */
  readonly progressiveQuants: readonly (readonly Uint8Array[])[];
  readonly tiles: readonly ProgressiveTile[];
}

interface TileHead {
  readonly column: number;
  readonly row: number;
  /** Tables of Y, Cb, Cr. */
  readonly quants: readonly number[];
  /** Which of the progressive tables, or `FULL_QUALITY`. */
  readonly quality: number;
}

/** [MS-RDPEGFX] 2.2.4.2.1.5.3 to 2.2.4.2.1.5.5. */
export type ProgressiveTile =
  | (TileHead & {
      readonly type: "first";
      readonly isDifference: boolean;
      /** RLGR1 of Y, Cb, Cr. */
      readonly data: readonly Uint8Array[];
    })
  | (TileHead & {
      readonly type: "upgrade";
      readonly srl: readonly Uint8Array[];
      readonly raw: readonly Uint8Array[];
    });

/** One payload, read but not decoded. */
export interface ProgressiveMessage {
  /** What the context says of differences between frames, null when it is not there. */
  readonly hasDifferences: boolean | null;
  readonly regions: readonly ProgressiveRegion[];
  /** The rectangles of all regions: a region may be covered by tiles of another. */
  readonly rectangles: readonly Rectangle[];
}

/** Reads [MS-RDPEGFX] 2.2.4.2 RFX_PROGRESSIVE_BITMAP_STREAM; throws `DecodeError`. */
export function decodeProgressiveMessage(payload: Uint8Array): ProgressiveMessage {
  const reader = new ByteReader(payload, "progressive");
  const regions: ProgressiveRegion[] = [];
  const rectangles: Rectangle[] = [];
  let hasDifferences: boolean | null = null;
  let tileCount = 0;
  for (let count = 0; reader.remaining > 0; count++) {
    if (count >= MAX_BLOCKS) throw reader.fail("limit", "blocks");
    const { type, body } = readBlock(reader);
    if (type === WBT_CONTEXT) {
      body.advance(3);
      hasDifferences = (body.u8() & RFX_SUBBAND_DIFFING) !== 0;
    } else if (type === WBT_REGION) {
      const region = decodeRegion(body, rectangles);
      tileCount += region.tiles.length;
      if (tileCount > MAX_TILES) throw reader.fail("limit", "tiles");
      regions.push(region);
    }
  }
  return { hasDifferences, regions, rectangles };
}

function readBlock(reader: ByteReader): { readonly type: number; readonly body: ByteReader } {
  const type = reader.u16le();
  const length = reader.u32le();
  if (length < BLOCK_HEADER_BYTES) throw reader.fail("invalid", "block length");
  return { type, body: new ByteReader(reader.take(length - BLOCK_HEADER_BYTES), "progressive block") };
}

/** [MS-RDPEGFX] 2.2.4.2.1.5 RFX_PROGRESSIVE_REGION. */
function decodeRegion(body: ByteReader, rectangles: Rectangle[]): ProgressiveRegion {
  if (body.u8() !== TILE_PX) throw body.fail("invalid", "tile size");
  const rectangleCount = body.u16le();
  const quantCount = body.u8();
  const progressiveCount = body.u8();
  const isReduced = (body.u8() & RFX_DWT_REDUCE_EXTRAPOLATE) !== 0;
  const tileCount = body.u16le();
  body.advance(4);
  readRegion(body, rectangleCount, rectangles);
  const readTable = () => readBandTable(body.take(QUANT_BYTES), 0, PROGRESSIVE_BAND_ORDER);
  const quants = Array.from({ length: quantCount }, readTable);
  const progressiveQuants = Array.from({ length: progressiveCount }, () => {
    body.advance(1);
    return [readTable(), readTable(), readTable()];
  });
  const tiles: ProgressiveTile[] = [];
  for (let index = 0; index < tileCount; index++) tiles.push(decodeTile(body));
  return { isReduced, quants, progressiveQuants, tiles };
}

function decodeTile(reader: ByteReader): ProgressiveTile {
  const { type, body } = readBlock(reader);
  const quants = [body.u8(), body.u8(), body.u8()];
  const place = { quants, column: body.u16le(), row: body.u16le() };
  const takeAll = (lengths: readonly number[]) => lengths.map((length) => body.take(length));
  if (type === WBT_TILE_PROGRESSIVE_UPGRADE) {
    const quality = body.u8();
    const [y1, y2, cb1, cb2, cr1, cr2] = [1, 2, 3, 4, 5, 6].map(() => body.u16le());
    const parts = takeAll([y1, y2, cb1, cb2, cr1, cr2] as number[]);
    const every = (first: number) => parts.filter((_, index) => index % 2 === first);
    return { type: "upgrade", ...place, quality, srl: every(0), raw: every(1) };
  }
  if (type !== WBT_TILE_SIMPLE && type !== WBT_TILE_PROGRESSIVE_FIRST)
    throw reader.fail("invalid", `tile ${type}`);
  const isDifference = (body.u8() & RFX_TILE_DIFFERENCE) !== 0;
  const quality = type === WBT_TILE_SIMPLE ? FULL_QUALITY : body.u8();
  const lengths = [body.u16le(), body.u16le(), body.u16le()];
  // The length of a tail that nobody reads.
  body.advance(2);
  return { type: "first", ...place, quality, isDifference, data: takeAll(lengths) };
}

import { ByteReader } from "@poterne/bytes";
import { type Rectangle, ZRLE_CONTEXT } from "../language.ts";
import type { DecodeRectangle } from "./codec.ts";
import { decodeTile, type TileState } from "./zrle-tile.ts";

const ZRLE_TILE_PX = 64;
const TRLE_TILE_PX = 16;
/** The most a pixel can take in plain ZRLE: three bytes and a run length. */
const MAX_BYTES_PER_PIXEL = 4;
/** The most a tile takes besides its pixels: its type and a palette. */
const MAX_TILE_EXTRA_BYTES = 1 + 127 * 3;

/** RFC 6143 §7.7.6 ZRLE: tiles of 64 × 64 behind one zlib stream. */
export const decodeZrle: DecodeRectangle = (payload, surface, rectangle, contexts) => {
  const { width, height } = rectangle;
  const tiles = Math.ceil(width / ZRLE_TILE_PX) * Math.ceil(height / ZRLE_TILE_PX);
  const maxBytes = width * height * MAX_BYTES_PER_PIXEL + tiles * MAX_TILE_EXTRA_BYTES;
  const plain = contexts.get(ZRLE_CONTEXT).inflate(payload, maxBytes);
  decodeTiles(new ByteReader(plain, "ZRLE rectangle"), surface, rectangle, ZRLE_TILE_PX);
};

/** RFC 6143 §7.7.5 TRLE: tiles of 16 × 16 that may use the palette of the one before. */
export const decodeTrle: DecodeRectangle = (payload, surface, rectangle) => {
  decodeTiles(new ByteReader(payload, "TRLE rectangle"), surface, rectangle, TRLE_TILE_PX);
};

function decodeTiles(
  reader: ByteReader,
  surface: Parameters<DecodeRectangle>[1],
  { x, y, width, height }: Rectangle,
  tilePx: number,
): void {
  const state: TileState = {
    palette: new Uint32Array(128),
    paletteSize: 0,
    mayReuse: tilePx === TRLE_TILE_PX,
  };
  for (let top = 0; top < height; top += tilePx)
    for (let left = 0; left < width; left += tilePx) {
      const tile = {
        x: x + left,
        y: y + top,
        width: Math.min(tilePx, width - left),
        height: Math.min(tilePx, height - top),
      };
      decodeTile(reader, surface, tile, state);
    }
  if (reader.remaining !== 0) throw reader.fail("invalid", "bytes left over");
}

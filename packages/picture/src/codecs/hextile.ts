import { ByteReader } from "@poterne/bytes";
import type { Surface } from "../surface.ts";
import { bgrxAt, type DecodeRectangle, InflateContexts } from "./codec.ts";
import { decodeRaw } from "./raw.ts";

const TILE_PX = 16;
const NO_CONTEXTS = new InflateContexts();

/** Bits of a tile's first byte, RFC 6143 §7.7.4. */
export const HextileMask = {
  raw: 1,
  backgroundSpecified: 2,
  foregroundSpecified: 4,
  anySubrectangles: 8,
  subrectanglesColoured: 16,
} as const;

/** RFC 6143 §7.7.4 Hextile: tiles of 16 × 16, each raw or a background with small rectangles. */
export const decodeHextile: DecodeRectangle = (payload, surface, { x, y, width, height }) => {
  const reader = new ByteReader(payload, "Hextile rectangle");
  const colours = { background: 0xff000000, foreground: 0xff000000 };
  for (let top = 0; top < height; top += TILE_PX)
    for (let left = 0; left < width; left += TILE_PX) {
      const tile = {
        x: x + left,
        y: y + top,
        width: Math.min(TILE_PX, width - left),
        height: Math.min(TILE_PX, height - top),
      };
      decodeTile(reader, surface, tile, colours);
    }
  if (reader.remaining !== 0) throw reader.fail("invalid", "bytes left over");
};

function decodeTile(
  reader: ByteReader,
  surface: Surface,
  tile: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  colours: { background: number; foreground: number },
): void {
  const mask = reader.u8();
  if ((mask & HextileMask.raw) !== 0) {
    decodeRaw(reader.take(tile.width * tile.height * 4), surface, tile, NO_CONTEXTS);
    return;
  }
  if ((mask & HextileMask.backgroundSpecified) !== 0) colours.background = bgrxAt(reader.take(4), 0);
  surface.fill(tile.x, tile.y, tile.width, tile.height, colours.background);
  if ((mask & HextileMask.foregroundSpecified) !== 0) colours.foreground = bgrxAt(reader.take(4), 0);
  if ((mask & HextileMask.anySubrectangles) === 0) return;
  const isColoured = (mask & HextileMask.subrectanglesColoured) !== 0;
  for (let count = reader.u8(); count > 0; count--) {
    const pixel = isColoured ? bgrxAt(reader.take(4), 0) : colours.foreground;
    const place = reader.u8();
    const size = reader.u8();
    const left = place >> 4;
    const top = place & 15;
    const wide = (size >> 4) + 1;
    const high = (size & 15) + 1;
    if (left + wide > tile.width || top + high > tile.height)
      throw reader.fail("invalid", "outside the tile");
    surface.fill(tile.x + left, tile.y + top, wide, high, pixel);
  }
}

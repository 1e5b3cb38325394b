import type { ByteReader } from "@poterne/bytes";
import type { Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";
import { TILE_PX } from "./tile.ts";

/** Rectangles of one payload's regions. */
export const MAX_REGION_RECTANGLES = 4096;

/** The part of both rectangles, null when they have none. */
export function intersect(one: Rectangle, other: Rectangle): Rectangle | null {
  const x = Math.max(one.x, other.x);
  const y = Math.max(one.y, other.y);
  const width = Math.min(one.x + one.width, other.x + other.width) - x;
  const height = Math.min(one.y + one.height, other.y + other.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** Reads `count` rectangles of [MS-RDPRFX] 2.2.2.1.6 TS_RFX_RECT onto `list`; throws `DecodeError`. */
export function readRegion(reader: ByteReader, count: number, list: Rectangle[]): void {
  if (list.length + count > MAX_REGION_RECTANGLES) throw reader.fail("limit", "region rectangles");
  for (let index = 0; index < count; index++)
    list.push({ x: reader.u16le(), y: reader.u16le(), width: reader.u16le(), height: reader.u16le() });
}

/** Writes the part of a tile that lies inside `clip` (on the surface) and inside the surface. */
export function putTile(
  surface: Surface,
  pixels: Uint32Array,
  tile: { readonly x: number; readonly y: number },
  clip: Rectangle,
): void {
  const whole = { x: 0, y: 0, width: surface.width, height: surface.height };
  const inside = intersect(clip, whole);
  const part = inside && intersect(inside, { ...tile, width: TILE_PX, height: TILE_PX });
  if (part === null) return;
  for (let row = part.y; row < part.y + part.height; row++) {
    const from = (row - tile.y) * TILE_PX + part.x - tile.x;
    surface.pixels.set(pixels.subarray(from, from + part.width), row * surface.width + part.x);
  }
}

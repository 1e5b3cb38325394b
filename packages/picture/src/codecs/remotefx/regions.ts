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
  // Called for each tile and rectangle of a region, of which most do not touch: nothing is allocated for those.
  const left = Math.max(clip.x, tile.x);
  const top = Math.max(clip.y, tile.y);
  const right = Math.min(clip.x + clip.width, tile.x + TILE_PX, surface.width);
  const bottom = Math.min(clip.y + clip.height, tile.y + TILE_PX, surface.height);
  if (right <= left) return;
  const to = surface.pixels;
  for (let row = top; row < bottom; row++) {
    // A row is short: a view of it and a native copy cost more than going through it.
    let from = (row - tile.y) * TILE_PX + left - tile.x;
    const end = row * surface.width + right;
    for (let at = row * surface.width + left; at < end; at++) to[at] = pixels[from++] as number;
  }
}

/** Whether two rectangles have a part in common. */
export function touches(one: Rectangle, other: Rectangle): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

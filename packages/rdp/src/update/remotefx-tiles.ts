import { ByteReader, type ByteWriter } from "@poterne/bytes";
import type { Rectangle } from "@poterne/picture";
import { BLOCK_HEADER_BYTES, readRfxBlock } from "../graphics/rfx-block.ts";

/** [MS-RDPRFX] 2.2.2.1.1 block types. */
const WBT_FRAME_BEGIN = 0xccc4;
const WBT_FRAME_END = 0xccc5;
const WBT_REGION = 0xccc6;
const WBT_EXTENSION = 0xccc7;
const CBT_REGION = 0xcac1;
const CBT_TILESET = 0xcac2;
const CBT_TILE = 0xcac3;
const CODEC_CHANNEL = [1, 0] as const;
const QUANT_BYTES = 5;
const QUANT_INDEX_BYTES = 3;
/** Where a tile's column stands in its block, behind the header and three table numbers. */
const COLUMN_AT = BLOCK_HEADER_BYTES + QUANT_INDEX_BYTES;
/** Blocks of one message looked at: three a frame and a few more. */
const MAX_BLOCKS = 4096;
/** Tiles times rectangles of one message that are looked at. */
const MAX_CLIP_TESTS = 4 * 1024 * 1024;
/** Rectangles of one region. */
export const MAX_REGION_RECTANGLES = 4096;
/** The side of a RemoteFX tile, in pixels. */
export const TILE_PX = 64;

/** What tiles of one set share, as it came. */
export interface TileSet {
  readonly properties: number;
  readonly quants: Uint8Array;
}

/** One tile of a message. */
export interface MessageTile {
  readonly set: TileSet;
  readonly column: number;
  readonly row: number;
  /** The tile's block, a view on the message. */
  readonly block: Uint8Array;
  /** What of the message is shown, relative to its place; null for all. */
  readonly regions: readonly Rectangle[] | null;
}

/** The tiles of an [MS-RDPRFX] 2.2.2 message in order; headers are read, coefficients are not. Throws `DecodeError`. */
export function readRemoteFxTiles(payload: Uint8Array): MessageTile[] {
  const tiles: MessageTile[] = [];
  let regions: readonly Rectangle[] | null = null;
  const reader = new ByteReader(payload, "RemoteFX");
  for (let count = 0; reader.remaining > 0; count++) {
    if (count >= MAX_BLOCKS) throw reader.fail("limit", "blocks");
    const { type, body } = readRfxBlock(reader);
    if (type === WBT_FRAME_BEGIN) regions = null;
    else if (type === WBT_REGION) regions = readRegion(body);
    else if (type === WBT_EXTENSION) readTileSet(body, regions, tiles);
  }
  return tiles;
}

/** A tile and the parts of the surface it draws. */
export interface ShownTile {
  readonly tile: MessageTile;
  readonly shown: readonly Rectangle[];
}

/**
 * The tiles of a message at `place` with what each draws; null for more tiles and rectangles than are looked at. Throws
 * `DecodeError`.
 */
export function readShownTiles(place: Rectangle, payload: Uint8Array): ShownTile[] | null {
  const tiles = readRemoteFxTiles(payload);
  let tests = 0;
  for (const { regions } of tiles) tests += regions?.length ?? 1;
  if (tests > MAX_CLIP_TESTS) return null;
  let last: readonly Rectangle[] | null = null;
  let placed: readonly Rectangle[] | null = null;
  return tiles.map((tile) => {
    if (tile.regions !== last) {
      last = tile.regions;
      placed = last?.map((one) => ({ ...one, x: place.x + one.x, y: place.y + one.y })) ?? null;
    }
    return { tile, shown: shownOf(tile, place, placed) };
  });
}

/** The parts of the surface that a tile draws: of it what the regions, on the surface, name, inside the place. */
function shownOf(
  { column, row }: MessageTile,
  place: Rectangle,
  regions: readonly Rectangle[] | null,
): Rectangle[] {
  const tile = {
    x: place.x + column * TILE_PX,
    y: place.y + row * TILE_PX,
    width: TILE_PX,
    height: TILE_PX,
  };
  const own = meet(tile, place);
  if (own === null) return [];
  if (regions === null) return [own];
  const parts: Rectangle[] = [];
  for (const region of regions) {
    const part = meet(region, own);
    if (part !== null) parts.push(part);
  }
  return parts;
}

/** The part two rectangles have in common, null for none. */
export function meet(one: Rectangle, other: Rectangle): Rectangle | null {
  const x = Math.max(one.x, other.x);
  const y = Math.max(one.y, other.y);
  const width = Math.min(one.x + one.width, other.x + other.width) - x;
  const height = Math.min(one.y + one.height, other.y + other.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : null;
}

/** [MS-RDPRFX] 2.2.2.3.3 TS_RFX_REGION; no rectangle means all. */
function readRegion(body: ByteReader): Rectangle[] | null {
  body.advance(CODEC_CHANNEL.length + 1);
  const count = body.u16le();
  if (count > MAX_REGION_RECTANGLES) throw body.fail("limit", "region rectangles");
  const rectangles: Rectangle[] = [];
  for (let index = 0; index < count; index++)
    rectangles.push({ x: body.u16le(), y: body.u16le(), width: body.u16le(), height: body.u16le() });
  return count === 0 ? null : rectangles;
}

/** [MS-RDPRFX] 2.2.2.3.4 TS_RFX_TILESET. */
function readTileSet(body: ByteReader, regions: readonly Rectangle[] | null, tiles: MessageTile[]): void {
  body.advance(CODEC_CHANNEL.length);
  if (body.u16le() !== CBT_TILESET) throw body.fail("invalid", "not a tile set");
  body.advance(2);
  const properties = body.u16le();
  const quantCount = body.u8();
  if (body.u8() !== TILE_PX) throw body.fail("invalid", "tile size");
  const count = body.u16le();
  body.advance(4);
  const set = { properties, quants: body.take(quantCount * QUANT_BYTES) };
  for (let index = 0; index < count; index++) {
    // As `readRfxBlock`, by hand: there are thousands a second.
    const start = body.offset;
    if (body.u16le() !== CBT_TILE) throw body.fail("invalid", "not a tile");
    const length = body.u32le();
    if (length < COLUMN_AT + 4) throw body.fail("truncated", "tile");
    body.advance(QUANT_INDEX_BYTES);
    const column = body.u16le();
    const row = body.u16le();
    body.offset = start;
    tiles.push({ set, column, row, block: body.take(length), regions });
  }
}

/** Whether tiles of both sets may stand in one. */
export function isSameSet(one: TileSet, other: TileSet): boolean {
  if (one === other) return true;
  if (one.properties !== other.properties || one.quants.length !== other.quants.length) return false;
  return one.quants.every((byte, at) => byte === other.quants[at]);
}

/** Moves a tile's block to another place. */
export function placeTile(block: Uint8Array, column: number, row: number): void {
  block[COLUMN_AT] = column;
  block[COLUMN_AT + 1] = column >>> 8;
  block[COLUMN_AT + 2] = row;
  block[COLUMN_AT + 3] = row >>> 8;
}

/** Writes one frame of [MS-RDPRFX] 2.2.2.3: these tiles of one set, of which the regions are shown. */
export function putRemoteFxFrame(
  writer: ByteWriter,
  set: TileSet,
  blocks: readonly Uint8Array[],
  regions: readonly Rectangle[],
): void {
  const [codecId, channelId] = CODEC_CHANNEL;
  const begin = (type: number, bodyBytes: number) =>
    writer
      .u16le(type)
      .u32le(BLOCK_HEADER_BYTES + 2 + bodyBytes)
      .u8(codecId)
      .u8(channelId);
  begin(WBT_FRAME_BEGIN, 6).u32le(0).u16le(1);
  begin(WBT_REGION, 7 + regions.length * 8)
    .u8(1)
    .u16le(regions.length);
  for (const { x, y, width, height } of regions) writer.u16le(x).u16le(y).u16le(width).u16le(height);
  writer.u16le(CBT_REGION).u16le(1);
  let dataBytes = 0;
  for (const { length } of blocks) dataBytes += length;
  begin(WBT_EXTENSION, 14 + set.quants.length + dataBytes)
    .u16le(CBT_TILESET)
    .u16le(0)
    .u16le(set.properties);
  writer.u8(set.quants.length / QUANT_BYTES).u8(TILE_PX);
  writer.u16le(blocks.length).u32le(dataBytes).put(set.quants);
  for (const block of blocks) writer.put(block);
  begin(WBT_FRAME_END, 0);
}

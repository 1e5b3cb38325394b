import { ByteReader, concatBytes } from "@poterne/bytes";
import { intersect, readRegion } from "../codecs/remotefx/regions.ts";
import { QUANT_BYTES, TILE_PX } from "../codecs/remotefx/tile.ts";
import type { Rectangle } from "../language.ts";
import type { NeedMap } from "../need-map.ts";
import { drawAll } from "./needs.ts";
import type { LeaveOut, ReadDraw } from "./rest.ts";

/** [MS-RDPRFX] 2.2.2.1.1 block types. */
const WBT_FRAME_BEGIN = 0xccc4;
const WBT_REGION = 0xccc6;
const WBT_EXTENSION = 0xccc7;
const CBT_TILESET = 0xcac2;
const BLOCK_HEADER_BYTES = 6;
/** codecId and channelId, then a region's flags. */
const REGION_SKIP_BYTES = 3;
/** Where a tile set has its numbers: codecId, channelId, subtype, index and properties stand before. */
const TABLES_AT = BLOCK_HEADER_BYTES + 8;
const TILE_COUNT_AT = TABLES_AT + 2;
const DATA_BYTES_AT = TILE_COUNT_AT + 2;
/** Tiles times rectangles of one message that are looked at; over it the draw is kept whole. */
const MAX_CLIP_TESTS = 4 * 1024 * 1024;

interface Tile {
  readonly block: Uint8Array;
  readonly parts: readonly Rectangle[];
}

interface TileSet {
  /** The block up to its first tile. */
  readonly head: Uint8Array;
  readonly tiles: readonly Tile[];
}

/** Reads a RemoteFX draw: which of its tiles are needed; null for one that is to be kept as it is. Throws `DecodeError`. */
export function readRemoteFxRest({ command, surface }: ReadDraw): LeaveOut | null {
  const blocks = readBlocks(command.payload, command.rectangle);
  if (blocks === null) return null;
  const { isWholePicture } = command;
  return (needs) => {
    const map = needs.of(surface);
    const kept: Uint8Array[] = [];
    let [tiles, all] = [0, 0];
    for (const block of blocks.toReversed()) {
      if (block instanceof Uint8Array) kept.push(block);
      else {
        const needed = neededTiles(block, map);
        tiles += needed.length;
        all += block.tiles.length;
        kept.push(...needed.map((tile) => tile.block).toReversed(), writeHead(block, needed));
      }
    }
    if (tiles === all) return "all";
    return tiles === 0 ? "none" : { payload: concatBytes(kept.reverse()), isWholePicture };
  };
}

/** The tiles whose pixels are needed, in their order. */
function neededTiles({ tiles }: TileSet, map: NeedMap): Tile[] {
  return tiles
    .toReversed()
    .filter(({ parts }) => drawAll(map, parts))
    .reverse();
}

/** Blocks as they came, tile sets read. */
function readBlocks(payload: Uint8Array, place: Rectangle): (Uint8Array | TileSet)[] | null {
  const reader = new ByteReader(payload, "RemoteFX");
  const blocks: (Uint8Array | TileSet)[] = [];
  let clips: readonly Rectangle[] = [place];
  let tests = 0;
  while (reader.remaining > 0) {
    const { type, block, body } = readBlock(reader);
    if (type === WBT_FRAME_BEGIN) clips = [place];
    else if (type === WBT_REGION) clips = readClips(body, place);
    if (type !== WBT_EXTENSION) {
      blocks.push(block);
      continue;
    }
    tests += clips.length * new ByteReader(block, "RemoteFX", TILE_COUNT_AT).u16le();
    if (tests > MAX_CLIP_TESTS) return null;
    blocks.push(readTileSet(block, place, clips));
  }
  return blocks;
}

function readBlock(reader: ByteReader) {
  const start = reader.offset;
  const type = reader.u16le();
  const length = reader.u32le();
  if (length < BLOCK_HEADER_BYTES) throw reader.fail("invalid", "block length");
  const body = new ByteReader(reader.take(length - BLOCK_HEADER_BYTES), "RemoteFX block");
  return { type, block: reader.bytes.subarray(start, start + length), body };
}

/** [MS-RDPRFX] 2.2.2.3.3 TS_RFX_REGION: what of the tiles is shown; no rectangle means all. */
function readClips(body: ByteReader, place: Rectangle): readonly Rectangle[] {
  body.advance(REGION_SKIP_BYTES);
  const rectangles: Rectangle[] = [];
  readRegion(body, body.u16le(), rectangles);
  if (rectangles.length === 0) return [place];
  const clips: Rectangle[] = [];
  for (const { x, y, width, height } of rectangles) {
    const part = intersect({ x: place.x + x, y: place.y + y, width, height }, place);
    if (part !== null) clips.push(part);
  }
  return clips;
}

/** [MS-RDPRFX] 2.2.2.3.4 TS_RFX_TILESET. */
function readTileSet(block: Uint8Array, place: Rectangle, clips: readonly Rectangle[]): TileSet {
  const reader = new ByteReader(block, "RemoteFX tile set", BLOCK_HEADER_BYTES + 2);
  if (reader.u16le() !== CBT_TILESET) throw reader.fail("invalid", "not a tile set");
  reader.offset = TABLES_AT;
  const tables = reader.u8();
  if (reader.u8() !== TILE_PX) throw reader.fail("invalid", "tile size");
  const count = reader.u16le();
  reader.advance(4 + tables * QUANT_BYTES);
  const head = block.subarray(0, reader.offset);
  const tiles: Tile[] = [];
  for (let index = 0; index < count; index++) {
    const { block: tile, body } = readBlock(reader);
    body.advance(3);
    const x = place.x + body.u16le() * TILE_PX;
    const y = place.y + body.u16le() * TILE_PX;
    const parts: Rectangle[] = [];
    for (const clip of clips) {
      const part = intersect(clip, { x, y, width: TILE_PX, height: TILE_PX });
      if (part !== null) parts.push(part);
    }
    tiles.push({ block: tile, parts });
  }
  return { head, tiles };
}

/** A tile set's beginning, with the numbers of these tiles. */
function writeHead({ head }: TileSet, tiles: readonly Tile[]): Uint8Array {
  const dataBytes = tiles.reduce((sum, { block }) => sum + block.length, 0);
  const copy = new Uint8Array(head);
  const view = new DataView(copy.buffer);
  view.setUint32(2, head.length + dataBytes, true);
  view.setUint16(TILE_COUNT_AT, tiles.length, true);
  view.setUint32(DATA_BYTES_AT, dataBytes, true);
  return copy;
}

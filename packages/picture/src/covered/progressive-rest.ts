import { ByteReader, ByteWriter, concatBytes } from "@poterne/bytes";
import { FULL_QUALITY } from "../codecs/progressive/messages.ts";
import { intersect, MAX_REGION_RECTANGLES, readRegion } from "../codecs/remotefx/regions.ts";
import { QUANT_BYTES, TILE_PX } from "../codecs/remotefx/tile.ts";
import type { Rectangle } from "../language.ts";
import type { NeedMap } from "../need-map.ts";
import { drawAll, type Size } from "./needs.ts";
import type { LeaveOut, ReadDraw } from "./rest.ts";

/** [MS-RDPEGFX] 2.2.4.2.1 block types. */
const WBT_CONTEXT = 0xccc3;
const WBT_REGION = 0xccc4;
const WBT_TILE_SIMPLE = 0xccc5;
const WBT_TILE_PROGRESSIVE_FIRST = 0xccc6;
const WBT_TILE_PROGRESSIVE_UPGRADE = 0xccc7;
const RFX_SUBBAND_DIFFING = 0x01;
const RFX_TILE_DIFFERENCE = 0x01;
const CONTEXT_ID_BYTES = 4;
const BLOCK_HEADER_BYTES = 6;
const PROG_QUANT_BYTES = 16;
/** A region's head: tile size, four counts, flags, length of the tiles. */
const REGION_HEAD_BYTES = 12;

/** One tile as it stands in a payload. */
interface Tile {
  readonly block: Uint8Array;
  /** Its number in the surface's grid. */
  readonly place: number;
  /** The parts of the surface it draws. */
  readonly parts: readonly Rectangle[];
  /** It needs nothing of what was at its place before. */
  readonly isBase: boolean;
}

interface Region {
  readonly flags: number;
  /** Both kinds of quantisation tables as they came. */
  readonly tables: Uint8Array;
  readonly quantCount: number;
  readonly progQuantCount: number;
  readonly tiles: readonly Tile[];
  /** Tiles that decoders pass over: left out, since without others they might not be passed over. */
  readonly passedOver: number;
}

interface Message {
  readonly contextId: Uint8Array;
  /** Blocks outside regions, as they came. */
  readonly others: readonly Uint8Array[];
  readonly rectangles: readonly Rectangle[];
  readonly regions: readonly Region[];
  /** The decoder knows other tiles after this payload's context than before. */
  readonly changesContext: boolean;
}

/** What a decoder keeps of the tiles of one surface, as far as it decides which tiles are drawn. */
class KnownTiles {
  hasDifferences = true;
  /** Places whose coefficients are kept, and whether they can be upgraded. */
  readonly places = new Map<number, boolean>();
  /** On the way back: whether what is kept of a place is needed, where that is not as at the end. */
  readonly #needed = new Map<number, boolean>();
  /** The surface, or what is kept of it, goes: nothing of it is needed at the end. */
  isGone = false;

  isNeeded(place: number): boolean {
    return this.#needed.get(place) ?? !this.isGone;
  }

  need(place: number, isNeeded: boolean): void {
    this.#needed.set(place, isNeeded);
  }
}

/** Which tiles of RemoteFX progressive are needed: headers are read, coefficients are not. */
export class ProgressiveRests {
  readonly #surfaces = new Map<number, KnownTiles>();

  /** A context of the surface was deleted: its tiles are not upgraded any more. */
  forgetContext(surface: number): void {
    const places = this.#surfaces.get(surface)?.places;
    for (const place of places?.keys() ?? []) places?.set(place, false);
  }

  /** The surface goes or has another size: nothing that was kept of it is of use behind that. */
  forget(surface: number): void {
    const known = this.#surfaces.get(surface);
    if (known !== undefined) known.isGone = true;
    this.#surfaces.delete(surface);
  }

  /** All begin as new. */
  forgetAll(): void {
    for (const surface of [...this.#surfaces.keys()]) this.forget(surface);
  }

  /** Reads one draw; throws `DecodeError`. */
  read({ command, surface }: ReadDraw): LeaveOut {
    const tiles = this.#surfaces.get(surface.number) ?? new KnownTiles();
    this.#surfaces.set(surface.number, tiles);
    const message = readMessage(command.payload, surface, tiles);
    return (needs) => {
      const kept = chooseTiles(message, tiles, needs.of(surface));
      if (kept.isAll) return "all";
      if (kept.tiles.size === 0 && !message.changesContext) return "none";
      return { payload: writeMessage(message, kept), isWholePicture: command.isWholePicture };
    };
  }
}

function readMessage(payload: Uint8Array, size: Size, known: KnownTiles): Message {
  const reader = new ByteReader(payload, "progressive");
  const contextId = reader.take(CONTEXT_ID_BYTES);
  const rectangles: Rectangle[] = [];
  const others: Uint8Array[] = [];
  const bodies: ByteReader[] = [];
  let changesContext = false;
  while (reader.remaining > 0) {
    const { type, block, body } = readBlock(reader);
    if (type !== WBT_REGION) others.push(block);
    else bodies.push(body);
    if (type !== WBT_CONTEXT) continue;
    body.advance(3);
    const hasDifferences = (body.u8() & RFX_SUBBAND_DIFFING) !== 0;
    changesContext ||= hasDifferences !== known.hasDifferences;
    known.hasDifferences = hasDifferences;
  }
  const heads = bodies.map((body) => readRegionHead(body, rectangles));
  // Rectangles count for the tiles of all regions: all of them are read first.
  const regions = heads.map(({ tileCount, body, ...head }) => {
    const tiles: Tile[] = [];
    for (let count = 0; count < tileCount; count++) {
      const tile = readTile(body, { size, rectangles, known });
      if (tile !== null) tiles.push(tile);
    }
    return { ...head, tiles, passedOver: tileCount - tiles.length };
  });
  return { contextId, others, rectangles, regions, changesContext };
}

function readBlock(reader: ByteReader) {
  const start = reader.offset;
  const type = reader.u16le();
  const length = reader.u32le();
  if (length < BLOCK_HEADER_BYTES) throw reader.fail("invalid", "block length");
  const body = new ByteReader(reader.take(length - BLOCK_HEADER_BYTES), "progressive block");
  return { type, block: reader.bytes.subarray(start, start + length), body };
}

/** [MS-RDPEGFX] 2.2.4.2.1.5 up to the first tile. */
function readRegionHead(body: ByteReader, rectangles: Rectangle[]) {
  if (body.u8() !== TILE_PX) throw body.fail("invalid", "tile size");
  const rectangleCount = body.u16le();
  const quantCount = body.u8();
  const progQuantCount = body.u8();
  const flags = body.u8();
  const tileCount = body.u16le();
  body.advance(4);
  readRegion(body, rectangleCount, rectangles);
  const tables = body.take(quantCount * QUANT_BYTES + progQuantCount * PROG_QUANT_BYTES);
  return { flags, quantCount, progQuantCount, tables, tileCount, body };
}

/** Null for a tile that decoders pass over, since they know nothing of its place. */
function readTile(
  reader: ByteReader,
  surface: { readonly size: Size; readonly rectangles: readonly Rectangle[]; readonly known: KnownTiles },
): Tile | null {
  const { type, block, body } = readBlock(reader);
  const isFirst = type === WBT_TILE_SIMPLE || type === WBT_TILE_PROGRESSIVE_FIRST;
  if (!isFirst && type !== WBT_TILE_PROGRESSIVE_UPGRADE) throw reader.fail("invalid", `tile ${type}`);
  body.advance(3);
  const [column, row] = [body.u16le(), body.u16le()];
  const { width, height } = surface.size;
  const columns = Math.ceil(width / TILE_PX);
  if (column >= columns || row >= Math.ceil(height / TILE_PX))
    throw body.fail("invalid", "outside its surface");
  const isBase = isFirst && (body.u8() & RFX_TILE_DIFFERENCE) === 0;
  const isWhole = type === WBT_TILE_SIMPLE || body.u8() === FULL_QUALITY;
  const place = row * columns + column;
  const kind = isFirst ? "first" : "upgrade";
  if (!follow(surface.known, place, { kind, isBase, isWhole })) return null;
  const [x, y] = [column * TILE_PX, row * TILE_PX];
  const area = { x, y, width: Math.min(TILE_PX, width - x), height: Math.min(TILE_PX, height - y) };
  const parts: Rectangle[] = [];
  for (const rectangle of surface.rectangles) {
    const part = intersect(rectangle, area);
    if (part !== null) parts.push(part);
  }
  return { block, place, parts, isBase };
}

/** What a decoder knows after a tile, as `ProgressiveDecoder` does it; false when it passes the tile over. */
function follow(
  { places, hasDifferences }: KnownTiles,
  place: number,
  tile: { readonly kind: "first" | "upgrade"; readonly isBase: boolean; readonly isWhole: boolean },
): boolean {
  const canUpgrade = places.get(place);
  if (tile.kind === "upgrade") {
    if (canUpgrade !== true) return false;
    if (!tile.isWhole) return true;
    if (hasDifferences) places.set(place, false);
    else places.delete(place);
    return true;
  }
  if (!tile.isBase && canUpgrade === undefined) return false;
  if (hasDifferences || !tile.isBase || !tile.isWhole) places.set(place, !tile.isWhole);
  else places.delete(place);
  return true;
}

/** The tiles of a message that are needed, and those of which pixels are. */
interface Kept {
  readonly tiles: ReadonlySet<Tile>;
  readonly shown: readonly Tile[];
  readonly isAll: boolean;
}

function chooseTiles({ regions }: Message, known: KnownTiles, map: NeedMap): Kept {
  const tiles = new Set<Tile>();
  const shown: Tile[] = [];
  const all = regions.flatMap((region) => region.tiles);
  for (const tile of all.toReversed()) {
    const isShown = drawAll(map, tile.parts);
    if (isShown) shown.push(tile);
    if (!isShown && !known.isNeeded(tile.place)) continue;
    tiles.add(tile);
    known.need(tile.place, !tile.isBase);
  }
  const isAll = shown.length === all.length && regions.every(({ passedOver }) => passedOver === 0);
  return { tiles, shown, isAll };
}

/** The message with the kept tiles; where some are kept for later ones only, nothing of them is shown. */
function writeMessage({ contextId, others, rectangles, regions }: Message, kept: Kept): Uint8Array {
  const isAllShown = kept.shown.length === kept.tiles.size;
  const parts = isAllShown ? rectangles : kept.shown.flatMap((tile) => tile.parts);
  let left = parts.length > MAX_REGION_RECTANGLES ? rectangles : parts;
  const blocks = [contextId, ...others];
  for (const region of regions) {
    const tiles = region.tiles.filter((tile) => kept.tiles.has(tile));
    if (tiles.length === 0) continue;
    blocks.push(writeRegion(region, tiles, left), ...tiles.map(({ block }) => block));
    left = [];
  }
  return concatBytes(blocks);
}

function writeRegion(region: Region, tiles: readonly Tile[], rectangles: readonly Rectangle[]): Uint8Array {
  const { flags, tables, quantCount, progQuantCount } = region;
  const tileBytes = tiles.reduce((sum, { block }) => sum + block.length, 0);
  const headBytes = BLOCK_HEADER_BYTES + REGION_HEAD_BYTES + rectangles.length * 8 + tables.length;
  const writer = new ByteWriter(headBytes);
  writer.u16le(WBT_REGION).u32le(headBytes + tileBytes);
  writer.u8(TILE_PX).u16le(rectangles.length).u8(quantCount).u8(progQuantCount).u8(flags);
  writer.u16le(tiles.length).u32le(tileBytes);
  for (const { x, y, width, height } of rectangles) writer.u16le(x).u16le(y).u16le(width).u16le(height);
  return writer.put(tables).finish();
}

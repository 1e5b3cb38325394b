import { ByteReader, ByteWriter, DecodeError } from "@poterne/bytes";
import type { Rectangle } from "@poterne/picture";
import { KeptCopies, type KeptCopy } from "../encoding/kept-copies.ts";
import { BLOCK_HEADER_BYTES, readRfxBlock } from "./rfx-block.ts";

/** [MS-RDPEGFX] 2.2.4.2 block types. */
const WBT_SYNC = 0xccc0;
const WBT_FRAME_BEGIN = 0xccc1;
const WBT_FRAME_END = 0xccc2;
const WBT_CONTEXT = 0xccc3;
const WBT_REGION = 0xccc4;
const WBT_TILE_SIMPLE = 0xccc5;
const WBT_TILE_PROGRESSIVE_FIRST = 0xccc6;
const RFX_TILE_DIFFERENCE = 0x01;
const TILE_PX = 64;
const QUANT_BYTES = 5;
const PROG_QUANT_BYTES = 16;
/** The numbers of its three tables, before a tile's column and row. */
const QUANT_INDEX_BYTES = 3;
/** A tile's header, place and flags. */
const SHORTEST_TILE_BYTES = BLOCK_HEADER_BYTES + QUANT_INDEX_BYTES + 5;
/** Blocks of one payload; a 4K frame of single-tile regions stays under it. */
const MAX_BLOCKS = 16384;
/** Differences and upgrades kept of one place: a cursor that blinks for an hour; a viewer draws them in half a second. */
const MAX_LINKS = 8192;
/** Rectangles of one payload, as viewers bound them. */
const MAX_RECTANGLES = 4096;

/** What tiles of one region share: their quantisation, as it came. */
interface TileRegion {
  readonly flags: number;
  readonly quants: Uint8Array;
  readonly progQuants: Uint8Array;
}

/** One pass or difference of a tile. */
interface TileLink {
  region: TileRegion;
  /** The tile's block as it came. */
  readonly block: KeptCopy;
  /** It needs nothing of what came before. */
  readonly isBase: boolean;
  /** What of it is drawn, where that is not all: xrdp 0.10 leaves the rest of a tile empty. */
  readonly clips: readonly Rectangle[] | null;
}

/** A region being taken. */
interface TakenRegion extends TileRegion {
  readonly tiles: readonly RegionTile[];
}

/** A tile as it came. */
interface RegionTile {
  readonly column: number;
  readonly row: number;
  /** It needs nothing of what came before. */
  readonly isBase: boolean;
  /** A view of what it was read from. */
  readonly block: Uint8Array;
}

/** A place's last whole tile and everything drawn there since, in order; whole is what is drawn all over. */
type KeptTile = TileLink[];

/**
 * The last compressed tile of each place of one surface drawn with RemoteFX progressive, as it came, with the upgrades
 * and differences since: together they are the whole picture, and nothing is decoded. xrdp 0.10 never sends a tile again
 * that did not change, and what changes little as a difference (decisions 0071 and 0092).
 */
export class TileStore {
  readonly #maxBytes: number;
  readonly #copies = new KeptCopies();
  readonly #tiles = new Map<number, KeptTile>();
  #surface = -1;
  #contextId = 0;
  #width = 0;
  #height = 0;
  #sizeBytes = 0;
  #syncAndContext: Uint8Array[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes kept. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The surface drawn, by its number in the picture language, -1 for none. */
  get surface(): number {
    return this.#surface;
  }

  /** The surface was drawn with progressive since it is there. */
  get isInUse(): boolean {
    return this.#surface >= 0;
  }

  get contextId(): number {
    return this.#contextId;
  }

  get #columns(): number {
    return Math.ceil(this.#width / TILE_PX);
  }

  /** Every place of the surface has its tile. */
  get isWhole(): boolean {
    return this.#tiles.size > 0 && this.#tiles.size === this.#columns * Math.ceil(this.#height / TILE_PX);
  }

  /** Takes a progressive payload; throws `DecodeError`. */
  take(
    surface: { readonly number: number; readonly width: number; readonly height: number },
    contextId: number,
    payload: Uint8Array,
  ): void {
    if (surface.number !== this.#surface || contextId !== this.#contextId) this.clear();
    this.#surface = surface.number;
    this.#contextId = contextId;
    this.#width = surface.width;
    this.#height = surface.height;
    const reader = new ByteReader(payload, "progressive block");
    const regions: TakenRegion[] = [];
    const rectangles: Rectangle[] = [];
    for (let count = 0; reader.remaining > 0; count++) {
      if (count >= MAX_BLOCKS) throw reader.fail("limit", "blocks");
      const { type, block, body } = readRfxBlock(reader);
      if (type === WBT_SYNC) this.#syncAndContext = [block.slice()];
      else if (type === WBT_CONTEXT)
        this.#syncAndContext = [...this.#syncAndContext.slice(0, 1), block.slice()];
      else if (type === WBT_REGION) regions.push(readTileRegion(body, rectangles));
    }
    for (const region of regions) for (const tile of region.tiles) this.#takeTile(region, tile, rectangles);
    while (this.#sizeBytes > this.#maxBytes) this.#dropLargest();
  }

  /** Over the limit the place that takes most is given up until it comes whole. */
  #dropLargest(): void {
    let [largest, most] = [-1, -1];
    for (const [place, links] of this.#tiles) {
      let sizeBytes = 0;
      for (const { block } of links) sizeBytes += block.sizeBytes;
      if (sizeBytes > most) [largest, most] = [place, sizeBytes];
    }
    this.#drop(largest);
  }

  #takeTile(region: TileRegion, tile: RegionTile, rectangles: readonly Rectangle[]): void {
    const { column, row, isBase, block } = tile;
    const place = row * this.#columns + column;
    if (column >= this.#columns || row >= Math.ceil(this.#height / TILE_PX))
      throw new DecodeError("invalid", "progressive tile", 0, "a tile outside its surface");
    const clips = clipsOf(this.#areaOf(place), rectangles);
    if (isBase && clips === null) {
      if (this.#replaceWhole(place, region, block)) return;
      this.#tiles.set(place, []);
    }
    // An upgrade, a difference or a part is nothing without what came before it.
    const kept = this.#tiles.get(place);
    if (kept === undefined) return;
    if (isBase && clips !== null) this.#dropCovered(kept, clips);
    if (kept.length >= MAX_LINKS) return this.#drop(place);
    const copy = this.#copies.copy(block);
    kept.push({ region, block: copy, isBase, clips });
    this.#sizeBytes += copy.sizeBytes;
  }

  /** A whole tile takes the place of the one that was there, where there was one: nothing is made anew for it. */
  #replaceWhole(place: number, region: TileRegion, block: Uint8Array): boolean {
    const links = this.#tiles.get(place);
    const link = links?.[0];
    if (links === undefined || link === undefined) return false;
    while (links.length > 1) this.#release(links.pop()?.block);
    this.#sizeBytes -= link.block.sizeBytes;
    link.region = region;
    this.#copies.replace(link.block, block);
    this.#sizeBytes += link.block.sizeBytes;
    return true;
  }

  #areaOf(place: number): Rectangle {
    const x = (place % this.#columns) * TILE_PX;
    const y = Math.floor(place / this.#columns) * TILE_PX;
    return { x, y, width: Math.min(TILE_PX, this.#width - x), height: Math.min(TILE_PX, this.#height - y) };
  }

  /** A part is drawn anew, and what comes builds on that: what was drawn nowhere else since a base is not needed. */
  #dropCovered(kept: KeptTile, clips: readonly Rectangle[]): void {
    const isHidden = (link: TileLink): boolean =>
      link.clips?.every((one) => clips.some((clip) => contains(clip, one))) ?? false;
    for (let end = kept.length; end > 0; ) {
      const start = kept.findLastIndex(({ isBase }, index) => isBase && index < end);
      if (start <= 0) return;
      if (kept.slice(start, end).every(isHidden))
        for (const { block } of kept.splice(start, end - start)) this.#release(block);
      end = start;
    }
  }

  #drop(place: number): void {
    const tile = this.#tiles.get(place);
    if (tile === undefined) return;
    this.#tiles.delete(place);
    for (const { block } of tile) this.#release(block);
  }

  #release(block: KeptCopy | undefined): void {
    if (block === undefined) return;
    this.#sizeBytes -= block.sizeBytes;
    this.#copies.giveBack(block);
  }

  /** Something else drew here: the tiles are not what is shown. */
  spoil(surface: number, { x, y, width, height }: Rectangle): void {
    if (surface !== this.#surface || this.#tiles.size === 0) return;
    for (let row = Math.floor(y / TILE_PX); row * TILE_PX < y + height; row++)
      for (let column = Math.floor(x / TILE_PX); column * TILE_PX < x + width; column++)
        this.#drop(row * this.#columns + column);
  }

  clear(): void {
    for (const links of this.#tiles.values()) for (const { block } of links) this.#copies.giveBack(block);
    this.#tiles.clear();
    this.#sizeBytes = 0;
    this.#surface = -1;
    this.#syncAndContext = [];
  }

  /**
   * Progressive payloads of all tiles, to be drawn in order: first all whole ones, then what came upon each first, second,
   * … Each tile stands in a payload once, with what is drawn of it: rectangles count for all tiles of a payload.
   */
  compose(): Uint8Array[] {
    const payloads: Uint8Array[] = [];
    for (;;) {
      const byRegion = new Map<TileRegion, Map<number, TileLink>>();
      for (const [place, links] of this.#tiles) {
        const link = links[payloads.length];
        if (link === undefined) continue;
        const placed = byRegion.get(link.region) ?? new Map<number, TileLink>();
        byRegion.set(link.region, placed.set(place, link));
      }
      if (byRegion.size === 0) return payloads;
      payloads.push(this.#composeOne(byRegion, payloads.length === 0));
    }
  }

  #composeOne(
    byRegion: ReadonlyMap<TileRegion, ReadonlyMap<number, TileLink>>,
    isFirst: boolean,
  ): Uint8Array {
    const writer = new ByteWriter(64 * 1024);
    if (isFirst) for (const block of this.#syncAndContext) writer.put(block);
    writer
      .u16le(WBT_FRAME_BEGIN)
      .u32le(BLOCK_HEADER_BYTES + 6)
      .u32le(0)
      .u16le(byRegion.size);
    for (const [region, links] of byRegion) this.#putRegion(writer, region, links);
    return writer.u16le(WBT_FRAME_END).u32le(BLOCK_HEADER_BYTES).finish();
  }

  #putRegion(writer: ByteWriter, region: TileRegion, links: ReadonlyMap<number, TileLink>): void {
    const { flags, quants, progQuants } = region;
    const rectangles: Rectangle[] = [];
    let dataBytes = 0;
    for (const [place, { block, clips }] of links) {
      rectangles.push(...(clips ?? [this.#areaOf(place)]));
      dataBytes += block.length;
    }
    const tables = quants.length + progQuants.length;
    const length = BLOCK_HEADER_BYTES + 12 + rectangles.length * 8 + tables + dataBytes;
    writer.u16le(WBT_REGION).u32le(length).u8(TILE_PX).u16le(rectangles.length);
    writer.u8(quants.length / QUANT_BYTES).u8(progQuants.length / PROG_QUANT_BYTES);
    writer.u8(flags).u16le(links.size).u32le(dataBytes);
    for (const { x, y, width, height } of rectangles) writer.u16le(x).u16le(y).u16le(width).u16le(height);
    writer.put(quants).put(progQuants);
    for (const { block } of links.values()) writer.put(block.bytes);
  }
}

/** Reads one region; its rectangles go onto `rectangles`, which count for all tiles of a payload. */
function readTileRegion(body: ByteReader, rectangles: Rectangle[]): TakenRegion {
  if (body.u8() !== TILE_PX) throw body.fail("invalid", "tile size");
  const rectangleCount = body.u16le();
  const quants = body.u8() * QUANT_BYTES;
  const progQuants = body.u8() * PROG_QUANT_BYTES;
  const flags = body.u8();
  const tileCount = body.u16le();
  body.advance(4);
  if (rectangles.length + rectangleCount > MAX_RECTANGLES) throw body.fail("limit", "rectangles");
  for (let index = 0; index < rectangleCount; index++)
    rectangles.push({ x: body.u16le(), y: body.u16le(), width: body.u16le(), height: body.u16le() });
  const tables = { quants: body.take(quants).slice(), progQuants: body.take(progQuants).slice() };
  return { flags, ...tables, tiles: Array.from({ length: tileCount }, () => readTile(body)) };
}

/** A tile's block: as `readRfxBlock`, by hand, for there are thousands a second. */
function readTile(body: ByteReader): RegionTile {
  const start = body.offset;
  const type = body.u16le();
  const length = body.u32le();
  if (length < SHORTEST_TILE_BYTES) throw body.fail("truncated", "tile");
  body.advance(QUANT_INDEX_BYTES);
  const column = body.u16le();
  const row = body.u16le();
  const isFirst = type === WBT_TILE_SIMPLE || type === WBT_TILE_PROGRESSIVE_FIRST;
  const isBase = isFirst && (body.u8() & RFX_TILE_DIFFERENCE) === 0;
  body.offset = start;
  return { column, row, isBase, block: body.take(length) };
}

/** The parts of a tile inside the rectangles, which do not overlap; null for all of it. */
function clipsOf(area: Rectangle, rectangles: readonly Rectangle[]): Rectangle[] | null {
  // Most tiles lie inside one rectangle: for those nothing is allocated.
  for (let index = 0; index < rectangles.length; index++)
    if (contains(rectangles[index] as Rectangle, area)) return null;
  const clips: Rectangle[] = [];
  let pixels = 0;
  for (const rectangle of rectangles) {
    const x = Math.max(area.x, rectangle.x);
    const y = Math.max(area.y, rectangle.y);
    const width = Math.min(area.x + area.width, rectangle.x + rectangle.width) - x;
    const height = Math.min(area.y + area.height, rectangle.y + rectangle.height) - y;
    if (width < 1 || height < 1) continue;
    pixels += width * height;
    clips.push({ x, y, width, height });
  }
  return pixels >= area.width * area.height ? null : clips;
}

function contains(outer: Rectangle, inner: Rectangle): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    outer.x + outer.width >= inner.x + inner.width &&
    outer.y + outer.height >= inner.y + inner.height
  );
}

import { ByteReader, ByteWriter } from "@poterne/bytes";
import type { Rectangle } from "@poterne/picture";

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
const BLOCK_HEADER_BYTES = 6;
const QUANT_BYTES = 5;
const PROG_QUANT_BYTES = 16;
/** Blocks of one payload; a 4K frame of single-tile regions stays under it. */
const MAX_BLOCKS = 16384;
/** Differences and upgrades kept of one place: a cursor that blinks for an hour; a viewer draws them in half a second. */
const MAX_LINKS = 8192;

/** What tiles of one region share: their quantisation, as it came. */
interface TileRegion {
  readonly flags: number;
  readonly quants: Uint8Array;
  readonly progQuants: Uint8Array;
}

/** One pass or difference of a tile. */
interface TileLink {
  readonly region: TileRegion;
  /** The tile's block as it came. */
  readonly block: Uint8Array;
}

/** A place's last whole tile and everything that builds on it, in order. */
type KeptTile = TileLink[];

/**
 * The last compressed tile of each place of one surface drawn with RemoteFX progressive, as it came, with the upgrades
 * and differences since: together they are the whole picture, and nothing is decoded. xrdp 0.10 never sends a tile again
 * that did not change, and what changes little as a difference (decisions 0071 and 0092).
 */
export class TileStore {
  readonly #maxBytes: number;
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
    for (let count = 0; reader.remaining > 0; count++) {
      if (count >= MAX_BLOCKS) throw reader.fail("limit", "blocks");
      const { type, block, body } = readBlock(reader);
      if (type === WBT_SYNC) this.#syncAndContext = [block.slice()];
      else if (type === WBT_CONTEXT)
        this.#syncAndContext = [...this.#syncAndContext.slice(0, 1), block.slice()];
      else if (type === WBT_REGION) this.#takeRegion(body);
    }
    while (this.#sizeBytes > this.#maxBytes) this.#dropLargest();
  }

  /** Over the limit the place that takes most is given up until it comes whole. */
  #dropLargest(): void {
    let [largest, most] = [-1, -1];
    for (const [place, links] of this.#tiles) {
      let sizeBytes = 0;
      for (const { block } of links) sizeBytes += block.length;
      if (sizeBytes > most) [largest, most] = [place, sizeBytes];
    }
    this.#drop(largest);
  }

  #takeRegion(body: ByteReader): void {
    if (body.u8() !== TILE_PX) throw body.fail("invalid", "tile size");
    const rectangles = body.u16le();
    const quants = body.u8() * QUANT_BYTES;
    const progQuants = body.u8() * PROG_QUANT_BYTES;
    const flags = body.u8();
    const tiles = body.u16le();
    body.advance(4 + rectangles * 8);
    const region = { flags, quants: body.take(quants).slice(), progQuants: body.take(progQuants).slice() };
    for (let index = 0; index < tiles; index++) this.#takeTile(region, readBlock(body));
  }

  #takeTile(region: TileRegion, { type, block, body }: Block): void {
    const isWhole = type === WBT_TILE_SIMPLE || type === WBT_TILE_PROGRESSIVE_FIRST;
    body.advance(3);
    const column = body.u16le();
    const row = body.u16le();
    const place = row * this.#columns + column;
    if (column >= this.#columns || row >= Math.ceil(this.#height / TILE_PX))
      throw body.fail("invalid", "a tile outside its surface");
    if (isWhole && (body.u8() & RFX_TILE_DIFFERENCE) === 0) {
      this.#drop(place);
      this.#tiles.set(place, []);
    }
    // An upgrade or a difference is nothing without what came before it.
    const kept = this.#tiles.get(place);
    if (kept === undefined) return;
    if (kept.length >= MAX_LINKS) return this.#drop(place);
    kept.push({ region, block: block.slice() });
    this.#sizeBytes += block.length;
  }

  #drop(place: number): void {
    const tile = this.#tiles.get(place);
    if (tile === undefined) return;
    this.#tiles.delete(place);
    for (const { block } of tile) {
      this.#sizeBytes -= block.length;
      free(block);
    }
  }

  /** Something else drew here: the tiles are not what is shown. */
  spoil(surface: number, { x, y, width, height }: Rectangle): void {
    if (surface !== this.#surface || this.#tiles.size === 0) return;
    for (let row = Math.floor(y / TILE_PX); row * TILE_PX < y + height; row++)
      for (let column = Math.floor(x / TILE_PX); column * TILE_PX < x + width; column++)
        this.#drop(row * this.#columns + column);
  }

  clear(): void {
    for (const links of this.#tiles.values()) for (const { block } of links) free(block);
    this.#tiles.clear();
    this.#sizeBytes = 0;
    this.#surface = -1;
    this.#syncAndContext = [];
  }

  /** One progressive payload of all tiles, each as it came, in regions of the tiles that came together. */
  compose(): Uint8Array {
    const regions = this.#regions();
    const writer = new ByteWriter(this.#sizeBytes + 1024);
    for (const block of this.#syncAndContext) writer.put(block);
    writer
      .u16le(WBT_FRAME_BEGIN)
      .u32le(BLOCK_HEADER_BYTES + 6)
      .u32le(0)
      .u16le(regions.length);
    for (const { region, blocks } of regions) this.#putRegion(writer, region, blocks);
    return writer.u16le(WBT_FRAME_END).u32le(BLOCK_HEADER_BYTES).finish();
  }

  /** What is kept by region: first all whole tiles, then what came upon each first, second, … */
  #regions(): ComposedRegion[] {
    const regions: ComposedRegion[] = [];
    for (let depth = 0, isAny = true; isAny; depth++) {
      isAny = false;
      const byRegion = new Map<TileRegion, Map<number, Uint8Array>>();
      for (const [place, links] of this.#tiles) {
        const link = links[depth];
        if (link === undefined) continue;
        isAny = true;
        const blocks = byRegion.get(link.region) ?? new Map<number, Uint8Array>();
        byRegion.set(link.region, blocks.set(place, link.block));
      }
      for (const [region, blocks] of byRegion) regions.push({ region, blocks });
    }
    return regions;
  }

  #putRegion(writer: ByteWriter, region: TileRegion, blocks: ReadonlyMap<number, Uint8Array>): void {
    const { flags, quants, progQuants } = region;
    let dataBytes = 0;
    for (const { length } of blocks.values()) dataBytes += length;
    const length = BLOCK_HEADER_BYTES + 12 + blocks.size * 8 + quants.length + progQuants.length + dataBytes;
    writer.u16le(WBT_REGION).u32le(length).u8(TILE_PX).u16le(blocks.size);
    writer.u8(quants.length / QUANT_BYTES).u8(progQuants.length / PROG_QUANT_BYTES);
    writer.u8(flags).u16le(blocks.size).u32le(dataBytes);
    for (const place of blocks.keys()) {
      const x = (place % this.#columns) * TILE_PX;
      const y = Math.floor(place / this.#columns) * TILE_PX;
      writer.u16le(x).u16le(y);
      writer.u16le(Math.min(TILE_PX, this.#width - x)).u16le(Math.min(TILE_PX, this.#height - y));
    }
    writer.put(quants).put(progQuants);
    for (const block of blocks.values()) writer.put(block);
  }
}

/** Gives a copy's memory back at once: left to the collector it makes V8 mark its whole heap (decision 0104). */
function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Tiles of one region for one payload, by place. */
interface ComposedRegion {
  readonly region: TileRegion;
  readonly blocks: ReadonlyMap<number, Uint8Array>;
}

interface Block {
  readonly type: number;
  /** Header included. */
  readonly block: Uint8Array;
  readonly body: ByteReader;
}

function readBlock(reader: ByteReader): Block {
  const start = reader.offset;
  const type = reader.u16le();
  const length = reader.u32le();
  if (length < BLOCK_HEADER_BYTES) throw reader.fail("invalid", "block length");
  const content = reader.take(length - BLOCK_HEADER_BYTES);
  return {
    type,
    block: reader.bytes.subarray(start, start + length),
    body: new ByteReader(content, "progressive block"),
  };
}

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

/** What tiles of one region share: their quantisation, as it came. */
interface TileRegion {
  readonly flags: number;
  readonly quants: Uint8Array;
  readonly progQuants: Uint8Array;
}

interface KeptTile {
  readonly region: TileRegion;
  /** Where its block stands as it came. */
  at: number;
  readonly length: number;
}

const NO_BYTES: Uint8Array = new Uint8Array(0);
/** The first room taken for tiles; it doubles. */
const FIRST_ROOM_BYTES = 64 * 1024;
/** A tile's header, its place and its flags: none is shorter. */
const TILE_HEADER_BYTES = 14;

/**
 * The last compressed tile of each place of one surface drawn with RemoteFX progressive, as it came: together they are
 * the whole picture, and nothing is decoded. xrdp 0.10 never sends a tile again that did not change (decision 0071).
 */
export class TileStore {
  readonly #maxBytes: number;
  readonly #tiles = new Map<number, KeptTile>();
  #surface = -1;
  #contextId = 0;
  #width = 0;
  #height = 0;
  #sizeBytes = 0;
  /** All kept blocks in one piece of memory, and others that nobody needs any more. */
  #room: Uint8Array = NO_BYTES;
  #roomEnd = 0;
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
    if (this.#sizeBytes > this.#maxBytes) this.clear();
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
    for (let index = 0; index < tiles; index++) this.#takeTile(region, body);
  }

  #takeTile(region: TileRegion, body: ByteReader): void {
    const start = body.offset;
    const type = body.u16le();
    const length = body.u32le();
    if (length < TILE_HEADER_BYTES) throw body.fail("invalid", "block length");
    body.advance(3);
    const column = body.u16le();
    const row = body.u16le();
    const tileFlags = body.u8();
    body.advance(length - TILE_HEADER_BYTES);
    const columns = this.#columns;
    const place = row * columns + column;
    if (column >= columns || row >= Math.ceil(this.#height / TILE_PX))
      throw body.fail("invalid", "a tile outside its surface");
    this.#drop(place);
    const isWhole = type === WBT_TILE_SIMPLE || type === WBT_TILE_PROGRESSIVE_FIRST;
    // An upgrade or a difference is nothing without what came before it.
    if (!isWhole || (tileFlags & RFX_TILE_DIFFERENCE) !== 0) return;
    const at = this.#store(body.bytes.subarray(start, start + length));
    this.#tiles.set(place, { region, at, length });
    this.#sizeBytes += length;
  }

  /** Puts a block behind the others; where it stands. */
  #store(block: Uint8Array): number {
    if (this.#roomEnd + block.length > this.#room.length) this.#tidy(block.length);
    const at = this.#roomEnd;
    this.#room.set(block, at);
    this.#roomEnd += block.length;
    return at;
  }

  /** Drops what is not needed any more, into larger room where half of it or more is needed. */
  #tidy(neededBytes: number): void {
    const old = this.#room;
    const needed = 2 * (this.#sizeBytes + neededBytes);
    const isSame = needed <= old.length;
    if (!isSame) this.#room = new Uint8Array(Math.max(needed, FIRST_ROOM_BYTES));
    const tiles = [...this.#tiles.values()].sort((one, other) => one.at - other.at);
    let end = 0;
    for (const tile of tiles) {
      if (isSame) old.copyWithin(end, tile.at, tile.at + tile.length);
      else this.#room.set(old.subarray(tile.at, tile.at + tile.length), end);
      tile.at = end;
      end += tile.length;
    }
    this.#roomEnd = end;
    if (!isSame) free(old);
  }

  #drop(place: number): void {
    const tile = this.#tiles.get(place);
    if (tile === undefined) return;
    this.#tiles.delete(place);
    this.#sizeBytes -= tile.length;
  }

  /** Something else drew here: the tiles are not what is shown. */
  spoil(surface: number, { x, y, width, height }: Rectangle): void {
    if (surface !== this.#surface || this.#tiles.size === 0) return;
    for (let row = Math.floor(y / TILE_PX); row * TILE_PX < y + height; row++)
      for (let column = Math.floor(x / TILE_PX); column * TILE_PX < x + width; column++)
        this.#drop(row * this.#columns + column);
  }

  clear(): void {
    this.#tiles.clear();
    this.#sizeBytes = 0;
    free(this.#room);
    this.#room = NO_BYTES;
    this.#roomEnd = 0;
    this.#surface = -1;
    this.#syncAndContext = [];
  }

  /** One progressive payload of all tiles, each as it came, in regions of the tiles that came together. */
  compose(): Uint8Array {
    const byRegion = new Map<TileRegion, number[]>();
    for (const [place, { region }] of this.#tiles) {
      const places = byRegion.get(region);
      if (places === undefined) byRegion.set(region, [place]);
      else places.push(place);
    }
    const writer = new ByteWriter(this.#sizeBytes + 1024);
    for (const block of this.#syncAndContext) writer.put(block);
    writer
      .u16le(WBT_FRAME_BEGIN)
      .u32le(BLOCK_HEADER_BYTES + 6)
      .u32le(0)
      .u16le(byRegion.size);
    for (const [region, places] of byRegion) this.#putRegion(writer, region, places);
    return writer.u16le(WBT_FRAME_END).u32le(BLOCK_HEADER_BYTES).finish();
  }

  #blockOf(place: number): Uint8Array {
    const { at, length } = this.#tiles.get(place) ?? { at: 0, length: 0 };
    return this.#room.subarray(at, at + length);
  }

  #putRegion(writer: ByteWriter, region: TileRegion, places: readonly number[]): void {
    const { flags, quants, progQuants } = region;
    const blocks = places.map((place) => this.#blockOf(place));
    const dataBytes = blocks.reduce((sum, { length }) => sum + length, 0);
    const length =
      BLOCK_HEADER_BYTES + 12 + places.length * 8 + quants.length + progQuants.length + dataBytes;
    writer.u16le(WBT_REGION).u32le(length).u8(TILE_PX).u16le(places.length);
    writer.u8(quants.length / QUANT_BYTES).u8(progQuants.length / PROG_QUANT_BYTES);
    writer.u8(flags).u16le(places.length).u32le(dataBytes);
    for (const place of places) {
      const x = (place % this.#columns) * TILE_PX;
      const y = Math.floor(place / this.#columns) * TILE_PX;
      writer.u16le(x).u16le(y);
      writer.u16le(Math.min(TILE_PX, this.#width - x)).u16le(Math.min(TILE_PX, this.#height - y));
    }
    writer.put(quants).put(progQuants);
    for (const block of blocks) writer.put(block);
  }
}

/** Gives memory back at once; nobody may use it any more. */
function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) buffer.transfer(0);
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

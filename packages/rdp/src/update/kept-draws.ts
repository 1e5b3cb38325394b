import { ByteWriter } from "@poterne/bytes";
import { Codec, type PictureWriter, type Rectangle } from "@poterne/picture";
import { KeptCopies, type KeptCopy } from "../encoding/kept-copies.ts";
import { MASK_BYTES, MASK_PX, PixelMask } from "./pixel-mask.ts";
import {
  isSameSet,
  MAX_REGION_RECTANGLES,
  type MessageTile,
  meet,
  placeTile,
  putRemoteFxFrame,
  type ShownTile,
  TILE_PX,
  type TileSet,
} from "./remotefx-tiles.ts";

/** What a draw takes besides its bytes, about. */
const DRAW_BYTES = 192;
/** Rectangles of a tile that is kept; more than servers cut one into. */
const MAX_TILE_CLIPS = 64;
/** Tiles and frames put into one draw of an entry point: a decoder looks at each tile with each region of its frame. */
const MAX_FRAME_TILES = 64;
const MAX_DRAW_FRAMES = 512;
/** Squares are numbered as if a row had so many, whatever the width: more than the widest screen has. */
const ROW_SQUARES = 1024;
const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Something drawn on the screen, as it came. */
interface KeptDraw {
  /** Draws are shown again in the order they came. */
  order: number;
  readonly codec: number;
  readonly place: Rectangle;
  readonly copy: KeptCopy;
  /** A single RemoteFX tile, which lies in one square: `copy` is its block. */
  readonly tile: { set: TileSet; clips: readonly Rectangle[] } | null;
  /** In how many squares some of it can still be seen. */
  squares: number;
}

/** What can still be seen of a draw in one square; null: all of the square. */
interface Layer {
  readonly draw: KeptDraw;
  mask: PixelMask | null;
}

/** A square of the screen, with the draws that make it, the oldest first. */
interface Square {
  layers: Layer[];
  /** What is drawn of it; null: all. */
  drawn: PixelMask | null;
}

/**
 * What is drawn on the screen, or on one surface, since RemoteFX came, each draw compressed as it came and until nothing
 * of it can be seen any more: drawn again in order they are the whole picture, and nothing is decoded. xrdp 0.9 never
 * sends a tile again that did not change (decision 0137).
 */
export class KeptDraws {
  readonly #maxBytes: number;
  readonly #copies = new KeptCopies();
  readonly #squares = new Map<number, Square>();
  #width = 0;
  #height = 0;
  #order = 0;
  #wholeSquares = 0;
  #sizeBytes = 0;
  #set: TileSet | null = null;
  /** The set of the last tile, equal to `#set`. */
  #lastSeen: TileSet | null = null;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes kept, about. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** RemoteFX was drawn since the screen has this size. */
  get isInUse(): boolean {
    return this.#set !== null;
  }

  /** Every pixel of the screen is drawn by what is kept. */
  get isWhole(): boolean {
    const squares = Math.ceil(this.#width / MASK_PX) * Math.ceil(this.#height / MASK_PX);
    return squares > 0 && this.#wholeSquares === squares;
  }

  /** The size from here on; as a viewer's surface does, what is kept keeps the part both sizes have. */
  fit(width: number, height: number): void {
    if (width === this.#width && height === this.#height) return;
    const before = new Map([...this.#squares.keys()].map((index) => [index, this.#areaOf(index)]));
    this.#width = width;
    this.#height = height;
    for (const [index, old] of before) this.#crop(index, old, this.#areaOf(index));
  }

  #crop(index: number, old: Rectangle, area: Rectangle): void {
    if (area.width < 1 || area.height < 1) return this.#drop(index);
    const square = this.#squares.get(index);
    if (square === undefined || (area.width === old.width && area.height === old.height)) return;
    const [was, all] = [maskOf(old), maskOf(area)];
    const outside = was.copy();
    outside.subtract(all);
    square.layers = square.layers.filter((layer) => !this.#hide(layer, outside, was));
    for (const { draw } of square.layers)
      if (draw.tile !== null) draw.tile.clips = draw.tile.clips.flatMap((clip) => meet(clip, area) ?? []);
    const drawn = square.drawn ?? was;
    if (square.drawn === null) this.#wholeSquares--;
    drawn.subtract(outside);
    square.drawn = drawn.holds(all) ? null : drawn;
    if (square.drawn === null) this.#wholeSquares++;
    if (square.layers.length === 0) this.#drop(index);
  }

  clear(): void {
    for (const index of [...this.#squares.keys()]) this.#drop(index);
    this.#set = null;
  }

  /** Takes the tiles of a message at `place`, with what each draws. */
  takeRemoteFx(place: Rectangle, payload: Uint8Array, tiles: readonly ShownTile[]): void {
    const isAligned = place.x % TILE_PX === 0 && place.y % TILE_PX === 0;
    if (isAligned) for (const { tile, shown } of tiles) this.#takeTile(place, tile, shown);
    else {
      for (const { tile } of tiles.slice(0, 1)) this.#useSet(tile.set);
      // A tile on several squares: the whole message is kept while any of it is seen.
      const shown = tiles.flatMap((one) => one.shown);
      this.#add({ codec: Codec.remoteFx, place, copy: this.#copies.copy(payload), tile: null }, shown);
    }
    this.#limit();
  }

  /** Sets are nearly always the same: those that are equal are one. */
  #useSet(set: TileSet): TileSet {
    if (this.#set !== null && (set === this.#lastSeen || isSameSet(this.#set, set))) {
      this.#lastSeen = set;
      return this.#set;
    }
    this.#set = { properties: set.properties, quants: new Uint8Array(set.quants) };
    return this.#set;
  }

  /**
   * Text that scrolls and windows that play draw the same tiles again and again, whole or cut alike: the last one takes
   * the place of the one before, which it hides, and nothing else changes.
   */
  #takeTile(place: Rectangle, { set, column, row, block }: MessageTile, shown: readonly Rectangle[]): void {
    if (shown.length === 0) return;
    const at = { column: place.x / TILE_PX + column, row: place.y / TILE_PX + row };
    const index = at.row * ROW_SQUARES + at.column;
    if (shown.length > MAX_TILE_CLIPS) return this.#drop(index);
    const usedSet = this.#useSet(set);
    const top = this.#squares.get(index)?.layers.at(-1)?.draw;
    if (top?.tile != null && areSame(top.tile.clips, shown)) {
      this.#sizeBytes -= top.copy.sizeBytes;
      this.#copies.replace(top.copy, block);
      this.#sizeBytes += top.copy.sizeBytes;
      top.order = this.#order++;
      top.tile.set = usedSet;
      return placeTile(top.copy.room, at.column, at.row);
    }
    const copy = this.#copies.copy(block);
    placeTile(copy.room, at.column, at.row);
    this.#add({ codec: Codec.remoteFx, place, copy, tile: { set: usedSet, clips: shown } }, shown);
  }

  /** Takes a draw of another codec over RemoteFX; before that nothing is kept. */
  take(place: Rectangle, codec: number, head: Uint8Array, payload: Uint8Array): void {
    if (!this.isInUse) return;
    this.#add({ codec, place, copy: this.#copies.copy(payload, head), tile: null }, [place]);
    this.#limit();
  }

  #add(what: Omit<KeptDraw, "order" | "squares">, shown: readonly Rectangle[]): void {
    const draw: KeptDraw = { ...what, order: this.#order++, squares: 0 };
    this.#sizeBytes += draw.copy.sizeBytes + DRAW_BYTES;
    // Held by nobody yet: a draw that nothing is seen of goes at once.
    draw.squares++;
    for (const [index, parts] of this.#partsBySquare(shown)) this.#cover(index, draw, parts);
    this.#release(draw);
  }

  /** Rectangles of the screen by the squares they lie on. */
  #partsBySquare(shown: readonly Rectangle[]): Map<number, Rectangle[]> {
    const parts = new Map<number, Rectangle[]>();
    for (const rectangle of shown) {
      const { x, y, width, height } = rectangle;
      for (let row = Math.floor(y / MASK_PX); row * MASK_PX < y + height; row++)
        for (let column = Math.floor(x / MASK_PX); column * MASK_PX < x + width; column++) {
          const index = row * ROW_SQUARES + column;
          const list = parts.get(index);
          if (list === undefined) parts.set(index, [rectangle]);
          else list.push(rectangle);
        }
    }
    return parts;
  }

  #cover(index: number, draw: KeptDraw, parts: readonly Rectangle[]): void {
    const square = this.#squares.get(index);
    const area = this.#areaOf(index);
    if (parts.some((part) => holds(part, area))) {
      this.#drop(index);
      this.#squares.set(index, { layers: [{ draw, mask: null }], drawn: null });
      this.#wholeSquares++;
      draw.squares++;
      return;
    }
    const all = maskOf(area);
    const mask = PixelMask.of(parts.map((part) => ({ ...part, x: part.x - area.x, y: part.y - area.y })));
    const layers = square?.layers ?? [];
    const left = layers.filter((layer) => !this.#hide(layer, mask, all));
    left.push({ draw, mask });
    draw.squares++;
    this.#sizeBytes += MASK_BYTES;
    const drawn = square?.drawn === null ? null : (square?.drawn ?? new PixelMask());
    drawn?.unite(mask);
    const isWhole = drawn === null || drawn.holds(all);
    if (isWhole && drawn !== null) this.#wholeSquares++;
    this.#squares.set(index, { layers: left, drawn: isWhole ? null : drawn });
  }

  /** Takes what is drawn over from a layer; true when nothing of it is seen any more. */
  #hide(layer: Layer, over: PixelMask, all: PixelMask): boolean {
    if (layer.mask === null) {
      layer.mask = all.copy();
      this.#sizeBytes += MASK_BYTES;
    }
    if (!layer.mask.subtract(over)) return false;
    this.#sizeBytes -= MASK_BYTES;
    this.#release(layer.draw);
    return true;
  }

  /** A square of the screen; those at its far sides are smaller, and what lies outside has no size. */
  #areaOf(index: number): Rectangle {
    const x = (index % ROW_SQUARES) * MASK_PX;
    const y = Math.floor(index / ROW_SQUARES) * MASK_PX;
    return {
      x,
      y,
      width: Math.min(MASK_PX, this.#width - x),
      height: Math.min(MASK_PX, this.#height - y),
    };
  }

  #drop(index: number): void {
    const square = this.#squares.get(index);
    if (square === undefined) return;
    this.#squares.delete(index);
    if (square.drawn === null) this.#wholeSquares--;
    for (const { draw, mask } of square.layers) {
      if (mask !== null) this.#sizeBytes -= MASK_BYTES;
      this.#release(draw);
    }
  }

  #release(draw: KeptDraw): void {
    if (--draw.squares > 0) return;
    this.#sizeBytes -= draw.copy.sizeBytes + DRAW_BYTES;
    this.#copies.giveBack(draw.copy);
  }

  /** Over the limit the square that takes most is given up until it is drawn anew. */
  #limit(): void {
    while (this.#sizeBytes > this.#maxBytes && this.#squares.size > 0) {
      let [largest, most] = [-1, -1];
      for (const [index, { layers }] of this.#squares) {
        let sizeBytes = 0;
        for (const { draw } of layers) sizeBytes += DRAW_BYTES + draw.copy.sizeBytes / draw.squares;
        if (sizeBytes > most) [largest, most] = [index, sizeBytes];
      }
      this.#drop(largest);
    }
  }

  /** Draws all that is kept again on a surface: for a viewer with empty state it is the whole picture. */
  replay(writer: PictureWriter, surface: number): void {
    const draws = new Set<KeptDraw>();
    for (const { layers } of this.#squares.values()) for (const { draw } of layers) draws.add(draw);
    let group: KeptDraw[] = [];
    for (const draw of [...draws].sort((one, other) => one.order - other.order)) {
      if (draw.tile !== null) {
        group.push(draw);
        continue;
      }
      this.#putTiles(writer, surface, group);
      group = [];
      writer.drawParts({ surface, place: draw.place, codec: draw.codec }, NO_BYTES, draw.copy.bytes);
    }
    this.#putTiles(writer, surface, group);
  }

  /** Single tiles as messages of frames: tiles of one set and no place twice in each. */
  #putTiles(writer: PictureWriter, surface: number, tiles: readonly KeptDraw[]): void {
    let frames: TileFrame[] = [];
    for (const { tile, copy } of tiles) {
      if (tile === null) continue;
      const { bytes } = copy;
      let frame = frames.at(-1);
      if (frame === undefined || !mayTake(frame, tile, bytes)) {
        if (frames.length >= MAX_DRAW_FRAMES) {
          this.#putFrames(writer, surface, frames);
          frames = [];
        }
        frame = { set: tile.set, blocks: new Map(), clips: [] };
        frames.push(frame);
      }
      frame.blocks.set(placeOf(bytes), bytes);
      frame.clips.push(...tile.clips);
    }
    if (frames.length > 0) this.#putFrames(writer, surface, frames);
  }

  #putFrames(writer: PictureWriter, surface: number, frames: readonly TileFrame[]): void {
    const payload = new ByteWriter(64 * 1024);
    for (const { set, blocks, clips } of frames) putRemoteFxFrame(payload, set, [...blocks.values()], clips);
    const place = { x: 0, y: 0, width: this.#width, height: this.#height };
    writer.drawParts({ surface, place, codec: Codec.remoteFx }, NO_BYTES, payload.finish());
  }
}

/** Tiles of one frame by their place, and what of them is shown. */
interface TileFrame {
  readonly set: TileSet;
  readonly blocks: Map<number, Uint8Array>;
  readonly clips: Rectangle[];
}

function mayTake(frame: TileFrame, tile: NonNullable<KeptDraw["tile"]>, block: Uint8Array): boolean {
  return (
    frame.set === tile.set &&
    frame.blocks.size < MAX_FRAME_TILES &&
    frame.clips.length + tile.clips.length <= MAX_REGION_RECTANGLES &&
    !frame.blocks.has(placeOf(block))
  );
}

/** Column and row of a tile's block as one number. */
function placeOf(block: Uint8Array): number {
  return new DataView(block.buffer, block.byteOffset, block.length).getUint32(9, true);
}

function areSame(some: readonly Rectangle[], others: readonly Rectangle[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index++) {
    const [one, other] = [some[index], others[index]];
    if (one === undefined || other === undefined || !holds(one, other) || !holds(other, one)) return false;
  }
  return true;
}

/** All pixels of a square that has this area. */
function maskOf({ width, height }: Rectangle): PixelMask {
  return PixelMask.of([{ x: 0, y: 0, width, height }]);
}

function holds(one: Rectangle, other: Rectangle): boolean {
  return (
    one.x <= other.x &&
    one.y <= other.y &&
    one.x + one.width >= other.x + other.width &&
    one.y + one.height >= other.y + other.height
  );
}

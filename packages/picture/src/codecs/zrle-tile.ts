import type { ByteReader } from "@poterne/bytes";
import type { Rectangle } from "../language.ts";
import type { Surface } from "../surface.ts";

const BYTES_PER_CPIXEL = 3;
const REUSE_PACKED = 127;
const PLAIN_RLE = 128;
const REUSE_RLE = 129;

/** What one tile leaves for the next. */
export interface TileState {
  readonly palette: Uint32Array;
  paletteSize: number;
  /** TRLE only: whether a tile may use the last palette. */
  readonly mayReuse: boolean;
}

/** One tile of RFC 6143 §7.7.5, with CPIXELs of B, G, R. */
export function decodeTile(reader: ByteReader, surface: Surface, tile: Rectangle, state: TileState): void {
  const type = reader.u8();
  if (type === 0) readRaw(reader, surface, tile);
  else if (type === 1) surface.fill(tile.x, tile.y, tile.width, tile.height, readPixel(reader));
  else if (type <= 16 || type === REUSE_PACKED) {
    preparePalette(reader, type === REUSE_PACKED ? 0 : type, state);
    readPacked(reader, surface, tile, state);
  } else if (type === PLAIN_RLE) readRuns(reader, surface, tile, null);
  else if (type === REUSE_RLE || type >= 130) {
    preparePalette(reader, type === REUSE_RLE ? 0 : type - 128, state);
    readRuns(reader, surface, tile, state);
  } else throw reader.fail("invalid", `tile type ${type}`);
}

function readPixel(reader: ByteReader): number {
  const at = reader.advance(BYTES_PER_CPIXEL);
  const { bytes } = reader;
  return (
    (0xff000000 |
      ((bytes[at] as number) << 16) |
      ((bytes[at + 1] as number) << 8) |
      (bytes[at + 2] as number)) >>>
    0
  );
}

/** Reads `size` colours; 0 keeps those of the last tile. */
function preparePalette(reader: ByteReader, size: number, state: TileState): void {
  if (size === 0) {
    if (!state.mayReuse || state.paletteSize === 0) throw reader.fail("invalid", "no palette to use again");
    return;
  }
  for (let index = 0; index < size; index++) state.palette[index] = readPixel(reader);
  state.paletteSize = size;
}

function readRaw(reader: ByteReader, surface: Surface, tile: Rectangle): void {
  for (let row = tile.y; row < tile.y + tile.height; row++) {
    const start = row * surface.width + tile.x;
    for (let at = start; at < start + tile.width; at++) surface.pixels[at] = readPixel(reader);
  }
}

function readPacked(reader: ByteReader, surface: Surface, tile: Rectangle, state: TileState): void {
  const bits = state.paletteSize > 4 ? 4 : state.paletteSize > 2 ? 2 : 1;
  const mask = (1 << bits) - 1;
  const rowBytes = (tile.width * bits + 7) >> 3;
  for (let row = tile.y; row < tile.y + tile.height; row++) {
    const from = reader.advance(rowBytes);
    const start = row * surface.width + tile.x;
    for (let column = 0; column < tile.width; column++) {
      const place = column * bits;
      const byte = reader.bytes[from + (place >> 3)] as number;
      const index = (byte >> (8 - bits - (place & 7))) & mask;
      if (index >= state.paletteSize) throw reader.fail("invalid", "palette index");
      surface.pixels[start + column] = state.palette[index] as number;
    }
  }
}

function readRuns(reader: ByteReader, surface: Surface, tile: Rectangle, state: TileState | null): void {
  const total = tile.width * tile.height;
  let done = 0;
  while (done < total) {
    const run = readRun(reader, state);
    if (done + run.length > total) throw reader.fail("invalid", "run past the tile's end");
    putRun(surface, tile, { start: done, length: run.length, pixel: run.pixel });
    done += run.length;
  }
}

function readRun(reader: ByteReader, state: TileState | null): { pixel: number; length: number } {
  if (state === null) return { pixel: readPixel(reader), length: readRunLength(reader) };
  const index = reader.u8();
  if ((index & 127) >= state.paletteSize) throw reader.fail("invalid", "palette index");
  const pixel = state.palette[index & 127] as number;
  return { pixel, length: index < 128 ? 1 : readRunLength(reader) };
}

function readRunLength(reader: ByteReader): number {
  let length = 1;
  for (;;) {
    const byte = reader.u8();
    length += byte;
    if (byte !== 255) return length;
  }
}

function putRun(
  surface: Surface,
  tile: Rectangle,
  run: { readonly start: number; readonly length: number; readonly pixel: number },
): void {
  let at = run.start;
  let left = run.length;
  while (left > 0) {
    const column = at % tile.width;
    const count = Math.min(left, tile.width - column);
    const to = (tile.y + (at - column) / tile.width) * surface.width + tile.x + column;
    surface.pixels.fill(run.pixel, to, to + count);
    at += count;
    left -= count;
  }
}

import { type ByteReader, DecodeError } from "@poterne/bytes";
import type { Rectangle } from "../language.ts";
import type { Surface } from "../surface.ts";

/** Pixels of a bitmap that is larger than what is shown of it: it is decoded beside the surface first. */
const MAX_CLIPPED_PIXELS = 16 * 1024 * 1024;
const BOTTOM_UP = 1;

/** What stands before a bitmap's data in the picture language: its own size and the order of its rows. */
export interface BitmapHead {
  readonly width: number;
  readonly height: number;
  readonly isBottomUp: boolean;
}

/** Where a bitmap's rows go: row `r`, in the order they are coded, begins at `start + r * step` of `pixels`. */
export interface PixelRows {
  readonly pixels: Uint32Array;
  readonly start: number;
  readonly step: number;
}

/** Reads the head; throws `DecodeError` when the bitmap is smaller than the rectangle it is drawn into. */
export function readBitmapHead(reader: ByteReader, rectangle: Rectangle): BitmapHead {
  const width = reader.u16le();
  const height = reader.u16le();
  const flags = reader.u8();
  if (width < rectangle.width || height < rectangle.height || width === 0 || height === 0)
    throw reader.fail("invalid", "a bitmap smaller than its rectangle");
  return { width, height, isBottomUp: (flags & BOTTOM_UP) !== 0 };
}

/**
 * Lets `decode` write a whole bitmap: straight into the surface where it fits its rectangle, else beside it, of which
 * the top left part is shown. Throws `DecodeError` `limit`.
 */
export function drawBitmap(
  surface: Surface,
  rectangle: Rectangle,
  head: BitmapHead,
  decode: (rows: PixelRows) => void,
): void {
  const { x, y, width, height } = rectangle;
  if (head.width === width && head.height === height)
    return decode(rowsOf(surface.pixels, y * surface.width + x, surface.width, head));
  const beside = drawBeside(head, decode);
  for (let row = 0; row < height; row++)
    surface.pixels.set(
      beside.subarray(row * head.width, row * head.width + width),
      (y + row) * surface.width + x,
    );
}

/** Lets `decode` write a bitmap into memory of its own; returns its rows from the top. Throws `DecodeError` `limit`. */
export function drawBeside(head: BitmapHead, decode: (rows: PixelRows) => void): Uint32Array {
  const { width, height } = head;
  if (width * height > MAX_CLIPPED_PIXELS)
    throw new DecodeError("limit", "bitmap", 0, `${width} by ${height}`);
  const pixels = new Uint32Array(width * height);
  decode(rowsOf(pixels, 0, width, head));
  return pixels;
}

function rowsOf(pixels: Uint32Array, topLeft: number, stride: number, head: BitmapHead): PixelRows {
  return head.isBottomUp
    ? { pixels, start: topLeft + (head.height - 1) * stride, step: -stride }
    : { pixels, start: topLeft, step: stride };
}

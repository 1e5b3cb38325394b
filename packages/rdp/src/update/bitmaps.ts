import { ByteReader } from "@poterne/bytes";
import { Codec, CodecStateAction, type Rectangle } from "@poterne/picture";
import { bitmapHead } from "../graphics/gfx-draws.ts";
import { SCREEN, type Screen } from "./screen.ts";
import type { ScreenDraws } from "./screen-draws.ts";

/** [MS-RDPBCGR] 2.2.9.1.1.3.1.2.2 flags. */
const BITMAP_COMPRESSION = 0x0001;
const NO_BITMAP_COMPRESSION_HDR = 0x0400;
const COMPRESSION_HEADER_BYTES = 8;
const UPDATETYPE_BITMAP = 1;
const UPDATETYPE_PALETTE = 2;
const PALETTE_COLOURS = 256;
/** The longest side of one bitmap; the widest row servers send is a screen's. */
const MAX_BITMAP_SIDE_PX = 16384;

/** Codecs by bits a pixel: compressed, uncompressed. */
const CODECS: ReadonlyMap<number, readonly [compressed: number, plain: number]> = new Map([
  [8, [Codec.rle8, Codec.raw8]],
  [15, [Codec.rle15, Codec.raw15]],
  [16, [Codec.rle16, Codec.raw16]],
  [24, [Codec.rle24, Codec.raw24]],
  [32, [Codec.planar, Codec.raw32]],
]);

/**
 * [MS-RDPBCGR] 2.2.9.1.1.3.1.2 TS_UPDATE_BITMAP_DATA, its update type included: each bitmap becomes a `draw`, its data
 * as it came. Throws `DecodeError`.
 */
export function takeBitmapUpdate(data: Uint8Array, draws: ScreenDraws): void {
  const reader = new ByteReader(data, "bitmap update");
  if (reader.u16le() !== UPDATETYPE_BITMAP) throw reader.fail("invalid", "update type");
  for (let count = reader.u16le(); count > 0; count--) takeBitmap(reader, draws);
}

function takeBitmap(reader: ByteReader, draws: ScreenDraws): void {
  const x = reader.u16le();
  const y = reader.u16le();
  const right = reader.u16le() + 1;
  const bottom = reader.u16le() + 1;
  const width = reader.u16le();
  const height = reader.u16le();
  const bitsPerPixel = reader.u16le();
  const flags = reader.u16le();
  let bytes = reader.take(reader.u16le());
  const codecs = CODECS.get(bitsPerPixel);
  if (codecs === undefined) throw reader.fail("unsupported", `${bitsPerPixel} bits a pixel`);
  if (width < 1 || height < 1 || width > MAX_BITMAP_SIDE_PX || height > MAX_BITMAP_SIDE_PX)
    throw reader.fail("limit", "bitmap size");
  const isCompressed = (flags & BITMAP_COMPRESSION) !== 0;
  if (isCompressed && (flags & NO_BITMAP_COMPRESSION_HDR) === 0) {
    if (bytes.length < COMPRESSION_HEADER_BYTES) throw reader.fail("truncated", "compression header");
    bytes = bytes.subarray(COMPRESSION_HEADER_BYTES);
  }
  // A server may still draw on the desktop it had before a resize, and pads bitmaps: what is outside is not shown.
  const place = clip(
    { x, y, width: Math.min(right - x, width), height: Math.min(bottom - y, height) },
    draws.screen,
  );
  if (place === null) return;
  const codec = isCompressed ? codecs[0] : codecs[1];
  draws.draw(place, codec, bitmapHead(width, height, "bottomUp"), bytes);
}

/** The part of a rectangle that lies on the screen, null for none. */
export function clip(
  place: Rectangle,
  screen: { readonly width: number; readonly height: number },
): Rectangle | null {
  const width = Math.min(place.width, screen.width - place.x);
  const height = Math.min(place.height, screen.height - place.y);
  return width < 1 || height < 1 ? null : { x: place.x, y: place.y, width, height };
}

/** [MS-RDPBCGR] 2.2.9.1.1.3.1.1.1 TS_UPDATE_PALETTE_DATA, its update type included. */
export function takePaletteUpdate(data: Uint8Array, screen: Screen): void {
  const reader = new ByteReader(data, "palette update");
  if (reader.u16le() !== UPDATETYPE_PALETTE) throw reader.fail("invalid", "update type");
  reader.advance(2);
  if (reader.u32le() !== PALETTE_COLOURS) throw reader.fail("invalid", "number of colours");
  screen.writer.codecState(CodecStateAction.palette, SCREEN, 0, reader.take(PALETTE_COLOURS * 3));
}

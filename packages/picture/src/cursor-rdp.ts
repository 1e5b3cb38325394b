import { ByteReader, DecodeError } from "@poterne/bytes";

const WHITE = 0xffffff;
const BLACK = 0;

/** The masks of one shape and how their rows are read. */
interface PointerMasks {
  readonly bitsPerPixel: number;
  readonly width: number;
  readonly height: number;
  readonly xor: Uint8Array;
  /** Empty where the shape has none: then all of it is opaque, or its alpha counts. */
  readonly and: Uint8Array;
}

/**
 * [MS-RDPBCGR] 2.2.9.1.1.4.4 and 2.2.9.1.1.4.5 as the picture language carries it (`CursorKind.rdp`): straight-alpha
 * RGBA into `rgba`. What would invert the screen is a pattern of black and white, as no page can. Four and eight bits
 * have a palette that is not known here: they show as black and white. The specification does not say whether colours
 * are multiplied by alpha, and servers differ: they are where none is over its alpha. Throws `DecodeError` for wrong
 * lengths.
 */
export function decodeRdpCursor(
  payload: Uint8Array,
  size: { readonly width: number; readonly height: number },
  rgba: Uint8ClampedArray,
): void {
  const reader = new ByteReader(payload, "RDP cursor");
  const bitsPerPixel = reader.u8();
  const xor = reader.take(reader.u32le());
  const masks = { ...size, bitsPerPixel, xor, and: reader.rest() };
  checkLengths(masks);
  const hasAlpha = bitsPerPixel === 32 && xor.some((value, at) => at % 4 === 3 && value !== 0);
  const isMultiplied = hasAlpha && isWithinAlpha(xor);
  for (let row = 0; row < size.height; row++)
    for (let column = 0; column < size.width; column++) {
      const at = (row * size.width + column) * 4;
      const ownAlpha = hasAlpha ? (xor[rowAt(masks, "xor", row) + column * 4 + 3] ?? 0) : null;
      const { colour, alpha } = pixelAt(masks, column, row, ownAlpha);
      const scale = isMultiplied && alpha !== 0 ? 255 / alpha : 1;
      rgba[at] = (colour >> 16) * scale;
      rgba[at + 1] = ((colour >> 8) & 255) * scale;
      rgba[at + 2] = (colour & 255) * scale;
      rgba[at + 3] = alpha;
    }
}

/** Whether no colour of a 32-bit shape is over its pixel's alpha. */
function isWithinAlpha(xor: Uint8Array): boolean {
  for (let at = 0; at < xor.length; at += 4) {
    const alpha = xor[at + 3] ?? 0;
    if ((xor[at] ?? 0) > alpha || (xor[at + 1] ?? 0) > alpha || (xor[at + 2] ?? 0) > alpha) return false;
  }
  return true;
}

/** One pixel from both masks; `ownAlpha` null where the shape has no alpha of its own. */
function pixelAt(
  masks: PointerMasks,
  column: number,
  row: number,
  ownAlpha: number | null,
): { readonly colour: number; readonly alpha: number } {
  const colour = colourAt(masks, column, row);
  const isMasked = masks.and.length > 0 && bitAt(masks, "and", column, row);
  if (!isMasked) return { colour, alpha: ownAlpha ?? 255 };
  if (colour === BLACK) return { colour, alpha: 0 };
  if (ownAlpha !== null) return { colour, alpha: ownAlpha };
  return { colour: (column + row) % 2 === 0 ? BLACK : WHITE, alpha: 255 };
}

function checkLengths(masks: PointerMasks): void {
  const { bitsPerPixel, xor, and, height } = masks;
  if (![1, 4, 8, 16, 24, 32].includes(bitsPerPixel))
    throw new DecodeError("unsupported", "RDP cursor", 0, `${bitsPerPixel} bits a pixel`);
  const isXorWrong = xor.length !== rowBytes(masks, "xor") * height;
  if (isXorWrong || (and.length !== 0 && and.length !== rowBytes(masks, "and") * height))
    throw new DecodeError("invalid", "RDP cursor", 0, "length");
}

/** Rows are padded to two bytes. */
function rowBytes(masks: PointerMasks, mask: "xor" | "and"): number {
  return ((masks.width * (mask === "xor" ? masks.bitsPerPixel : 1) + 15) >> 4) * 2;
}

/** Rows come from the bottom up, those of a shape with one bit a pixel from the top down. */
function rowAt(masks: PointerMasks, mask: "xor" | "and", row: number): number {
  return rowBytes(masks, mask) * (masks.bitsPerPixel === 1 ? row : masks.height - 1 - row);
}

function bitAt(masks: PointerMasks, mask: "xor" | "and", column: number, row: number): boolean {
  return ((masks[mask][rowAt(masks, mask, row) + (column >> 3)] ?? 0) & (128 >> (column & 7))) !== 0;
}

/** A pixel of the XOR mask as 0xRRGGBB. */
function colourAt(masks: PointerMasks, column: number, row: number): number {
  const { bitsPerPixel, xor } = masks;
  const start = rowAt(masks, "xor", row);
  if (bitsPerPixel === 1) return bitAt(masks, "xor", column, row) ? WHITE : BLACK;
  if (bitsPerPixel < 16) {
    const at = start + ((column * bitsPerPixel) >> 3);
    const index = bitsPerPixel === 8 ? (xor[at] ?? 0) : ((xor[at] ?? 0) >> (column % 2 === 0 ? 4 : 0)) & 15;
    return index === 0 ? BLACK : WHITE;
  }
  const at = start + column * (bitsPerPixel >> 3);
  if (bitsPerPixel > 16) return ((xor[at + 2] ?? 0) << 16) | ((xor[at + 1] ?? 0) << 8) | (xor[at] ?? 0);
  const value = ((xor[at + 1] ?? 0) << 8) | (xor[at] ?? 0);
  const [red, green, blue] = [value >> 11, (value >> 5) & 63, value & 31];
  return (
    (((red << 3) | (red >> 2)) << 16) | (((green << 2) | (green >> 4)) << 8) | ((blue << 3) | (blue >> 2))
  );
}

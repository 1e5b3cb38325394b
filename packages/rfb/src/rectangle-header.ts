import { DecodeError } from "@poterne/bytes";
import { HextileMask, TIGHT_MIN_TO_COMPRESS_BYTES, TightFilter, TightType } from "@poterne/picture";

const PIXEL_BYTES = 4;
const TIGHT_PIXEL_BYTES = 3;
const TILE_PX = 16;

/** What a Tight rectangle's first bytes tell: their length, and what follows. */
export interface TightHeader {
  /** Bytes of control, filter, palette and length. */
  headerBytes: number;
  /** Bytes behind them. */
  payloadBytes: number;
  /** The zlib stream they belong to, -1 for none. */
  stream: number;
  /** What they inflate to. */
  outputBytes: number;
}

/**
 * Reads a Tight rectangle's header at `at` into `header`; false when more bytes are needed. Control byte, filter,
 * palette and compact length as in the community's RFB specification, "Tight Encoding".
 */
export function readTightHeader(
  bytes: Uint8Array,
  at: number,
  size: { readonly width: number; readonly height: number },
  header: TightHeader,
): boolean {
  if (at >= bytes.length) return false;
  const type = (bytes[at] as number) >> 4;
  header.stream = -1;
  header.outputBytes = 0;
  if (type === TightType.fill) {
    header.headerBytes = 1;
    header.payloadBytes = TIGHT_PIXEL_BYTES;
    return true;
  }
  if (type === TightType.jpeg) return readLength(bytes, at, at + 1, header);
  if (type > TightType.jpeg) throw new DecodeError("unsupported", "Tight rectangle", at, `type ${type}`);
  return readBasicHeader(bytes, at, size, header);
}

function readBasicHeader(
  bytes: Uint8Array,
  at: number,
  { width, height }: { readonly width: number; readonly height: number },
  header: TightHeader,
): boolean {
  const control = (bytes[at] as number) >> 4;
  let next = at + 1;
  let rowBytes = width * TIGHT_PIXEL_BYTES;
  if ((control & 4) !== 0) {
    const filter = bytes[next++];
    if (filter === undefined) return false;
    if (filter > TightFilter.gradient)
      throw new DecodeError("unsupported", "Tight rectangle", next, `filter ${filter}`);
    if (filter === TightFilter.palette) {
      const last = bytes[next];
      if (last === undefined) return false;
      next += 1 + (last + 1) * TIGHT_PIXEL_BYTES;
      if (next > bytes.length) return false;
      rowBytes = last < 2 ? (width + 7) >> 3 : width;
    }
  }
  const plainBytes = rowBytes * height;
  if (plainBytes < TIGHT_MIN_TO_COMPRESS_BYTES) {
    header.headerBytes = next - at;
    header.payloadBytes = plainBytes;
    return true;
  }
  if (!readLength(bytes, at, next, header)) return false;
  header.stream = control & 3;
  header.outputBytes = plainBytes;
  return true;
}

function readLength(bytes: Uint8Array, start: number, at: number, header: TightHeader): boolean {
  const first = bytes[at];
  if (first === undefined) return false;
  let length = first & 127;
  let next = at + 1;
  if ((first & 128) !== 0) {
    const second = bytes[next++];
    if (second === undefined) return false;
    length |= (second & 127) << 7;
    if ((second & 128) !== 0) {
      const third = bytes[next++];
      if (third === undefined) return false;
      length |= third << 14;
    }
  }
  header.headerBytes = next - start;
  header.payloadBytes = length;
  return true;
}

/** Where in a Hextile rectangle the next tile is. */
export interface HextilePlace {
  left: number;
  top: number;
  readonly width: number;
  readonly height: number;
}

/** The length of the Hextile tile at `at`, -1 when more bytes are needed to know it. */
export function readHextileTileBytes(bytes: Uint8Array, at: number, place: HextilePlace): number {
  const mask = bytes[at];
  if (mask === undefined) return -1;
  if ((mask & HextileMask.raw) !== 0) {
    const width = Math.min(TILE_PX, place.width - place.left);
    const height = Math.min(TILE_PX, place.height - place.top);
    return 1 + width * height * PIXEL_BYTES;
  }
  let length = 1;
  if ((mask & HextileMask.backgroundSpecified) !== 0) length += PIXEL_BYTES;
  if ((mask & HextileMask.foregroundSpecified) !== 0) length += PIXEL_BYTES;
  if ((mask & HextileMask.anySubrectangles) === 0) return length;
  const count = bytes[at + length];
  if (count === undefined) return -1;
  const eachBytes = (mask & HextileMask.subrectanglesColoured) !== 0 ? 2 + PIXEL_BYTES : 2;
  return length + 1 + count * eachBytes;
}

/** Goes to the next tile; false after the last. */
export function nextHextileTile(place: HextilePlace): boolean {
  place.left += TILE_PX;
  if (place.left >= place.width) {
    place.left = 0;
    place.top += TILE_PX;
  }
  return place.top < place.height;
}

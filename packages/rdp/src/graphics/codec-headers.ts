import { ByteReader } from "@poterne/bytes";
import type { Rectangle } from "@poterne/picture";
import { BLOCK_HEADER_BYTES, readRfxBlock } from "./rfx-block.ts";

/** [MS-RDPRFX] 2.2.2.1.1 and [MS-RDPEGFX] 2.2.4.2 block types. */
const WBT_REGION = 0xccc6;
const PROGRESSIVE_WBT_REGION = 0xccc4;
/** Blocks of one message looked at: three a frame and a few more. */
const MAX_BLOCKS = 4096;
/** Rectangles of one region or metablock looked at. */
const MAX_REGION_RECTANGLES = 4096;
/** Bytes of an H.264 stream looked at for its first slice: parameter sets and delimiters stand before it. */
const MAX_NAL_SEARCH_BYTES = 4096;
const NAL_NON_IDR_SLICE = 1;
const NAL_IDR_SLICE = 5;
/** [MS-RDPEGFX] 2.2.4.5: where the length of the first stream ends and LC begins. */
const AVC444_LENGTH_BITS = 30;
const CLEARCODEC_FLAG_CACHE_RESET = 0x04;

/** What an entry point needs to know of an H.264 payload. */
export interface AvcHeader {
  readonly regions: readonly Rectangle[];
  /**
   * Where a decoder may begin: with the first stream (luma), with the second (chroma, which the same encoder makes in
   * turn: what comes after is decoded from it), or nowhere.
   */
  readonly key: "none" | "first" | "second";
  /** Luma is in it. */
  readonly hasLuma: boolean;
}

/** Rectangles of [MS-RDPRFX] 2.2.2.3.3 TS_RFX_REGION, relative to the bitmap; throws `DecodeError`. */
export function remoteFxRegions(payload: Uint8Array): Rectangle[] {
  const rectangles: Rectangle[] = [];
  forEachBlock(payload, (type, body) => {
    if (type !== WBT_REGION) return;
    body.advance(3);
    readRectangles(body, body.u16le(), rectangles);
  });
  return rectangles;
}

/** Rectangles of [MS-RDPEGFX] 2.2.4.2.1.5 RFX_PROGRESSIVE_REGION, on the surface; throws `DecodeError`. */
export function progressiveRegions(payload: Uint8Array): Rectangle[] {
  const rectangles: Rectangle[] = [];
  forEachBlock(payload, (type, body) => {
    if (type !== PROGRESSIVE_WBT_REGION) return;
    body.advance(1);
    const count = body.u16le();
    body.advance(9);
    readRectangles(body, count, rectangles);
  });
  return rectangles;
}

function forEachBlock(payload: Uint8Array, visit: (type: number, body: ByteReader) => void): void {
  const reader = new ByteReader(payload, "RemoteFX block");
  for (let count = 0; reader.remaining >= BLOCK_HEADER_BYTES; count++) {
    if (count >= MAX_BLOCKS) throw reader.fail("limit", "blocks");
    const { type, body } = readRfxBlock(reader);
    visit(type, body);
  }
}

function readRectangles(body: ByteReader, count: number, rectangles: Rectangle[]): void {
  if (count > MAX_REGION_RECTANGLES) throw body.fail("limit", "rectangles");
  for (let index = 0; index < count; index++)
    rectangles.push({ x: body.u16le(), y: body.u16le(), width: body.u16le(), height: body.u16le() });
}

/** [MS-RDPEGFX] 2.2.4.4 RFX_AVC420_BITMAP_STREAM; regions are on the surface. Throws `DecodeError`. */
export function avc420Header(payload: Uint8Array): AvcHeader {
  const reader = new ByteReader(payload, "AVC420");
  const regions = readMetablock(reader);
  return { regions, key: firstSlice(reader.rest()) === NAL_IDR_SLICE ? "first" : "none", hasLuma: true };
}

/** [MS-RDPEGFX] 2.2.4.5 RFX_AVC444_BITMAP_STREAM, version 2 too: LC tells which of luma and chroma are there. */
export function avc444Header(payload: Uint8Array): AvcHeader {
  const reader = new ByteReader(payload, "AVC444");
  const info = reader.u32le();
  const firstLength = info % 2 ** AVC444_LENGTH_BITS;
  const lc = info >>> AVC444_LENGTH_BITS;
  if (lc > 2) throw reader.fail("invalid", `LC ${lc}`);
  if (lc === 1) return avc420Header(reader.rest());
  if (lc === 2) {
    const chroma = avc420Header(reader.rest());
    return { ...chroma, key: chroma.key === "first" ? "second" : "none", hasLuma: false };
  }
  const luma = avc420Header(reader.take(firstLength));
  const chroma = avc420Header(reader.rest());
  return luma.key === "none" && chroma.key === "first" ? { ...luma, key: "second" } : luma;
}

/** [MS-RDPEGFX] 2.2.4.4.1 RFX_AVC420_METABLOCK. */
function readMetablock(reader: ByteReader): Rectangle[] {
  const count = reader.u32le();
  if (count > MAX_REGION_RECTANGLES) throw reader.fail("limit", "region rectangles");
  const regions: Rectangle[] = [];
  for (let index = 0; index < count; index++) {
    const x = reader.u16le();
    const y = reader.u16le();
    const width = reader.u16le() - x;
    const height = reader.u16le() - y;
    if (width < 0 || height < 0) throw reader.fail("invalid", "region rectangle");
    regions.push({ x, y, width, height });
  }
  reader.advance(count * 2);
  return regions;
}

/** The type of the first slice NAL unit of an annex B stream (ITU-T H.264 §7.4.1, B.1), 0 for none near the start. */
function firstSlice(stream: Uint8Array): number {
  const end = Math.min(stream.length - 3, MAX_NAL_SEARCH_BYTES);
  for (let at = 0; at < end; at++) {
    if (stream[at] !== 0 || stream[at + 1] !== 0 || stream[at + 2] !== 1) continue;
    const type = (stream[at + 3] ?? 0) & 0x1f;
    if (type === NAL_IDR_SLICE || type === NAL_NON_IDR_SLICE) return type;
  }
  return 0;
}

/** Whether a ClearCodec payload empties its caches first ([MS-RDPEGFX] 2.2.4.1 flags). */
export function isClearCodecReset(payload: Uint8Array): boolean {
  return ((payload[0] ?? 0) & CLEARCODEC_FLAG_CACHE_RESET) !== 0;
}

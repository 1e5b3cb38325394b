import { type ByteReader, ByteWriter } from "@poterne/bytes";
import type { Rectangle } from "@poterne/picture";

/** [MS-RDPEGFX] 2.2.1.5 cmdId. */
export const GfxCmd = {
  RDPGFX_CMDID_WIRETOSURFACE_1: 0x0001,
  RDPGFX_CMDID_WIRETOSURFACE_2: 0x0002,
  RDPGFX_CMDID_DELETEENCODINGCONTEXT: 0x0003,
  RDPGFX_CMDID_SOLIDFILL: 0x0004,
  RDPGFX_CMDID_SURFACETOSURFACE: 0x0005,
  RDPGFX_CMDID_SURFACETOCACHE: 0x0006,
  RDPGFX_CMDID_CACHETOSURFACE: 0x0007,
  RDPGFX_CMDID_EVICTCACHEENTRY: 0x0008,
  RDPGFX_CMDID_CREATESURFACE: 0x0009,
  RDPGFX_CMDID_DELETESURFACE: 0x000a,
  RDPGFX_CMDID_STARTFRAME: 0x000b,
  RDPGFX_CMDID_ENDFRAME: 0x000c,
  RDPGFX_CMDID_FRAMEACKNOWLEDGE: 0x000d,
  RDPGFX_CMDID_RESETGRAPHICS: 0x000e,
  RDPGFX_CMDID_MAPSURFACETOOUTPUT: 0x000f,
  RDPGFX_CMDID_CACHEIMPORTREPLY: 0x0011,
  RDPGFX_CMDID_CAPSADVERTISE: 0x0012,
  RDPGFX_CMDID_CAPSCONFIRM: 0x0013,
  RDPGFX_CMDID_MAPSURFACETOWINDOW: 0x0015,
  RDPGFX_CMDID_MAPSURFACETOSCALEDOUTPUT: 0x0017,
  RDPGFX_CMDID_MAPSURFACETOSCALEDWINDOW: 0x0018,
} as const;

/** [MS-RDPEGFX] 2.2.2.1 and 2.2.2.2 codecId. */
export const GfxCodec = {
  RDPGFX_CODECID_UNCOMPRESSED: 0x0000,
  RDPGFX_CODECID_CAVIDEO: 0x0003,
  RDPGFX_CODECID_CLEARCODEC: 0x0008,
  RDPGFX_CODECID_CAPROGRESSIVE: 0x0009,
  RDPGFX_CODECID_PLANAR: 0x000a,
  RDPGFX_CODECID_AVC420: 0x000b,
  RDPGFX_CODECID_ALPHA: 0x000c,
  RDPGFX_CODECID_CAPROGRESSIVE_V2: 0x000d,
  RDPGFX_CODECID_AVC444: 0x000e,
  RDPGFX_CODECID_AVC444v2: 0x000f,
} as const;

/** [MS-RDPEGFX] 2.2.1.5 header: cmdId, flags, length. */
export const GFX_HEADER_BYTES = 8;
/** queueDepth of an acknowledgement: the client does not tell how much waits. */
const QUEUE_DEPTH_UNAVAILABLE = 0;

/** A client's graphics message. */
export function encodeGfxPdu(cmdId: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(body.length + GFX_HEADER_BYTES)
    .u16le(cmdId)
    .u16le(0)
    .u32le(body.length + GFX_HEADER_BYTES)
    .put(body)
    .finish();
}

/** [MS-RDPEGFX] 2.2.2.13 RDPGFX_FRAME_ACKNOWLEDGE_PDU. */
export function encodeFrameAcknowledge(frameId: number, totalFramesDecoded: number): Uint8Array {
  const body = new ByteWriter().u32le(QUEUE_DEPTH_UNAVAILABLE).u32le(frameId).u32le(totalFramesDecoded);
  return encodeGfxPdu(GfxCmd.RDPGFX_CMDID_FRAMEACKNOWLEDGE, body.finish());
}

/** [MS-RDPEGFX] 2.2.1.2 RDPGFX_RECT16: right and bottom are outside; an empty or turned one is `invalid`. */
export function readRect16(reader: ByteReader): Rectangle {
  const x = reader.u16le();
  const y = reader.u16le();
  const width = reader.u16le() - x;
  const height = reader.u16le() - y;
  if (width < 0 || height < 0) throw reader.fail("invalid", "rectangle");
  return { x, y, width, height };
}

/** [MS-RDPEGFX] 2.2.1.3 RDPGFX_COLOR32 (B, G, R, XA) as the picture language's pixel, opaque. */
export function readColor32(reader: ByteReader): number {
  const blue = reader.u8();
  const green = reader.u8();
  const red = reader.u8();
  reader.advance(1);
  return (red | (green << 8) | (blue << 16) | (0xff << 24)) >>> 0;
}

import { ByteReader } from "@poterne/bytes";
import { Codec } from "@poterne/picture";
import { NSCODEC_CODEC_ID, REMOTEFX_CODEC_ID } from "../connect/client-capabilities.ts";
import { bitmapHead } from "../graphics/gfx-draws.ts";
import { clip } from "./bitmaps.ts";
import type { ScreenDraws } from "./screen-draws.ts";

/** [MS-RDPBCGR] 2.2.9.1.2.1.10.1 cmdType. */
const CMDTYPE_SET_SURFACE_BITS = 1;
const CMDTYPE_FRAME_MARKER = 4;
const CMDTYPE_STREAM_SURFACE_BITS = 6;
const SURFACECMD_FRAMEACTION_END = 1;
/** TSBitmapDataExFlags EX_COMPRESSED_BITMAP_HEADER_PRESENT and its header. */
const EX_COMPRESSED_BITMAP_HEADER_PRESENT = 1;
const EX_HEADER_BYTES = 24;
/** Codecs of bitmaps by codecID; 0 is none. */
const CODECS: ReadonlyMap<number, number> = new Map([
  [0, Codec.raw32],
  [NSCODEC_CODEC_ID, Codec.nsCodec],
]);

/**
 * [MS-RDPBCGR] 2.2.9.1.2.1.10 surface commands: bits become `draw`, payloads as they came. `frameEnded` is told of the
 * frames that end. Throws `DecodeError`.
 */
export function takeSurfaceCommands(
  data: Uint8Array,
  draws: ScreenDraws,
  frameEnded: (frameId: number) => void,
): void {
  const reader = new ByteReader(data, "surface command");
  while (reader.remaining > 0) {
    const type = reader.u16le();
    if (type === CMDTYPE_FRAME_MARKER) {
      const action = reader.u16le();
      const frameId = reader.u32le();
      if (action === SURFACECMD_FRAMEACTION_END) frameEnded(frameId);
    } else if (type === CMDTYPE_SET_SURFACE_BITS || type === CMDTYPE_STREAM_SURFACE_BITS)
      takeSurfaceBits(reader, draws);
    else throw reader.fail("unsupported", `command ${type}`);
  }
}

/** [MS-RDPBCGR] 2.2.9.2.1 and 2.2.9.2.2 with TS_BITMAP_DATA_EX. */
function takeSurfaceBits(reader: ByteReader, draws: ScreenDraws): void {
  const x = reader.u16le();
  const y = reader.u16le();
  // Servers disagree on whether the far corner is inside: the bitmap's own size counts.
  reader.advance(4);
  const bitsPerPixel = reader.u8();
  const flags = reader.u8();
  reader.advance(1);
  const codecId = reader.u8();
  const width = reader.u16le();
  const height = reader.u16le();
  const length = reader.u32le();
  if ((flags & EX_COMPRESSED_BITMAP_HEADER_PRESENT) !== 0) reader.advance(EX_HEADER_BYTES);
  const payload = reader.take(length);
  const place = clip({ x, y, width, height }, draws.screen);
  if (place === null) return;
  if (codecId === REMOTEFX_CODEC_ID) return draws.drawRemoteFx(place, payload);
  const codec = CODECS.get(codecId);
  if (codec === undefined || bitsPerPixel !== 32) throw reader.fail("unsupported", `codec ${codecId}`);
  if (codec === Codec.raw32 && payload.length !== width * height * 4) throw reader.fail("invalid", "length");
  draws.draw(place, codec, bitmapHead(width, height, "bottomUp"), payload);
}

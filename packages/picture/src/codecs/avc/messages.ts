import { ByteReader } from "@poterne/bytes";
import { Codec, type Rectangle } from "../../language.ts";

/** Rectangles of one metablock. */
const MAX_REGIONS = 4096;
/** [MS-RDPEGFX] 2.2.4.5: where the length of the first stream ends and LC begins. */
const LENGTH_BITS = 30;

/** One H.264 picture of a draw, and what of it is new. */
export interface AvcPart {
  /** Luma: the picture itself in 4:2:0. Chroma: what it lacks to be 4:4:4. */
  readonly view: "luma" | "chroma";
  readonly regions: readonly Rectangle[];
  /** Annex B byte stream of one picture. */
  readonly stream: Uint8Array;
}

/** Whether a codec carries H.264. */
export function isAvc(codec: number): boolean {
  return codec === Codec.avc420 || codec === Codec.avc444 || codec === Codec.avc444v2;
}

/** [MS-RDPEGFX] 2.2.4.4 to 2.2.4.6: one or two pictures in the order they are decoded; throws `DecodeError`. */
export function decodeAvcMessage(codec: number, payload: Uint8Array): readonly AvcPart[] {
  const reader = new ByteReader(payload, "AVC");
  if (codec === Codec.avc420) return [decodePart("luma", reader)];
  const info = reader.u32le();
  const lc = info >>> LENGTH_BITS;
  if (lc === 1) return [decodePart("luma", reader)];
  if (lc === 2) return [decodePart("chroma", reader)];
  if (lc !== 0) throw reader.fail("invalid", `LC ${lc}`);
  const first = new ByteReader(reader.take(info % 2 ** LENGTH_BITS), "AVC");
  return [decodePart("luma", first), decodePart("chroma", reader)];
}

/** [MS-RDPEGFX] 2.2.4.4.1 RFX_AVC420_METABLOCK and the stream after it. */
function decodePart(view: AvcPart["view"], reader: ByteReader): AvcPart {
  const count = reader.u32le();
  if (count > MAX_REGIONS) throw reader.fail("limit", "region rectangles");
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
  return { view, regions, stream: reader.rest() };
}

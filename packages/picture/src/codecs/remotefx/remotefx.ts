import { ByteReader, DecodeError } from "@poterne/bytes";
import type { Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";
import type { TileKernel } from "./kernel.ts";
import { intersect, putTile, readRegion, touches } from "./regions.ts";
import { RlgrMode, type RlgrModeId } from "./rlgr.ts";
import { COMPONENTS, EVEN_LAYOUT, QUANT_BYTES, REMOTEFX_BAND_ORDER, readBandTable, TILE_PX } from "./tile.ts";

/** [MS-RDPRFX] 2.2.2.1.1 block types. */
const WBT_FRAME_BEGIN = 0xccc4;
const WBT_REGION = 0xccc6;
const WBT_EXTENSION = 0xccc7;
const CBT_TILESET = 0xcac2;
const CBT_TILE = 0xcac3;
const BLOCK_HEADER_BYTES = 6;
/** codecId and channelId of TS_RFX_CODEC_CHANNELT. */
const CHANNEL_BYTES = 2;
/** Blocks of one payload. */
const MAX_BLOCKS = 4096;

interface Target {
  readonly kernel: TileKernel;
  readonly surface: Surface;
  /** Where the payload's origin lies, and how far it may reach. */
  readonly place: Rectangle;
  /** The region's rectangles on the surface. */
  clips: Rectangle[];
}

/** What tiles of one set share. */
interface TileSet {
  readonly mode: RlgrModeId;
  /** Shifts of the ten bands, one table after the other. */
  readonly shifts: readonly Uint8Array[];
}

/**
 * [MS-RDPRFX] 2.2.2 encoded messages, image and video mode: what tiles need stands in each tile set, so headers are
 * passed over and nothing is kept. Returns the parts of the surface that were drawn. Throws `DecodeError`.
 */
export function decodeRemoteFx(
  payload: Uint8Array,
  surface: Surface,
  place: Rectangle,
  kernel: TileKernel,
): readonly Rectangle[] {
  const target: Target = { kernel, surface, place, clips: [place] };
  const drawn: Rectangle[] = [];
  const reader = new ByteReader(payload, "RemoteFX");
  for (let count = 0; reader.remaining > 0; count++) {
    if (count >= MAX_BLOCKS) throw reader.fail("limit", "blocks");
    const { type, body } = readBlock(reader);
    if (type === WBT_FRAME_BEGIN) target.clips = [place];
    else if (type === WBT_REGION) target.clips = decodeRegion(body, place);
    else if (type === WBT_EXTENSION) {
      decodeTileSet(body, target);
      drawn.push(...target.clips);
    }
  }
  return drawn;
}

function readBlock(reader: ByteReader): { readonly type: number; readonly body: ByteReader } {
  const type = reader.u16le();
  const length = reader.u32le();
  if (length < BLOCK_HEADER_BYTES) throw reader.fail("invalid", "block length");
  return { type, body: new ByteReader(reader.take(length - BLOCK_HEADER_BYTES), "RemoteFX block") };
}

/** [MS-RDPRFX] 2.2.2.3.3 TS_RFX_REGION: what of the tiles is shown; no rectangle means all. */
function decodeRegion(body: ByteReader, place: Rectangle): Rectangle[] {
  body.advance(CHANNEL_BYTES + 1);
  const rectangles: Rectangle[] = [];
  readRegion(body, body.u16le(), rectangles);
  if (rectangles.length === 0) return [place];
  const clips: Rectangle[] = [];
  for (const { x, y, width, height } of rectangles) {
    const part = intersect({ x: place.x + x, y: place.y + y, width, height }, place);
    if (part !== null) clips.push(part);
  }
  return clips;
}

/** [MS-RDPRFX] 2.2.2.3.4 TS_RFX_TILESET. */
function decodeTileSet(body: ByteReader, target: Target): void {
  body.advance(CHANNEL_BYTES);
  if (body.u16le() !== CBT_TILESET) throw body.fail("invalid", "not a tile set");
  body.advance(2);
  const mode = (body.u16le() >> 10) & 15;
  if (mode !== RlgrMode.rlgr1 && mode !== RlgrMode.rlgr3) throw body.fail("unsupported", `entropy ${mode}`);
  const tables = body.u8();
  if (body.u8() !== TILE_PX) throw body.fail("invalid", "tile size");
  const tiles = body.u16le();
  body.advance(4);
  const shifts: Uint8Array[] = [];
  for (let index = 0; index < tables; index++)
    shifts.push(
      readBandTable(body.take(QUANT_BYTES), 0, REMOTEFX_BAND_ORDER).map((factor) => Math.max(factor - 1, 0)),
    );
  for (let index = 0; index < tiles; index++) decodeTile(body, { mode, shifts }, target);
}

/** [MS-RDPRFX] 2.2.2.3.4.1 TS_RFX_TILE; one that lies outside the place is passed over. */
function decodeTile(reader: ByteReader, set: TileSet, target: Target): void {
  const { type, body } = readBlock(reader);
  if (type !== CBT_TILE) throw reader.fail("invalid", "not a tile");
  const tables = [body.u8(), body.u8(), body.u8()];
  const { place, kernel, surface, clips } = target;
  const tile = { x: place.x + body.u16le() * TILE_PX, y: place.y + body.u16le() * TILE_PX };
  const lengths = [body.u16le(), body.u16le(), body.u16le()];
  const area = { ...tile, width: TILE_PX, height: TILE_PX };
  if (!clips.some((clip) => touches(clip, area))) return;
  for (let component = 0; component < COMPONENTS; component++) {
    const shifts = set.shifts[tables[component] as number];
    if (shifts === undefined) throw new DecodeError("invalid", "RemoteFX tile", 0, "quantisation table");
    kernel.entropy(component, body.take(lengths[component] as number), set.mode);
    kernel.scale(component, shifts, EVEN_LAYOUT);
    kernel.invert(component, EVEN_LAYOUT);
  }
  kernel.colour();
  for (const clip of clips) putTile(surface, kernel.pixels, tile, clip);
}

import { ByteWriter, concatBytes } from "@poterne/bytes";
import { GfxCmd } from "../graphics/gfx-pdus.ts";

/** A place as left, top, right, bottom. */
export type Corners = readonly [left: number, top: number, right: number, bottom: number];

/** A server's graphics message. */
export function gfxPdu(cmdId: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(body.length + 8)
    .u16le(cmdId)
    .u16le(0)
    .u32le(body.length + 8)
    .put(body)
    .finish();
}

/** Messages as one uncompressed ZGFX segment. */
export function gfxMessage(...pdus: readonly Uint8Array[]): Uint8Array {
  return concatBytes([Uint8Array.of(0xe0, 0x04), ...pdus]);
}

function numbers16(...values: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  for (const value of values) writer.u16le(value);
  return writer.finish().slice();
}

function numbers32(...values: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  for (const value of values) writer.u32le(value);
  return writer.finish().slice();
}

export const capsConfirm = (version: number) =>
  gfxPdu(GfxCmd.RDPGFX_CMDID_CAPSCONFIRM, numbers32(version, 4, 0x82));
export const resetGraphics = (width: number, height: number) =>
  gfxPdu(
    GfxCmd.RDPGFX_CMDID_RESETGRAPHICS,
    concatBytes([numbers32(width, height, 1, 0, 0, width - 1, height - 1, 1), new Uint8Array(300)]),
  );
export const createSurface = (id: number, width: number, height: number) =>
  gfxPdu(GfxCmd.RDPGFX_CMDID_CREATESURFACE, concatBytes([numbers16(id, width, height), Uint8Array.of(0x20)]));
export const deleteSurface = (id: number) => gfxPdu(GfxCmd.RDPGFX_CMDID_DELETESURFACE, numbers16(id));
export const mapSurface = (id: number, x = 0, y = 0) =>
  gfxPdu(GfxCmd.RDPGFX_CMDID_MAPSURFACETOOUTPUT, concatBytes([numbers16(id, 0), numbers32(x, y)]));
export const startFrame = (id: number) => gfxPdu(GfxCmd.RDPGFX_CMDID_STARTFRAME, numbers32(0, id));
export const endFrame = (id: number) => gfxPdu(GfxCmd.RDPGFX_CMDID_ENDFRAME, numbers32(id));
export const wireToSurface1 = (id: number, codecId: number, place: Corners, payload: Uint8Array) =>
  gfxPdu(
    GfxCmd.RDPGFX_CMDID_WIRETOSURFACE_1,
    concatBytes([
      numbers16(id, codecId),
      Uint8Array.of(0x20),
      numbers16(...place),
      numbers32(payload.length),
      payload,
    ]),
  );
export const wireToSurface2 = (id: number, contextId: number, payload: Uint8Array) =>
  gfxPdu(
    GfxCmd.RDPGFX_CMDID_WIRETOSURFACE_2,
    concatBytes([
      numbers16(id, 9),
      numbers32(contextId),
      Uint8Array.of(0x20),
      numbers32(payload.length),
      payload,
    ]),
  );
export const solidFill = (id: number, ...places: readonly Corners[]) =>
  gfxPdu(
    GfxCmd.RDPGFX_CMDID_SOLIDFILL,
    concatBytes([
      numbers16(id),
      Uint8Array.of(1, 2, 3, 0),
      numbers16(places.length),
      ...places.map((place) => numbers16(...place)),
    ]),
  );
export const surfaceToSurface = (from: number, to: number, place: Corners, x: number, y: number) =>
  gfxPdu(GfxCmd.RDPGFX_CMDID_SURFACETOSURFACE, numbers16(from, to, ...place, 1, x, y));
export const surfaceToCache = (id: number, slot: number, place: Corners) =>
  gfxPdu(
    GfxCmd.RDPGFX_CMDID_SURFACETOCACHE,
    concatBytes([numbers16(id), new Uint8Array(8), numbers16(slot, ...place)]),
  );
export const cacheToSurface = (slot: number, id: number, x: number, y: number) =>
  gfxPdu(GfxCmd.RDPGFX_CMDID_CACHETOSURFACE, numbers16(slot, id, 1, x, y));
export const evictCache = (slot: number) => gfxPdu(GfxCmd.RDPGFX_CMDID_EVICTCACHEENTRY, numbers16(slot));
export const deleteContext = (id: number, contextId: number) =>
  gfxPdu(GfxCmd.RDPGFX_CMDID_DELETEENCODINGCONTEXT, concatBytes([numbers16(id), numbers32(contextId)]));

/** A progressive payload whose region names one rectangle. */
export function progressive(x: number, y: number, width: number, height: number): Uint8Array {
  const body = concatBytes([
    Uint8Array.of(64),
    numbers16(1),
    Uint8Array.of(0, 0, 0),
    numbers16(0),
    numbers32(0),
    numbers16(x, y, width, height),
  ]);
  return concatBytes([numbers16(0xccc4), numbers32(body.length + 6), body]);
}

/** An AVC420 stream with one region and one slice of this NAL type. */
export function avc420(nalType: number, region: Corners): Uint8Array {
  return concatBytes([
    numbers32(1),
    numbers16(...region),
    Uint8Array.of(22, 100),
    Uint8Array.of(0, 0, 0, 1, 9, 0x10, 0, 0, 1, 0x60 | nalType, 1, 2, 3),
  ]);
}

/** An AVC444 stream of two. */
export function avc444(first: Uint8Array, second: Uint8Array): Uint8Array {
  return concatBytes([numbers32(first.length), first, second]);
}

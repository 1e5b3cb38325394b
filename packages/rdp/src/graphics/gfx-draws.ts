import { type ByteReader, ByteWriter, DecodeError } from "@poterne/bytes";
import { Codec, type Rectangle } from "@poterne/picture";
import type { EntryPoint } from "../entry-point.ts";
import { KeptDraws } from "../update/kept-draws.ts";
import { readShownTiles } from "../update/remotefx-tiles.ts";
import type { Screen } from "../update/screen.ts";
import {
  type AvcHeader,
  avc420Header,
  avc444Header,
  isClearCodecReset,
  progressiveRegions,
} from "./codec-headers.ts";
import { GfxCodec, readRect16 } from "./gfx-pdus.ts";
import { checkInside, type GfxSurface, type GfxSurfaces, useContext } from "./gfx-surfaces.ts";
import { PictureGroup } from "./picture-group.ts";
import { TileStore } from "./tile-store.ts";

/** Codecs of the picture language by codecId. */
const CODECS: Readonly<Record<number, number>> = {
  [GfxCodec.RDPGFX_CODECID_UNCOMPRESSED]: Codec.raw,
  [GfxCodec.RDPGFX_CODECID_CAVIDEO]: Codec.remoteFx,
  [GfxCodec.RDPGFX_CODECID_CLEARCODEC]: Codec.clearCodec,
  [GfxCodec.RDPGFX_CODECID_PLANAR]: Codec.planar,
  [GfxCodec.RDPGFX_CODECID_ALPHA]: Codec.alpha,
  [GfxCodec.RDPGFX_CODECID_AVC420]: Codec.avc420,
  [GfxCodec.RDPGFX_CODECID_AVC444]: Codec.avc444,
  [GfxCodec.RDPGFX_CODECID_AVC444v2]: Codec.avc444v2,
};

const NO_BYTES: Uint8Array = new Uint8Array(0);
/** Codecs that carry H.264. */
const AVC_CODECS: ReadonlySet<number> = new Set([Codec.avc420, Codec.avc444, Codec.avc444v2]);

/** Surfaces of which something is kept: one a monitor, and some to spare; over it the oldest is forgotten. */
const MAX_KEPT_SURFACES = 8;

/** What was drawn on one surface, as far as it makes entry points. */
interface Kept {
  readonly group: PictureGroup;
  readonly tiles: TileStore;
  /** Of a surface drawn with RemoteFX. */
  readonly draws: KeptDraws;
}

/** A draw being passed on. */
interface Draw {
  readonly surface: GfxSurface;
  readonly place: Rectangle;
  readonly codec: number;
  readonly payload: Uint8Array;
}

/** Pictures of the graphics pipeline: payloads pass, their headers tell what an entry point may count on. */
export class GfxDraws {
  readonly #screen: Screen;
  readonly #entry: EntryPoint;
  #isClearCodecFresh = false;
  /** Surfaces whose H.264 stream had its key picture since the entry point began. */
  readonly #keyed = new Set<GfxSurface>();
  readonly #maxKeptBytes: number;
  readonly #keptBySurface = new Map<number, Kept>();
  /** The server draws with H.264: a viewer can start only at a key picture. */
  hasAvc = false;

  constructor(screen: Screen, entry: EntryPoint, maxKeptBytes: number) {
    this.#maxKeptBytes = maxKeptBytes;
    this.#screen = screen;
    this.#entry = entry;
  }

  /** A surface was drawn with progressive since it is there. */
  get usesTiles(): boolean {
    return [...this.#keptBySurface.values()].some(({ tiles }) => tiles.isInUse);
  }

  #keptOf(surface: GfxSurface): Kept {
    const known = this.#keptBySurface.get(surface.number);
    if (known !== undefined) return known;
    const kept = {
      group: new PictureGroup(this.#maxKeptBytes),
      tiles: new TileStore(this.#maxKeptBytes),
      draws: new KeptDraws(this.#maxKeptBytes),
    };
    this.#keptBySurface.set(surface.number, kept);
    if (this.#keptBySurface.size > MAX_KEPT_SURFACES) this.#forgetOldest();
    return kept;
  }

  #forgetOldest(): void {
    const [oldest] = this.#keptBySurface.keys();
    if (oldest !== undefined) this.forget(oldest);
  }

  /** An entry point begins; `isReset` when the server began all codecs anew. */
  beginEntry(isReset: boolean): void {
    this.#isClearCodecFresh = isReset;
    this.#keyed.clear();
    if (isReset) this.hasAvc = false;
  }

  /** [MS-RDPEGFX] 2.2.2.1 RDPGFX_WIRE_TO_SURFACE_PDU_1; throws `DecodeError`. */
  wireToSurface1(body: ByteReader, surfaces: GfxSurfaces): void {
    const surface = surfaces.need(body.u16le());
    const codecId = body.u16le();
    body.advance(1);
    const place = readRect16(body);
    checkInside(surface, place);
    const payload = body.take(body.u32le());
    const codec = CODECS[codecId];
    if (codec === undefined) throw body.fail("unsupported", `codec ${codecId}`);
    const draw = { surface, place, codec, payload };
    const kept = this.#keptOf(surface);
    kept.tiles.spoil(surface.number, place);
    if (AVC_CODECS.has(codec)) {
      kept.draws.clear();
      this.#drawAvc(draw, kept.group);
    } else {
      kept.group.clear();
      if (codec === Codec.remoteFx) this.#drawRemoteFx(draw, kept.draws);
      else this.#drawSimple(draw, kept.draws);
    }
  }

  /** [MS-RDPEGFX] 2.2.2.2 RDPGFX_WIRE_TO_SURFACE_PDU_2: progressive, on the whole surface. */
  wireToSurface2(body: ByteReader, surfaces: GfxSurfaces): void {
    const surface = surfaces.need(body.u16le());
    const codecId = body.u16le();
    const contextId = body.u32le();
    body.advance(1);
    const payload = body.take(body.u32le());
    const isProgressive =
      codecId === GfxCodec.RDPGFX_CODECID_CAPROGRESSIVE ||
      codecId === GfxCodec.RDPGFX_CODECID_CAPROGRESSIVE_V2;
    if (!isProgressive) throw body.fail("unsupported", `codec ${codecId}`);
    const kept = this.#keptOf(surface);
    kept.group.clear();
    kept.draws.clear();
    kept.tiles.take(surface, contextId, payload);
    if (!useContext(surface, contextId) && this.#entry.isOpen) this.#entry.taint();
    if (this.#entry.isOpen) for (const region of progressiveRegions(payload)) surface.coverage.add(region);
    this.#drawProgressive(surface, contextId, payload);
  }

  #drawProgressive(surface: GfxSurface, contextId: number, payload: Uint8Array): void {
    const place = { x: 0, y: 0, width: surface.width, height: surface.height };
    const head = new ByteWriter(4).u32le(contextId).finish();
    this.#screen.writer.drawParts(
      { surface: surface.number, place, codec: Codec.progressive },
      head,
      payload,
    );
  }

  #drawSimple({ surface, place, codec, payload }: Draw, kept: KeptDraws): void {
    const isPlanar = codec === Codec.planar;
    const head = isPlanar ? bitmapHead(place.width, place.height, "topDown") : NO_BYTES;
    if (codec === Codec.raw && payload.length !== place.width * place.height * 4)
      throw new DecodeError("invalid", "uncompressed bitmap", 0, "length");
    if (codec === Codec.clearCodec) {
      if (isClearCodecReset(payload)) this.#isClearCodecFresh = true;
      if (!this.#isClearCodecFresh) this.#entry.taint();
    }
    // Others build on what was before: alpha on the pixels, ClearCodec on its caches.
    if (codec === Codec.raw || isPlanar) kept.take(place, codec, head, payload);
    else kept.clear();
    if (this.#entry.isOpen) surface.coverage.add(place);
    this.#screen.writer.drawParts({ surface: surface.number, place, codec }, head, payload);
  }

  #drawRemoteFx({ surface, place, codec, payload }: Draw, kept: KeptDraws): void {
    const tiles = readShownTiles(place, payload);
    kept.fit(surface.width, surface.height);
    if (tiles === null) kept.clear();
    else kept.takeRemoteFx(place, payload, tiles);
    if (this.#entry.isOpen)
      for (const { shown } of tiles ?? []) for (const part of shown) surface.coverage.add(part);
    this.#screen.writer.drawParts({ surface: surface.number, place, codec }, NO_BYTES, payload);
  }

  #drawAvc({ surface, place, codec, payload }: Draw, group: PictureGroup): void {
    this.hasAvc = true;
    const header = codec === Codec.avc420 ? avc420Header(payload) : avc444Header(payload);
    const isWhole = place.width === surface.width && place.height === surface.height;
    const draw = { surface: surface.number, place, codec, payload };
    if (isWhole) group.add(draw, header.key);
    else group.clear();
    if (header.key !== "none" && isWhole && this.#entry.isAsked && surface.place !== null) {
      // A viewer can start here, in the middle of the server's frame: what was drawn before in it is shown by this.
      this.#screen.flush();
      this.#entry.begin();
    }
    const coverage = this.#entry.isOpen ? this.#coverAvc(surface, place, header) : "regions";
    this.#screen.writer.drawParts(draw, NO_BYTES, payload, coverage);
  }

  /** What an H.264 draw brings to an open entry point: its encoder encodes all of the picture each time. */
  #coverAvc(surface: GfxSurface, place: Rectangle, header: AvcHeader): "regions" | "whole" {
    const wasKeyed = this.#keyed.has(surface);
    if (header.key !== "none") this.#keyed.add(surface);
    else if (!wasKeyed) this.#entry.taint();
    // With the key picture in the second stream, luma is decodable from the next draw on.
    if (!header.hasLuma || (header.key === "second" && !wasKeyed)) return "regions";
    surface.coverage.add(place);
    return "whole";
  }

  /** Draws what was kept again: for a viewer with empty state it is the whole picture. */
  replay(surfaces: GfxSurfaces): void {
    for (const surface of surfaces.values()) {
      const kept = this.#keptBySurface.get(surface.number);
      if (surface.place === null || kept === undefined) continue;
      surface.coverage.add({ x: 0, y: 0, width: surface.width, height: surface.height });
      if (kept.group.isUsable) this.#replayGroup(kept.group);
      else if (kept.draws.isWhole) kept.draws.replay(this.#screen.writer, surface.number);
      else
        for (const payload of kept.tiles.compose())
          this.#drawProgressive(surface, kept.tiles.contextId, payload);
    }
    this.#screen.writer.present();
  }

  #replayGroup({ draws }: PictureGroup): void {
    draws.forEach((draw, index) => {
      const isLast = index === draws.length - 1;
      this.#screen.writer.drawParts(draw, NO_BYTES, draw.payload, isLast ? "whole" : "regions");
    });
  }

  /** Whether what was kept is all that is on the screen: of each surface shown, one a monitor. */
  canReplay(surfaces: GfxSurfaces): boolean {
    let isAny = false;
    for (const { number, place } of surfaces.values()) {
      if (place === null) continue;
      const kept = this.#keptBySurface.get(number);
      if (kept === undefined) return false;
      if (!kept.group.isUsable && !kept.draws.isWhole && !kept.tiles.isWhole) return false;
      isAny = true;
    }
    return isAny;
  }

  /** A surface changed by other means than a draw. */
  changed(surface: GfxSurface, place: Rectangle): void {
    const kept = this.#keptBySurface.get(surface.number);
    kept?.group.clear();
    kept?.draws.clear();
    kept?.tiles.spoil(surface.number, place);
  }

  /** The server was told that nobody decodes H.264: what comes next stands without it. */
  dropAvc(): void {
    this.hasAvc = false;
    for (const { group } of this.#keptBySurface.values()) group.clear();
  }

  /** A surface goes, by its number in the picture language, or all of them: nothing kept of it is of use. */
  forget(surface?: number): void {
    for (const [number, { group, tiles, draws }] of this.#keptBySurface) {
      if (surface !== undefined && surface !== number) continue;
      group.clear();
      tiles.clear();
      draws.clear();
      this.#keptBySurface.delete(number);
    }
  }
}

/** One for all: thousands a second are written, each copied at once. */
const HEAD = new Uint8Array(5);

/** What stands before a bitmap's data in the picture language (docs/wire-picture.md): its own size and direction. */
export function bitmapHead(width: number, height: number, rows: "topDown" | "bottomUp"): Uint8Array {
  HEAD[0] = width;
  HEAD[1] = width >>> 8;
  HEAD[2] = height;
  HEAD[3] = height >>> 8;
  HEAD[4] = rows === "bottomUp" ? 1 : 0;
  return HEAD;
}

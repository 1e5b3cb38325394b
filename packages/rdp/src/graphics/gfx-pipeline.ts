import { ByteReader } from "@poterne/bytes";
import { CodecStateAction, MAX_TOTAL_PIXELS, type Rectangle } from "@poterne/picture";
import type { DynamicChannel } from "../channels/dynamic-channels.ts";
import type { RdpCommand } from "../commands.ts";
import type { EntryPoint } from "../entry-point.ts";
import { readMonitors } from "../monitors.ts";
import type { Screen } from "../update/screen.ts";
import type { GfxCapability, GfxCapabilityOptions } from "./capabilities.ts";
import { GfxCache } from "./gfx-cache.ts";
import { GfxDraws } from "./gfx-draws.ts";
import { encodeFrameAcknowledge, GFX_HEADER_BYTES, GfxCmd, readColor32, readRect16 } from "./gfx-pdus.ts";
import { checkInside, type GfxSurface, GfxSurfaces } from "./gfx-surfaces.ts";
import { GfxNegotiation } from "./negotiation.ts";
import { ZgfxDecoder } from "./zgfx.ts";

/** [MS-RDPEGFX] 2.2: the channel's name. */
export const GFX_CHANNEL = "Microsoft::Windows::RDS::Graphics";

/** What the pipeline works on. */
export interface GfxPipelineContext {
  readonly screen: Screen;
  readonly entry: EntryPoint;
  readonly commands: RdpCommand[];
  readonly capabilities: GfxCapabilityOptions;
  /** Compressed bytes kept for entry points: H.264 since its key picture, or progressive tiles. */
  readonly maxKeptBytes: number;
  /** The time of the call under way. */
  readonly nowMs: () => number;
}

/**
 * [MS-RDPEGFX] on the client's side: headers become commands of the picture language, payloads pass as they came.
 */
export class GfxPipeline implements DynamicChannel {
  readonly #context: GfxPipelineContext;
  readonly #surfaces = new GfxSurfaces();
  readonly #cache = new GfxCache();
  readonly #draws: GfxDraws;
  #zgfx = new ZgfxDecoder();
  #send: ((message: Uint8Array) => void) | null = null;
  readonly #negotiation: GfxNegotiation;
  /** The server has just begun anew: no codec knows anything. */
  #isFresh = false;
  #decodedFrames = 0;
  #isInFrame = false;
  /** The server has set its graphics up. */
  #hasBegun = false;

  constructor(context: GfxPipelineContext) {
    this.#context = context;
    this.#negotiation = new GfxNegotiation(context.capabilities);
    this.#draws = new GfxDraws(context.screen, context.entry, context.maxKeptBytes);
  }

  /** What the server confirmed, null before. */
  get confirmed(): GfxCapability | null {
    return this.#negotiation.confirmed;
  }

  /** Between the start and the end of a frame of the server. */
  get isInFrame(): boolean {
    return this.#isInFrame;
  }

  /** Whether the server's pictures come this way: some confirm the pipeline and send bitmap updates all the same. */
  get isActive(): boolean {
    return this.#hasBegun && this.confirmed !== null;
  }

  opened(send: (message: Uint8Array) => void): void {
    this.#send = send;
    this.#zgfx = new ZgfxDecoder();
    this.#leave();
    this.#negotiation.opened(send);
  }

  closed(): void {
    this.#send = null;
    this.#negotiation.closed();
    this.#leave();
  }

  #leave(): void {
    this.#isInFrame = false;
    this.#hasBegun = false;
    this.#forgetAll();
  }

  /**
   * An update came outside the pipeline. A server without another codec for it leaves it once H.264 was withdrawn
   * (shadow 2): its surfaces go. True when it left.
   */
  leftWithoutAvc(): boolean {
    if (!this.isActive || !this.#negotiation.isAvcWithdrawn) return false;
    this.#leave();
    return true;
  }

  /**
   * Begins the server's graphics anew where its version allows it; false where not, and for a server that draws with
   * progressive: xrdp 0.10 would throw the picture away and send only what changes from then on (decision 0092).
   */
  restart(): boolean {
    return !this.#draws.usesTiles && this.#negotiation.restart();
  }

  /**
   * From here on H.264 is not wanted: what was kept of it is of no use. False where the server's version lets nobody
   * advertise again; then H.264 goes on.
   */
  withdrawAvc(): boolean {
    this.#draws.dropAvc();
    return this.#negotiation.withdrawAvc();
  }

  /** The controller's viewer has shown a frame. */
  acknowledge(frameId: number): void {
    this.#send?.(encodeFrameAcknowledge(frameId, ++this.#decodedFrames));
  }

  /** The frame under way will end with an entry point made of what was kept. */
  get willReplay(): boolean {
    return this.#isInFrame && this.#draws.canReplay(this.#surfaces);
  }

  /**
   * Makes a whole entry point of what was kept, between two frames; false where that is not
   * possible.
   */
  replay(): boolean {
    if (this.#isInFrame || !this.#draws.canReplay(this.#surfaces)) return false;
    const { entry, nowMs } = this.#context;
    entry.begin();
    this.#draws.replay(this.#surfaces);
    entry.frameEnded(this.#surfaces.isCovered, nowMs());
    return true;
  }

  /** Writes what a viewer with empty state needs: surfaces and where they are shown. */
  writeEntryStart(): void {
    const { screen } = this.#context;
    screen.declare();
    this.#surfaces.beginCoverage();
    this.#cache.age();
    this.#draws.beginEntry(this.#isFresh);
    for (const { number, width, height, place } of this.#surfaces.values()) {
      screen.writer.surface(number, width, height);
      if (place !== null) screen.writer.map(number, place);
    }
  }

  /** Takes one whole message of the channel; throws `DecodeError`. */
  receive(message: Uint8Array): void {
    const plain = this.#zgfx.decode(message);
    const reader = new ByteReader(plain, "graphics PDU");
    while (reader.remaining > 0) {
      const cmdId = reader.u16le();
      reader.advance(2);
      const length = reader.u32le();
      if (length < GFX_HEADER_BYTES) throw reader.fail("invalid", "PDU length");
      this.#take(cmdId, new ByteReader(reader.take(length - GFX_HEADER_BYTES), "graphics PDU"));
    }
  }

  #take(cmdId: number, body: ByteReader): void {
    switch (cmdId) {
      case GfxCmd.RDPGFX_CMDID_WIRETOSURFACE_1:
        return this.#draws.wireToSurface1(body, this.#surfaces);
      case GfxCmd.RDPGFX_CMDID_WIRETOSURFACE_2:
        return this.#draws.wireToSurface2(body, this.#surfaces);
      case GfxCmd.RDPGFX_CMDID_STARTFRAME:
        return this.#takeStartFrame();
      case GfxCmd.RDPGFX_CMDID_ENDFRAME:
        return this.#takeEndFrame(body.u32le());
      case GfxCmd.RDPGFX_CMDID_SOLIDFILL:
        return this.#takeSolidFill(body);
      case GfxCmd.RDPGFX_CMDID_SURFACETOSURFACE:
        return this.#takeSurfaceToSurface(body);
      case GfxCmd.RDPGFX_CMDID_SURFACETOCACHE:
        return this.#takeSurfaceToCache(body);
      case GfxCmd.RDPGFX_CMDID_CACHETOSURFACE:
        return this.#takeCacheToSurface(body);
      case GfxCmd.RDPGFX_CMDID_EVICTCACHEENTRY:
        return this.#takeEvict(body.u16le());
      default:
        return this.#takeStructure(cmdId, body);
    }
  }

  #takeStructure(cmdId: number, body: ByteReader): void {
    switch (cmdId) {
      case GfxCmd.RDPGFX_CMDID_CREATESURFACE:
        return this.#takeCreateSurface(body);
      case GfxCmd.RDPGFX_CMDID_DELETESURFACE:
        return this.#deleteSurface(body.u16le());
      case GfxCmd.RDPGFX_CMDID_DELETEENCODINGCONTEXT:
        return this.#takeDeleteContext(body);
      case GfxCmd.RDPGFX_CMDID_MAPSURFACETOOUTPUT:
        return this.#takeMap(body);
      case GfxCmd.RDPGFX_CMDID_MAPSURFACETOSCALEDOUTPUT:
        return this.#takeScaledMap(body);
      case GfxCmd.RDPGFX_CMDID_RESETGRAPHICS:
        return this.#takeReset(body);
      case GfxCmd.RDPGFX_CMDID_CAPSCONFIRM:
        return this.#takeConfirm(body);
      case GfxCmd.RDPGFX_CMDID_CACHEIMPORTREPLY:
      case GfxCmd.RDPGFX_CMDID_MAPSURFACETOWINDOW:
      case GfxCmd.RDPGFX_CMDID_MAPSURFACETOSCALEDWINDOW:
        // Nothing is imported; windows belong to RemoteApp, which is not offered.
        return;
      default:
        throw body.fail("unsupported", `command ${cmdId}`);
    }
  }

  #takeConfirm(body: ByteReader): void {
    this.#negotiation.takeConfirm(body);
    if (this.#negotiation.isAvcWithdrawn) this.#draws.dropAvc();
  }

  /** A viewer may start between frames, unless the server is about to begin anew or a codec needs what came before. */
  #takeStartFrame(): void {
    this.#isInFrame = true;
    const { entry } = this.#context;
    if (entry.isAsked && !this.#negotiation.isUnsettled && !this.#draws.hasAvc) entry.begin();
  }

  #takeEndFrame(frameId: number): void {
    const { screen, entry, commands, nowMs } = this.#context;
    this.#isInFrame = false;
    screen.writer.present();
    this.#negotiation.frameEnded();
    // The end of an entry point is the frame that has this `present`: a still screen brings no other one.
    if (!entry.isOpen) screen.flush();
    if (!entry.isAsked || !this.replay()) entry.frameEnded(this.#surfaces.isCovered, nowMs());
    screen.flush();
    commands.push({ type: "frameEnd", frameId });
  }

  /** [MS-RDPEGFX] 2.2.2.4 RDPGFX_SOLIDFILL_PDU. */
  #takeSolidFill(body: ByteReader): void {
    const surface = this.#surfaces.need(body.u16le());
    const pixel = readColor32(body);
    const rectangles: Rectangle[] = [];
    for (let count = body.u16le(); count > 0; count--) {
      const rectangle = readRect16(body);
      checkInside(surface, rectangle);
      rectangles.push(rectangle);
      this.#draws.changed(surface, rectangle);
      if (this.#context.entry.isOpen) surface.coverage.add(rectangle);
    }
    this.#context.screen.writer.solidList(surface.number, pixel, rectangles);
  }

  /** [MS-RDPEGFX] 2.2.2.5 RDPGFX_SURFACE_TO_SURFACE_PDU. */
  #takeSurfaceToSurface(body: ByteReader): void {
    const from = this.#surfaces.need(body.u16le());
    const to = this.#surfaces.need(body.u16le());
    const rectangle = readRect16(body);
    checkInside(from, rectangle);
    for (let count = body.u16le(); count > 0; count--) {
      const place = { x: body.u16le(), y: body.u16le() };
      const target = { ...place, width: rectangle.width, height: rectangle.height };
      checkInside(to, target);
      this.#draws.changed(to, target);
      this.#context.screen.writer.copyBetween(from.number, rectangle, to.number, place);
      if (!this.#context.entry.isOpen) continue;
      if (from === to) to.coverage.copy(rectangle, place.x, place.y);
      else if (from.coverage.isDrawn(rectangle)) to.coverage.add(target);
    }
  }

  /** [MS-RDPEGFX] 2.2.2.6 RDPGFX_SURFACE_TO_CACHE_PDU. */
  #takeSurfaceToCache(body: ByteReader): void {
    const surface = this.#surfaces.need(body.u16le());
    body.advance(8);
    const slot = body.u16le();
    const rectangle = readRect16(body);
    checkInside(surface, rectangle);
    const isFresh = this.#context.entry.isOpen && surface.coverage.isDrawn(rectangle);
    this.#cache.store(slot, rectangle.width, rectangle.height, isFresh);
    this.#context.screen.writer.cacheStore(slot, surface.number, rectangle);
  }

  /** [MS-RDPEGFX] 2.2.2.7 RDPGFX_CACHE_TO_SURFACE_PDU. */
  #takeCacheToSurface(body: ByteReader): void {
    const slot = body.u16le();
    const surface = this.#surfaces.need(body.u16le());
    const { width, height, isFresh } = this.#cache.need(slot);
    const { screen, entry } = this.#context;
    if (!isFresh) entry.taint();
    const places: { x: number; y: number }[] = [];
    for (let count = body.u16le(); count > 0; count--) {
      const place = { x: body.u16le(), y: body.u16le() };
      checkInside(surface, { ...place, width, height });
      this.#draws.changed(surface, { ...place, width, height });
      places.push(place);
      if (entry.isOpen) surface.coverage.add({ ...place, width, height });
    }
    screen.writer.cacheDraw(slot, surface.number, places);
  }

  #takeEvict(slot: number): void {
    if (this.#cache.remove(slot)) this.#context.screen.writer.cacheForget(slot);
  }

  /** [MS-RDPEGFX] 2.2.2.9 RDPGFX_CREATE_SURFACE_PDU. */
  #takeCreateSurface(body: ByteReader): void {
    const id = body.u16le();
    const width = body.u16le();
    const height = body.u16le();
    this.#hasBegun = true;
    this.#deleteSurface(id);
    const { screen } = this.#context;
    const surface = this.#surfaces.create(id, width, height, screen.width * screen.height);
    screen.writer.surface(surface.number, width, height);
  }

  #deleteSurface(id: number): void {
    const surface = this.#surfaces.remove(id);
    if (surface === undefined) return;
    this.#draws.forget(surface.number);
    const { writer } = this.#context.screen;
    if (surface.place !== null) writer.map(surface.number, null);
    writer.forget(surface.number);
  }

  /** [MS-RDPEGFX] 2.2.2.3 RDPGFX_DELETE_ENCODING_CONTEXT_PDU. */
  #takeDeleteContext(body: ByteReader): void {
    const surface = this.#surfaces.get(body.u16le());
    const contextId = body.u32le();
    if (surface?.contexts.delete(contextId) !== true) return;
    surface.freshContexts.delete(contextId);
    this.#context.screen.writer.codecState(CodecStateAction.forgetProgressive, surface.number, contextId);
  }

  /** [MS-RDPEGFX] 2.2.2.15 RDPGFX_MAP_SURFACE_TO_OUTPUT_PDU. */
  #takeMap(body: ByteReader): void {
    const surface = this.#surfaces.need(body.u16le());
    body.advance(2);
    this.#map(surface, body.u32le(), body.u32le(), surface.width, surface.height, body);
  }

  /** [MS-RDPEGFX] 2.2.2.22 RDPGFX_MAP_SURFACE_TO_SCALED_OUTPUT_PDU. */
  #takeScaledMap(body: ByteReader): void {
    const surface = this.#surfaces.need(body.u16le());
    body.advance(2);
    this.#map(surface, body.u32le(), body.u32le(), body.u32le(), body.u32le(), body);
  }

  #map(surface: GfxSurface, x: number, y: number, width: number, height: number, body: ByteReader): void {
    const { screen } = this.#context;
    if (x >= screen.width || y >= screen.height || width > 0xffff || height > 0xffff)
      throw body.fail("invalid", "outside the output");
    surface.place = { x, y, width, height };
    screen.writer.map(surface.number, surface.place);
  }

  /** [MS-RDPEGFX] 2.2.2.14 RDPGFX_RESET_GRAPHICS_PDU. */
  #takeReset(body: ByteReader): void {
    const width = body.u32le();
    const height = body.u32le();
    if (width * height > MAX_TOTAL_PIXELS) throw body.fail("limit", `${width} by ${height}`);
    const places = readMonitors(body);
    this.#hasBegun = true;
    const { screen, entry, commands } = this.#context;
    this.#isFresh = this.#negotiation.takeReset();
    if (this.#isFresh) {
      this.#forgetAll();
      screen.writer.codecState(CodecStateAction.reset);
    }
    if (screen.resize(width, height)) commands.push({ type: "resized", width, height });
    if (places.length > 0) commands.push({ type: "monitors", places });
    if (entry.isAsked || entry.isOpen) {
      screen.flush();
      entry.begin();
    }
    this.#isFresh = false;
  }

  #forgetAll(): void {
    const { writer } = this.#context.screen;
    for (const { number, place } of this.#surfaces.values()) {
      if (place !== null) writer.map(number, null);
      writer.forget(number);
    }
    this.#surfaces.clear();
    this.#cache.clear();
    this.#draws.forget();
  }
}

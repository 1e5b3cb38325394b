import { ByteReader, DecodeError } from "@poterne/bytes";
import type { Rectangle } from "../../language.ts";
import type { Surface } from "../../surface.ts";
import type { TileKernel } from "../remotefx/kernel.ts";
import { intersect, putTile, touches } from "../remotefx/regions.ts";
import { RlgrMode } from "../remotefx/rlgr.ts";
import {
  BANDS,
  type BandLayout,
  COMPONENTS,
  EVEN_LAYOUT,
  REDUCED_LAYOUT,
  TILE_PIXELS,
  TILE_PX,
} from "../remotefx/tile.ts";
import {
  decodeProgressiveMessage,
  FULL_QUALITY,
  type ProgressiveRegion,
  type ProgressiveTile,
} from "./messages.ts";
import { type TileState, TileStates } from "./tile-states.ts";
import { upgradeComponent } from "./upgrade.ts";

type FirstTile = Extract<ProgressiveTile, { type: "first" }>;
type UpgradeTile = Extract<ProgressiveTile, { type: "upgrade" }>;

const NO_EXTRA = new Uint8Array(BANDS);
/** The context's number stands before the stream (docs/wire-picture.md). */
const CONTEXT_ID_BYTES = 4;

/** Where one tile is drawn. */
interface Work {
  readonly kernel: TileKernel;
  readonly states: TileStates;
  readonly region: ProgressiveRegion;
  readonly layout: BandLayout;
  /** The tile's number in the surface's grid. */
  readonly place: number;
  /** Some of it is drawn; otherwise it only is what later tiles build on. */
  readonly isShown: boolean;
}

/** RemoteFX progressive on all surfaces of one stream of frames. */
export class ProgressiveDecoder {
  readonly #count = { tiles: 0 };
  readonly #surfaces = new Map<Surface, TileStates>();

  /**
   * Draws one payload (with its context's number before it) and returns the parts of the surface that changed. An
   * upgrade or a difference of a tile that is not known is passed over. Throws `DecodeError`.
   */
  draw(payload: Uint8Array, surface: Surface, kernel: TileKernel): readonly Rectangle[] {
    const reader = new ByteReader(payload, "progressive");
    reader.advance(CONTEXT_ID_BYTES);
    const message = decodeProgressiveMessage(reader.rest());
    const states = this.#statesOf(surface);
    if (message.hasDifferences !== null) states.hasDifferences = message.hasDifferences;
    const whole = { x: 0, y: 0, width: surface.width, height: surface.height };
    const clips = message.rectangles.map((one) => intersect(one, whole)).filter((one) => one !== null);
    const columns = Math.ceil(surface.width / TILE_PX);
    const rows = Math.ceil(surface.height / TILE_PX);
    for (const region of message.regions) {
      const layout = region.isReduced ? REDUCED_LAYOUT : EVEN_LAYOUT;
      for (const tile of region.tiles) {
        const { column, row } = tile;
        if (column >= columns || row >= rows)
          throw new DecodeError("invalid", "progressive tile", 0, "outside its surface");
        const area = { x: column * TILE_PX, y: row * TILE_PX, width: TILE_PX, height: TILE_PX };
        const isShown = clips.some((clip) => touches(clip, area));
        const work = { kernel, states, region, layout, place: row * columns + column, isShown };
        const isDrawn = tile.type === "first" ? drawFirst(tile, work) : drawUpgrade(tile, work);
        if (!isDrawn || !isShown) continue;
        kernel.colour();
        for (const clip of clips) putTile(surface, kernel.pixels, area, clip);
      }
    }
    return clips;
  }

  #statesOf(surface: Surface): TileStates {
    const known = this.#surfaces.get(surface);
    if (known !== undefined) return known;
    const made = new TileStates(this.#count);
    this.#surfaces.set(surface, made);
    return made;
  }

  /** A context of the surface was deleted. */
  forgetContext(surface: Surface): void {
    this.#surfaces.get(surface)?.forgetSigns();
  }

  /** The surface is gone or has another size. */
  forgetSurface(surface: Surface): void {
    this.#surfaces.get(surface)?.clear();
    this.#surfaces.delete(surface);
  }

  clear(): void {
    this.#count.tiles = 0;
    this.#surfaces.clear();
  }
}

/** The quantisation of a component and what the pass adds to it; throws `DecodeError` for a table that is not there. */
function tablesOf(
  tile: ProgressiveTile,
  { quants, progressiveQuants }: ProgressiveRegion,
  component: number,
): { readonly quant: Uint8Array; readonly extra: Uint8Array } {
  const quant = quants[tile.quants[component] as number];
  const extra = tile.quality === FULL_QUALITY ? NO_EXTRA : progressiveQuants[tile.quality]?.[component];
  if (quant === undefined || extra === undefined)
    throw new DecodeError("invalid", "progressive tile", 0, "quantisation table");
  return { quant, extra };
}

/** How far a band's bits stand to the left in 11.5 fixed point. */
function shiftsOf(quant: Uint8Array, extra: Uint8Array): Uint8Array {
  return quant.map((factor, band) => Math.max(factor + (extra[band] as number) - 1, 0));
}

/** [MS-RDPEGFX] 3.3.8.2.1.1: a whole tile or its first pass. */
function drawFirst(tile: FirstTile, { kernel, states, region, layout, place, isShown }: Work): boolean {
  const isWhole = tile.quality === FULL_QUALITY;
  const known = states.get(place);
  if (tile.isDifference && known === undefined) return false;
  const isKept = states.hasDifferences || tile.isDifference || !isWhole;
  const state = isKept ? states.make(place) : null;
  if (!isKept) states.forget(place);
  const signs = isWhole ? null : new Int8Array(COMPONENTS * TILE_PIXELS);
  for (let component = 0; component < COMPONENTS; component++) {
    const { quant, extra } = tablesOf(tile, region, component);
    kernel.entropy(component, tile.data[component] as Uint8Array, RlgrMode.rlgr1);
    const start = component * TILE_PIXELS;
    if (signs !== null) keepSigns(kernel.coefficients, signs, start);
    kernel.scale(component, shiftsOf(quant, extra), layout);
    if (tile.isDifference && known !== undefined) addKnown(kernel.coefficients, known.coefficients, start);
    state?.coefficients.set(kernel.coefficients.subarray(start, start + TILE_PIXELS), start);
    state?.bitPositions.set(extra, component * BANDS);
    if (isShown) kernel.invert(component, layout);
  }
  if (state !== null) state.signs = signs;
  return true;
}

function keepSigns(from: Int16Array, signs: Int8Array, start: number): void {
  for (let at = start; at < start + TILE_PIXELS; at++) signs[at] = Math.sign(from[at] as number);
}

function addKnown(to: Int16Array, known: Int16Array, start: number): void {
  for (let at = start; at < start + TILE_PIXELS; at++) to[at] = (to[at] as number) + (known[at] as number);
}

/** [MS-RDPEGFX] 3.3.8.2.1.2: a further pass; false when the passes before it are not known. */
function drawUpgrade(tile: UpgradeTile, { kernel, states, region, layout, place, isShown }: Work): boolean {
  const state = states.get(place);
  const signs = state?.signs;
  if (state === undefined || signs === undefined || signs === null) return false;
  for (let component = 0; component < COMPONENTS; component++) {
    upgradeOne(tile, { state, signs, region, layout, component });
    if (!isShown) continue;
    const start = component * TILE_PIXELS;
    const known = state.coefficients.subarray(start, start + TILE_PIXELS);
    kernel.coefficients.set(known, start);
    kernel.invert(component, layout);
  }
  if (tile.quality === FULL_QUALITY) {
    state.signs = null;
    if (!states.hasDifferences) states.forget(place);
  }
  return true;
}

function upgradeOne(
  tile: UpgradeTile,
  part: {
    readonly state: TileState;
    readonly signs: Int8Array;
    readonly region: ProgressiveRegion;
    readonly layout: BandLayout;
    readonly component: number;
  },
): void {
  const { state, signs, region, layout, component } = part;
  const { quant, extra } = tablesOf(tile, region, component);
  const start = component * TILE_PIXELS;
  const before = state.bitPositions.subarray(component * BANDS, (component + 1) * BANDS);
  upgradeComponent({
    coefficients: state.coefficients.subarray(start, start + TILE_PIXELS),
    signs: signs.subarray(start, start + TILE_PIXELS),
    bandStarts: layout.bandStarts,
    bitCounts: before.map((position, band) => Math.max(position - (extra[band] as number), 0)),
    shifts: shiftsOf(quant, extra),
    srl: tile.srl[component] as Uint8Array,
    raw: tile.raw[component] as Uint8Array,
  });
  before.set(extra);
}

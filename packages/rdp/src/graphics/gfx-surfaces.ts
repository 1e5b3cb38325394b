import { DecodeError } from "@poterne/bytes";
import { Coverage, MAX_SIDE_PX, MAX_SURFACES, MAX_TOTAL_PIXELS, type Rectangle } from "@poterne/picture";

/** A surface of the server as the core knows it: never its pixels. */
export interface GfxSurface {
  /** Its number in the picture language; 0 is the screen. */
  readonly number: number;
  readonly width: number;
  readonly height: number;
  /** Where it is shown on the screen, null when it is not. */
  place: Rectangle | null;
  /** What is not drawn since the entry point began. */
  readonly coverage: Coverage;
  /** Progressive contexts used, and those of them that began since the entry point did. */
  readonly contexts: Set<number>;
  readonly freshContexts: Set<number>;
}

/** Contexts of one surface: servers use one. */
const MAX_CONTEXTS_PER_SURFACE = 64;

/** The server's surfaces within the limits of the picture language. */
export class GfxSurfaces {
  readonly #byId = new Map<number, GfxSurface>();
  #totalPixels = 0;

  /** Throws `DecodeError` `invalid` for an unknown id. */
  need(id: number): GfxSurface {
    const surface = this.#byId.get(id);
    if (surface === undefined) throw new DecodeError("invalid", "surface", 0, `id ${id} is unknown`);
    return surface;
  }

  get(id: number): GfxSurface | undefined {
    return this.#byId.get(id);
  }

  values(): Iterable<GfxSurface> {
    return this.#byId.values();
  }

  /** Throws `DecodeError` `limit` over the language's limits; `reservedPixels` are the screen's. */
  create(id: number, width: number, height: number, reservedPixels: number): GfxSurface {
    const pixels = width * height;
    const isTooLarge = width < 1 || height < 1 || width > MAX_SIDE_PX || height > MAX_SIDE_PX;
    if (isTooLarge || this.#totalPixels + pixels + reservedPixels > MAX_TOTAL_PIXELS)
      throw new DecodeError("limit", "surface", 0, `${width} by ${height}`);
    const surface: GfxSurface = {
      number: this.#freeNumber(),
      width,
      height,
      place: null,
      coverage: new Coverage(),
      contexts: new Set(),
      freshContexts: new Set(),
    };
    surface.coverage.begin(width, height);
    this.#byId.set(id, surface);
    this.#totalPixels += pixels;
    return surface;
  }

  #freeNumber(): number {
    const taken = new Set([...this.#byId.values()].map(({ number }) => number));
    for (let number = 1; number < MAX_SURFACES; number++) if (!taken.has(number)) return number;
    throw new DecodeError("limit", "surface", 0, "too many");
  }

  /** Forgets a surface; undefined when it was unknown. */
  remove(id: number): GfxSurface | undefined {
    const surface = this.#byId.get(id);
    if (surface === undefined) return undefined;
    this.#byId.delete(id);
    this.#totalPixels -= surface.width * surface.height;
    return surface;
  }

  clear(): void {
    this.#byId.clear();
    this.#totalPixels = 0;
  }

  /** Every surface is as undrawn as for a viewer with empty state. */
  beginCoverage(): void {
    for (const surface of this.#byId.values()) {
      surface.coverage.begin(surface.width, surface.height);
      surface.freshContexts.clear();
    }
  }

  /** All surfaces shown are drawn, and there is one. */
  get isCovered(): boolean {
    let isAny = false;
    for (const { place, coverage } of this.#byId.values()) {
      if (place === null) continue;
      isAny = true;
      if (!coverage.isWhole) return false;
    }
    return isAny;
  }
}

/** Remembers that a progressive context is used; false when it began before the entry point did. */
export function useContext(surface: GfxSurface, contextId: number): boolean {
  if (!surface.contexts.has(contextId)) {
    if (surface.contexts.size >= MAX_CONTEXTS_PER_SURFACE)
      throw new DecodeError("limit", "progressive context", 0, "too many");
    surface.contexts.add(contextId);
    surface.freshContexts.add(contextId);
  }
  return surface.freshContexts.has(contextId);
}

/** Throws `DecodeError` `invalid` unless the rectangle lies on the surface. */
export function checkInside(
  surface: { readonly width: number; readonly height: number },
  place: Rectangle,
): void {
  if (place.x + place.width > surface.width || place.y + place.height > surface.height)
    throw new DecodeError("invalid", "rectangle", 0, "outside its surface");
}

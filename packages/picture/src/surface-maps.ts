import { DecodeError } from "@poterne/bytes";
import type { DamageList } from "./damage.ts";
import { MAX_MAPPED_SURFACES, type Rectangle } from "./language.ts";
import type { Surface } from "./surface.ts";
import type { SurfaceSet } from "./surface-set.ts";

const SCREEN = 0;

/**
 * Which surfaces are shown on the screen (surface 0), where and how large: `map` of the picture language. A surface
 * mapped later lies above one mapped before.
 */
export class SurfaceMaps {
  readonly #places = new Map<number, Rectangle>();
  /** Mapped since the last `compose`: all of them is to be drawn. */
  readonly #fresh = new Set<number>();

  /** Shows a surface; throws `DecodeError`: `invalid` for the screen itself, `limit` for too many. */
  set(surfaceId: number, place: Rectangle): void {
    if (surfaceId === SCREEN) throw new DecodeError("invalid", "map", 0, "the screen on itself");
    this.#places.delete(surfaceId);
    if (this.#places.size >= MAX_MAPPED_SURFACES)
      throw new DecodeError("limit", "map", 0, "too many surfaces");
    this.#places.set(surfaceId, place);
    this.#fresh.add(surfaceId);
  }

  /** Shows it no longer; what is on the screen stays until something is drawn there. */
  remove(surfaceId: number): void {
    this.#places.delete(surfaceId);
    this.#fresh.delete(surfaceId);
  }

  clear(): void {
    this.#places.clear();
    this.#fresh.clear();
  }

  /** Brings the screen up to date with what changed on the surfaces shown, and tells `damage` where. */
  compose(surfaces: SurfaceSet, damage: DamageList): void {
    const screen = surfaces.get(SCREEN);
    if (screen === undefined || this.#places.size === 0) return;
    for (const rectangle of this.#changedOnScreen(screen, surfaces, damage)) {
      for (const [surfaceId, place] of this.#places) {
        const surface = surfaces.get(surfaceId);
        const part = intersect(rectangle, place);
        if (surface !== undefined && part !== null) drawPart(screen, surface, place, part);
      }
      damage.add(SCREEN, rectangle);
    }
    this.#fresh.clear();
  }

  /** What is to be drawn anew, in places of the screen. */
  #changedOnScreen(screen: Surface, surfaces: SurfaceSet, damage: DamageList): Rectangle[] {
    const area = { x: 0, y: 0, width: screen.width, height: screen.height };
    const isScreenNew = damage.isResized(SCREEN);
    const changed: Rectangle[] = [];
    for (const [surfaceId, place] of this.#places) {
      const surface = surfaces.get(surfaceId);
      if (surface === undefined) continue;
      const isWhole = isScreenNew || this.#fresh.has(surfaceId) || damage.isResized(surfaceId);
      const parts = isWhole
        ? [place]
        : damage.rectanglesOf(surfaceId).map((part) => placeOf(part, surface, place));
      for (const part of parts) {
        const visible = intersect(part, area);
        if (visible !== null) changed.push(visible);
      }
    }
    // Parts that lie one over the other are not drawn again and again.
    const pixels = changed.reduce((sum, { width, height }) => sum + width * height, 0);
    return pixels > area.width * area.height ? [area] : changed;
  }
}

/** Where a part of a surface is on the screen: whole pixels, rather more than less. */
function placeOf(part: Rectangle, surface: Surface, place: Rectangle): Rectangle {
  const acrossX = place.width / surface.width;
  const acrossY = place.height / surface.height;
  const left = Math.floor(part.x * acrossX);
  const top = Math.floor(part.y * acrossY);
  const right = Math.ceil((part.x + part.width) * acrossX);
  const bottom = Math.ceil((part.y + part.height) * acrossY);
  return { x: place.x + left, y: place.y + top, width: right - left, height: bottom - top };
}

function intersect(one: Rectangle, other: Rectangle): Rectangle | null {
  const x = Math.max(one.x, other.x);
  const y = Math.max(one.y, other.y);
  const width = Math.min(one.x + one.width, other.x + other.width) - x;
  const height = Math.min(one.y + one.height, other.y + other.height) - y;
  return width < 1 || height < 1 ? null : { x, y, width, height };
}

/** Draws the part of the screen a surface covers; scaled by the nearest pixel, and opaque. */
function drawPart(screen: Surface, surface: Surface, place: Rectangle, part: Rectangle): void {
  const isScaled = place.width !== surface.width || place.height !== surface.height;
  const [left, top] = [part.x - place.x, part.y - place.y];
  if (!isScaled && !surface.hasAlpha) {
    const from = { x: left, y: top, width: part.width, height: part.height };
    screen.copyFrom(surface, from, part.x, part.y);
    return;
  }
  const acrossX = surface.width / place.width;
  const acrossY = surface.height / place.height;
  for (let row = 0; row < part.height; row++) {
    const from = Math.floor((top + row) * acrossY) * surface.width;
    const at = (part.y + row) * screen.width + part.x;
    for (let column = 0; column < part.width; column++) {
      const pixel = surface.pixels[from + Math.floor((left + column) * acrossX)] as number;
      screen.pixels[at + column] = pixel | 0xff000000;
    }
  }
}

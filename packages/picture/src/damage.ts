import type { Rectangle } from "./language.ts";
import type { Surface } from "./surface.ts";
import type { SurfaceSet } from "./surface-set.ts";

/** What changed on one surface since the last `presented`. */
export interface SurfaceDamage {
  readonly surfaceId: number;
  readonly surface: Surface;
  readonly isResized: boolean;
  readonly rectangles: readonly Rectangle[];
}

/** More rectangles than this on one surface become one that holds them all. */
const MAX_RECTANGLES = 64;

interface Changes {
  isResized: boolean;
  rectangles: Rectangle[];
}

/** Which parts of which surfaces changed since they were shown last. */
export class DamageList {
  readonly #changes = new Map<number, Changes>();

  #changesOf(surfaceId: number): Changes {
    const known = this.#changes.get(surfaceId);
    if (known !== undefined) return known;
    const made: Changes = { isResized: false, rectangles: [] };
    this.#changes.set(surfaceId, made);
    return made;
  }

  add(surfaceId: number, rectangle: Rectangle): void {
    if (rectangle.width === 0 || rectangle.height === 0) return;
    const changes = this.#changesOf(surfaceId);
    if (changes.isResized) return;
    changes.rectangles.push(rectangle);
    if (changes.rectangles.length > MAX_RECTANGLES) changes.rectangles = [boundsOf(changes.rectangles)];
  }

  resized(surfaceId: number): void {
    const changes = this.#changesOf(surfaceId);
    changes.isResized = true;
    changes.rectangles = [];
  }

  /** The surface is new or has another size since the last `take`. */
  isResized(surfaceId: number): boolean {
    return this.#changes.get(surfaceId)?.isResized ?? false;
  }

  /** What changed on a surface of the same size since the last `take`. */
  rectanglesOf(surfaceId: number): readonly Rectangle[] {
    return this.#changes.get(surfaceId)?.rectangles ?? [];
  }

  forget(surfaceId: number): void {
    this.#changes.delete(surfaceId);
  }

  clear(): void {
    this.#changes.clear();
  }

  /** What changed, and begins anew. A resized surface is one rectangle, all of it. */
  take(surfaces: SurfaceSet): SurfaceDamage[] {
    const damage: SurfaceDamage[] = [];
    for (const [surfaceId, { isResized, rectangles }] of this.#changes) {
      const surface = surfaces.get(surfaceId);
      if (surface === undefined) continue;
      const all = { x: 0, y: 0, width: surface.width, height: surface.height };
      damage.push({ surfaceId, surface, isResized, rectangles: isResized ? [all] : rectangles });
    }
    this.#changes.clear();
    return damage;
  }
}

function boundsOf(rectangles: readonly Rectangle[]): Rectangle {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (const { x, y, width, height } of rectangles) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

import type { Rectangle } from "../language.ts";
import { NeedMap } from "../need-map.ts";

/** One surface from where it is created or changes its size to where it goes or changes it again. */
export interface KnownSurface {
  readonly number: number;
  readonly width: number;
  readonly height: number;
}

/** How large a surface or a cache slot is, in pixels. */
export type Size = Pick<KnownSurface, "width" | "height">;

/**
 * What the picture at the end, and everything that may be drawn after it, needs of what was there before: going backwards,
 * pixels of surfaces and cache slots. At first all of it.
 */
export class Needs {
  readonly #maps = new Map<KnownSurface, NeedMap>();
  /** Slots that are filled anew before anything draws them. */
  readonly #idleSlots = new Set<number>();

  /** The pixels of a surface. */
  of(surface: KnownSurface): NeedMap {
    const known = this.#maps.get(surface);
    if (known !== undefined) return known;
    const made = new NeedMap(surface.width, surface.height);
    this.#maps.set(surface, made);
    return made;
  }

  /** A surface goes here: it is not needed. */
  gone(surface: KnownSurface): void {
    this.#maps.set(surface, new NeedMap(surface.width, surface.height, false));
  }

  /** A surface gets another size here: what both have is kept; if any of that is needed, all is. */
  resized(before: KnownSurface, after: KnownSurface): void {
    const width = Math.min(before.width, after.width);
    const height = Math.min(before.height, after.height);
    if (!this.of(after).needs({ x: 0, y: 0, width, height })) this.gone(before);
  }

  /** A slot was drawn at these places of a surface; true when some of it was needed: then the slot is. */
  drawSlot(slot: number, surface: KnownSurface, places: readonly Rectangle[]): boolean {
    const isNeeded = drawAll(this.of(surface), places);
    if (isNeeded) this.#idleSlots.delete(slot);
    return isNeeded;
  }

  /** A slot was filled from a rectangle; true when it is needed: then the rectangle is. */
  fillSlot(slot: number, surface: KnownSurface, rectangle: Rectangle): boolean {
    if (this.#idleSlots.has(slot)) return false;
    this.#idleSlots.add(slot);
    this.of(surface).want(rectangle);
    return true;
  }

  /** A slot was emptied. */
  emptySlot(slot: number): void {
    this.#idleSlots.add(slot);
  }
}

/** Takes rectangles out of a map; true when some of one was needed. */
export function drawAll(map: NeedMap, rectangles: readonly Rectangle[]): boolean {
  let isNeeded = false;
  for (const rectangle of rectangles) if (map.draw(rectangle)) isNeeded = true;
  return isNeeded;
}

import { DecodeError } from "@poterne/bytes";
import { MAX_CACHE_PIXELS, MAX_LIST_PIXELS, type Rectangle } from "./language.ts";
import { Surface } from "./surface.ts";

/** Pixels kept in numbered slots: `cache store`, `cache draw` and `cache forget` of the picture language. */
export class PictureCache {
  readonly #slots = new Map<number, Surface>();
  #pixels = 0;

  /** Copies a rectangle, known to lie inside its surface, into a slot; throws `DecodeError` `limit`. */
  store(slot: number, from: Surface, rectangle: Rectangle): void {
    const { width, height } = rectangle;
    this.forget(slot);
    if (this.#pixels + width * height > MAX_CACHE_PIXELS)
      throw new DecodeError("limit", "cache", 0, `over ${MAX_CACHE_PIXELS} pixels`);
    const kept = new Surface(width, height);
    kept.copyFrom(from, rectangle, 0, 0);
    this.#slots.set(slot, kept);
    this.#pixels += width * height;
  }

  /** Draws a slot at places of a surface and returns them as rectangles; throws `DecodeError`. */
  draw(
    slot: number,
    surface: Surface,
    places: readonly { readonly x: number; readonly y: number }[],
  ): Rectangle[] {
    const kept = this.#slots.get(slot);
    if (kept === undefined) throw new DecodeError("invalid", "cache", 0, `slot ${slot} is empty`);
    const { width, height } = kept;
    const pixels = width * height * places.length;
    if (pixels > MAX_LIST_PIXELS) throw new DecodeError("limit", "cache", 0, `draws ${pixels} pixels`);
    return places.map(({ x, y }) => {
      surface.check({ x, y, width, height });
      surface.copyFrom(kept, { x: 0, y: 0, width, height }, x, y);
      return { x, y, width, height };
    });
  }

  /** Empties a slot; an empty one is no error. */
  forget(slot: number): void {
    const kept = this.#slots.get(slot);
    if (kept === undefined) return;
    this.#pixels -= kept.width * kept.height;
    this.#slots.delete(slot);
  }

  clear(): void {
    this.#slots.clear();
    this.#pixels = 0;
  }
}

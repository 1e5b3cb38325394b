import { DecodeError } from "@poterne/bytes";
import { MAX_CACHE_PIXELS, type Rectangle } from "./language.ts";
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

  /** What a slot holds; throws `DecodeError` `invalid` for an empty one. */
  need(slot: number): Surface {
    const kept = this.#slots.get(slot);
    if (kept === undefined) throw new DecodeError("invalid", "cache", 0, `slot ${slot} is empty`);
    return kept;
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

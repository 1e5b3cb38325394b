import { DecodeError } from "@poterne/bytes";
import { MAX_CACHE_PIXELS, MAX_CACHE_SLOTS } from "@poterne/picture";

/** What the core knows of a cache slot: never its pixels. */
export interface CacheSlot {
  readonly width: number;
  readonly height: number;
  /** It was stored after the entry point began, from pixels that were drawn after it. */
  isFresh: boolean;
}

/** [MS-RDPEGFX] 3.3.1.4 the bitmap cache with the small cache's limits. */
export class GfxCache {
  readonly #slots = new Map<number, CacheSlot>();
  #pixels = 0;

  /** Fills a slot; throws `DecodeError` `limit`. */
  store(slot: number, width: number, height: number, isFresh: boolean): void {
    if (slot < 1 || slot >= MAX_CACHE_SLOTS) throw new DecodeError("limit", "cache slot", 0, `${slot}`);
    this.remove(slot);
    if (this.#pixels + width * height > MAX_CACHE_PIXELS)
      throw new DecodeError("limit", "cache", 0, `over ${MAX_CACHE_PIXELS} pixels`);
    this.#slots.set(slot, { width, height, isFresh });
    this.#pixels += width * height;
  }

  /** Throws `DecodeError` `invalid` for an empty slot. */
  need(slot: number): CacheSlot {
    const found = this.#slots.get(slot);
    if (found === undefined) throw new DecodeError("invalid", "cache slot", 0, `${slot} is empty`);
    return found;
  }

  /** Empties a slot; false when it was empty. */
  remove(slot: number): boolean {
    const found = this.#slots.get(slot);
    if (found === undefined) return false;
    this.#slots.delete(slot);
    this.#pixels -= found.width * found.height;
    return true;
  }

  /** An entry point begins: what is stored is of no use to a viewer that starts there. */
  age(): void {
    for (const slot of this.#slots.values()) slot.isFresh = false;
  }

  clear(): void {
    this.#slots.clear();
    this.#pixels = 0;
  }
}

import { DecodeError } from "@poterne/bytes";
import { MAX_LIST_PIXELS, MAX_SURFACES, MAX_TOTAL_PIXELS, type Rectangle } from "./language.ts";
import { Surface } from "./surface.ts";

/** The surfaces of one stream, within the limits of the language. */
export class SurfaceSet {
  readonly #surfaces = new Map<number, Surface>();
  #totalPixels = 0;

  get(id: number): Surface | undefined {
    return this.#surfaces.get(id);
  }

  /** Throws `DecodeError` `invalid` for an unknown number. */
  need(id: number): Surface {
    const surface = this.#surfaces.get(id);
    if (surface === undefined) throw new DecodeError("invalid", "surface", 0, `number ${id} is unknown`);
    return surface;
  }

  /** Creates or resizes; false when it had this size already. Throws `DecodeError` `limit`. */
  create(id: number, width: number, height: number): boolean {
    const known = this.#surfaces.get(id);
    if (known?.width === width && known.height === height) return false;
    const before = known === undefined ? 0 : known.width * known.height;
    const total = this.#totalPixels - before + width * height;
    if (total > MAX_TOTAL_PIXELS) throw new DecodeError("limit", "surface", 0, `${total} pixels in all`);
    if (known === undefined) {
      if (this.#surfaces.size >= MAX_SURFACES) throw new DecodeError("limit", "surface", 0, "too many");
      this.#surfaces.set(id, new Surface(width, height));
    } else known.resize(width, height);
    this.#totalPixels = total;
    return true;
  }

  forget(id: number): void {
    const known = this.#surfaces.get(id);
    if (known === undefined) return;
    this.#totalPixels -= known.width * known.height;
    this.#surfaces.delete(id);
  }

  clear(): void {
    this.#surfaces.clear();
    this.#totalPixels = 0;
  }

  /** Fills rectangles of one surface; throws `DecodeError` when one is outside, or they are too many pixels. */
  fill(surfaceId: number, pixel: number, rectangles: readonly Rectangle[]): void {
    const surface = this.need(surfaceId);
    const pixels = rectangles.reduce((sum, { width, height }) => sum + width * height, 0);
    if (pixels > MAX_LIST_PIXELS) throw new DecodeError("limit", "fill", 0, `${pixels} pixels`);
    for (const rectangle of rectangles) {
      surface.check(rectangle);
      surface.fill(rectangle.x, rectangle.y, rectangle.width, rectangle.height, pixel);
    }
  }

  /** Copies a rectangle between surfaces or inside one; throws `DecodeError` when it is outside. */
  copy(
    fromId: number,
    rectangle: Rectangle,
    to: { readonly surface: number; readonly x: number; readonly y: number },
  ): void {
    const source = this.need(fromId);
    const target = this.need(to.surface);
    source.check(rectangle);
    target.check({ ...rectangle, x: to.x, y: to.y });
    target.copyFrom(source, rectangle, to.x, to.y);
  }
}

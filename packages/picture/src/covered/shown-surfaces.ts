import { intersect } from "../codecs/remotefx/regions.ts";
import type { Rectangle } from "../language.ts";
import type { KnownSurface } from "./needs.ts";
import type { LeaveOut } from "./rest.ts";

/** Which surfaces are shown on the screen, and what a `present` brings there: `map` of the picture language. */
export class ShownSurfaces {
  readonly #places = new Map<KnownSurface, Rectangle>();

  get isEmpty(): boolean {
    return this.#places.size === 0;
  }

  /** Shows a surface; false when places overlap: what is seen there then depends on more than the last of them. */
  show(surface: KnownSurface, place: Rectangle): boolean {
    this.#places.delete(surface);
    const isBeside = [...this.#places.values()].every((other) => intersect(other, place) === null);
    this.#places.set(surface, place);
    return isBeside;
  }

  /** Shows it no longer: what is on the screen stays. */
  hide(surface: KnownSurface): void {
    this.#places.delete(surface);
  }

  /** A surface has another size and is shown as before. */
  replace(before: KnownSurface, after: KnownSurface): void {
    const place = this.#places.get(before);
    if (place === undefined) return;
    this.#places.delete(before);
    this.#places.set(after, place);
  }

  /**
   * A `present`: all of the surfaces shown is on the screen then. It is needed when some of the screen is still needed
   * where they are: then they are, as they are then. The last one of all is.
   */
  present(screen: KnownSurface): LeaveOut {
    const shown: { readonly surface: KnownSurface; readonly part: Rectangle }[] = [];
    const room = { x: 0, y: 0, width: screen.width, height: screen.height };
    for (const [surface, place] of this.#places) {
      const part = intersect(place, room);
      if (part !== null) shown.push({ surface, part });
    }
    return (needs) => {
      let isNeeded = false;
      for (const { surface, part } of shown) {
        if (!needs.of(screen).draw(part)) continue;
        const { width, height } = surface;
        needs.of(surface).want({ x: 0, y: 0, width, height });
        isNeeded = true;
      }
      return isNeeded ? "all" : "none";
    };
  }
}

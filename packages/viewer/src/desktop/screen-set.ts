import type { CursorShape, Rectangle, Surface, SurfaceDamage } from "@poterne/picture";
import type { DesktopPlace } from "@poterne/wire";
import { type FromScreen, ScreenPart, type ScreenPort } from "./screen-part.ts";

/** The canvas of the page's own window. */
export interface OwnCanvas {
  /** Gives it another size, which empties it. */
  resize(width: number, height: number): void;
  /** Draws places of the surface, `left` and `top` being the surface's pixel in its corner. */
  blit(surface: Surface, rectangles: readonly Rectangle[], left: number, top: number): void;
}

/** A way to a further window. */
export interface ScreenWay extends ScreenPort {
  onmessage: ((event: { readonly data: FromScreen }) => void) | null;
  close(): void;
}

/** What the display worker draws on: the page's own canvas and the further windows, each with its part of the desktop. */
export class ScreenSet {
  readonly #own: OwnCanvas;
  readonly #further = new Map<number, { readonly part: ScreenPart; readonly way: ScreenWay }>();
  /** Null: the page's window shows all of it. */
  #ownPart: DesktopPlace | null = null;
  #desktop: DesktopPlace = { x: 0, y: 0, width: 0, height: 0 };
  /** What was shown last; null before the first picture is whole. */
  #surface: Surface | null = null;
  #cursor: CursorShape | null | "default" = "default";

  constructor(own: OwnCanvas) {
    this.#own = own;
  }

  /** The desktop has another size. */
  resize(width: number, height: number): void {
    this.#desktop = { x: 0, y: 0, width, height };
    if (this.#ownPart === null) this.#own.resize(width, height);
  }

  blit({ surface, rectangles }: SurfaceDamage): void {
    this.#surface = surface;
    const { x, y } = this.#ownPart ?? { x: 0, y: 0 };
    this.#own.blit(surface, rectangles, x, y);
    for (const { part } of this.#further.values()) part.changed(surface, rectangles);
  }

  showCursor(shape: CursorShape | null | "default"): void {
    this.#cursor = shape;
    for (const { part } of this.#further.values()) part.showCursor(shape);
  }

  /** Which part the page's own window shows; null for all. */
  setOwnPart(place: DesktopPlace | null): void {
    if (JSON.stringify(place) === JSON.stringify(this.#ownPart)) return;
    this.#ownPart = place;
    const { x, y, width, height } = place ?? this.#desktop;
    this.#own.resize(width, height);
    if (this.#surface !== null) this.#own.blit(this.#surface, [this.#desktop], x, y);
  }

  /** A further window, which replaces an earlier one of its number. */
  add(screenId: number, way: ScreenWay): void {
    this.remove(screenId);
    const part = new ScreenPart(way);
    way.onmessage = () => part.drawn();
    this.#further.set(screenId, { part, way });
    part.showCursor(this.#cursor);
  }

  setPart(screenId: number, place: DesktopPlace | null): void {
    this.#further.get(screenId)?.part.setPart(place, this.#surface);
  }

  remove(screenId: number): void {
    this.#further.get(screenId)?.way.close();
    this.#further.delete(screenId);
  }
}

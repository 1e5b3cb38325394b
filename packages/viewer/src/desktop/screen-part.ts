import type { CursorShape, Rectangle, Surface } from "@poterne/picture";
import type { DesktopPlace } from "@poterne/wire";

/** Some pixels of a further window's part of the desktop; the place is in the part. */
export interface PartPixels extends Rectangle {
  readonly rgba: ArrayBuffer;
}

/** From the display worker to a further window. */
export type ToScreen =
  /** The part has another size: all of it follows. */
  | { readonly type: "size"; readonly width: number; readonly height: number }
  | { readonly type: "pixels"; readonly pixels: readonly PartPixels[] }
  | { readonly type: "cursor"; readonly shape: CursorShape | null | "default" };

/** From a further window to the display worker: it has drawn the last pixels. */
export interface FromScreen {
  readonly type: "drawn";
}

/** The worker's end of the way to a further window. */
export interface ScreenPort {
  postMessage(message: ToScreen, transfer: Transferable[]): void;
}

/** More rectangles than this become one that holds them all. */
const MAX_RECTANGLES = 64;

/**
 * One further window's part of the desktop, in the display worker, which is the only one that decodes. The window gets
 * the pixels that changed, and the next ones once it has drawn them: a slow window gathers no queue, only what changed.
 */
export class ScreenPart {
  readonly #port: ScreenPort;
  #part: DesktopPlace | null = null;
  #surface: Surface | null = null;
  #changed: Rectangle[] = [];
  #isDrawing = false;

  constructor(port: ScreenPort) {
    this.#port = port;
  }

  /** Which part the window shows; null for nothing yet. */
  setPart(part: DesktopPlace | null, surface: Surface | null): void {
    if (JSON.stringify(part) === JSON.stringify(this.#part)) return;
    this.#part = part;
    this.#changed = [];
    if (part === null) return;
    this.#port.postMessage({ type: "size", width: part.width, height: part.height }, []);
    if (surface !== null) this.changed(surface, [part]);
  }

  /** These places of the desktop have new pixels. */
  changed(surface: Surface, rectangles: readonly Rectangle[]): void {
    this.#surface = surface;
    const part = this.#part;
    if (part === null) return;
    for (const rectangle of rectangles) {
      const place = overlap(overlap(rectangle, part), { x: 0, y: 0, ...sizeOf(surface) });
      if (place !== null) this.#changed.push(place);
    }
    if (this.#changed.length > MAX_RECTANGLES || areaOf(this.#changed) > part.width * part.height)
      this.#changed = [boundsOf(this.#changed)];
    this.#send();
  }

  /** The window has drawn what it got. */
  drawn(): void {
    this.#isDrawing = false;
    this.#send();
  }

  showCursor(shape: CursorShape | null | "default"): void {
    this.#port.postMessage({ type: "cursor", shape }, []);
  }

  #send(): void {
    const [part, surface] = [this.#part, this.#surface];
    if (this.#isDrawing || part === null || surface === null || this.#changed.length === 0) return;
    this.#isDrawing = true;
    // What is on the surface now: what was changed twice meanwhile goes once.
    const pixels = this.#changed.flatMap((rectangle) => {
      const place = overlap(rectangle, { x: 0, y: 0, ...sizeOf(surface) });
      return place === null ? [] : [cut(surface, place, part)];
    });
    this.#changed = [];
    const buffers = pixels.map(({ rgba }) => rgba);
    this.#port.postMessage({ type: "pixels", pixels }, buffers);
  }
}

function sizeOf({ width, height }: Surface): { readonly width: number; readonly height: number } {
  return { width, height };
}

function cut(surface: Surface, place: Rectangle, part: DesktopPlace): PartPixels {
  const { x, y, width, height } = place;
  const pixels = new Uint32Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (y + row) * surface.width + x;
    pixels.set(surface.pixels.subarray(start, start + width), row * width);
  }
  return { x: x - part.x, y: y - part.y, width, height, rgba: pixels.buffer };
}

function overlap(one: Rectangle | null, other: Rectangle): Rectangle | null {
  if (one === null) return null;
  const x = Math.max(one.x, other.x);
  const y = Math.max(one.y, other.y);
  const width = Math.min(one.x + one.width, other.x + other.width) - x;
  const height = Math.min(one.y + one.height, other.y + other.height) - y;
  return width < 1 || height < 1 ? null : { x, y, width, height };
}

function areaOf(rectangles: readonly Rectangle[]): number {
  return rectangles.reduce((sum, { width, height }) => sum + width * height, 0);
}

function boundsOf(rectangles: readonly Rectangle[]): Rectangle {
  const x = Math.min(...rectangles.map((each) => each.x));
  const y = Math.min(...rectangles.map((each) => each.y));
  const right = Math.max(...rectangles.map((each) => each.x + each.width));
  const bottom = Math.max(...rectangles.map((each) => each.y + each.height));
  return { x, y, width: right - x, height: bottom - y };
}

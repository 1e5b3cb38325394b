import {
  type Density,
  margin,
  type Room,
  type ScaleMode,
  type Size,
  shownSize,
  wantedRoom,
} from "./scaling.ts";

/** How the picture is to stand in its room. */
export interface CanvasWish {
  readonly mode: ScaleMode;
  /** One remote pixel is one device pixel on a dense screen. */
  readonly isSharp: boolean;
}

/** Puts a canvas with a picture of `remote` pixels into the middle of its host; answers the room there is. */
export function placeCanvas(
  canvas: HTMLCanvasElement,
  host: HTMLElement,
  remote: Size,
  wish: CanvasWish,
): Room | null {
  const density: Density = { isSharp: wish.isSharp, pixelRatio: devicePixelRatio };
  const room = { width: host.clientWidth, height: host.clientHeight };
  const shown = shownSize(remote, room, { mode: wish.mode, ...density });
  canvas.style.width = `${shown.width}px`;
  canvas.style.height = `${shown.height}px`;
  canvas.style.marginLeft = `${margin(room.width, shown.width, density.pixelRatio)}px`;
  canvas.style.marginTop = `${margin(room.height, shown.height, density.pixelRatio)}px`;
  // Enlarged without blur where a pixel becomes a whole number of pixels.
  const factor = remote.width === 0 ? 1 : (shown.width * density.pixelRatio) / remote.width;
  canvas.style.imageRendering = factor >= 2 && Number.isInteger(factor) ? "pixelated" : "auto";
  return room.width === 0 ? null : wantedRoom(room, density);
}

/** Calls back at each change of an element's size or of the screen's density; answers how to stop. */
export function watchRoom(host: HTMLElement, changed: () => void): () => void {
  const observer = new ResizeObserver(changed);
  observer.observe(host);
  const abort = new AbortController();
  const watchDensity = (): void => {
    const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const options = { once: true, signal: abort.signal };
    query.addEventListener(
      "change",
      () => {
        changed();
        watchDensity();
      },
      options,
    );
  };
  watchDensity();
  return () => {
    observer.disconnect();
    abort.abort();
  };
}

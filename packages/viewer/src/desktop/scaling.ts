import type { DesktopPlace } from "@poterne/wire";

/** How the remote picture is fitted into the page. `resize` asks the target for the window's own size. */
export type ScaleMode = "fit" | "actual" | "resize";

/** The smallest and largest desktop a viewer asks a target for. */
export const MIN_DESKTOP_SIDE_PX = 200;
export const MAX_DESKTOP_SIDE_PX = 8192;
/** How large a target may be asked to draw things. */
const MAX_SCALE_PERCENT = 500;

/** A width and a height. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The room of one window in remote pixels, and how large things are to be drawn there. */
export interface Room extends Size {
  readonly scalePercent: number;
}

/** How dense the screen is, and whether its own pixels are wanted. */
export interface Density {
  readonly isSharp: boolean;
  readonly pixelRatio: number;
}

/**
 * The picture's size on the page, in CSS pixels. `fit` keeps the proportions, and enlarges too; `actual` and `resize`
 * show one remote pixel as one device pixel when `isSharp`, as one CSS pixel otherwise.
 */
export function shownSize(remote: Size, room: Size, options: { readonly mode: ScaleMode } & Density): Size {
  if (remote.width === 0 || remote.height === 0) return { width: 0, height: 0 };
  const ratio = options.isSharp ? options.pixelRatio : 1;
  const own = { width: remote.width / ratio, height: remote.height / ratio };
  const fits = own.width <= room.width && own.height <= room.height;
  // While a target has not followed a new window size yet, or cannot, its picture must still be seen whole.
  if (options.mode === "actual" || (options.mode === "resize" && fits)) return own;
  const scale = Math.min(room.width / remote.width, room.height / remote.height);
  return { width: remote.width * scale, height: remote.height * scale };
}

/** The margin that centres the picture, in CSS pixels but on a device pixel: between two of them it would be blurred. */
export function margin(room: number, shown: number, pixelRatio: number): number {
  return Math.floor((Math.max(0, room - shown) / 2) * pixelRatio) / pixelRatio;
}

/** The desktop size to ask the target for, so that it fills the room; even widths, since some codecs need them. */
export function wantedRoom(room: Size, { isSharp, pixelRatio }: Density): Room {
  const ratio = isSharp ? pixelRatio : 1;
  // Never larger than the room: it would be made smaller, and blurred.
  const side = (length: number): number =>
    Math.min(MAX_DESKTOP_SIDE_PX, Math.max(MIN_DESKTOP_SIDE_PX, Math.floor(length * ratio + 0.01)));
  const scalePercent = Math.min(MAX_SCALE_PERCENT, Math.max(100, Math.round(ratio * 100)));
  return { width: side(room.width) & ~1, height: side(room.height), scalePercent };
}

/**
 * The remote pixel under a point of the page, of which the window shows `part`; always inside the desktop. Beside the
 * window it is the pixel beside the part: what is dragged may leave for the next screen.
 */
export function remotePoint(
  point: { readonly x: number; readonly y: number },
  shown: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  part: DesktopPlace,
  desktop: Size,
): { x: number; y: number } {
  const place = (at: number, length: number, count: number, from: number, all: number): number =>
    length <= 0 ? from : Math.min(all - 1, Math.max(0, from + Math.floor((at / length) * count)));
  return {
    x: place(point.x - shown.left, shown.width, part.width, part.x, desktop.width),
    y: place(point.y - shown.top, shown.height, part.height, part.y, desktop.height),
  };
}

/** How the remote picture is fitted into the page. `resize` asks the target for the window's own size. */
export type ScaleMode = "fit" | "actual" | "resize";

/** The smallest and largest desktop a viewer asks a target for. */
export const MIN_DESKTOP_SIDE_PX = 200;
export const MAX_DESKTOP_SIDE_PX = 8192;

/** A width and a height. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The picture's size on the page, in CSS pixels. `fit` keeps the proportions, and enlarges too; `actual` and `resize`
 * show one remote pixel as one device pixel when `isSharp`, as one CSS pixel otherwise.
 */
export function shownSize(
  remote: Size,
  room: Size,
  options: { readonly mode: ScaleMode; readonly isSharp: boolean; readonly pixelRatio: number },
): Size {
  if (remote.width === 0 || remote.height === 0) return { width: 0, height: 0 };
  const ratio = options.isSharp ? options.pixelRatio : 1;
  const own = { width: remote.width / ratio, height: remote.height / ratio };
  const fits = own.width <= room.width && own.height <= room.height;
  // While a target has not followed a new window size yet, or cannot, its picture must still be seen whole.
  if (options.mode === "actual" || (options.mode === "resize" && fits)) return own;
  const scale = Math.min(room.width / remote.width, room.height / remote.height);
  return { width: remote.width * scale, height: remote.height * scale };
}

/** The desktop size to ask the target for, so that it fills the room; even widths, since some codecs need them. */
export function wantedSize(
  room: Size,
  options: { readonly isSharp: boolean; readonly pixelRatio: number },
): Size {
  const ratio = options.isSharp ? options.pixelRatio : 1;
  const side = (length: number): number =>
    Math.min(MAX_DESKTOP_SIDE_PX, Math.max(MIN_DESKTOP_SIDE_PX, Math.round(length * ratio)));
  return { width: side(room.width) & ~1, height: side(room.height) };
}

/** The remote pixel under a point of the page; always inside the desktop. */
export function remotePoint(
  point: { readonly x: number; readonly y: number },
  shown: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  remote: Size,
): { x: number; y: number } {
  const place = (at: number, length: number, count: number): number =>
    length <= 0 ? 0 : Math.min(count - 1, Math.max(0, Math.floor((at / length) * count)));
  return {
    x: place(point.x - shown.left, shown.width, remote.width),
    y: place(point.y - shown.top, shown.height, remote.height),
  };
}

import type { CursorShape } from "@poterne/picture";

/** Browsers show no pointer picture with a longer side. */
const MAX_CSS_CURSOR_PX = 128;

/**
 * The CSS `cursor` for a pointer's shape: the picture as a data address (the content policy allows `data:` for
 * pictures), a cross where it is too large for the browser, nothing where the target shows none.
 */
export function cursorStyle(shape: CursorShape | null | "default", document: Document): string {
  if (shape === "default") return "default";
  if (shape === null || shape.width === 0 || shape.height === 0) return "none";
  if (shape.width > MAX_CSS_CURSOR_PX || shape.height > MAX_CSS_CURSOR_PX) return "crosshair";
  if (isInvisible(shape)) return "none";
  const canvas = document.createElement("canvas");
  canvas.width = shape.width;
  canvas.height = shape.height;
  const context = canvas.getContext("2d");
  if (context === null) return "default";
  const pixels = shape.rgba as Uint8ClampedArray<ArrayBuffer>;
  context.putImageData(new ImageData(pixels, shape.width, shape.height), 0, 0);
  const hotX = Math.min(shape.hotX, shape.width - 1);
  const hotY = Math.min(shape.hotY, shape.height - 1);
  return `url(${canvas.toDataURL("image/png")}) ${hotX} ${hotY}, default`;
}

function isInvisible(shape: CursorShape): boolean {
  for (let at = 3; at < shape.rgba.length; at += 4) if ((shape.rgba[at] ?? 0) !== 0) return false;
  return true;
}

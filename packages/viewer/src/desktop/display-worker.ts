import { DecodeError } from "@poterne/bytes";
import type { DecodedImage, Rectangle, Surface } from "@poterne/picture";
import type { FurtherCodecs } from "@poterne/picture/further";
import { Display } from "./display.ts";
import { ScreenSet, type ScreenWay } from "./screen-set.ts";
import type { FromDisplayWorker, ToDisplayWorker } from "./worker-protocol.ts";

// Runs in a Web Worker of its own: decodes the picture language and draws on the canvas that the page has given away,
// so that a busy page never delays the picture and a busy picture never delays the page.

/** What this file uses of a worker's global scope. */
interface WorkerScope {
  postMessage(message: FromDisplayWorker): void;
  onmessage: ((event: { readonly data: ToDisplayWorker }) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;
let canvas: OffscreenCanvas | null = null;
let context: OffscreenCanvasRenderingContext2D | null = null;

async function decodeImage(bytes: Uint8Array, mimeType: string): Promise<DecodedImage> {
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mimeType });
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const { width, height } = bitmap;
  const scratch = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (scratch === null) throw new Error("no canvas for the image");
  scratch.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { width, height, rgba: scratch.getImageData(0, 0, width, height).data };
}

function blit(surface: Surface, rectangles: readonly Rectangle[], left: number, top: number): void {
  if (context === null) return;
  const pixels = surface.rgba as Uint8ClampedArray<ArrayBuffer>;
  const image = new ImageData(pixels, surface.width, surface.height);
  for (const { x, y, width, height } of rectangles)
    context.putImageData(image, -left, -top, x, y, width, height);
}

function resize(widthPx: number, heightPx: number): void {
  if (canvas === null) return;
  canvas.width = widthPx;
  canvas.height = heightPx;
}

let furtherCodecs: Promise<FurtherCodecs> | null = null;

/** Fetched once, and again only where that failed. */
async function loadFurtherCodecs(): Promise<FurtherCodecs> {
  furtherCodecs ??= import("./further-codecs.ts").then(({ makeFurtherCodecs }) => makeFurtherCodecs());
  try {
    return await furtherCodecs;
  } catch (error) {
    furtherCodecs = null;
    throw error;
  }
}

const screens = new ScreenSet({ resize, blit });

const display = new Display({
  post(message) {
    if (message.type === "cursor") screens.showCursor(message.shape);
    scope.postMessage(message);
  },
  decodeImage,
  loadFurtherCodecs,
  resize: (widthPx, heightPx) => screens.resize(widthPx, heightPx),
  blit: (damage) => screens.blit(damage),
});

async function take(message: ArrayBuffer, number: number): Promise<void> {
  try {
    await display.take(new Uint8Array(message));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    scope.postMessage({ type: "need-entry", detail: error.message });
  }
  scope.postMessage({ type: "done", number });
}

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case "start":
      canvas = data.canvas;
      context = canvas.getContext("2d", { alpha: false });
      return;
    case "need-further":
      // Where it fails the first picture that needs them tells.
      return void loadFurtherCodecs().catch(() => undefined);
    case "reset":
      return display.reset();
    case "part":
      return screens.setOwnPart(data.part);
    case "screen":
      return screens.add(data.screenId, data.port as ScreenWay);
    case "screen-part":
      return screens.setPart(data.screenId, data.part);
    case "screen-gone":
      return screens.remove(data.screenId);
    case "message":
      return void take(data.message, data.number);
  }
};

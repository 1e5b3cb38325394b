import { DecodeError } from "@poterne/bytes";
import type { DecodedImage, SurfaceDamage } from "@poterne/picture";
import { Display } from "./display.ts";
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

function blit({ surface, rectangles }: SurfaceDamage): void {
  if (context === null) return;
  const pixels = surface.rgba as Uint8ClampedArray<ArrayBuffer>;
  const image = new ImageData(pixels, surface.width, surface.height);
  for (const { x, y, width, height } of rectangles) context.putImageData(image, 0, 0, x, y, width, height);
}

function resize(widthPx: number, heightPx: number): void {
  if (canvas === null) return;
  canvas.width = widthPx;
  canvas.height = heightPx;
}

const display = new Display({
  post: (message) => scope.postMessage(message),
  decodeImage,
  loadFurtherCodecs: async () => (await import("./further-codecs.ts")).makeFurtherCodecs(),
  resize,
  blit,
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
  if (data.type === "start") {
    canvas = data.canvas;
    context = canvas.getContext("2d", { alpha: false });
  } else if (data.type === "reset") display.reset();
  else void take(data.message, data.number);
};

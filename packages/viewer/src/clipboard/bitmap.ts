/** [MS-WMF] 2.2.2.3: the oldest header there still is, and the newest. */
const INFO_HEADER_BYTES = 40;
const V5_HEADER_BYTES = 124;
const FILE_HEADER_BYTES = 14;
const BI_BITFIELDS = 3;
/** The most pixels of a bitmap that is turned into a picture: 64 MB once decoded. */
const MAX_PIXELS = 16 * 1024 * 1024;
const MAX_SIDE_PX = 16_384;
/** 72 dots per inch, in dots per metre. */
const DOTS_PER_METRE = 2835;

/**
 * A device-independent bitmap as Windows' clipboard holds it ([MS-WMF] 2.2.2.9) with the file header of a `.bmp`, which
 * browsers read. Null when its header makes no sense or names more than 16 million pixels.
 */
export function addFileHeader(bitmap: Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (bitmap.length < INFO_HEADER_BYTES) return null;
  const view = new DataView(bitmap.buffer, bitmap.byteOffset, bitmap.byteLength);
  const headerBytes = view.getUint32(0, true);
  if (headerBytes < INFO_HEADER_BYTES || headerBytes > V5_HEADER_BYTES || headerBytes > bitmap.length)
    return null;
  const width = view.getInt32(4, true);
  const height = Math.abs(view.getInt32(8, true));
  const bits = view.getUint16(14, true);
  if (width < 1 || height < 1 || width > MAX_SIDE_PX || height > MAX_SIDE_PX) return null;
  if (width * height > MAX_PIXELS || ![1, 4, 8, 16, 24, 32].includes(bits)) return null;
  const hasMasks = headerBytes === INFO_HEADER_BYTES && view.getUint32(16, true) === BI_BITFIELDS;
  const named = view.getUint32(32, true);
  const colours = bits <= 8 && named === 0 ? 1 << bits : named;
  const offset = headerBytes + (hasMasks ? 12 : 0) + colours * 4;
  if (colours > 256 || offset >= bitmap.length) return null;
  const file = new Uint8Array(FILE_HEADER_BYTES + bitmap.length);
  const header = new DataView(file.buffer);
  header.setUint16(0, 0x424d);
  header.setUint32(2, file.length, true);
  header.setUint32(10, FILE_HEADER_BYTES + offset, true);
  file.set(bitmap, FILE_HEADER_BYTES);
  return file;
}

/** RGBA pixels, rows from the top, as a bitmap of 24 bits, rows from the bottom; what is transparent becomes white. */
export function encodeBitmap(pixels: Uint8ClampedArray, width: number, height: number): Uint8Array {
  const rowBytes = (width * 3 + 3) & ~3;
  const bitmap = new Uint8Array(INFO_HEADER_BYTES + rowBytes * height);
  const view = new DataView(bitmap.buffer);
  view.setUint32(0, INFO_HEADER_BYTES, true);
  view.setInt32(4, width, true);
  view.setInt32(8, height, true);
  view.setUint16(12, 1, true);
  view.setUint16(14, 24, true);
  view.setUint32(20, rowBytes * height, true);
  view.setInt32(24, DOTS_PER_METRE, true);
  view.setInt32(28, DOTS_PER_METRE, true);
  for (let y = 0; y < height; y++) {
    let at = INFO_HEADER_BYTES + (height - 1 - y) * rowBytes;
    for (let from = y * width * 4; from < (y + 1) * width * 4; from += 4) {
      const alpha = pixels[from + 3] ?? 255;
      const over = (value: number) => Math.round((value * alpha + 255 * (255 - alpha)) / 255);
      bitmap[at++] = over(pixels[from + 2] ?? 0);
      bitmap[at++] = over(pixels[from + 1] ?? 0);
      bitmap[at++] = over(pixels[from] ?? 0);
    }
  }
  return bitmap;
}

/** A bitmap of the target as PNG, decoded and encoded by the browser; null when the browser cannot read it. */
export async function bitmapToPng(bitmap: Uint8Array): Promise<Blob | null> {
  const file = addFileHeader(bitmap);
  if (file === null) return null;
  try {
    const picture = await createImageBitmap(new Blob([file], { type: "image/bmp" }));
    const { canvas } = draw(picture);
    return await canvas.convertToBlob({ type: "image/png" });
  } catch {
    return null;
  }
}

/** A picture of the browser's clipboard as bitmap; null when the browser cannot read it or it is too large. */
export async function pictureToBitmap(blob: Blob, maxBytes: number): Promise<Uint8Array | null> {
  try {
    const picture = await createImageBitmap(blob);
    const { width, height } = picture;
    if (width > MAX_SIDE_PX || height > MAX_SIDE_PX || width * height * 3 > maxBytes) {
      picture.close();
      return null;
    }
    const { context } = draw(picture);
    return encodeBitmap(context.getImageData(0, 0, width, height).data, width, height);
  } catch {
    return null;
  }
}

function draw(picture: ImageBitmap): { canvas: OffscreenCanvas; context: OffscreenCanvasRenderingContext2D } {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("this browser draws no pictures");
  context.drawImage(picture, 0, 0);
  picture.close();
  return { canvas, context };
}

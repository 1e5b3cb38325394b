import { Codec, type Rectangle, type Surface } from "@poterne/picture";
import type { VideoKernel, YuvFrame } from "@poterne/picture/further";

/** Where lines lie in the kernel's memory and which is which; assembly/line-kernel.ts has the same numbers. */
const LINE_BYTES = 16448;
const LINES = 262144;
const LINE_PIXELS = LINES + 20 * LINE_BYTES;
const AVERAGE = 6;
const RIGHT = 8;
const BELOW = 10;
const CORNER = 12;
const QUARTER = 14;
const WOVEN = 18;
const MAX_LINE_PX = 16384;
/** Lines of a macroblock: version 1 has U and V in its upper and lower half. */
const BLOCK_LINES = 16;

/** What the kernel exports for lines of pictures. */
export interface LineExports {
  readonly memory: WebAssembly.Memory;
  double(count: number): void;
  unweave(count: number): void;
  weaveBelow(count: number): void;
  combine(count: number): void;
  line(row: number, width: number): void;
}

/** Colours of H.264 pictures in WebAssembly, two lines at a time: the same pixels as the reference in TypeScript. */
export class WasmLines implements VideoKernel {
  readonly #kernel: LineExports;
  readonly #bytes: Uint8Array;
  readonly #pixels: Uint32Array;

  constructor(kernel: LineExports) {
    this.#kernel = kernel;
    this.#bytes = new Uint8Array(kernel.memory.buffer);
    this.#pixels = new Uint32Array(kernel.memory.buffer, LINE_PIXELS, MAX_LINE_PX);
  }

  draw420(frame: YuvFrame, surface: Surface, area: Rectangle): void {
    const x = area.x & ~1;
    const half = (area.x + area.width - x + 1) >> 1;
    for (let y = area.y & ~1; y < area.y + area.height; y += 2) {
      this.#putAverages(frame, x, y, half);
      this.#kernel.double(half);
      this.#finish(frame, surface, area, y);
    }
  }

  draw444(
    frames: { readonly luma: YuvFrame; readonly chroma: YuvFrame; readonly codec: number },
    surface: Surface,
    area: Rectangle,
  ): void {
    const { luma, chroma, codec } = frames;
    // Version 2 has every fourth place in one plane: lines begin at a multiple of four.
    const x = area.x & ~3;
    const half = (area.x + area.width - x + 1) >> 1;
    for (let y = area.y & ~1; y < area.y + area.height; y += 2) {
      this.#putAverages(luma, x, y, half);
      if (codec === Codec.avc444v2) this.#putVersion2(chroma, x, y, half);
      else this.#putVersion1(chroma, x, y, half);
      this.#kernel.combine(half);
      this.#finish(luma, surface, area, y, x);
    }
  }

  #put(line: number, plane: Uint8Array, at: number, count: number): void {
    this.#bytes.set(plane.subarray(at, at + count), LINES + line * LINE_BYTES);
  }

  #putAverages(frame: YuvFrame, x: number, y: number, half: number): void {
    const at = (y >> 1) * frame.uvStride + (x >> 1);
    this.#put(AVERAGE, frame.u, at, half);
    this.#put(AVERAGE + 1, frame.v, at, half);
  }

  /** [MS-RDPEGFX] 3.3.8.3.2. */
  #putVersion1(chroma: YuvFrame, x: number, y: number, half: number): void {
    const right = (y >> 1) * chroma.uvStride + (x >> 1);
    this.#put(RIGHT, chroma.u, right, half);
    this.#put(RIGHT + 1, chroma.v, right, half);
    const line = y - (y % BLOCK_LINES) + ((y % BLOCK_LINES) >> 1);
    const below = line * chroma.yStride + x;
    const isThere = line + BLOCK_LINES / 2 < chroma.height;
    this.#put(WOVEN, chroma.y, below, 2 * half);
    this.#put(WOVEN + 1, chroma.y, below + (isThere ? (BLOCK_LINES / 2) * chroma.yStride : 0), 2 * half);
    this.#kernel.unweave(half);
    if (isThere) return;
    // A frame cropped inside its last macroblocks has lost the lower line's V: the upper line's is near.
    this.#put(BELOW + 1, chroma.v, right, half);
    this.#put(CORNER + 1, chroma.v, right, half);
  }

  /** [MS-RDPEGFX] 3.3.8.3.3. */
  #putVersion2(chroma: YuvFrame, x: number, y: number, half: number): void {
    const right = y * chroma.yStride + (x >> 1);
    const toV = (chroma.width + 1) >> 1;
    this.#put(RIGHT, chroma.y, right, half);
    this.#put(RIGHT + 1, chroma.y, right + toV, half);
    this.#put(CORNER, chroma.y, right + chroma.yStride, half);
    this.#put(CORNER + 1, chroma.y, right + chroma.yStride + toV, half);
    const below = (y >> 1) * chroma.uvStride + (x >> 2);
    const quarter = (half + 1) >> 1;
    const quarterToV = (chroma.width + 3) >> 2;
    this.#put(QUARTER, chroma.u, below, quarter);
    this.#put(QUARTER + 1, chroma.u, below + quarterToV, quarter);
    this.#put(QUARTER + 2, chroma.v, below, quarter);
    this.#put(QUARTER + 3, chroma.v, below + quarterToV, quarter);
    this.#kernel.weaveBelow(quarter);
  }

  /** Adds luma to two lines and writes what of them lies in the area. */
  #finish(frame: YuvFrame, surface: Surface, area: Rectangle, y: number, x = area.x & ~1): void {
    const width = area.x + area.width - x;
    const skip = area.x - x;
    for (const row of [0, 1]) {
      const line = y + row;
      if (line < area.y || line >= area.y + area.height) continue;
      this.#put(row, frame.y, line * frame.yStride + x, width);
      this.#kernel.line(row, width);
      surface.pixels.set(this.#pixels.subarray(skip, width), line * surface.width + area.x);
    }
  }
}

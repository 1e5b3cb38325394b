import { DecodeError } from "@poterne/bytes";
import {
  type BandLayout,
  REDUCED_LAYOUT,
  RlgrMode,
  type RlgrModeId,
  type TileKernel,
  type VideoKernel,
} from "@poterne/picture/further";
import { type LineExports, WasmLines } from "./wasm-lines.ts";

/** Where things lie in the kernel's memory, in bytes, and their sizes; assembly/tile-kernel.ts has the same numbers. */
const COEFFICIENTS = 65536;
const PIXELS = 114688;
const SHIFTS = 131072;
const INPUT = 131584;
const TILE_PIXELS = 4096;
const COMPONENTS = 3;
const MAX_INPUT_BYTES = 65535;

interface KernelExports extends LineExports {
  entropy(component: number, length: number, isRlgr3: boolean): number;
  scale(component: number, isReduced: boolean): void;
  invert(component: number, isReduced: boolean): void;
  colour(): void;
}

/** RemoteFX tiles and H.264's colours in WebAssembly with SIMD: the same pixels as the references in TypeScript. */
export class WasmKernel implements TileKernel, VideoKernel {
  readonly #kernel: KernelExports;
  readonly #bytes: Uint8Array;
  readonly coefficients: Int16Array;
  readonly pixels: Uint32Array;
  readonly draw420: VideoKernel["draw420"];
  readonly draw444: VideoKernel["draw444"];

  private constructor(instance: WebAssembly.Instance) {
    this.#kernel = instance.exports as unknown as KernelExports;
    const { buffer } = this.#kernel.memory;
    this.#bytes = new Uint8Array(buffer);
    this.coefficients = new Int16Array(buffer, COEFFICIENTS, COMPONENTS * TILE_PIXELS);
    this.pixels = new Uint32Array(buffer, PIXELS, TILE_PIXELS);
    const lines = new WasmLines(this.#kernel);
    this.draw420 = (...draw) => lines.draw420(...draw);
    this.draw444 = (...draw) => lines.draw444(...draw);
  }

  /** Compiles the kernel; rejects where WebAssembly, SIMD or the content policy is missing. */
  static async load(bytes: BufferSource): Promise<WasmKernel> {
    const { instance } = await WebAssembly.instantiate(bytes, {});
    return new WasmKernel(instance);
  }

  entropy(component: number, bytes: Uint8Array, mode: RlgrModeId): void {
    if (bytes.length > MAX_INPUT_BYTES) throw new DecodeError("limit", "RLGR", 0, `${bytes.length} bytes`);
    this.#bytes.set(bytes, INPUT);
    if (this.#kernel.entropy(component, bytes.length, mode === RlgrMode.rlgr3) === 0)
      throw new DecodeError("invalid", "RLGR", 0, "a coefficient over 16 bits");
  }

  scale(component: number, shifts: Uint8Array, layout: BandLayout): void {
    this.#bytes.set(shifts, SHIFTS);
    this.#kernel.scale(component, layout === REDUCED_LAYOUT);
  }

  invert(component: number, layout: BandLayout): void {
    this.#kernel.invert(component, layout === REDUCED_LAYOUT);
  }

  colour(): void {
    this.#kernel.colour();
  }
}

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { Codec, Surface } from "@poterne/picture";
import {
  drawYuv420,
  drawYuv444,
  EVEN_LAYOUT,
  PlainKernel,
  REDUCED_LAYOUT,
  RlgrMode,
  type YuvFrame,
} from "@poterne/picture/further";
import { buildKernel, kernelFile } from "../../../../tools/build-kernel.mjs";
import { WasmKernel } from "./wasm-kernel.ts";

let fast: WasmKernel;
const plain = new PlainKernel();

before(async () => {
  buildKernel();
  fast = await WasmKernel.load(readFileSync(kernelFile));
});

/** Numbers from 0 to 1 that are the same each run. */
let state = 7;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

/** Bytes from nearly all zero to nearly all one, as long as a component's may be or cut short. */
function makeBytes(): Uint8Array {
  const density = random();
  const length = Math.floor(random() ** 3 * 9000);
  return Uint8Array.from({ length }, () => {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte = (byte << 1) | (random() < density ? 1 : 0);
    return byte;
  });
}

/** The outcome of one step on both kernels: none, or the refusal. */
function attempt(step: () => void): string {
  try {
    step();
    return "";
  } catch (error) {
    return String(error);
  }
}

test("the kernel in WebAssembly gives what the one in TypeScript gives, for any bytes", () => {
  let refused = 0;
  for (let index = 0; index < 1500; index++) {
    const mode = index % 2 === 0 ? RlgrMode.rlgr1 : RlgrMode.rlgr3;
    const layout = index % 3 === 0 ? REDUCED_LAYOUT : EVEN_LAYOUT;
    let isWhole = true;
    for (let component = 0; component < 3; component++) {
      const bytes = makeBytes();
      const outcome = attempt(() => plain.entropy(component, bytes, mode));
      assert.equal(
        attempt(() => fast.entropy(component, bytes, mode)),
        outcome,
      );
      if (outcome !== "") isWhole = false;
    }
    if (!isWhole) {
      refused++;
      continue;
    }
    assert.deepEqual(fast.coefficients, plain.coefficients, `coefficients of input ${index}`);
    for (let component = 0; component < 3; component++) {
      const shifts = Uint8Array.from({ length: 10 }, () => Math.floor(random() * 18));
      for (const kernel of [plain, fast]) {
        kernel.scale(component, shifts, layout);
        kernel.invert(component, layout);
      }
    }
    assert.deepEqual(fast.coefficients, plain.coefficients, `values of input ${index}`);
    plain.colour();
    fast.colour();
    assert.deepEqual(fast.pixels, plain.pixels, `pixels of input ${index}`);
  }
  assert.ok(refused < 1000, `${refused} refused`);
});

test("any coefficients become the same pixels", () => {
  for (let index = 0; index < 300; index++) {
    const layout = index % 2 === 0 ? REDUCED_LAYOUT : EVEN_LAYOUT;
    const range = 2 ** (4 + (index % 13));
    for (let at = 0; at < plain.coefficients.length; at++) plain.coefficients[at] = (random() - 0.5) * range;
    fast.coefficients.set(plain.coefficients);
    for (const kernel of [plain, fast]) {
      for (let component = 0; component < 3; component++) kernel.invert(component, layout);
      kernel.colour();
    }
    assert.deepEqual(fast.pixels, plain.pixels);
  }
});

function makeFrame(width: number, height: number): YuvFrame {
  const yStride = width + Math.floor(random() * 20);
  const uvStride = Math.ceil(width / 2) + Math.floor(random() * 20);
  const plane = (size: number) => Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
  const uvSize = uvStride * Math.ceil(height / 2);
  return { width, height, y: plane(yStride * height), u: plane(uvSize), v: plane(uvSize), yStride, uvStride };
}

test("H.264's colours are the same in both, for any part of any picture", () => {
  for (let index = 0; index < 240; index++) {
    // Even, as H.264 has them; the surface may be wider.
    const width = 2 * (4 + Math.floor(random() * 60));
    const height = 2 * (1 + Math.floor(random() * 40));
    const luma = makeFrame(width, height);
    const chroma = makeFrame(width, height);
    const x = Math.floor(random() * width);
    const y = Math.floor(random() * height);
    const area = {
      x,
      y,
      width: 1 + Math.floor(random() * (width - x)),
      height: 1 + Math.floor(random() * (height - y)),
    };
    const [expected, drawn] = [new Surface(width + 3, height), new Surface(width + 3, height)];
    if (index % 3 === 0) {
      drawYuv420(luma, expected, area);
      fast.draw420(luma, drawn, area);
    } else {
      const codec = index % 3 === 1 ? Codec.avc444 : Codec.avc444v2;
      drawYuv444({ luma, chroma, codec }, expected, area);
      fast.draw444({ luma, chroma, codec }, drawn, area);
    }
    assert.deepEqual(drawn.pixels, expected.pixels, `picture ${index}, ${JSON.stringify(area)}`);
  }
});

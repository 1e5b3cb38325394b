// Compiles the viewer's RemoteFX kernel from AssemblyScript to `packages/viewer/dist/tile-kernel.wasm`, for the pages.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { pinnedNode, root } from "./bootstrap.mjs";

const folder = path.join(root, "packages/viewer");
const source = path.join(folder, "assembly/tile-kernel.ts");
const sources = [source, ...["line", "rlgr"].map((name) => path.join(folder, `assembly/${name}-kernel.ts`))];

/** Where the kernel lies once `buildKernel` has run. */
export const kernelFile = path.join(folder, "dist/tile-kernel.wasm");

/** Compiles the kernel unless it is newer than its sources; throws with the compiler's words. */
export function buildKernel() {
  const isNewer = (file) => statSync(kernelFile).mtimeMs > statSync(file).mtimeMs;
  if (existsSync(kernelFile) && sources.every(isNewer)) return;
  mkdirSync(path.dirname(kernelFile), { recursive: true });
  const compiler = path.join(root, "node_modules/assemblyscript/bin/asc.js");
  const memory = ["--initialMemory", "11", "--maximumMemory", "11"];
  const options = ["--runtime", "stub", "--enable", "simd", "-O3", "--converge", "--noAssert", ...memory];
  const result = spawnSync(pinnedNode(), [compiler, source, "-o", kernelFile, ...options], {
    cwd: root,
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(`asc: ${result.stderr}`);
}

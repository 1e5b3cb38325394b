// Builds the web pages when their sources changed since the last build. Plain JavaScript, part of `npm start`.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { pinnedNode, root } from "./bootstrap.mjs";
import { buildKernel } from "./build-kernel.mjs";

/** Packages whose sources end up in the pages. */
const sources = ["bytes", "wire", "picture", "recording", "contract", "viewer", "web"];
const dist = path.join(root, "packages/web/dist");
const stampFile = path.join(dist, ".built-from");

/** Builds `packages/web/dist` if it is missing or older than its sources. */
export function buildPages() {
  const wanted = hashSources();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return;
  console.error("Poterne: building the web pages (once, some seconds)…");
  buildKernel();
  const vite = path.join(root, "node_modules/vite/bin/vite.js");
  const result = spawnSync(pinnedNode(), [vite, "build", "--logLevel", "warn"], {
    cwd: path.join(root, "packages/web"),
    stdio: ["ignore", 2, 2],
  });
  if (result.status !== 0) {
    console.error("Poterne: the web pages could not be built; see the lines above.");
    process.exit(1);
  }
  compressAssets();
  writeFileSync(stampFile, wanted);
}

/** Files that compress well lie compressed beside themselves: the gateway sends them as they are. */
function compressAssets() {
  for (const file of listFiles(path.join(dist, "assets"))) {
    if (!/\.(?:js|css|svg)$/.test(file)) continue;
    const bytes = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(bytes));
  }
}

function hashSources() {
  const hash = createHash("sha256").update(readFileSync(path.join(root, "package-lock.json")));
  for (const name of sources) {
    const folder = path.join(root, "packages", name);
    for (const file of listFiles(folder)) hash.update(path.relative(root, file)).update(readFileSync(file));
  }
  return hash.digest("hex");
}

function listFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== "node_modules" && entry.name !== "dist")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? listFiles(file) : [file];
    });
}

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** What the peer is asked for: the numbers of freerdp-tiles.c. */
export const TilesMode = { remoteFx: 1, progressive: 2, encodeRlgr1: 3, encodeRlgr3: 4 } as const;

/** Debian 12's compiler and headers: installed when this runs as root and they are missing. */
const PACKAGES = ["gcc", "pkg-config", "freerdp2-dev", "libwinpr2-dev"];
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

let program: string | null = null;

function build(): string {
  if (program !== null) return program;
  const hasHeaders = spawnSync("pkg-config", ["--exists", "freerdp2", "winpr2"]).status === 0;
  if (!hasHeaders || spawnSync("cc", ["--version"]).status !== 0)
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", ...PACKAGES], { stdio: "ignore" });
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", "freerdp2", "winpr2"], {
    encoding: "utf8",
  });
  const built = path.join(mkdtempSync(path.join(tmpdir(), "poterne-tiles-")), "freerdp-tiles");
  const source = path.join(import.meta.dirname, "freerdp-tiles.c");
  execFileSync("cc", ["-O1", "-o", built, source, ...flags.trim().split(/\s+/)]);
  program = built;
  return built;
}

/** Has FreeRDP's own codec decode payloads onto a black screen (RGBA), or encode one screen. */
export function askFreeRdp(
  mode: number,
  size: { readonly width: number; readonly height: number },
  blocks: readonly Uint8Array[],
): Buffer {
  const input = [Buffer.from(Uint32Array.of(mode, size.width, size.height).buffer)];
  for (const block of blocks)
    input.push(Buffer.from(Uint32Array.of(block.length).buffer), Buffer.from(block));
  return execFileSync(build(), { input: Buffer.concat(input), maxBuffer: MAX_ANSWER_BYTES });
}

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A pointer's shape as an X server has it: colours multiplied by alpha, as B, G, R, A. */
export interface XCursor {
  readonly hotX: number;
  readonly hotY: number;
  readonly width: number;
  readonly height: number;
  readonly bgra: Uint8Array;
}

/** Debian 12's headers: installed when this runs as root and they are missing. */
const PACKAGES = ["gcc", "libx11-dev", "libxfixes-dev", "libxcursor1"];
const HEAD_BYTES = 16;

let folder: string | null = null;

function workFolder(): string {
  if (folder !== null) return folder;
  const made = mkdtempSync(path.join(tmpdir(), "poterne-cursor-"));
  process.once("exit", () => rmSync(made, { recursive: true }));
  const source = path.join(import.meta.dirname, "x-cursor.c");
  const build = () => execFileSync("cc", ["-o", `${made}/x-cursor`, source, "-lX11", "-lXfixes", "-ldl"]);
  try {
    build();
  } catch {
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", ...PACKAGES], { stdio: "ignore" });
    build();
  }
  folder = made;
  return made;
}

/** The shape a display's pointer has now. */
export function cursorOf(display: string): XCursor {
  const output = execFileSync(`${workFolder()}/x-cursor`, { env: { ...process.env, DISPLAY: display } });
  const [hotX = 0, hotY = 0, width = 0, height = 0] = [0, 4, 8, 12].map((at) => output.readUInt32LE(at));
  return { hotX, hotY, width, height, bgra: Uint8Array.from(output.subarray(HEAD_BYTES)) };
}

/** A place of a display with a shape of its own for the pointer. */
export interface CursorPlace {
  readonly x: number;
  readonly y: number;
  readonly side: number;
  /** A number of the X cursor font, nothing, or colours with alpha. */
  readonly shape: number | "none" | XCursor;
}

/** Opens a window there that gives the pointer the shape; ends with its process. */
export function placeCursor(display: string, { x, y, side, shape }: CursorPlace): ChildProcess {
  const wanted = typeof shape === "object" ? writeCursor(shape) : String(shape);
  return spawn(`${workFolder()}/x-cursor`, [...[x, y, side].map(String), wanted], {
    stdio: "ignore",
    env: { ...process.env, DISPLAY: display },
  });
}

/** Writes a file of libXcursor's format with one picture. */
function writeCursor({ width, height, hotX, hotY, bgra }: XCursor): string {
  const IMAGE = 0xfffd0002;
  const FILE_HEAD_BYTES = 28;
  const file = [0x72756358, 16, 0x10000, 1, IMAGE, width, FILE_HEAD_BYTES];
  const image = [36, IMAGE, width, 1, width, height, hotX, hotY, 0];
  const name = path.join(workFolder(), `${width}x${height}.xcursor`);
  writeFileSync(name, Buffer.concat([Buffer.from(Uint32Array.from([...file, ...image]).buffer), bgra]));
  return name;
}

/** A square shape in colours: a quarter opaque, a quarter half-transparent, a quarter opaque, the last not there. */
export function makeColours(side: number): XCursor {
  const bgra = new Uint8Array(side * side * 4);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const alpha = [255, 128, 255, 0][Math.floor((x * 4) / side)] ?? 0;
      const colours = [200, (y * 7) & 255, 250].map((value) => Math.floor((value * alpha) / 255));
      bgra.set([...colours, alpha], (y * side + x) * 4);
    }
  return { hotX: 3, hotY: 5, width: side, height: side, bgra };
}

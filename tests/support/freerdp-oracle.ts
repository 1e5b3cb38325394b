import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** What the oracle is asked to do: the numbers of freerdp-oracle.c. */
export const OracleOperation = {
  planarEncode: 1,
  planarDecode: 2,
  interleavedEncode: 3,
  interleavedDecode: 4,
  nscEncode: 5,
  nscDecode: 6,
  clearDecode: 7,
  zgfxDecode: 8,
  newContexts: 9,
} as const;

/** One question; `options` are planar's flags and flip, bits a pixel, or NSCodec's colour loss and subsampling. */
export interface OracleRequest {
  readonly operation: number;
  readonly width?: number;
  readonly height?: number;
  readonly options?: readonly [number, number?];
  readonly data?: Uint8Array;
}

const REQUEST_HEAD_BYTES = 28;
const REFUSED = 0xffffffff;
const MAX_ANSWERS_BYTES = 256 * 1024 * 1024;
/** Debian 12's compiler and headers: installed when this runs as root and they are missing. */
const PACKAGES = ["gcc", "pkg-config", "freerdp2-dev", "libwinpr2-dev"];

let program: string | null = null;

/** Compiles the peer on FreeRDP 2's libraries, once a run. */
export function buildOracle(): string {
  if (program !== null) return program;
  const hasHeaders = spawnSync("pkg-config", ["--exists", "freerdp2", "winpr2"]).status === 0;
  if (!hasHeaders || spawnSync("cc", ["--version"]).status !== 0)
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", ...PACKAGES], { stdio: "ignore" });
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", "freerdp2", "winpr2"], {
    encoding: "utf8",
  });
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-oracle-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const built = path.join(folder, "freerdp-oracle");
  const source = path.join(import.meta.dirname, "freerdp-oracle.c");
  execFileSync("cc", ["-O1", "-o", built, source, ...flags.trim().split(/\s+/)]);
  program = built;
  return built;
}

/** Asks FreeRDP, in order and with the same contexts; null where it refused. */
export function askOracle(requests: readonly OracleRequest[]): (Uint8Array | null)[] {
  const parts: Buffer[] = [];
  for (const { operation, width = 0, height = 0, options = [0], data = new Uint8Array(0) } of requests) {
    const head = Buffer.alloc(REQUEST_HEAD_BYTES);
    const maxAnswer = width * height * 8 + 65536;
    [operation, width, height, options[0], options[1] ?? 0, data.length, maxAnswer].forEach(
      (value, index) => {
        head.writeUInt32LE(value, index * 4);
      },
    );
    parts.push(head, Buffer.from(data));
  }
  const { status, signal, stdout } = spawnSync(buildOracle(), {
    input: Buffer.concat(parts),
    maxBuffer: MAX_ANSWERS_BYTES,
    // Its warnings about refused input would drown the report.
    env: { ...process.env, WLOG_LEVEL: "OFF" },
  });
  if (status !== 0) throw new Error(`the oracle ended with ${status ?? signal}`);
  return readAnswers(stdout, requests.length);
}

function readAnswers(output: Buffer, count: number): (Uint8Array | null)[] {
  const answers: (Uint8Array | null)[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const size = output.readUInt32LE(at);
    at += 4;
    if (size === REFUSED) {
      answers.push(null);
      continue;
    }
    answers.push(Uint8Array.from(output.subarray(at, at + size)));
    at += size;
  }
  return answers;
}

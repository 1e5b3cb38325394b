// `npm run fuzz`: runs every fuzz target of the tree again and again, each time with a fresh seed, until Ctrl-C.
// What fails is written into the corpus folder of its package, with the seed that finds it again:
//   npm run fuzz -- --seed SEED --only PART-OF-A-FILE-NAME --rounds 1
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { projectRoot, startLab } from "../support/lab.ts";

/** A target that takes longer hangs: that is a finding too. */
const TARGET_TIMEOUT_MS = 300_000;
const MAX_OUTPUT_CHARACTERS = 200_000;
const MAX_SEED = 2 ** 31 - 1;
const preload = import.meta.resolve("./seed.ts");

const { values: options } = parseArgs({
  options: { seed: { type: "string" }, only: { type: "string" }, rounds: { type: "string" } },
});

/** What a test file imports that makes its inputs at random: fast-check, or the decoders' helper around it. */
const RANDOM_INPUTS = /from "(fast-check|.*\/damaged-payloads\.ts)"/;

/** Every test file that makes its inputs at random, and those of this folder. */
function findTargets(): string[] {
  const all = globSync(["packages/*/src/**/*.test.ts", "tests/{fuzz,interop}/*.test.ts"], {
    cwd: projectRoot,
  })
    .filter((file) => !file.includes("node_modules"))
    .filter(
      (file) =>
        file.startsWith("tests/fuzz/") ||
        RANDOM_INPUTS.test(readFileSync(path.join(projectRoot, file), "utf8")),
    );
  return all.filter((file) => file.includes(options.only ?? "")).sort();
}

/** Where findings of a target are kept: the package's corpus, or this folder's. */
function corpusOf(file: string): string {
  const home = /^packages\/[^/]+/.exec(file)?.[0] ?? "tests/fuzz";
  return path.join(projectRoot, home, "corpus");
}

let running: ChildProcess | null = null;
let isStopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    isStopping = true;
    // The terminal's Ctrl-C reaches the child as well; a plain signal does not.
    running?.kill("SIGTERM");
  });

interface Run {
  readonly isGood: boolean;
  readonly output: string;
}

/** Runs one target with one seed to its end. */
function run(file: string, seed: number): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", "--import", preload, "--test-timeout=240000", file],
      {
        cwd: projectRoot,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...process.env,
          POTERNE_FUZZ_SEED: String(seed),
          POTERNE_FUZZ_CORPUS: corpusOf(file),
          POTERNE_FUZZ_FILE: file,
        },
      },
    );
    running = child;
    let output = "";
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString("utf8")).slice(-MAX_OUTPUT_CHARACTERS);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const timer = setTimeout(() => child.kill("SIGKILL"), TARGET_TIMEOUT_MS);
    child.on("close", (code) => {
      clearTimeout(timer);
      running = null;
      resolve({ isGood: code === 0, output });
    });
  });
}

/** Keeps what a failing run said; fast-check's targets have written their counterexample beside it. */
function writeCrash(file: string, seed: number, output: string): string {
  const folder = corpusOf(file);
  mkdirSync(folder, { recursive: true });
  const crash = path.join(folder, `crash-${path.basename(file, ".test.ts")}-${seed}.txt`);
  writeFileSync(crash, `${file}\nseed ${seed}\n\n${output}`);
  return path.relative(projectRoot, crash);
}

const targets = findTargets();
if (targets.length === 0) throw new Error(`no fuzz target is called ${options.only}`);
if (targets.some((file) => file.startsWith("tests/"))) startLab("sshd", "telnet", "vnc");
console.log(`${targets.length} targets; Ctrl-C stops`);
const rounds = options.rounds === undefined ? Number.POSITIVE_INFINITY : Number(options.rounds);
let findings = 0;
for (let round = 1; round <= rounds && !isStopping; round++)
  for (const file of targets) {
    if (isStopping) break;
    const seed = options.seed === undefined ? randomInt(1, MAX_SEED) : Number(options.seed);
    const startedMs = performance.now();
    const { isGood, output } = await run(file, seed);
    if (isStopping) break;
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(`${isGood ? "ok  " : "FAIL"} round ${round} seed ${seed} ${file} (${seconds} s)`);
    if (isGood) continue;
    findings++;
    console.log(`     ${writeCrash(file, seed, output)}`);
  }
console.log(findings === 0 ? "Nothing found." : `${findings} findings.`);
process.exitCode = findings === 0 ? 0 : 1;

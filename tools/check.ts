// `npm run check`: static checks and unit tests, under a minute. Prints what failed; exit code 1 if anything did.
import { spawn } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const bin = (name: string) => path.join(root, "node_modules/.bin", name);

/** One command of the check. */
interface Step {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
}

/**
 * Type checks: one per tier of each package, so that a core that touches Node or the DOM does not compile. Each on one
 * thread: two run at a time anyway, and several checkers of one project work out the same types twice.
 */
function typeSteps(): Step[] {
  const projects = readdirSync(path.join(root, "packages")).flatMap((name) =>
    ["tsconfig.json", "tsconfig.test.json"].map((file) => `packages/${name}/${file}`),
  );
  return [...projects, "tsconfig.tools.json"]
    .filter((project) => existsSync(path.join(root, project)))
    .map((project) => ({
      name: `tsc ${project}`,
      command: bin("tsc"),
      arguments: ["-p", project, "--singleThreaded"],
    }));
}

/** Tests beside the sources that need a database server, a process of their own or many seconds: `npm test` only. */
const SLOW_TEST =
  /testing\/(?:test-stores?|test-world|test-keeper|conformance)|node:child_process|node:worker_threads|^\/\/ Waits in real time/m;

/** All tests but those with the lab's servers and browsers. */
const unitTestFiles = () => globSync(["packages/*/src/**/*.test.ts", "tests/*.test.ts"], { cwd: root });

const isSlow = (file: string) =>
  !file.startsWith("tests/") && SLOW_TEST.test(readFileSync(path.join(root, file), "utf8"));

/** Unit tests that `npm run check` leaves to `npm test`: absolute paths. */
export function slowTestFiles(): string[] {
  return unitTestFiles()
    .filter(isSlow)
    .map((file) => path.join(root, file));
}

/** The quick unit tests in two processes, which start and strip types once each instead of once a file. */
function unitSteps(): Step[] {
  const files = unitTestFiles().filter((file) => !isSlow(file));
  return [0, 1].map((half) => ({
    name: `unit tests, half ${half + 1}`,
    command: process.execPath,
    arguments: [
      "--disable-warning=ExperimentalWarning",
      "--test",
      "--test-reporter=spec",
      "--test-isolation=none",
      ...files.filter((_, index) => index % 2 === half),
    ],
  }));
}

/** A step that takes this long hangs: it is ended, and has failed. */
const STEP_LIMIT_MS = 300_000;

/** Runs one step; null when it failed, else how many tests it counted: one, or what node's test runner said. */
async function runStep(step: Step): Promise<number | null> {
  const started = performance.now();
  const child = spawn(step.command, step.arguments, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: STEP_LIMIT_MS,
    killSignal: "SIGKILL",
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const code = await new Promise<number>((resolve) => child.on("close", (value) => resolve(value ?? 1)));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${step.name} (${seconds} s)`);
  if (code !== 0) console.log(output.slice(-6000));
  const told = Number(/^ℹ pass (\d+)$/m.exec(output)?.[1] ?? 1);
  return code === 0 ? told : null;
}

/** Runs all steps, two at a time; resolves with how many steps and tests passed, and how many steps failed. */
export async function runCheck(): Promise<{ passed: number; failed: number }> {
  const steps: Step[] = [
    ...unitSteps(),
    { name: "biome", command: bin("biome"), arguments: ["check", "--error-on-warnings", "."] },
    { name: "knip", command: bin("knip"), arguments: ["--no-progress"] },
    ...typeSteps(),
  ];
  let [passed, failed] = [0, 0];
  const queue = [...steps];
  const worker = async () => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const told = await runStep(step);
      if (told === null) failed++;
      else passed += told;
    }
  };
  await Promise.all([worker(), worker()]);
  return { passed, failed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await runCheck();
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

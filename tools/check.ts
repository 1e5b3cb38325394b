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

/** Unit tests that need nothing but this machine's processor: what `npm run check` runs. */
function quickTestFiles(): string[] {
  const isQuick = (file: string) =>
    file.startsWith("tests/") || !SLOW_TEST.test(readFileSync(path.join(root, file), "utf8"));
  return unitTestFiles().filter(isQuick);
}

/** All tests beside the sources; those with real servers and browsers are in tests/. */
export function unitTestFiles(): string[] {
  return globSync(["packages/*/src/**/*.test.ts", "tests/*.test.ts"], { cwd: root });
}

async function runStep(step: Step): Promise<boolean> {
  const started = performance.now();
  const child = spawn(step.command, step.arguments, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const code = await new Promise<number>((resolve) => child.on("close", (value) => resolve(value ?? 1)));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${step.name} (${seconds} s)`);
  if (code !== 0) console.log(output.slice(-6000));
  return code === 0;
}

/** Runs all steps, two at a time; resolves with how many failed. */
export async function runCheck(options: {
  withUnitTests: boolean;
}): Promise<{ passed: number; failed: number }> {
  const steps: Step[] = [
    { name: "biome", command: bin("biome"), arguments: ["check", "--error-on-warnings", "."] },
    { name: "knip", command: bin("knip"), arguments: ["--no-progress"] },
    ...typeSteps(),
  ];
  if (options.withUnitTests) {
    steps.unshift({
      name: "unit tests",
      command: process.execPath,
      // All in one process, which starts and strips types once; `npm test` gives each file its own.
      arguments: [
        "--disable-warning=ExperimentalWarning",
        "--test",
        "--test-isolation=none",
        ...quickTestFiles(),
      ],
    });
  }
  let failed = 0;
  const queue = [...steps];
  const worker = async () => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift())
      if (!(await runStep(step))) failed++;
  };
  await Promise.all([worker(), worker()]);
  return { passed: steps.length - failed, failed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed } = await runCheck({ withUnitTests: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

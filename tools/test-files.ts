// Runs test files, each by node's test runner in a group of processes of its own, several at a time, none for longer than
// a limit: a file whose process does not end is a failure, never a run that hangs.
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { byContention, nextFile, type TestFile } from "./test-schedule.ts";

/** A single test. */
const TEST_LIMIT_MS = 300_000;
/** A file, however many tests it has. */
const FILE_LIMIT_MS = 720_000;
/** What a file printed is read to its end for so long after it has ended. */
const DRAIN_MS = 3000;
/** A file that is cut off may tell for so long what had failed in it before its processes are ended. */
const LAST_WORDS_MS = 3000;

/** Counts of tests. */
export interface Counts {
  passed: number;
  failed: number;
}

/** Counts of some files, and those in which something failed. */
export interface Outcome extends Counts {
  readonly failedFiles: readonly string[];
}

/** What running files needs to know. */
export interface RunOptions {
  /** The project's folder. */
  readonly root: string;
  /** How many files run at a time. */
  readonly rows: number;
  /** Ends the run: what runs is ended, what has not begun is not begun, and both count as failed. */
  readonly signal: AbortSignal;
  /** How long one file may take; twelve minutes unless told. */
  readonly fileLimitMs?: number;
}

/** Runs files; what one prints is shown in one piece when it has ended. */
export async function runFiles(
  title: string,
  files: readonly TestFile[],
  options: RunOptions,
): Promise<Outcome> {
  const { root, rows, signal } = options;
  console.log(`\n== ${title}: ${files.length} files`);
  const outcome = { passed: 0, failed: files.length === 0 ? 1 : 0, failedFiles: [] as string[] };
  const waiting = [...byContention(files)];
  const running = new Map<TestFile, Promise<void>>();
  while (waiting.length > 0 || running.size > 0) {
    const isFree = !signal.aborted && running.size < rows;
    const file = isFree ? nextFile(waiting, new Set(running.keys())) : null;
    if (file === null) {
      if (running.size === 0) break;
      await Promise.race(running.values());
      continue;
    }
    waiting.splice(waiting.indexOf(file), 1);
    const run = runFile(file.file, options).then(({ passed, failed }) => {
      running.delete(file);
      outcome.passed += passed;
      outcome.failed += failed;
      if (failed > 0) outcome.failedFiles.push(file.file);
    });
    running.set(file, run);
  }
  for (const { file } of waiting) {
    console.log(`\n✖ ${path.relative(root, file)} was not run: the whole was ended before`);
    outcome.failed++;
    outcome.failedFiles.push(file);
  }
  return outcome;
}

/** Runs one file; skipped and cancelled tests count as failed, and so does a process that fails, or ends, without a word. */
async function runFile(
  file: string,
  { root, signal, fileLimitMs = FILE_LIMIT_MS }: RunOptions,
): Promise<Counts> {
  const started = performance.now();
  const name = path.relative(root, file);
  const flags = [
    "--disable-warning=ExperimentalWarning",
    "--test",
    "--test-reporter=spec",
    `--test-timeout=${TEST_LIMIT_MS}`,
  ];
  // Set where node's runner runs this very code: a runner within it would do nothing.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [...flags, file], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const kept: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => kept.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => kept.push(chunk));
  let isCutOff = false;
  const cutOff = () => {
    isCutOff = true;
    // Node's runner prints the errors when it has been told to end, and only then.
    child.kill("SIGINT");
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    setTimeout(() => hasEnded() || endGroup(child), LAST_WORDS_MS).unref();
  };
  const limit = setTimeout(cutOff, fileLimitMs);
  signal.addEventListener("abort", cutOff);
  const closed = new Promise((resolve) => child.on("close", resolve));
  const code = await new Promise<number>((resolve) => child.on("exit", (value) => resolve(value ?? 1)));
  clearTimeout(limit);
  signal.removeEventListener("abort", cutOff);
  endGroup(child);
  // A process that left the group may hold what it printed to open for ever.
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
  const output = Buffer.concat(kept).toString("utf8");
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`\n-- ${name} (${seconds} s)\n${output.trimEnd()}`);
  if (isCutOff) console.log(`✖ ${name} had not ended after ${seconds} s and was cut off`);
  const tail = output.slice(-200_000);
  const count = (word: string) => Number(new RegExp(`^ℹ ${word} (\\d+)$`, "m").exec(tail)?.[1] ?? 0);
  const failed = count("fail") + count("skipped") + count("cancelled") + count("todo");
  const passed = count("pass");
  const isSilent = failed === 0 && (passed === 0 || code !== 0 || isCutOff);
  return { passed, failed: isSilent ? 1 : failed };
}

/** Ends what is left of a file's processes. */
function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nothing is left of it.
  }
}

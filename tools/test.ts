// `npm test`: everything. Installs the Debian packages the tests need when it may, starts the lab's real servers, runs
// static checks, unit tests, the three databases, real servers and the browser, and stops what it started.
// A test that was skipped counts as failed: a missing server is not an excuse.
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildPages } from "./build-pages.mjs";
import { runCheck, slowTestFiles } from "./check.ts";
import { type Counts, runFiles } from "./test-files.ts";
import { prepareMachine } from "./test-machine.ts";
import { namedServers, readTestFile } from "./test-schedule.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const labTargets = [
  "sshd",
  "sshd-legacy",
  "telnet",
  "vnc",
  "vnc-tls",
  "x11vnc",
  "mit-kdc",
  "samba-ad",
  "kdc-proxy",
  "slapd",
  "smtp",
  "idp",
];
/** RDP servers: apart, because the newer ones live in a Debian 13 tree that is built once. */
const rdpTargets = ["xrdp", "xrdp10", "shadow2", "shadow3"];
/** Started by single tests: stopped with the others. */
const furtherTargets = [
  "sshd-cert",
  "sshd-jump",
  "sshd-krb",
  "shadow3-krb",
  "shadow3-ad",
  "rsyslog",
  "grd",
  "weston",
];

/** Files with real servers or a browser that may be run again in one run; more that fail are no accident. */
const MAX_REPEATED_FILES = 8;
/** Files of tests side by side: on two processors, with servers and pages that wait for each other. */
const ROWS = 3;
/** The whole; who waits for it gives up after ninety minutes and would see nothing. */
const WHOLE_LIMIT_MS = 80 * 60_000;

const stop = new AbortController();
const { signal } = stop;
const whole = setTimeout(() => stop.abort(), WHOLE_LIMIT_MS);
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => stop.abort());

/**
 * Begins the lab's servers anew that files name: what a failed test left in them (a desktop, a full terminal, an entry)
 * would fail its repetition as well. Those that single tests start come back with their test.
 */
async function renewServers(files: readonly string[]): Promise<void> {
  const names = [...new Set(files.flatMap(namedServers))];
  await lab("down", names);
  await lab(
    "up",
    [...labTargets, ...rdpTargets].filter((name) => names.includes(name)),
  );
}

/** The lab's command; resolves with whether it did as told. What it says is shown when it has ended. */
async function lab(command: "up" | "down", names: readonly string[]): Promise<boolean> {
  if (names.length === 0) return true;
  const child = spawn(path.join(root, "lab", command), names, { stdio: ["ignore", "ignore", "pipe"] });
  const said: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await new Promise((resolve) => child.on("exit", resolve));
  process.stderr.write(Buffer.concat(said));
  return code === 0;
}

/**
 * Tests with real servers and browsers. A file in which something failed is run once more, alone, after all the others,
 * with servers begun anew, and what failed then a last time; every run is printed and a file that failed before it was
 * green is named at the end (decision 0068).
 */
async function runRealTests(): Promise<Counts> {
  // Without a browser first: what fails there fails sooner.
  const files = ["interop", "fuzz", "e2e"].flatMap((folder) =>
    globSync(`tests/${folder}/**/*.test.ts`, { cwd: root }).sort(),
  );
  const run = (title: string, chosen: readonly string[], rows: number) =>
    runFiles(title, chosen.map(readTestFile), { root, rows, signal });
  const first = await run(
    "real servers and browsers",
    files.map((file) => path.join(root, file)),
    ROWS,
  );
  if (first.failedFiles.length > MAX_REPEATED_FILES) return first;
  let last = first;
  for (const title of ["once more", "a last time"]) {
    if (last.failedFiles.length === 0 || signal.aborted) break;
    const { failedFiles } = last;
    await renewServers(failedFiles);
    last = await run(title, failedFiles, 1);
    for (const file of failedFiles)
      if (!last.failedFiles.includes(file)) repeated.push(`${path.relative(root, file)}: green ${title}`);
  }
  return { passed: first.passed + first.failed - last.failed, failed: last.failed };
}

const total: Counts = { passed: 0, failed: 0 };
/** Files that failed before they were green, and when they were. */
const repeated: string[] = [];
const add = ({ passed, failed }: Counts) => {
  total.passed += passed;
  total.failed += failed;
};

// Without a locale Chromium reads no name of a file that is not ASCII.
process.env.LC_ALL = "C.UTF-8";
// Hundreds of processes read the same sources: each is compiled once.
process.env.NODE_COMPILE_CACHE ??= path.join(root, "node_modules/.cache/node-compile");
const stopDatabases = await prepareMachine();
buildPages();
try {
  // Its servers mostly wait while they start.
  const labStarts = lab("up", [...labTargets, ...rdpTargets]);
  add(await runCheck());
  // They use nothing of the lab, whatever protocols they name.
  const unitTests = slowTestFiles().map((file) => ({ file, shares: new Set<string>() }));
  add(await runFiles("databases and slow unit tests", unitTests, { root, rows: 2, signal }));
  if (await labStarts) {
    add(await runRealTests());
  } else {
    console.error("the lab's servers did not start");
    total.failed++;
  }
} finally {
  clearTimeout(whole);
  await lab("down", [...labTargets, ...rdpTargets, ...furtherTargets]);
  await stopDatabases();
}
for (const file of repeated) console.log(`\nunsteady: ${file}; what failed before is above`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

// `npm test`: everything. Installs the Debian packages the tests need when it may, starts the lab's real servers, runs
// static checks, unit tests, the three databases, real servers and the browser, and stops what it started.
// A test that was skipped counts as failed: a missing server is not an excuse.
import { spawn, spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildPages } from "./build-pages.mjs";
import { runCheck, unitTestFiles } from "./check.ts";
import { prepareMachine } from "./test-machine.ts";

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
const furtherTargets = ["sshd-cert", "sshd-jump", "sshd-krb", "shadow3-krb", "shadow3-ad", "rsyslog"];

/** Files of browser tests that may be run a second time in one run; more that fail are no accident. */
const MAX_REPEATED_FILES = 3;

/** Counts of one run of node's test runner. */
interface Counts {
  passed: number;
  failed: number;
}

/** Counts, and the files in which something failed. */
interface Outcome extends Counts {
  readonly failedFiles: readonly string[];
}

/** Runs test files with node's runner and reads its closing counts; skipped and cancelled tests count as failed. */
async function runTests(title: string, files: readonly string[], concurrency: number): Promise<Outcome> {
  console.log(`\n== ${title}: ${files.length} files`);
  if (files.length === 0) return { passed: 0, failed: 1, failedFiles: [] };
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-test-"));
  const failedList = path.join(folder, "failed");
  const flags = [
    "--disable-warning=ExperimentalWarning",
    "--test",
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${pathToFileURL(path.join(root, "tools/failed-files.mjs")).href}`,
    `--test-reporter-destination=${failedList}`,
    `--test-concurrency=${concurrency}`,
    "--test-timeout=300000",
  ];
  const child = spawn(process.execPath, [...flags, ...files], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let tail = "";
  child.stdout.on("data", (chunk: Buffer) => {
    process.stdout.write(chunk);
    tail = (tail + chunk.toString("utf8")).slice(-200_000);
  });
  const code = await new Promise<number>((resolve) => child.on("close", (value) => resolve(value ?? 1)));
  const count = (name: string) => Number(new RegExp(`^ℹ ${name} (\\d+)$`, "m").exec(tail)?.[1] ?? 0);
  const failed = count("fail") + count("skipped") + count("cancelled") + count("todo");
  const failedFiles = [...new Set(readFileSync(failedList, "utf8").split("\n").filter(Boolean))];
  rmSync(folder, { recursive: true });
  return { passed: count("pass"), failed: code !== 0 && failed === 0 ? 1 : failed, failedFiles };
}

/**
 * Browser tests. A file in which something failed is run once more, alone, after all the others; both runs are printed
 * and a file that was green only then is named at the end (decision 0068).
 */
async function runBrowserTests(): Promise<Counts> {
  const first = await runTests("browser", globSync("tests/e2e/**/*.test.ts", { cwd: root }), 1);
  const { failedFiles } = first;
  if (first.failed === 0 || failedFiles.length === 0 || failedFiles.length > MAX_REPEATED_FILES) return first;
  const again = await runTests("browser, once more", failedFiles, 1);
  if (again.failed > 0) return first;
  for (const file of failedFiles) repeated.push(path.relative(root, file));
  return { passed: first.passed + first.failed, failed: 0 };
}

const total: Counts = { passed: 0, failed: 0 };
/** Files that were green only the second time. */
const repeated: string[] = [];
const add = ({ passed, failed }: Counts) => {
  total.passed += passed;
  total.failed += failed;
};

const lab = (command: "up" | "down", names: readonly string[]) =>
  spawnSync(path.join(root, "lab", command), names, { stdio: "inherit" }).status === 0;

const stopDatabases = await prepareMachine();
buildPages();
try {
  add(await runCheck({ withUnitTests: false }));
  add(await runTests("unit tests and databases", unitTestFiles(), 2));
  if (!lab("up", [...labTargets, ...rdpTargets])) {
    console.error("the lab's servers did not start");
    total.failed++;
  } else {
    add(await runTests("real servers", globSync("tests/{interop,fuzz}/**/*.test.ts", { cwd: root }), 1));
    add(await runBrowserTests());
  }
} finally {
  lab("down", [...labTargets, ...rdpTargets, ...furtherTargets]);
  await stopDatabases();
}
for (const file of repeated) console.log(`\nunsteady: ${file} failed once and passed alone; see above`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

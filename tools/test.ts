// `npm test`: everything. Installs the Debian packages the tests need when it may, starts the lab's real servers, runs
// static checks, unit tests, the three databases, real servers and the browser, and stops what it started.
// A test that was skipped counts as failed: a missing server is not an excuse.
import { spawn, spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
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
];
/** RDP servers: apart, because the newer ones live in a Debian 13 tree that is built once. */
const rdpTargets = ["xrdp", "xrdp10", "shadow2", "shadow3"];
/** Started by single tests: stopped with the others. */
const furtherTargets = ["sshd-cert", "sshd-jump", "rsyslog"];

/** Counts of one run of node's test runner. */
interface Counts {
  passed: number;
  failed: number;
}

/** Runs test files with node's runner and reads its closing counts; skipped and cancelled tests count as failed. */
async function runTests(title: string, files: readonly string[], concurrency: number): Promise<Counts> {
  console.log(`\n== ${title}: ${files.length} files`);
  if (files.length === 0) return { passed: 0, failed: 1 };
  const flags = [
    "--disable-warning=ExperimentalWarning",
    "--test",
    "--test-reporter=spec",
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
  return { passed: count("pass"), failed: code !== 0 && failed === 0 ? 1 : failed };
}

const total: Counts = { passed: 0, failed: 0 };
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
    add(await runTests("browser", globSync("tests/e2e/**/*.test.ts", { cwd: root }), 1));
  }
} finally {
  lab("down", [...labTargets, ...rdpTargets, ...furtherTargets]);
  await stopDatabases();
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

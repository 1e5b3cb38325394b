// The runner of `npm test`: what runs side by side, and that nothing makes it wait for ever.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { runFiles } from "../tools/test-files.ts";
import { byContention, namedServers, nextFile, readTestFile, type TestFile } from "../tools/test-schedule.ts";

const root = mkdtempSync(path.join(tmpdir(), "poterne-runner-"));
after(() => rmSync(root, { recursive: true }));

function write(name: string, text: string): string {
  const file = path.join(root, name);
  writeFileSync(file, text);
  return file;
}

const shared = (file: string, ...shares: string[]): TestFile => ({ file, shares: new Set(shares) });
const never = new AbortController().signal;

/** Runs files without a word on the console of whoever reads this test's. */
async function quietly(...parameters: Parameters<typeof runFiles>) {
  const { log } = console;
  const said: string[] = [];
  console.log = (line: string) => void said.push(line);
  try {
    return { ...(await runFiles(...parameters)), said: said.join("\n") };
  } finally {
    console.log = log;
  }
}

test("a file shares the servers it names; both xrdp have the same people's desktops, sshd keeps nothing", () => {
  const file = write(
    "names.txt",
    'startLab("sshd", "telnet", "xrdp10", "shadow3-krb"); const vnc = "a vnc", ports = { grd: 1 };',
  );
  assert.deepEqual([...readTestFile(file).shares], ["xrdp", "shadow3-krb", "grd"]);
  assert.deepEqual(namedServers(file), ["xrdp10", "shadow3-krb", "grd"]);
});

test("files that share a server never run side by side; the most wanted servers come first", () => {
  const [alone, vnc, grd, both] = [
    shared("alone"),
    shared("vnc", "vnc"),
    shared("grd", "grd"),
    shared("both", "vnc", "grd"),
  ];
  const files = byContention([alone, grd, vnc, both, shared("more", "vnc")]);
  assert.deepEqual(
    files.map(({ file }) => file),
    ["vnc", "both", "more", "grd", "alone"],
  );
  assert.equal(nextFile(files, new Set([vnc]))?.file, "grd");
  assert.equal(nextFile(files, new Set([both]))?.file, "alone");
  assert.equal(nextFile([vnc, grd], new Set([both])), null);
});

test("passed, failed and skipped tests are counted, and the files named in which not all passed", async () => {
  const head = 'import { test } from "node:test";\n';
  const good = write("good.mjs", `${head}test("one", () => {}); test("two", () => {});`);
  const bad = write(
    "bad.mjs",
    `${head}test("fine", () => {}); test("no", () => { throw new Error("no"); });`,
  );
  const left = write("left.mjs", `${head}test("later", { skip: true }, () => {});`);
  const outcome = await quietly(
    "some",
    [good, bad, left].map((file) => shared(file)),
    { root, rows: 2, signal: never },
  );
  assert.deepEqual([outcome.passed, outcome.failed], [3, 2]);
  assert.deepEqual(new Set(outcome.failedFiles), new Set([bad, left]));
});

test("a file whose process does not end is cut off, with what it started, and failed", async () => {
  const text = `
    import { spawn } from "node:child_process";
    import { test } from "node:test";
    test("starts what it does not end", () => {
      const { pid } = spawn("sleep", ["600"], { stdio: "inherit" });
      console.log("sleeper " + pid);
      setInterval(() => {}, 1000);
    });
    test("fails before", () => { throw new Error("why it failed"); });`;
  const file = write("hangs.mjs", text);
  const outcome = await quietly("one", [shared(file)], { root, rows: 1, signal: never, fileLimitMs: 2500 });
  assert.deepEqual([outcome.failed, outcome.failedFiles], [2, [file]]);
  assert.match(outcome.said, /Error: why it failed/);
  assert.match(outcome.said, /hangs\.mjs had not ended after \d+ s and was cut off/);
  const sleeper = Number(/sleeper (\d+)/.exec(outcome.said)?.[1]);
  // Whoever is told of its end may take a moment to fetch it.
  const state = () => {
    try {
      return readFileSync(`/proc/${sleeper}/stat`, "utf8").split(" ")[2];
    } catch {
      return "Z";
    }
  };
  for (let tries = 0; state() !== "Z"; tries++) {
    assert.ok(tries < 100, "what it started lives on");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

test("when the whole is ended, what runs is cut off and what waits is not run; both are failures", async () => {
  const waits =
    'import { test } from "node:test"; test("waits", () => new Promise(() => setInterval(() => {}, 1000)));';
  const files = ["first.mjs", "second.mjs"].map((name) => shared(write(name, waits)));
  const outcome = await quietly("two", files, { root, rows: 1, signal: AbortSignal.timeout(1000) });
  assert.equal(outcome.failed, 2);
  assert.match(outcome.said, /second\.mjs was not run/);
});

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { verifyFile } from "../../packages/gateway/src/recording/verify-file.ts";
import { projectRoot } from "../support/lab.ts";

const ROUNDS = 20;
const RECORDING_COUNT = 10;
/** What a recording may be behind when its process is killed. */
const MAX_BEHIND_MS = 1_000;

const writer = path.join(projectRoot, "packages/gateway/src/recording/testing/crash-writer.ts");
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Item {
  readonly sessionId: string;
  readonly integrity: string;
  readonly verdict: string;
  readonly detail: string;
  readonly frameCount: number;
  readonly lastAtMs: number;
  readonly isInOrder: boolean;
}

interface Message extends Item {
  readonly type: "sealed" | "writing" | "filled" | "problem";
  readonly items: readonly Item[];
  readonly failures: readonly string[];
}

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-crash-"));
  folders.push(folder);
  return folder;
}

/** Starts the writer and hands over its messages, one call a message. */
function start(
  folder: string,
  mode: string,
  shell: (node: string) => [string, string[]] = (node) => [node, []],
) {
  const [command, words] = shell(process.execPath);
  const child = spawn(command, [...words, writer, folder, mode], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (type: Message["type"]): Promise<Message> => {
    for (;;) {
      const { value, done } = await lines.next();
      assert.ok(done !== true, `the writer ended before it said ${type}`);
      const message = JSON.parse(value) as Message;
      if (message.type === type) return message;
      assert.ok(message.type !== "problem" || mode === "fill", JSON.stringify(message));
    }
  };
  return { child, next };
}

async function kill(child: ChildProcess): Promise<number> {
  const exited = once(child, "exit");
  const killedAtMs = Date.now();
  child.kill("SIGKILL");
  await exited;
  return killedAtMs;
}

function trustedKeys(folder: string): Uint8Array[] {
  const { keys } = JSON.parse(readFileSync(path.join(folder, "keys/public-keys.json"), "utf8")) as {
    keys: { publicKey: string }[];
  };
  return keys.map(({ publicKey }) => Buffer.from(publicKey, "base64"));
}

/** Every file verifies as it lies there, sealed or not. */
async function verifyAll(folder: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const root = path.join(folder, "recordings");
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ptnr")) continue;
    const { verdict, detail } = await verifyFile(path.join(root, name), { trustedKeys: trustedKeys(folder) });
    assert.match(verdict, /^(?:sealed|unfinished)$/, `${name}: ${detail}`);
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
}

/** The real journal holds the seal's head: a file cut behind it is found, though its own signatures are good. */
async function compareWithJournal(folder: string, sessionId: string): Promise<void> {
  const root = path.join(folder, "recordings");
  const name = readdirSync(root, { recursive: true, encoding: "utf8" }).find((file) =>
    file.includes(`${sessionId}.ptnr`),
  );
  const file = path.join(root, name ?? "");
  const options = { trustedKeys: trustedKeys(folder), journalDirectory: path.join(folder, "journal") };
  assert.equal((await verifyFile(file, options)).verdict, "sealed");
  const cut = path.join(folder, "cut.ptnr");
  copyFileSync(file, cut);
  truncateSync(cut, statSync(cut).size - 400);
  assert.equal((await verifyFile(cut, { ...options, trustedKeys: null })).verdict, "shorter");
}

test("kill -9 under ten recordings, twenty times: all verify up to a second before, play, and are sealed by the next start", async () => {
  const folder = newFolder();
  let killedAtMs = 0;
  let lastItem: Item | undefined;
  for (let round = 0; round <= ROUNDS; round++) {
    const { child, next } = start(folder, round < ROUNDS ? "write" : "check");
    const { items } = await next("sealed");
    assert.equal(items.length, round === 0 ? 0 : RECORDING_COUNT);
    lastItem = items.at(-1);
    for (const item of items) {
      assert.equal(item.verdict, "sealed", item.detail);
      assert.equal(item.integrity, "sealed");
      assert.ok(item.isInOrder && item.frameCount > 0);
      const behindMs = killedAtMs - item.lastAtMs;
      assert.ok(behindMs <= MAX_BEHIND_MS, `round ${round}: ${behindMs} ms behind`);
    }
    if (round === ROUNDS) {
      await once(child, "exit");
      break;
    }
    await next("writing");
    await wait(600 + Math.random() * 400);
    killedAtMs = await kill(child);
    if (round % 5 === 0) assert.equal((await verifyAll(folder)).unfinished, RECORDING_COUNT);
  }
  assert.deepEqual(await verifyAll(folder), { sealed: ROUNDS * RECORDING_COUNT });
  await compareWithJournal(folder, lastItem?.sessionId ?? "");
});

test("a file that cannot grow any more is told once, stays readable up to there and verifies", async () => {
  const folder = newFolder();
  // 4 MB for any one file: the kernel refuses the write in its middle, as a full disk does.
  const { child, next } = start(folder, "fill", (node) => [
    "bash",
    ["-c", 'ulimit -f 4096; exec "$0" "$@"', node],
  ]);
  const exited = once(child, "exit");
  const filled = await next("filled");
  await exited;
  assert.equal(filled.failures.length, 1);
  assert.match(filled.failures[0] ?? "", /EFBIG|ENOSPC|too large|space/i);
  assert.equal(filled.integrity, "sealed");
  assert.equal(filled.verdict, "sealed", filled.detail);
  assert.ok(filled.isInOrder && filled.frameCount > 500);
});

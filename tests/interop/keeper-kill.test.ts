import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill } from "node:process";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseLine } from "../../packages/gateway/src/journal/journal-line.ts";
import { verifyJournal } from "../../packages/gateway/src/journal/journal-verify.ts";
import { readRawLines } from "../../packages/gateway/src/journal/line-reader.ts";
import { listSegments } from "../../packages/gateway/src/journal/segment.ts";
import { parsePublicKeys } from "../../packages/gateway/src/keeper/signing-keys.ts";
import { testKeeper } from "../../packages/gateway/src/keeper/testing/test-keeper.ts";

const ROUNDS = 20;
const script = fileURLToPath(
  new URL("../../packages/gateway/src/keeper/testing/append-forever.ts", import.meta.url),
);

interface Run {
  readonly child: ChildProcess;
  readonly keeperPid: number;
  readonly acknowledged: string[];
}

async function startAppending(folder: string): Promise<Run> {
  const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const acknowledged: string[] = [];
  const { promise, resolve } = Promise.withResolvers<number>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith("keeper ")) resolve(Number(line.slice(7)));
    else if (line.length === 36) acknowledged.push(line);
  });
  return { child, keeperPid: await promise, acknowledged };
}

function isAlive(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function entryIds(directory: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const { file } of await listSegments(directory)) {
    for await (const lines of readRawLines(join(directory, file))) {
      for (const raw of lines) {
        const line = parseLine(raw.bytes.toString("utf8"));
        if (line?.type === "entry") ids.push((line.entry as { entryId: string }).entryId);
      }
    }
  }
  return ids;
}

describe("a gateway killed while it appends", () => {
  it(`keeps every acknowledged entry once and a journal that verifies, ${ROUNDS} times; the keeper ends by itself`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "poterne-kill-"));
    try {
      const acknowledged: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const run = await startAppending(folder);
        while (run.acknowledged.length < 20 + round * 5) await sleep(2);
        // Every third time the keeper dies with it, in the middle of a write.
        if (round % 3 === 0) kill(run.keeperPid, "SIGKILL");
        run.child.kill("SIGKILL");
        await once(run.child, "close");
        acknowledged.push(...run.acknowledged);
        const untilMs = performance.now() + 10_000;
        while (isAlive(run.keeperPid) && performance.now() < untilMs) await sleep(10);
        assert.ok(!isAlive(run.keeperPid), "the keeper ended with its gateway");
      }
      const last = await testKeeper(folder);
      await last.keeper.close();
      const keys = parsePublicKeys(await readFile(join(folder, "keys", "public-keys.json"), "utf8"));
      const verdict = await verifyJournal(join(folder, "journal"), keys);
      assert.deepEqual(verdict.problems, []);
      assert.equal(verdict.epochCount, 1);
      const written = await entryIds(join(folder, "journal"));
      const known = new Set(written);
      assert.equal(known.size, written.length, "no entry twice");
      assert.deepEqual(
        acknowledged.filter((id) => !known.has(id)),
        [],
      );
      assert.ok((await readdir(join(folder, "keys"))).includes("public-keys.json"));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

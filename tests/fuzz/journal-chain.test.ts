import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type JournalSetup, journalSetup } from "../../packages/gateway/src/journal/testing/journal-setup.ts";
import { FuzzRandom, fuzzSeed } from "./random.ts";

const DAY_MS = 86_400_000;
const ROUNDS = 1_200;

function makeRandom(seed: number): (below: number) => number {
  const random = new FuzzRandom(seed);
  return (below) => random.below(below);
}

type Mutation = (files: Map<string, Buffer>, random: (below: number) => number) => string;

function pick(files: Map<string, Buffer>, random: (below: number) => number): [string, Buffer] {
  const all = [...files];
  const found = all[random(all.length)];
  assert.ok(found);
  return found;
}

function segments(files: Map<string, Buffer>): string[] {
  return [...files.keys()].filter((name) => /^\d{4}-/.test(name)).sort();
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString("utf8").trimEnd().split("\n");
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "flip a bit": (files, random) => {
    const [name, bytes] = pick(files, random);
    const at = random(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    return `${name} at ${at}`;
  },
  "overwrite bytes": (files, random) => {
    const [name, bytes] = pick(files, random);
    const at = random(bytes.length - 8);
    const before = Buffer.from(bytes);
    for (let index = 0; index < 8; index++) bytes[at + index] = random(256);
    if (before.equals(bytes)) bytes[at] = (bytes[at] ?? 0) ^ 1;
    return `${name} at ${at}`;
  },
  "cut the end of a file": (files, random) => {
    const [name, bytes] = pick(files, random);
    const at = random(bytes.length);
    files.set(name, bytes.subarray(0, at));
    return `${name} at ${at}`;
  },
  "drop a line": (files, random) => {
    const [name, bytes] = pick(files, random);
    const lines = linesOf(bytes);
    const at = random(lines.length);
    lines.splice(at, 1);
    files.set(name, Buffer.from(lines.map((line) => `${line}\n`).join("")));
    return `${name} line ${at}`;
  },
  "swap two lines": (files, random) => {
    const name = segments(files)[random(segments(files).length)] ?? "";
    const lines = linesOf(files.get(name) ?? Buffer.alloc(0));
    const at = random(lines.length - 1);
    const [one, other] = [lines[at] ?? "", lines[at + 1] ?? ""];
    lines.splice(at, 2, other, one);
    files.set(name, Buffer.from(lines.map((line) => `${line}\n`).join("")));
    return `${name} line ${at}`;
  },
  "repeat a line": (files, random) => {
    const [name, bytes] = pick(files, random);
    const lines = linesOf(bytes);
    const at = random(lines.length);
    lines.splice(at, 0, lines[at] ?? "");
    files.set(name, Buffer.from(lines.map((line) => `${line}\n`).join("")));
    return `${name} line ${at}`;
  },
  "drop a segment": (files, random) => {
    const name = segments(files)[random(segments(files).length)] ?? "";
    files.delete(name);
    return name;
  },
  "exchange the content of two segments": (files, random) => {
    const names = segments(files);
    const one = random(names.length);
    const other = (one + 1 + random(names.length - 1)) % names.length;
    const [first, second] = [names[one] ?? "", names[other] ?? ""];
    const content = files.get(first) ?? Buffer.alloc(0);
    files.set(first, files.get(second) ?? Buffer.alloc(0));
    files.set(second, content);
    return `${first} and ${second}`;
  },
};

function put(path: string, bytes: Buffer | undefined): Promise<void> {
  return bytes === undefined ? rm(path) : writeFile(path, bytes);
}

describe("a journal that somebody changed", () => {
  let setup: JournalSetup;
  let original: ReadonlyMap<string, Buffer>;
  before(async () => {
    setup = await journalSetup();
    const file = setup.open({ retentionMonths: 6 });
    for (let part = 0; part < 8; part++) {
      for (let index = 0; index < 4; index++)
        await file.append(setup.entry("target.changed", { note: `n°${index}` }));
      setup.clock.pass(part < 5 ? 45 * DAY_MS : DAY_MS);
    }
    await file.close();
    const entries = await readdir(setup.directory, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    original = new Map(
      await Promise.all(
        names.map(async (name) => [name, await readFile(join(setup.directory, name))] as const),
      ),
    );
  });
  after(() => setup.dispose());

  it("verifies before anything is changed, dropped segments included", async () => {
    const verdict = await setup.verify();
    assert.deepEqual(verdict.problems, []);
    assert.ok(verdict.droppedSegmentCount > 0 && verdict.segmentCount > 3);
  });

  it(`is found out in each of ${ROUNDS} mutations`, async () => {
    const random = makeRandom(fuzzSeed());
    const kinds = Object.entries(MUTATIONS);
    const missed: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [kind, mutate] = kinds[round % kinds.length] ?? kinds[0] ?? assert.fail();
      const files = new Map([...original].map(([name, bytes]) => [name, Buffer.from(bytes)]));
      const where = mutate(files, random);
      const changed = [...original].filter(([name, bytes]) => files.get(name)?.equals(bytes) !== true);
      for (const [name] of changed) await put(join(setup.directory, name), files.get(name));
      if ((await setup.verify()).isIntact) missed.push(`${kind}: ${where}`);
      for (const [name, bytes] of changed) await put(join(setup.directory, name), bytes);
    }
    assert.deepEqual(missed, []);
    assert.ok((await setup.verify()).isIntact);
  });

  it("never stops a restart: the next keeper goes on, in a new epoch if it must", async () => {
    const random = makeRandom(7);
    for (const [kind, mutate] of Object.entries(MUTATIONS)) {
      const folder = await mkdtemp(join(tmpdir(), "poterne-journal-"));
      try {
        const copy = await journalSetup(folder);
        await cp(setup.directory, copy.directory, { recursive: true });
        const files = new Map([...original].map(([name, bytes]) => [name, Buffer.from(bytes)]));
        mutate(files, random);
        for (const name of original.keys()) await put(join(copy.directory, name), files.get(name));
        const file = copy.open();
        await file.append(copy.entry());
        await file.close();
      } catch (error) {
        assert.fail(`${kind}: ${error}`);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
  });
});

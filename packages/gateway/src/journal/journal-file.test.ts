import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Failure } from "@poterne/contract";
import type { JournalFile } from "./journal-file.ts";
import { parseLine } from "./journal-line.ts";
import { HEAD_FILE, listSegments, RESTORED_FILE, TRAILERS_FILE } from "./segment.ts";
import { type JournalSetup, journalSetup } from "./testing/journal-setup.ts";

const DAY_MS = 86_400_000;
const unavailable = (error: unknown) => error instanceof Failure && error.code === "journal-unavailable";

async function kindsIn(file: JournalFile): Promise<readonly string[]> {
  const kinds: string[] = [];
  let after = { epoch: 0, sequence: 0 };
  for (;;) {
    const { lines, isEnd } = await file.read(after);
    if (isEnd) return kinds;
    for (const { epoch, text } of lines) {
      const line = parseLine(text);
      assert.ok(line);
      after = { epoch, sequence: line.sequence };
      kinds.push(line.type === "entry" ? (line.entry as { kind: string }).kind : line.type);
    }
  }
}

function signedUpTo(file: JournalFile): number {
  return file.state.checkpoint?.sequence ?? 0;
}

async function lastSegment(directory: string): Promise<string> {
  const last = (await listSegments(directory)).at(-1);
  assert.ok(last);
  return join(directory, last.file);
}

describe("the journal's file", () => {
  let setup: JournalSetup;
  beforeEach(async () => {
    setup = await journalSetup();
  });
  afterEach(() => setup.dispose());

  it("chains entries across restarts and verifies", async () => {
    for (let round = 0; round < 3; round++) {
      const file = setup.open();
      for (let index = 0; index < 5; index++) await file.append(setup.entry());
      await file.close();
    }
    const verdict = await setup.verify();
    assert.deepEqual(verdict.problems, []);
    assert.equal(verdict.entryCount, 15);
    assert.equal(verdict.epochCount, 1);
    assert.equal(verdict.signedUpTo?.sequence, verdict.last?.sequence);
  });

  it("signs a checkpoint ten seconds after an unsigned entry at the latest, and every thousand lines", async () => {
    const file = setup.open();
    await file.append(setup.entry());
    assert.equal(signedUpTo(file), 0);
    setup.clock.pass(10_000);
    await file.append(setup.entry());
    const first = signedUpTo(file);
    assert.ok(first > 0);
    await Promise.all(Array.from({ length: 1_000 }, () => file.append(setup.entry())));
    await file.append(setup.entry());
    assert.ok(signedUpTo(file) > first);
    await file.close();
    assert.ok((await setup.verify()).isIntact);
  });

  it("begins a segment each day and one when a segment is full", async () => {
    const file = setup.open({ maxSegmentBytes: 4_000 });
    for (let day = 0; day < 3; day++) {
      if (day > 0) setup.clock.pass(DAY_MS);
      for (let index = 0; index < 12; index++) await file.append(setup.entry());
    }
    await file.close();
    const segments = await listSegments(setup.directory);
    assert.ok(segments.length > 5, `${segments.length} segments`);
    assert.equal(new Set(segments.map((one) => one.day)).size, 3);
    assert.deepEqual((await setup.verify()).problems, []);
  });

  it("drops whole segments after the retention time and keeps their signed trailers", async () => {
    const file = setup.open({ retentionMonths: 6 });
    for (let month = 0; month < 9; month++) {
      await file.append(setup.entry());
      setup.clock.pass(30 * DAY_MS);
    }
    await file.append(setup.entry());
    const kinds = await kindsIn(file);
    await file.close();
    assert.ok(kinds.includes("keeper.journal-segment-dropped"));
    const verdict = await setup.verify();
    assert.deepEqual(verdict.problems, []);
    assert.ok(verdict.droppedSegmentCount >= 2);
    await rm(join(setup.directory, TRAILERS_FILE));
    assert.ok((await setup.verify()).problems.some((one) => one.code === "missing-segment"));
  });

  it("keeps six months even when it is told to keep less", async () => {
    const file = setup.open({ retentionMonths: 1 });
    await file.append(setup.entry());
    setup.clock.pass(150 * DAY_MS);
    await file.append(setup.entry());
    await file.close();
    assert.equal((await setup.verify()).droppedSegmentCount, 0);
  });

  it("notices a jump of the clock while it runs and while it does not", async () => {
    let file = setup.open();
    await file.append(setup.entry());
    setup.clock.jump(60_000);
    await file.append(setup.entry("after.jump"));
    await file.close();
    setup.clock.pass(5_000);
    setup.clock.jump(-3_600_000);
    file = setup.open();
    await file.append(setup.entry());
    const kinds = await kindsIn(file);
    await file.close();
    assert.equal(kinds.filter((kind) => kind === "keeper.clock-jumped").length, 2);
    assert.ok(kinds.indexOf("keeper.clock-jumped") < kinds.indexOf("after.jump"));
    assert.ok((await setup.verify()).isIntact);
  });

  it("does not take time gone by, or a clock being slewed, for a jump", async () => {
    const file = setup.open();
    for (let index = 0; index < 5; index++) {
      setup.clock.pass(3_600_000);
      setup.clock.jump(1_500);
      await file.append(setup.entry());
    }
    assert.ok(!(await kindsIn(file)).includes("keeper.clock-jumped"));
    await file.close();
  });

  it("takes a torn last line off, keeps it aside and notes it", async () => {
    let file = setup.open();
    await file.append(setup.entry());
    await file.close();
    await appendFile(await lastSegment(setup.directory), '{"sequence":4,"at":"2026-11');
    assert.ok(!(await setup.verify()).isIntact);
    file = setup.open();
    await file.append(setup.entry());
    assert.ok((await kindsIn(file)).includes("keeper.journal-repaired"));
    await file.close();
    assert.deepEqual((await setup.verify()).problems, []);
    assert.equal((await readdir(join(setup.directory, "damaged"))).length, 1);
  });

  it("survives a crash at any byte of the last write", async () => {
    let file = setup.open();
    await file.append(setup.entry());
    await file.close();
    const path = await lastSegment(setup.directory);
    const before = (await readFile(path)).length;
    const head = await readFile(join(setup.directory, HEAD_FILE));
    file = setup.open();
    await file.append(setup.entry());
    await file.append(setup.entry());
    await file.close();
    const whole = await readFile(path);
    for (let end = before; end < whole.length; end += 37) {
      await writeFile(path, whole.subarray(0, end));
      await writeFile(join(setup.directory, HEAD_FILE), head);
      file = setup.open();
      await file.append(setup.entry());
      await file.close();
      const verdict = await setup.verify();
      assert.deepEqual(verdict.problems, [], `cut at ${end}`);
      assert.equal(verdict.epochCount, 1);
    }
  });

  it("goes on after a crash while a segment was being made", async () => {
    let file = setup.open();
    await file.append(setup.entry());
    setup.clock.pass(DAY_MS);
    await file.append(setup.entry());
    await file.close();
    await truncate(await lastSegment(setup.directory), 20);
    await rm(join(setup.directory, HEAD_FILE));
    file = setup.open();
    await file.append(setup.entry());
    await file.close();
    const verdict = await setup.verify();
    assert.deepEqual(verdict.problems, []);
    assert.equal(verdict.segmentCount, 2);
  });

  it("opens a new epoch after a restore", async () => {
    let file = setup.open();
    await file.append(setup.entry());
    await file.close();
    await writeFile(join(setup.directory, RESTORED_FILE), "");
    file = setup.open();
    await file.append(setup.entry());
    assert.equal(file.state.epoch, 2);
    await file.close();
    file = setup.open();
    await file.append(setup.entry());
    assert.equal(file.state.epoch, 2);
    await file.close();
    const verdict = await setup.verify();
    assert.deepEqual(verdict.problems, []);
    assert.equal(verdict.epochCount, 2);
    assert.match(verdict.notes.join(), /epoch 2 began at .*: restored/);
  });

  it("opens a new epoch, and says so, when its signed head is ahead of what is there", async () => {
    let file = setup.open();
    await file.append(setup.entry());
    await file.close();
    const path = await lastSegment(setup.directory);
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
    await writeFile(path, `${lines.slice(0, -1).join("\n")}\n`);
    file = setup.open();
    await file.append(setup.entry());
    assert.ok((await kindsIn(file)).includes("keeper.journal-shortened"));
    await file.close();
    assert.ok((await setup.verify()).problems.some((one) => one.code === "missing-end"));
  });

  it("rejects while it cannot be written and goes on when it can", async () => {
    await mkdir(join(setup.directory, ".."), { recursive: true });
    await writeFile(setup.directory, "in the way");
    const file = setup.open();
    await assert.rejects(file.append(setup.entry()), unavailable);
    await assert.rejects(file.append(setup.entry()), unavailable);
    assert.equal(file.state.isAvailable, false);
    await rm(setup.directory);
    await file.append(setup.entry());
    assert.equal(file.state.isAvailable, true);
    await file.close();
    assert.equal(setup.troubles.length, 2);
    assert.ok((await setup.verify()).isIntact);
  });

  it("refuses more than it can hold", async () => {
    const file = setup.open();
    const all = await Promise.allSettled(Array.from({ length: 20_100 }, () => file.append(setup.entry())));
    const refused = all.filter((one) => one.status === "rejected");
    assert.ok(refused.length > 0 && refused.every((one) => unavailable(one.reason)));
    await file.close();
    assert.ok((await setup.verify()).isIntact);
  });

  it("keeps anchors known from elsewhere honest", async () => {
    const file = setup.open();
    const { sequence, hash } = await file.append(setup.entry());
    await file.close();
    assert.ok((await setup.verify([{ epoch: 1, sequence, hash }])).isIntact);
    assert.ok(!(await setup.verify([{ epoch: 1, sequence: 999, hash }])).isIntact);
    assert.ok(!(await setup.verify([{ epoch: 1, sequence, hash: "0".repeat(64) }])).isIntact);
  });
});

describe("a full disk", () => {
  it("makes appending fail, leaves a journal that verifies, and lets it go on once there is room", async () => {
    const mount = await mkdtemp(join(tmpdir(), "poterne-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", mount]);
    try {
      const setup = await journalSetup(mount);
      const file = setup.open();
      await file.append(setup.entry());
      await writeFile(join(mount, "ballast"), Buffer.alloc(40_000));
      let isFull = false;
      for (let index = 0; index < 500 && !isFull; index++) {
        isFull = await file.append(setup.entry("session.opened", { text: "x".repeat(500) })).then(
          () => false,
          (error) => unavailable(error),
        );
      }
      assert.ok(isFull);
      await assert.rejects(
        Promise.all(Array.from({ length: 20 }, () => file.append(setup.entry()))),
        unavailable,
      );
      await rm(join(mount, "ballast"));
      await file.append(setup.entry());
      await file.close();
      assert.deepEqual((await setup.verify()).problems, []);
    } finally {
      execFileSync("umount", [mount]);
      await rm(mount, { recursive: true, force: true });
    }
  });
});

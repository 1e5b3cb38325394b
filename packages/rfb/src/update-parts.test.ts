import assert from "node:assert/strict";
import { test } from "node:test";
import { countParts, PART_COUNT, UpdateParts } from "./update-parts.ts";

/** A line of 250 bytes a millisecond: 100 ms for the whole, 30 ms for parts. */
const LIMITS = { bytesPerMs: 250, wholeBytes: 25_000, partBytes: 7500 };
const STRIP = PART_COUNT - 1;
/** A film over all bands but the last, a strip that is typed into. */
const FILM = [...new Array<number>(STRIP).fill(4500), 100];
/** Between two updates. */
const STEP_MS = 10;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Asks so many times of a screen whose bands hold so much each, and returns what was asked for. */
function ask(parts: UpdateParts, bands: readonly number[], count: number): (readonly number[] | null)[] {
  const asked: (readonly number[] | null)[] = [];
  for (let index = 0; index < count; index++) {
    const chosen = parts.choose(LIMITS);
    asked.push(chosen);
    const came = bands.map((bytes, part) => (chosen === null || chosen.includes(part) ? bytes : 0));
    parts.updated(came, index * STEP_MS);
  }
  return asked;
}

test("a rectangle's bytes go to the bands of its rows", () => {
  const parts = new Array<number>(PART_COUNT).fill(0);
  countParts(parts, { x: 0, y: 125, width: 9, height: 50 }, { sizeBytes: 1000, screenHeight: 800 });
  const rest = new Array<number>(PART_COUNT - 5).fill(0);
  assert.deepEqual(parts, [0, 0, 500, 500, ...rest, 0]);
  countParts(parts, { x: 0, y: 799, width: 9, height: 1 }, { sizeBytes: 70, screenHeight: 800 });
  countParts(parts, { x: 0, y: 0, width: 0, height: 0 }, { sizeBytes: 70, screenHeight: 800 });
  assert.deepEqual(parts, [0, 0, 500, 500, ...rest, 70]);
});

test("a screen that is light as a whole is asked for as a whole", () => {
  const asked = ask(new UpdateParts(), [...new Array<number>(STRIP).fill(100), 20_000], 50);
  assert.ok(asked.every((parts) => parts === null));
});

test("of a heavy screen each band gets its turn after two updates, and what stands still comes every time", () => {
  const asked = ask(new UpdateParts(), FILM, 50).slice(2);
  for (const chosen of asked) {
    assert.ok(chosen?.includes(STRIP) === true);
    assert.equal(chosen.length, 2);
  }
  const turns = asked.slice(0, STRIP).map((chosen) => chosen?.find((part) => part !== STRIP));
  assert.equal(new Set(turns).size, STRIP);
});

test("several bands that are light come together only as far as they fit", () => {
  const text = [...new Array<number>(STRIP).fill(2500), 100];
  for (const chosen of ask(new UpdateParts(), text, 50).slice(2)) {
    assert.ok(chosen !== null);
    assert.ok(sum(text.filter((_, part) => chosen.includes(part))) <= LIMITS.partBytes);
  }
});

test("a band that moves a little beside a film has its turn much more often than the film's", () => {
  const asked = ask(new UpdateParts(), [...FILM.slice(0, STRIP), 750], 102).slice(2);
  const gaps: number[] = [];
  let gap = 0;
  for (const chosen of asked) {
    gap++;
    if (chosen?.includes(STRIP) !== true) continue;
    gaps.push(gap);
    gap = 0;
  }
  assert.ok(Math.max(...gaps.slice(2)) <= 3, `${gaps}`);
  for (const part of [0, 3, 6]) assert.ok(asked.some((chosen) => chosen?.includes(part)));
});

test("a film that is tried as a whole is tried more and more rarely", () => {
  const asked = ask(new UpdateParts(), FILM, 30_000).slice(2);
  const wholes = asked.flatMap((chosen, index) => (chosen === null ? [index] : []));
  assert.equal(wholes.length, 12, `${wholes}`);
  assert.ok((wholes.at(-2) ?? 0) - (wholes.at(-3) ?? 0) > 7600, `${wholes}`);
});

test("a film is not taken for light by the few rows that come at once after a picture", () => {
  const parts = new UpdateParts();
  ask(parts, FILM, 10);
  let nowMs = 1000;
  const update = (bytes: number) => parts.updated(new Array(PART_COUNT).fill(bytes), nowMs);
  while (parts.choose(LIMITS) !== null) update(4500);
  update(4500);
  for (let row = 0; row < 10; row++) {
    nowMs++;
    assert.equal(parts.choose(LIMITS), null);
    assert.equal(parts.isTrying, true);
    update(80);
  }
  nowMs += 33;
  assert.equal(parts.choose(LIMITS), null);
  update(4500);
  assert.equal(parts.isUrgent, false);
  assert.notEqual(parts.choose(LIMITS), null, "it is divided as before");
});

test("text that scrolls is asked for as a whole, since it is light when it is asked for at once", () => {
  const parts = new UpdateParts();
  for (let index = 0; index < 600; index++) {
    // Every now and then the machine stood still, and much has gathered.
    const since = index % 60;
    assert.equal(parts.choose(LIMITS), null);
    parts.updated(new Array(PART_COUNT).fill(since === 0 ? 2250 : 100), index * STEP_MS);
    // For a moment at once, whatever is queued; then until the line has carried what had gathered.
    assert.equal(parts.isTrying, since < 12);
    if (since === 40) parts.caughtUp();
    assert.equal(parts.isUrgent, since < 40);
  }
});

test("an update that takes twice what bands may is asked for again at once, and ever more rarely when that is in vain", () => {
  const parts = new UpdateParts();
  const hopes: number[] = [];
  for (let index = 0; index < 200; index++) {
    assert.equal(parts.choose(LIMITS), null);
    const wasUrgent = parts.isUrgent;
    parts.updated(new Array(PART_COUNT).fill((2.2 * LIMITS.partBytes) / PART_COUNT), index * STEP_MS);
    if (wasUrgent) hopes.push(index);
  }
  assert.deepEqual(hopes, [1, 18, 51, 116]);
});

test("a screen divided by a film is whole again for the text that scrolls after it", () => {
  const parts = new UpdateParts();
  ask(parts, FILM, 10);
  let [wholes, isSecond] = [0, false];
  for (let index = 0; index < 2000; index++) {
    const chosen = parts.choose(LIMITS);
    const bytes = chosen === null && isSecond ? 100 : 4000;
    isSecond = chosen === null;
    const came = Array.from({ length: PART_COUNT }, (_, part) =>
      (chosen?.includes(part) ?? true) ? bytes : 0,
    );
    parts.updated(came, index * STEP_MS);
    if (chosen === null) wholes++;
  }
  assert.ok(wholes > 1000, `${wholes}`);
});

test("bands that stand still do not hold the others up, nor bring them all at once", () => {
  const parts = new UpdateParts();
  ask(parts, FILM, 10);
  const first = parts.choose(LIMITS);
  assert.ok(first !== null);
  const next = parts.stoodStill();
  assert.ok(next !== null);
  assert.ok(
    first.every((part) => next.includes(part)),
    "what was asked for still is",
  );
  assert.equal(next.length, first.length + 1);
  const still = first.find((part) => part !== STRIP) ?? -1;
  parts.updated(
    FILM.map((bytes, part) => (next.includes(part) && part !== still ? bytes : 0)),
    100,
  );
  assert.ok(parts.choose(LIMITS)?.includes(still), "what stood still comes every time");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { PART_COUNT, UpdateParts } from "./update-parts.ts";

const HEAVY = 50_000;
const LIGHT = 4000;

/** Asks so many times of a screen whose bands hold so much each, and returns what was asked for. */
function ask(parts: UpdateParts, bands: readonly number[], count: number): (readonly number[] | null)[] {
  const asked: (readonly number[] | null)[] = [];
  for (let index = 0; index < count; index++) {
    const chosen = parts.choose(HEAVY, LIGHT);
    asked.push(chosen);
    const isAskedFor = (part: number) => chosen === null || chosen.includes(part);
    parts.updated(bands.reduce((sum, bytes, part) => sum + (isAskedFor(part) ? bytes : 0), 0));
  }
  return asked;
}

const FILM = [9000, 9000, 9000, 9000, 9000, 9000, 9000, 500];

test("a light screen is asked for as a whole", () => {
  const asked = ask(new UpdateParts(), [100, 100, 100, 100, 100, 100, 100, 20_000], 50);
  assert.ok(asked.every((parts) => parts === null));
});

test("of a heavy screen each band gets its turn, and the light ones come every time", () => {
  const parts = new UpdateParts();
  ask(parts, FILM, 80);
  const asked = ask(parts, FILM, 30).filter((chosen) => chosen !== null);
  assert.ok(asked.length > 0);
  for (const chosen of asked) {
    assert.ok(chosen.includes(PART_COUNT - 1));
    assert.equal(chosen.length, 2);
  }
  assert.equal(new Set(asked.flat()).size, PART_COUNT);
});

test("a screen that is light as a whole, though heavy in parts, is found out and asked for as a whole", () => {
  const parts = new UpdateParts();
  ask(parts, FILM, 80);
  let wholes = 0;
  for (let index = 0; index < 400; index++) {
    const chosen = parts.choose(HEAVY, LIGHT);
    // Text that scrolls: a copy and a line, where the whole is asked for.
    parts.updated(chosen === null ? 6000 : 12_000 * chosen.length);
    if (chosen === null) wholes++;
  }
  assert.ok(wholes > 200, `${wholes}`);
});

test("bands that stand still do not hold the others up", () => {
  const parts = new UpdateParts();
  ask(parts, FILM, 80);
  const first = parts.choose(HEAVY, LIGHT);
  assert.ok(first !== null);
  assert.equal(parts.stoodStill(), null);
  parts.updated(60_000);
  const heavy = first.at(-1) ?? -1;
  const next = parts.choose(HEAVY, LIGHT);
  assert.ok(next?.includes(heavy), "what stood still counts as light");
});

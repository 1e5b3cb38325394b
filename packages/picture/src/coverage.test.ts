import assert from "node:assert/strict";
import { test } from "node:test";
import { Coverage } from "./coverage.ts";
import type { Rectangle } from "./language.ts";

const WIDTH = 24;
const HEIGHT = 16;

/** The same, pixel by pixel. */
class Grid {
  readonly missing = new Set<number>();

  constructor() {
    for (let at = 0; at < WIDTH * HEIGHT; at++) this.missing.add(at);
  }

  pixels({ x, y, width, height }: Rectangle): number[] {
    const found: number[] = [];
    for (let row = y; row < y + height; row++)
      for (let column = x; column < x + width; column++) found.push(row * WIDTH + column);
    return found;
  }

  add(rectangle: Rectangle): void {
    for (const pixel of this.pixels(rectangle)) this.missing.delete(pixel);
  }

  copy(source: Rectangle, x: number, y: number): void {
    const target = { x, y, width: source.width, height: source.height };
    const isGood = !this.pixels(source).some((pixel) => this.missing.has(pixel));
    this.add(target);
    if (!isGood) for (const pixel of this.pixels(target)) this.missing.add(pixel);
  }

  bounds(): Rectangle {
    const columns = [...this.missing].map((pixel) => pixel % WIDTH);
    const rows = [...this.missing].map((pixel) => Math.floor(pixel / WIDTH));
    const [x, y] = [Math.min(...columns), Math.min(...rows)];
    return { x, y, width: Math.max(...columns) + 1 - x, height: Math.max(...rows) + 1 - y };
  }
}

/** Numbers below `limit`, the same each time. */
function makeDice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

test("coverage says of any drawing and copying what a grid of pixels says", () => {
  for (let round = 0; round < 300; round++) {
    const roll = makeDice(round + 1);
    const rectangle = (): Rectangle => {
      const [x, y] = [roll(WIDTH), roll(HEIGHT)];
      return { x, y, width: roll(WIDTH - x) + 1, height: roll(HEIGHT - y) + 1 };
    };
    const coverage = new Coverage();
    const grid = new Grid();
    coverage.begin(WIDTH, HEIGHT);
    for (let step = 0; step < 40; step++) {
      const place = rectangle();
      if (roll(3) === 0) {
        const [x, y] = [roll(WIDTH - place.width + 1), roll(HEIGHT - place.height + 1)];
        coverage.copy(place, x, y);
        grid.copy(place, x, y);
      } else {
        const part = { ...place, width: Math.min(place.width, 6), height: Math.min(place.height, 5) };
        coverage.add(part);
        grid.add(part);
      }
      assert.equal(coverage.isWhole, grid.missing.size === 0, `round ${round}, step ${step}`);
      if (!coverage.isWhole) assert.deepEqual(coverage.bounds(), grid.bounds());
      const looked = rectangle();
      assert.equal(coverage.isDrawn(looked), !grid.pixels(looked).some((pixel) => grid.missing.has(pixel)));
    }
  }
});

test("coverage that falls into too many pieces is one rectangle that holds them all", () => {
  const coverage = new Coverage();
  coverage.begin(100, 100);
  for (let y = 1; y < 99; y += 2) for (let x = 1; x < 99; x += 2) coverage.add({ x, y, width: 1, height: 1 });
  assert.deepEqual(coverage.bounds(), { x: 0, y: 0, width: 100, height: 100 });
  assert.equal(coverage.isDrawn({ x: 3, y: 3, width: 1, height: 1 }), false, "part of the whole again");
  coverage.add({ x: 0, y: 0, width: 100, height: 100 });
  assert.equal(coverage.isWhole, true);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Surface } from "../../surface.ts";
import {
  encodeProgressive,
  encodeRaw,
  encodeRlgr1,
  encodeSrl,
  encodeTile,
} from "../../testing/wavelet-encoder.ts";
import { assertWithstandsDamage, seededRandom } from "../../testing/withstand.ts";
import { PlainKernel } from "../remotefx/kernel.ts";
import { EVEN_LAYOUT, REDUCED_LAYOUT } from "../remotefx/tile.ts";
import { ProgressiveDecoder } from "./progressive.ts";
import { MAX_KEPT_TILES, TileStates } from "./tile-states.ts";
import { upgradeComponent } from "./upgrade.ts";

const QUANT = [6, 6, 6, 6, 7, 7, 8, 8, 8, 9];
const COARSE = [2, 3, 3, 3, 4, 4, 4, 5, 5, 6];
const MIDDLE = [1, 2, 2, 1, 2, 2, 2, 3, 3, 3];
const NOTHING = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/** From the tables' order to the order of the bands in memory. */
const BAND_PLACES = [7, 8, 9, 4, 5, 6, 1, 2, 3, 0];
const RECTANGLE = [0, 0, 64, 64];

/** Quantised coefficients of a component: mostly zero, as pictures have them. */
function makeCoefficients(seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: 4096 }, () => {
    if (random() < 0.7) return 0;
    return Math.floor((random() - 0.5) * 2 ** Math.floor(random() * 7));
  });
}

const extraOf = (table: readonly number[], starts: readonly number[], at: number) => {
  const band = starts.findIndex((_, index) => at < (starts[index + 1] ?? 0));
  return { extra: table[BAND_PLACES[band] as number] as number, isLast: band === 9 };
};

/** Splits coefficients into a first pass and upgrades, as [MS-RDPEGFX] 3.2.8.1.5 has an encoder do it. */
function encodePasses(coefficients: readonly number[], starts: readonly number[]) {
  let known = coefficients.map(() => 0);
  const quantise = (value: number, extra: number, isLast: boolean) =>
    isLast ? value >> extra : Math.sign(value) * (Math.abs(value) >> extra);
  const first = coefficients.map((value, at) => {
    const { extra, isLast } = extraOf(COARSE, starts, at);
    const quantised = quantise(value, extra, isLast);
    known[at] = quantised * 2 ** extra;
    return quantised;
  });
  const deltas = first.map((value, at) =>
    at > (starts[9] as number) ? value - (first[at - 1] as number) : value,
  );
  const upgrade = (from: readonly number[], to: readonly number[]) => {
    const srl: { value: number; bits: number }[] = [];
    const raw: { value: number; bits: number }[] = [];
    known = known.map((before, at) => {
      const { extra, isLast } = extraOf(to, starts, at);
      const bits = extraOf(from, starts, at).extra - extra;
      if (bits === 0) return before;
      const value = quantise((coefficients[at] as number) - before, extra, isLast);
      if (isLast || before !== 0) raw.push({ value, bits });
      else srl.push({ value, bits });
      return before + value * 2 ** extra;
    });
    return [encodeSrl(srl), encodeRaw(raw)];
  };
  const passes = {
    first: encodeRlgr1(deltas),
    second: upgrade(COARSE, MIDDLE),
    third: upgrade(MIDDLE, NOTHING),
  };
  assert.deepEqual(known, coefficients);
  return passes;
}

const whole = (coefficients: readonly number[], starts: readonly number[]) =>
  encodeRlgr1(
    coefficients.map((value, at) =>
      at > (starts[9] as number) ? value - (coefficients[at - 1] as number) : value,
    ),
  );

for (const [name, layout, flags] of [
  ["even", EVEN_LAYOUT, 0],
  ["reduced", REDUCED_LAYOUT, 1],
] as const)
  test(`a tile in three passes ends as the tile in one, ${name} bands`, () => {
    const starts = layout.bandStarts;
    const components = [1, 2, 3].map((seed) => makeCoefficients(seed));
    const passes = components.map((component) => encodePasses(component, starts));
    const region = { contextFlags: 1, flags, rectangle: RECTANGLE, quant: QUANT, extras: [COARSE, MIDDLE] };
    const draw = (decoder: ProgressiveDecoder, surface: Surface, tile: Uint8Array) =>
      decoder.draw(encodeProgressive({ ...region, tiles: [tile] }), surface, new PlainKernel());

    const expected = new Surface(64, 64);
    const simple = { type: "simple", flags: 0, quality: 0xff } as const;
    draw(
      new ProgressiveDecoder(),
      expected,
      encodeTile({ ...simple, data: components.map((component) => whole(component, starts)) }),
    );

    const surface = new Surface(64, 64);
    const decoder = new ProgressiveDecoder();
    const distance = () =>
      surface.rgba.reduce((sum, value, at) => sum + Math.abs(value - (expected.rgba[at] as number)), 0);
    const distances: number[] = [];
    const step = (tile: Uint8Array) => {
      draw(decoder, surface, tile);
      distances.push(distance());
    };
    step(encodeTile({ type: "first", flags: 0, quality: 0, data: passes.map(({ first }) => first) }));
    step(encodeTile({ type: "upgrade", quality: 1, data: passes.flatMap(({ second }) => second) }));
    step(encodeTile({ type: "upgrade", quality: 0xff, data: passes.flatMap(({ third }) => third) }));
    const [afterFirst, afterSecond, afterThird] = distances as [number, number, number];
    assert.equal(afterThird, 0);
    assert.ok(afterFirst > afterSecond && afterSecond > 0, distances.join(" "));

    // A difference to it leads to another picture, exactly.
    const changes = [9, 10, 11].map((seed) => makeCoefficients(seed));
    const next = components.map((component, index) =>
      component.map((value, at) => value + (changes[index]?.[at] ?? 0)),
    );
    draw(
      new ProgressiveDecoder(),
      expected,
      encodeTile({ ...simple, data: next.map((component) => whole(component, starts)) }),
    );
    const difference = changes.map((change) => whole(change, starts));
    step(encodeTile({ ...simple, flags: 1, data: difference }));
    assert.equal(distances.at(-1), 0);
  });

test("the specification's upgrades give its coefficients", () => {
  const bandStarts = [0, 5, 10, 10, 10, 10, 10, 10, 10, 10, 14];
  const coefficients = Int16Array.of(-32, 0, 0, 0, 0, 0, 0, 0, 0, 8, 12, 16, -12, 12);
  const signs = Int8Array.of(-1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0);
  const upgrade = (bits: readonly number[], shifts: readonly number[], srl: number[], raw: number[]) =>
    upgradeComponent({
      coefficients,
      signs,
      bandStarts,
      bitCounts: Uint8Array.of(bits[0] as number, bits[1] as number, 0, 0, 0, 0, 0, 0, 0, bits[2] as number),
      shifts: Uint8Array.of(
        shifts[0] as number,
        shifts[1] as number,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        shifts[2] as number,
      ),
      srl: Uint8Array.from(srl),
      raw: Uint8Array.from(raw),
    });
  upgrade([4, 2, 0], [0, 1, 2], [0xa0, 0x01, 0x80, 0x00, 0xc9, 0x49, 0xe0], [0x20]);
  assert.deepEqual([...coefficients], [-34, -13, 15, -3, 0, 0, -6, 4, -2, 8, 12, 16, -12, 12]);
  assert.deepEqual([...signs.subarray(0, 10)], [-1, -1, 1, -1, 0, 0, -1, 1, -1, 1]);
  // Frame 2 after its first pass: a difference.
  coefficients.set([-2, -13, 15, -3, 0, 0, -6, 4, -2, 8, 24, 12, 16, 4]);
  signs.set([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  // The example's bytes 16 9c lack the two bits of its fifth value (sign and end); here they are in.
  upgrade([4, 2, 0], [0, 1, 2], [0x80, 0x07, 0x00, 0x15, 0xa7, 0x00], [0x00]);
  assert.deepEqual([...coefficients], [-2, -2, 3, -3, 1, 2, -6, 4, -2, 2, 24, 12, 16, 4]);
  upgrade([0, 1, 2], [0, 0, 0], [0xb0], [0xc6, 0x40]);
  assert.deepEqual([...coefficients], [-2, -2, 3, -3, 1, 3, -7, 5, -2, 1, 24, 13, 18, 5]);
});

const oneTile = (tile: Uint8Array, contextFlags = 1, rectangle: readonly number[] = RECTANGLE) =>
  encodeProgressive({ contextFlags, flags: 1, rectangle, quant: QUANT, extras: [COARSE], tiles: [tile] });
const coarse = encodeTile({
  type: "first",
  flags: 0,
  quality: 0,
  data: [1, 2, 3].map((seed) => encodeRlgr1(makeCoefficients(seed))),
});
const empty = [0, 0, 0, 0, 0, 0].map(() => new Uint8Array(0));

test("an upgrade or a difference of a tile that is not known is passed over", () => {
  const surface = new Surface(64, 64);
  const before = surface.pixels.slice();
  const draw = (decoder: ProgressiveDecoder, tile: Uint8Array) =>
    decoder.draw(oneTile(tile), surface, new PlainKernel());
  const decoder = new ProgressiveDecoder();
  draw(decoder, encodeTile({ type: "upgrade", quality: 0xff, data: empty }));
  draw(decoder, encodeTile({ type: "simple", flags: 1, quality: 0xff, data: empty.slice(0, 3) }));
  assert.deepEqual(surface.pixels, before);
  draw(decoder, coarse);
  const drawn = surface.pixels.slice();
  assert.notDeepEqual(drawn, before);
  decoder.forgetContext(surface);
  draw(
    decoder,
    encodeTile({ type: "upgrade", quality: 0xff, data: empty.map(() => Uint8Array.of(0xff, 0xff)) }),
  );
  assert.deepEqual(surface.pixels, drawn, "no context, no upgrade");
});

test("only rectangles are drawn, and a tile outside the surface is refused", () => {
  const surface = new Surface(40, 40);
  surface.pixels.fill(1);
  const drawn = new ProgressiveDecoder().draw(
    oneTile(coarse, 1, [30, 30, 64, 64]),
    surface,
    new PlainKernel(),
  );
  assert.deepEqual(drawn, [{ x: 30, y: 30, width: 10, height: 10 }]);
  assert.equal(surface.pixels.filter((pixel) => pixel !== 1).length, 100);
  const outside = coarse.slice();
  outside[9] = 1;
  assert.throws(() => new ProgressiveDecoder().draw(oneTile(outside), surface, new PlainKernel()), {
    code: "invalid",
  });
});

test("kept tiles have a limit for all surfaces together, and go with their surface", () => {
  const count = { tiles: 0 };
  const one = new TileStates(count);
  const other = new TileStates(count);
  one.make(0);
  for (let place = 1; place < MAX_KEPT_TILES; place++) other.make(place);
  assert.throws(() => one.make(1), { code: "limit" });
  other.clear();
  one.make(1);
  one.forget(0);
  assert.equal(count.tiles, 1);
});

test("whole tiles are kept only where the context announces differences", () => {
  const decoder = new ProgressiveDecoder();
  const surface = new Surface(64, 64);
  const whole = encodeTile({
    type: "simple",
    flags: 0,
    quality: 0xff,
    data: [1, 2, 3].map((seed) => encodeRlgr1(makeCoefficients(seed))),
  });
  const difference = encodeTile({
    type: "simple",
    flags: 1,
    quality: 0xff,
    data: [4, 5, 6].map((seed) => encodeRlgr1(makeCoefficients(seed))),
  });
  for (const contextFlags of [0, 1]) {
    decoder.draw(oneTile(whole, contextFlags), surface, new PlainKernel());
    const before = surface.pixels.slice();
    decoder.draw(oneTile(difference, contextFlags), surface, new PlainKernel());
    assert.equal(
      surface.pixels.every((pixel, at) => pixel === before[at]),
      contextFlags === 0,
    );
  }
});

test("damaged payloads are drawn or refused", () => {
  const kernel = new PlainKernel();
  const surface = new Surface(100, 100);
  const decoder = new ProgressiveDecoder();
  const small = [1, 2, 3].map((seed) => encodeRlgr1(makeCoefficients(seed).slice(0, 60)));
  const first = oneTile(encodeTile({ type: "first", flags: 0, quality: 0, data: small }));
  decoder.draw(first, surface, kernel);
  assertWithstandsDamage(first, (bytes) => decoder.draw(bytes, surface, kernel));
  const upgrade = encodeTile({
    type: "upgrade",
    quality: 0xff,
    data: empty.map(() => Uint8Array.of(0xa5, 0x5a)),
  });
  assertWithstandsDamage(oneTile(upgrade), (bytes) => {
    decoder.draw(first, surface, kernel);
    decoder.draw(bytes, surface, kernel);
  });
});

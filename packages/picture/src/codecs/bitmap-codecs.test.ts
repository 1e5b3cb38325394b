import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteReader, ByteWriter, fromHex } from "@poterne/bytes";
import { Surface } from "../surface.ts";
import { assertWithstandsDamage } from "../testing/damaged-payloads.ts";
import { randomPlanarStream } from "../testing/planar-streams.ts";
import { randomRleStream } from "../testing/rle-streams.ts";
import { type DecodeRectangle, InflateContexts } from "./codec.ts";
import { decodeRle15, decodeRle16, decodeRle24, makeRle8 } from "./interleaved.ts";
import { Palette } from "./palette.ts";
import { decodePlanar } from "./planar.ts";
import { decodeRlePlane } from "./planes.ts";
import { decodeRaw15, decodeRaw16, decodeRaw24, decodeRaw32, makeRaw8 } from "./raw-bitmap.ts";

const [RED, GREEN, BLUE, WHITE, BLACK] = [0xff0000ff, 0xff00ff00, 0xffff0000, 0xffffffff, 0xff000000];
const TOP_DOWN = 0;
const BOTTOM_UP = 1;

function withHead(width: number, height: number, flags: number, data: Uint8Array): Uint8Array {
  return new ByteWriter().u16le(width).u16le(height).u8(flags).put(data).finish();
}

function testPalette(): Palette {
  const palette = new Palette();
  const data = new Uint8Array(768);
  data.set([255, 0, 0, 0, 255, 0, 0, 0, 255], 3);
  palette.set(data);
  return palette;
}

/** Decodes into the middle of a larger surface; the rectangle's pixels row by row. */
function decode(codec: DecodeRectangle, payload: Uint8Array, width: number, height: number): number[][] {
  const surface = new Surface(width + 2, height + 2);
  codec(payload, surface, { x: 1, y: 1, width, height }, new InflateContexts());
  return Array.from({ length: height }, (_, row) => [
    ...surface.pixels.subarray((row + 1) * (width + 2) + 1, (row + 1) * (width + 2) + 1 + width),
  ]);
}

test("raw bitmaps of each depth: rows padded to four bytes, from the bottom up or the top down", () => {
  const cases: [DecodeRectangle, string, string][] = [
    [makeRaw8(testPalette()), "01 00 02 00", "02 01 03 00"],
    [decodeRaw15, "007c 0000 e003 0000", "e003 007c 1f00 0000"],
    [decodeRaw16, "00f8 0000 e007 0000", "e007 00f8 1f00 0000"],
    [decodeRaw24, "0000ff 000000 00ff00 000000", "00ff00 0000ff ff0000 000000"],
    [decodeRaw32, "0000ff00 00000000 00ff0000", "00ff0000 0000ff00 ff000000"],
  ];
  for (const [codec, first, second] of cases) {
    const data = fromHex(`${first}${second}`);
    const rows = [
      [RED, BLACK, GREEN],
      [GREEN, RED, BLUE],
    ];
    assert.deepEqual(decode(codec, withHead(3, 2, TOP_DOWN, data), 3, 2), rows, first);
    assert.deepEqual(decode(codec, withHead(3, 2, BOTTOM_UP, data), 3, 2), rows.toReversed(), first);
    // Of a larger bitmap the top left part is shown.
    assert.deepEqual(decode(codec, withHead(3, 2, BOTTOM_UP, data), 2, 1), [[GREEN, RED]], first);
  }
});

test("short channels become bytes by repeating their high bits", () => {
  assert.deepEqual(decode(decodeRaw15, withHead(1, 1, TOP_DOWN, fromHex("1042")), 1, 1), [[0xff848484]]);
  assert.deepEqual(decode(decodeRaw16, withHead(1, 1, TOP_DOWN, fromHex("1084")), 1, 1), [[0xff848284]]);
});

test("interleaved RLE: runs, masks and images refer to the row before, and a second background run to the foreground", () => {
  const cases: [string, number[][]][] = [
    // Background on the first row is black; a second one begins with the foreground, white at first.
    ["03 03", [[BLACK, BLACK, BLACK, WHITE, BLACK, BLACK]]],
    // A foreground that is set stays for the order after.
    ["c2 0000ff 21 fd fe fd", [[RED, RED, RED, WHITE, BLACK, WHITE]]],
    // Pairs in turn, a colour run, an image.
    ["e1 0000ff ff0000 62 00ff00 82 ff0000 0000ff", [[RED, BLUE, GREEN, GREEN, BLUE, RED]]],
    // A mask of six pixels in the form with a length byte; the lowest bit is the first.
    ["d0 05 00ff00 25", [[GREEN, BLACK, GREEN, BLACK, BLACK, GREEN]]],
    ["f0 0600", [[BLACK, BLACK, BLACK, BLACK, BLACK, BLACK]]],
  ];
  for (const [hex, rows] of cases)
    assert.deepEqual(decode(decodeRle24, withHead(6, 1, BOTTOM_UP, fromHex(hex)), 6, 1), rows, hex);
  const second = withHead(2, 2, BOTTOM_UP, fromHex("62 0000ff c1 00ff00 01"));
  assert.deepEqual(decode(decodeRle24, second, 2, 2), [
    [RED + GREEN - BLACK, RED],
    [RED, RED],
  ]);
  const places = withHead(2, 1, BOTTOM_UP, fromHex("61 01 61 03"));
  assert.deepEqual(decode(makeRle8(testPalette()), places, 2, 1), [[RED, BLUE]]);
});

test("a bitmap larger than its rectangle is decoded beside it", () => {
  const payload = withHead(4, 2, BOTTOM_UP, fromHex("64 0000ff 64 00ff00"));
  assert.deepEqual(decode(decodeRle24, payload, 3, 1), [[GREEN, GREEN, GREEN]]);
});

test("[MS-RDPEGDI] 3.1.9.2: the example of a plane is decoded", () => {
  const plane = new Uint8Array(18);
  const coded = fromHex("13 ff 20 fe fd 60 01 7d f5 c2 9a 38 60 01 67 8b a3 78 af");
  decodeRlePlane(new ByteReader(coded, "plane"), plane, 6, 3);
  assert.deepEqual(
    [...plane],
    [255, 255, 255, 255, 254, 253, 254, 192, 132, 96, 75, 25, 253, 140, 62, 14, 135, 193],
  );
});

test("planar: three planes, alpha read and not shown, runs of sixteen and more", () => {
  const plain = withHead(2, 1, TOP_DOWN, fromHex("20 ff00 0000 00ff 00"));
  assert.deepEqual(decode(decodePlanar, plain, 2, 1), [[RED, BLUE]]);
  const alpha = withHead(2, 1, TOP_DOWN, fromHex("00 0000 ff00 0000 00ff 00"));
  assert.deepEqual(decode(decodePlanar, alpha, 2, 1), [[RED, BLUE]]);
  const runs = withHead(33, 1, TOP_DOWN, fromHex("30 10ff 02 10ff 02 10ff 02"));
  assert.deepEqual(decode(decodePlanar, runs, 33, 1), [new Array(33).fill(WHITE)]);
});

test("bitmaps that say less than their size, or runs past it, are refused", () => {
  const cases: [DecodeRectangle, string][] = [
    [decodeRaw24, "0200 0100 00 0000ff0000"],
    [decodeRaw32, "0100 0100 00 00000000"],
    [decodeRaw32, "0200 0100"],
    [decodeRle24, "0200 0100 01 63 0000ff"],
    [decodeRle24, "0200 0100 01 61 0000ff"],
    [decodeRle24, "0200 0100 01 f5 0200"],
    [decodeRle24, "0200 0100 01 a2"],
    [decodeRle24, "ffff ffff 01 03 03"],
    [decodePlanar, "0200 0100 01 20 ff00 0000 00"],
    [decodePlanar, "0200 0100 01 30 30ff00ff"],
    [decodePlanar, "0200 0100 01 28 ff00 0000 00ff 00"],
    [decodePlanar, "ffff ffff 01 30 30ff00ff"],
  ];
  for (const [codec, hex] of cases)
    assert.throws(() => decode(codec, fromHex(hex), 2, 1), { name: "DecodeError" }, hex);
  assert.throws(() => new Palette().set(new Uint8Array(5)), { name: "DecodeError" });
});

const RLE_DEPTHS: [string, number, () => DecodeRectangle][] = [
  ["8", 8, () => makeRle8(testPalette())],
  ["15", 15, () => decodeRle15],
  ["16", 16, () => decodeRle16],
  ["24", 24, () => decodeRle24],
];
for (const [name, bits, makeDecoder] of RLE_DEPTHS)
  test(`damaged interleaved RLE of ${name} bits is a decode error, never a crash`, () => {
    const payloads = Array.from({ length: 20 }, (_, seed) => {
      const [width, height] = [4 + seed, 3 + (seed % 5)];
      const data = randomRleStream(seed, { bits, width, height });
      return { payload: withHead(width, height, seed & 1, data), width, height };
    });
    assertWithstandsDamage(makeDecoder, payloads);
  });

test("damaged planar bitmaps are a decode error, never a crash", () => {
  const payloads = Array.from({ length: 32 }, (_, seed) => {
    const [width, height] = [4 + seed, 3 + (seed % 5)];
    const format = ((seed << 1) & 0x30) | (seed & 7) | ((seed & 7) > 3 ? 8 : 0);
    const data = randomPlanarStream(seed, { format, width, height });
    return { payload: withHead(width, height, seed & 1, data), width, height };
  });
  assertWithstandsDamage(() => decodePlanar, payloads);
});

test("damaged raw bitmaps are a decode error, never a crash", () => {
  const payload = withHead(5, 3, BOTTOM_UP, new Uint8Array(60).fill(7));
  for (const codec of [makeRaw8(testPalette()), decodeRaw15, decodeRaw16, decodeRaw24, decodeRaw32])
    assertWithstandsDamage(() => codec, [{ payload, width: 5, height: 3 }]);
});

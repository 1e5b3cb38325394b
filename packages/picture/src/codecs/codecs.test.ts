import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import { fromHex } from "@poterne/bytes";
import { Surface } from "../surface.ts";
import { type DecodeRectangle, InflateContexts } from "./codec.ts";
import { decodeHextile } from "./hextile.ts";
import { decodeRaw } from "./raw.ts";
import { decodeRre } from "./rre.ts";
import { decodeTight, findTightJpeg } from "./tight.ts";
import { decodeTrle, decodeZrle } from "./zrle.ts";

const [RED, GREEN, BLUE, BLACK] = [0xff0000ff, 0xff00ff00, 0xffff0000, 0xff000000];
/** The same colours as B, G, R, X. */
const [red, green, blue] = ["0000ff00", "00ff0000", "ff000000"];

/** Decodes into a surface of 8 × 4, at 1, 1, and returns the rectangle's pixels row by row. */
function decode(codec: DecodeRectangle, payload: Uint8Array, width: number, height: number): number[][] {
  const surface = new Surface(8, 4);
  codec(payload, surface, { x: 1, y: 1, width, height }, new InflateContexts());
  const pixelAt = (x: number, y: number) => surface.pixels[y * 8 + x] ?? 0;
  assert.equal(pixelAt(0, 1), BLACK, "left of the rectangle nothing changed");
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => pixelAt(column + 1, row + 1)),
  );
}

test("raw: B, G, R, X", () => {
  assert.deepEqual(decode(decodeRaw, fromHex(red + green + blue + red), 2, 2), [
    [RED, GREEN],
    [BLUE, RED],
  ]);
});

test("RRE: a background and rectangles", () => {
  const payload = fromHex(`00000001 ${blue} ${red} 0001 0000 0001 0002`);
  assert.deepEqual(decode(decodeRre, payload, 2, 2), [
    [BLUE, RED],
    [BLUE, RED],
  ]);
});

test("Hextile: background, foreground, coloured parts and raw", () => {
  const parts = fromHex(`1a ${blue} 02 ${red} 0000 ${green} 1101`);
  assert.deepEqual(decode(decodeHextile, parts, 2, 3), [
    [RED, BLUE],
    [BLUE, GREEN],
    [BLUE, GREEN],
  ]);
  assert.deepEqual(decode(decodeHextile, fromHex(`0e ${blue} ${red} 01 0000`), 2, 1), [[RED, BLUE]]);
  assert.deepEqual(decode(decodeHextile, fromHex(`01 ${red} ${green}`), 2, 1), [[RED, GREEN]]);
});

test("Tight: fill, short pixels, palettes, gradient and a persistent stream", () => {
  assert.deepEqual(decode(decodeTight, fromHex("80 ff0000"), 2, 1), [[RED, RED]]);
  assert.deepEqual(decode(decodeTight, fromHex("00 ff0000 00ff00"), 2, 1), [[RED, GREEN]]);
  assert.deepEqual(decode(decodeTight, fromHex("40 01 01 ff0000 0000ff 40"), 3, 1), [[RED, BLUE, RED]]);
  assert.deepEqual(decode(decodeTight, fromHex("40 01 02 ff0000 0000ff 00ff00 020100"), 3, 1), [
    [GREEN, BLUE, RED],
  ]);
  // Second pixel: left + above - above left, plus the difference.
  assert.deepEqual(decode(decodeTight, fromHex("40 02 ff0000 01ff00"), 2, 1), [[RED, 0xff00ff00]]);
  const plain = Buffer.from("ff000000ff000000ffff000000ff000000ff", "hex");
  const packed = zlib.deflateSync(plain);
  const payload = Buffer.concat([Buffer.from([0x00, packed.length]), packed]);
  assert.deepEqual(decode(decodeTight, payload, 3, 2), [
    [RED, GREEN, BLUE],
    [RED, GREEN, BLUE],
  ]);
});

test("Tight: a JPEG is found, not decoded", () => {
  assert.deepEqual(findTightJpeg(fromHex("90 03 aabbcc")), fromHex("aabbcc"));
  assert.equal(findTightJpeg(fromHex("80 ff0000")), null);
});

test("ZRLE: raw, solid, packed palette, plain and palette runs", () => {
  const tiles: [string, number, number, number[][]][] = [
    ["00 0000ff 00ff00", 2, 1, [[RED, GREEN]]],
    ["01 0000ff", 2, 1, [[RED, RED]]],
    ["02 0000ff ff0000 40", 3, 1, [[RED, BLUE, RED]]],
    ["03 0000ff ff0000 00ff00 24", 3, 1, [[RED, GREEN, BLUE]]],
    [
      "80 0000ff 02 ff0000 00",
      2,
      2,
      [
        [RED, RED],
        [RED, BLUE],
      ],
    ],
    ["82 0000ff ff0000 80 01 01", 3, 1, [[RED, RED, BLUE]]],
  ];
  for (const [hex, width, height, expected] of tiles) {
    assert.deepEqual(decode(decodeZrle, zlib.deflateSync(fromHex(hex)), width, height), expected, hex);
    assert.deepEqual(decode(decodeTrle, fromHex(hex), width, height), expected, `TRLE ${hex}`);
  }
});

test("payloads that say less or more than their rectangle are refused", () => {
  const cases: [DecodeRectangle, string][] = [
    [decodeRaw, red],
    [decodeRre, `00000001 ${blue}`],
    [decodeRre, `00000001 ${blue} ${red} 0001 0000 0009 0001`],
    [decodeHextile, `02 ${blue} 00`],
    [decodeHextile, `1a ${blue} 01 ${red} 00ff`],
    [decodeTight, "80 ff0000 00"],
    [decodeTight, "a0 ff0000"],
    [decodeTight, "40 07 ff0000"],
    [decodeTrle, "7f 00"],
    [decodeTrle, "80 0000ff 09"],
    [decodeTrle, "82 0000ff ff0000 05"],
    [decodeTrle, "40"],
  ];
  for (const [codec, hex] of cases)
    assert.throws(() => decode(codec, fromHex(hex), 2, 1), { name: "DecodeError" }, hex);
});

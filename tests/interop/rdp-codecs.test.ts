import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Codec, type CodecId } from "../../packages/picture/src/index.ts";
import { ClearStreams } from "../../packages/picture/src/testing/clear-streams.ts";
import { randomNsStream } from "../../packages/picture/src/testing/ns-streams.ts";
import { randomPlanarStream } from "../../packages/picture/src/testing/planar-streams.ts";
import { randomRleStream } from "../../packages/picture/src/testing/rle-streams.ts";
import { CLEAR_CODEC_EXAMPLE, NSCODEC_EXAMPLE } from "../../packages/picture/src/testing/spec-examples.ts";
import { askOracle, buildOracle, OracleOperation } from "../support/freerdp-oracle.ts";
import { assertSamePixels, DecodingCanvas, decodeAlone, testPictures } from "../support/test-pictures.ts";

// FreeRDP's codecs are the oracle: what its encoders make and what its decoders make of it.

before(() => {
  buildOracle();
});

/** FreeRDP's planar flags. */
const PLANAR_NA = 0x20;
const PLANAR_RLE = 0x10;

for (const flags of [0, PLANAR_NA, PLANAR_RLE, PLANAR_NA | PLANAR_RLE])
  test(`planar as FreeRDP encodes it, flags ${flags.toString(16)}`, () => {
    const pictures = testPictures();
    const packed = askOracle(
      pictures.map(({ width, height, rgba }) => {
        const options = [flags] as const;
        return { operation: OracleOperation.planarEncode, width, height, options, data: rgba };
      }),
    );
    const plain = decodePlanar(
      pictures.map((picture, index) => ({ ...picture, data: packed[index] ?? null })),
    );
    let compared = 0;
    for (const [index, picture] of pictures.entries()) {
      const data = packed[index] ?? null;
      // It gives up on noise, and cuts a single pixel's planes so that it cannot read them itself.
      if (data === null || plain[index] === null) continue;
      const shown = decodeAlone(Codec.planar, { ...picture, rows: "bottomUp", data });
      assertSamePixels(shown, picture.rgba, picture);
      compared++;
    }
    assert.ok(compared > 40, `${compared} pictures`);
  });

/** Planar streams as FreeRDP decodes them, rows from the bottom up. */
function decodePlanar(
  bitmaps: readonly { readonly width: number; readonly height: number; readonly data: Uint8Array | null }[],
): (Uint8Array | null)[] {
  return askOracle(
    bitmaps.map(({ width, height, data }) => {
      const options = [0, 1] as const;
      return {
        operation: OracleOperation.planarDecode,
        width,
        height,
        options,
        data: data ?? new Uint8Array(0),
      };
    }),
  );
}

test("planar of every colour loss and subsampling is decoded as FreeRDP decodes it", () => {
  const bitmaps = Array.from({ length: 32 * 4 }, (_, seed) => {
    const colourLoss = seed & 7;
    // Subsampling stands only with a loss of colour.
    const format = ((seed << 1) & 0x30) | (colourLoss === 0 ? 0 : colourLoss | (seed & 0x40 ? 8 : 0));
    const [width, height] = [1 + ((seed * 13) % 90), 1 + ((seed * 7) % 50)];
    const data = randomPlanarStream(seed, { format, width, height });
    return { name: `format ${format.toString(16)} ${width}x${height}`, width, height, data };
  });
  const plain = decodePlanar(bitmaps);
  for (const [index, bitmap] of bitmaps.entries()) {
    const expected = plain[index] ?? null;
    assert.ok(expected !== null, bitmap.name);
    assertSamePixels(decodeAlone(Codec.planar, { ...bitmap, rows: "bottomUp" }), expected, bitmap);
  }
});

/** Depths of interleaved RLE, and how many bits of red, green and blue a pixel has there. */
const INTERLEAVED: readonly { bits: number; codec: CodecId; channels: readonly [number, number, number] }[] =
  [
    { bits: 8, codec: Codec.rle8, channels: [8, 8, 8] },
    { bits: 15, codec: Codec.rle15, channels: [5, 5, 5] },
    { bits: 16, codec: Codec.rle16, channels: [5, 6, 5] },
    { bits: 24, codec: Codec.rle24, channels: [8, 8, 8] },
  ];

for (const { bits, codec, channels } of INTERLEAVED)
  test(`interleaved RLE of ${bits} bits is decoded as FreeRDP decodes it`, () => {
    const bitmaps = [...freeRdpBitmaps(bits), ...ownBitmaps(bits)];
    const requests = bitmaps.map(({ width, height, data }) => {
      const options = [bits] as const;
      return { operation: OracleOperation.interleavedDecode, width, height, options, data };
    });
    for (const [index, answer] of askOracle(requests).entries()) {
      const bitmap = bitmaps[index];
      assert.ok(bitmap !== undefined && answer !== null, `${bits} bits, bitmap ${index}`);
      const shown = decodeAlone(codec, { ...bitmap, rows: "bottomUp" });
      const expected = answer.length === shown.length ? answer : widen(answer, channels);
      const narrow = shown.map((value, at) => value & (0xff00 >> (channels[at % 4] ?? 8)));
      assertSamePixels(narrow, expected, bitmap);
    }
  });

interface CodedBitmap {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** What FreeRDP encodes: no more than 64 rows and columns in multiples of four, and no 8 bits. */
function freeRdpBitmaps(bits: number): CodedBitmap[] {
  if (bits === 8) return [];
  const pictures = testPictures().filter(
    ({ width, height }) => width <= 64 && height <= 64 && width % 4 === 0,
  );
  const packed = askOracle(
    pictures.map(({ width, height, rgba }) => {
      const options = [bits] as const;
      return { operation: OracleOperation.interleavedEncode, width, height, options, data: rgba };
    }),
  );
  return pictures.map((picture, index) => ({ ...picture, data: packed[index] ?? new Uint8Array(0) }));
}

/** Streams of our own generator, which uses every order. */
function ownBitmaps(bits: number): CodedBitmap[] {
  return Array.from({ length: 60 }, (_, seed) => {
    const [width, height] = [4 + ((seed * 12) % 64), 1 + ((seed * 5) % 40)];
    const data = randomRleStream(seed, { bits, width, height });
    return { name: `orders of seed ${seed}`, width, height, data };
  });
}

/** Pixels of 15 or 16 bits as bytes with the channel's bits on top and nothing below. */
function widen(pixels: Uint8Array, channels: readonly [number, number, number]): Uint8Array {
  const [red, green, blue] = channels;
  const rgbx = new Uint8Array(pixels.length * 2);
  for (let at = 0; at < pixels.length; at += 2) {
    const value = (pixels[at] ?? 0) | ((pixels[at + 1] ?? 0) << 8);
    rgbx[at * 2] = (value >> (green + blue)) << (8 - red);
    rgbx[at * 2 + 1] = (value >> blue) << (8 - green);
    rgbx[at * 2 + 2] = value << (8 - blue);
  }
  return rgbx;
}

for (const [colourLoss, isSubsampled] of [
  [1, false],
  [3, true],
  [7, true],
  [5, false],
] as const)
  test(`NSCodec as FreeRDP encodes it, colour loss ${colourLoss}${isSubsampled ? ", subsampled" : ""}`, () => {
    const options = [colourLoss, isSubsampled ? 1 : 0] as const;
    const pictures = testPictures().filter(({ width, height }) => width * height > 16);
    const packed = askOracle(
      pictures.map(({ width, height, rgba }) => ({
        operation: OracleOperation.nscEncode,
        width,
        height,
        options,
        data: rgba,
      })),
    );
    assertDecodesNs(
      pictures.map((picture, index) => ({ ...picture, data: packed[index] ?? new Uint8Array(0) })),
      // One bit of chroma is lost even then: a colour may be off by two.
      colourLoss === 1 ? pictures.map(({ rgba }) => rgba) : null,
    );
  });

test("NSCodec of every colour loss, with planes left out, compressed or plain, is decoded as FreeRDP decodes it", () => {
  const bitmaps = Array.from({ length: 84 }, (_, seed) => {
    const [width, height] = [1 + ((seed * 13) % 90), 1 + ((seed * 7) % 50)];
    const options = { width, height, colourLoss: 1 + (seed % 7), isSubsampled: seed % 2 === 0 };
    return { name: `seed ${seed}`, width, height, data: randomNsStream(seed, options) };
  });
  assertDecodesNs(bitmaps, null);
});

function assertDecodesNs(bitmaps: readonly CodedBitmap[], originals: readonly Uint8Array[] | null): void {
  const plain = askOracle(
    bitmaps.map(({ width, height, data }) => ({ operation: OracleOperation.nscDecode, width, height, data })),
  );
  for (const [index, bitmap] of bitmaps.entries()) {
    const expected = plain[index] ?? null;
    assert.ok(expected !== null, bitmap.name);
    const shown = decodeAlone(Codec.nsCodec, { ...bitmap, rows: "topDown" });
    assertSamePixels(shown, expected, bitmap);
    const original = originals?.[index];
    if (original === undefined) continue;
    // It encodes rows from the bottom up.
    const upright = decodeAlone(Codec.nsCodec, { ...bitmap, rows: "bottomUp" });
    const worst = upright.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (original[at] ?? 0))),
      0,
    );
    assert.ok(worst <= 2, `${bitmap.name}: ${worst} from what was encoded`);
  }
}

test("the specifications' examples are decoded as FreeRDP decodes them", () => {
  const [clear, nsc] = askOracle([
    { operation: OracleOperation.clearDecode, ...CLEAR_CODEC_EXAMPLE },
    { operation: OracleOperation.nscDecode, ...NSCODEC_EXAMPLE },
  ]);
  const { width, height, data } = CLEAR_CODEC_EXAMPLE;
  const shown = new DecodingCanvas(width, height, Codec.clearCodec).draw(data);
  assertSamePixels(shown, clear ?? new Uint8Array(0), { name: "ClearCodec", width });
  const blue = decodeAlone(Codec.nsCodec, { ...NSCODEC_EXAMPLE, rows: "topDown" });
  assertSamePixels(blue, nsc ?? new Uint8Array(0), { name: "NSCodec", width: NSCODEC_EXAMPLE.width });
});

const CLEAR_SIZES: readonly (readonly [width: number, height: number])[] = [
  [64, 40],
  [20, 16],
  [200, 120],
  [7, 90],
  [30, 30],
  [1, 1],
];

test("ClearCodec, message after message, is decoded as FreeRDP decodes it", () => {
  for (let seed = 0; seed < 12; seed++) {
    const [width, height] = CLEAR_SIZES[seed % CLEAR_SIZES.length] ?? [8, 8];
    const streams = new ClearStreams(seed);
    const makeNsStream = (wide: number, high: number) =>
      randomNsStream(seed, {
        width: wide,
        height: high,
        colourLoss: 1 + (seed % 7),
        isSubsampled: seed % 2 === 0,
      });
    const messages = Array.from({ length: 60 }, () => streams.next(width, height, makeNsStream));
    const plain = askOracle([
      { operation: OracleOperation.newContexts },
      ...messages.map((data) => ({ operation: OracleOperation.clearDecode, width, height, data })),
    ]);
    const canvas = new DecodingCanvas(width, height, Codec.clearCodec);
    for (const [index, message] of messages.entries()) {
      const expected = plain[index + 1] ?? null;
      const name = `seed ${seed}, message ${index}`;
      assert.ok(expected !== null, name);
      assertSamePixels(canvas.draw(message), expected, { name, width });
    }
  }
});

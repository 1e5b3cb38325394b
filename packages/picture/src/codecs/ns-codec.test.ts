import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter, fromHex } from "@poterne/bytes";
import { Surface } from "../surface.ts";
import { assertWithstandsDamage } from "../testing/damaged-payloads.ts";
import { randomNsStream } from "../testing/ns-streams.ts";
import { NSCODEC_EXAMPLE, type SpecExample } from "../testing/spec-examples.ts";
import { decodeAlpha } from "./alpha.ts";
import { InflateContexts } from "./codec.ts";
import { decodeNsCodec } from "./ns-codec.ts";

function withHead({ width, height, data }: SpecExample): Uint8Array {
  return new ByteWriter().u16le(width).u16le(height).u8(0).put(data).finish();
}

function decode(example: SpecExample): Uint32Array {
  const surface = new Surface(example.width, example.height);
  const all = { x: 0, y: 0, width: example.width, height: example.height };
  decodeNsCodec(withHead(example), surface, all, new InflateContexts());
  return surface.pixels;
}

test("[MS-RDPNSC] 4: the example is a blue of two shades", () => {
  const pixels = decode(NSCODEC_EXAMPLE);
  // Luma 63 and 64, chroma 22 and 37: red 0f, green 3f, blue ff, and one more of each where it fits.
  const [dark, light] = [0xffff3f0f, 0xffff4010];
  assert.deepEqual(
    [...pixels.subarray(0, 11)],
    [...Array(3).fill(dark), light, light, ...Array(4).fill(dark), light, light],
  );
});

test("NSCodec: planes left out are full, runs of any length, the last four bytes as they are", () => {
  // 296 of luma in two runs, chroma 0 in one run.
  const luma = "0505fe 0606ff 28000000 01020304";
  const chroma = "0000ff 28010000 00000000";
  const sizes = "0e000000 0b000000 0b000000 00000000";
  const pixels = decode({
    width: 300,
    height: 1,
    data: fromHex(`${sizes} 01000000 ${luma} ${chroma} ${chroma}`),
  });
  const white = decode({ width: 1, height: 1, data: fromHex(`${"00000000".repeat(4)} 01000000`) });
  assert.deepEqual([...white], [0xfffffeff]);
  assert.equal(pixels[0], 0xff050505);
  assert.equal(pixels[255], 0xff050505);
  assert.equal(pixels[256], 0xff060606);
  assert.deepEqual([...pixels.subarray(296)], [0xff010101, 0xff020202, 0xff030303, 0xff040404]);
});

test("NSCodec: what is cut, or runs past its plane, is refused", () => {
  for (const hex of [
    "01000000 01000000",
    "01000000 01000000 01000000 00000000 00 00 0000 000000",
    "01000000 01000000 01000000 00000000 08 00 0000 000000",
    "01000000 01000000 01000000 00000000 01 00 0000 0000",
  ])
    assert.throws(() => decode({ width: 1, height: 1, data: fromHex(hex) }), { name: "DecodeError" }, hex);
  const long = fromHex("07000000 00000000 00000000 00000000 01 00 0000 010107 00000000");
  assert.throws(() => decode({ width: 10, height: 1, data: long }), { name: "DecodeError" });
});

test("alpha changes how opaque pixels are, plain or in runs, and not their colours", () => {
  const surface = new Surface(2, 2);
  surface.fill(0, 0, 2, 2, 0xff030201);
  const all = { x: 0, y: 0, width: 2, height: 2 };
  decodeAlpha(fromHex("4c41 0000 00 80 ff 01"), surface, all, new InflateContexts());
  assert.deepEqual([...surface.pixels], [0x00030201, 0x80030201, 0xff030201, 0x01030201]);
  decodeAlpha(fromHex("4c41 0100 40 03 ff 01"), surface, all, new InflateContexts());
  assert.deepEqual([...surface.pixels], [0x40030201, 0x40030201, 0x40030201, 0xff030201]);
  assert.equal(surface.hasAlpha, true);
  for (const hex of ["4c42 0000 00000000", "4c41 0000 000000", "4c41 0100 40 05", "4c41 0100 40 03"])
    assert.throws(
      () => decodeAlpha(fromHex(hex), surface, all, new InflateContexts()),
      { name: "DecodeError" },
      hex,
    );
});

test("damaged NSCodec bitmaps are a decode error, never a crash", () => {
  const payloads = Array.from({ length: 40 }, (_, seed) => {
    const [width, height] = [1 + seed, 1 + (seed % 30)];
    const options = { width, height, colourLoss: 1 + (seed % 7), isSubsampled: seed % 2 === 0 };
    return { payload: withHead({ width, height, data: randomNsStream(seed, options) }), width, height };
  });
  assertWithstandsDamage(() => decodeNsCodec, payloads);
});

test("damaged alpha is a decode error, never a crash", () => {
  const payload = fromHex("4c41 0100 4003 0000 ff05 8004");
  assertWithstandsDamage(() => decodeAlpha, [{ payload, width: 4, height: 3 }]);
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { ByteWriter, DecodeError } from "@poterne/bytes";
import { Surface } from "../../surface.ts";
import { assertWithstandsDamage } from "../../testing/withstand.ts";
import example from "./example.json" with { type: "json" };
import { PlainKernel } from "./kernel.ts";
import { decodeRemoteFx } from "./remotefx.ts";
import { decodeRlgr, RlgrMode } from "./rlgr.ts";

const tileSet = Uint8Array.from(Buffer.from(example.tileSet, "base64"));
/** Y, Cb and Cr of the example's only tile, [MS-RDPRFX] 4.2.4.1. */
const parts = [tileSet.subarray(46, 988), tileSet.subarray(988, 1963), tileSet.subarray(1963)];
const TILE = { x: 0, y: 0, width: 64, height: 64 };

/** A region message before the tile set. */
function withRegion(...rectangles: readonly (readonly number[])[]): Uint8Array {
  const writer = new ByteWriter(64).u16le(0xccc6).u32le(15 + rectangles.length * 8);
  writer.u8(1).u8(0).u8(1).u16le(rectangles.length);
  for (const rectangle of rectangles) for (const side of rectangle) writer.u16le(side);
  return writer.u16le(0xcac1).u16le(1).put(tileSet).finish();
}

test("RLGR3 gives the coefficients of the specification's example", () => {
  const hashes = parts.map((bytes) => {
    const out = new Int16Array(4096);
    decodeRlgr(bytes, RlgrMode.rlgr3, out);
    return createHash("sha256").update(new Uint8Array(out.buffer)).digest("hex");
  });
  assert.deepEqual(hashes, example.coefficients);
});

test("RLGR1 gives the values of the progressive example", () => {
  const out = new Int16Array(4096);
  decodeRlgr(Uint8Array.of(0xa8, 0x62, 0x6d, 0xff, 0xf7, 0x00), RlgrMode.rlgr1, out);
  assert.deepEqual([...out.subarray(0, 14)], [-2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 1, -7, 6]);
});

test("the tile of the specification's example has its pixels, one step of 255 apart at most", () => {
  const expected = inflateRawSync(Buffer.from(example.pixels, "base64"));
  const surface = new Surface(64, 64);
  const drawn = decodeRemoteFx(tileSet, surface, TILE, new PlainKernel());
  assert.deepEqual(drawn, [TILE]);
  let different = 0;
  for (let at = 0; at < 4096; at++)
    for (let channel = 0; channel < 3; channel++) {
      const value = surface.rgba[at * 4 + channel] as number;
      const distance = Math.abs(value - (expected[at * 3 + channel] as number));
      assert.ok(distance <= 1, `pixel ${at}`);
      different += distance;
    }
  assert.ok(different < 1000, `${different} of 12288 values differ`);
  assert.ok(surface.pixels.every((pixel) => pixel >>> 24 === 255));
});

test("only the region's rectangles are drawn, and nothing outside the place", () => {
  const surface = new Surface(100, 100);
  const drawn = decodeRemoteFx(
    withRegion([4, 4, 8, 8], [60, 60, 30, 30]),
    surface,
    { x: 10, y: 20, width: 62, height: 62 },
    new PlainKernel(),
  );
  assert.deepEqual(drawn, [
    { x: 14, y: 24, width: 8, height: 8 },
    { x: 70, y: 80, width: 2, height: 2 },
  ]);
  const isDrawn = (x: number, y: number) => surface.pixels[y * 100 + x] !== 0xff000000;
  assert.ok(isDrawn(14, 24) && isDrawn(21, 31) && isDrawn(70, 80) && isDrawn(71, 81));
  assert.equal(surface.pixels.filter((pixel) => pixel !== 0xff000000).length, 64 + 4);
});

test("a region without rectangles shows the whole tile", () => {
  const surface = new Surface(64, 64);
  assert.deepEqual(decodeRemoteFx(withRegion(), surface, TILE, new PlainKernel()), [TILE]);
});

test("a table that is not there, another entropy coder and a foreign tile are refused", () => {
  const changed = (at: number, value: number) => {
    const copy = tileSet.slice();
    copy[at] = value;
    return () => decodeRemoteFx(copy, new Surface(64, 64), TILE, new PlainKernel());
  };
  assert.throws(changed(33, 9), DecodeError);
  assert.throws(changed(13, 0x48), { code: "unsupported" });
  assert.throws(changed(27, 0), DecodeError);
});

test("damaged messages are drawn or refused", () => {
  const kernel = new PlainKernel();
  const surface = new Surface(128, 128);
  const good = withRegion([0, 0, 64, 64]);
  assertWithstandsDamage(good, (bytes) => decodeRemoteFx(bytes, surface, { ...TILE, width: 128 }, kernel));
});

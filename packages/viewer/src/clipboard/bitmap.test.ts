import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addFileHeader, encodeBitmap } from "./bitmap.ts";

const HEADER_BYTES = 40;

/** A bitmap's header of this shape with some pixels behind it. */
function bitmap(fields: {
  width?: number;
  height?: number;
  bits?: number;
  compression?: number;
  colours?: number;
}) {
  const { width = 2, height = 2, bits = 32, compression = 0, colours = 0 } = fields;
  const bytes = new Uint8Array(HEADER_BYTES + 2048);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, HEADER_BYTES, true);
  view.setInt32(4, width, true);
  view.setInt32(8, height, true);
  view.setUint16(12, 1, true);
  view.setUint16(14, bits, true);
  view.setUint32(16, compression, true);
  view.setUint32(32, colours, true);
  return bytes;
}

const pixelsAt = (bytes: Uint8Array) => {
  const file = addFileHeader(bytes);
  return file === null ? null : new DataView(file.buffer).getUint32(10, true);
};

test("the file header points behind colours and masks", () => {
  assert.equal(pixelsAt(bitmap({})), 54);
  assert.equal(pixelsAt(bitmap({ height: -2 })), 54);
  assert.equal(pixelsAt(bitmap({ compression: 3 })), 66);
  assert.equal(pixelsAt(bitmap({ bits: 8 })), 54 + 1024);
  assert.equal(pixelsAt(bitmap({ bits: 4, colours: 3 })), 54 + 12);
});

test("a header that makes no sense, or asks for too much, is no picture", () => {
  for (const fields of [
    { width: 0 },
    { width: -1 },
    { height: 0 },
    { height: -0x80000000 },
    { width: 20_000 },
    { width: 16_000, height: 16_000 },
    { bits: 7 },
    { colours: 0xffffffff },
  ])
    assert.equal(addFileHeader(bitmap(fields)), null, JSON.stringify(fields));
  assert.equal(addFileHeader(bitmap({}).subarray(0, HEADER_BYTES)), null, "no pixels");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const file = addFileHeader(bytes);
      assert.ok(file === null || file.length === bytes.length + 14);
    }),
  );
});

test("rows stand from the bottom up, in blue, green, red, padded to four bytes, transparent as white", () => {
  const pixels = Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 0);
  const encoded = encodeBitmap(pixels, 1, 2);
  assert.deepEqual([...encoded.subarray(HEADER_BYTES)], [255, 255, 255, 0, 3, 2, 1, 0]);
  assert.equal(pixelsAt(encoded), 54);
});

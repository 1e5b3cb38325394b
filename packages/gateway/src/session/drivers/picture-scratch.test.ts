import assert from "node:assert/strict";
import { test } from "node:test";
import { PictureWriter } from "@poterne/picture";
import { giveScratch, takeScratch } from "./picture-scratch.ts";

test("what is given back is taken again, by size; what nobody keeps is freed", () => {
  for (const [sizeBytes, most] of [
    [1000, 8],
    [100 * 1024, 2],
  ] as const) {
    const all = Array.from({ length: most + 1 }, () => takeScratch(sizeBytes));
    const buffers = new Set(all.map(({ buffer }) => buffer));
    for (const bytes of all) giveScratch(bytes);
    assert.equal(
      [...buffers].filter(({ byteLength }) => byteLength === 0).length,
      1,
      "one too many is freed",
    );
    for (let index = 0; index < most; index++) assert.ok(buffers.has(takeScratch(sizeBytes).buffer));
    assert.ok(!buffers.has(takeScratch(sizeBytes).buffer));
  }
});

test("a frame that outgrows its memory gives the first back, with its bytes in the second", () => {
  const givenBack: Uint8Array[] = [];
  const writer = new PictureWriter(takeScratch, (outgrown) => givenBack.push(outgrown));
  const place = { x: 0, y: 0, width: 1, height: 1 };
  const payload = new Uint8Array(60 * 1024).fill(7);
  for (let count = 0; count < 3; count++) writer.draw(0, place, 1, payload);
  const frame = writer.finish();
  assert.equal(givenBack.length, 1);
  giveScratch(givenBack[0] ?? frame);
  assert.equal(
    frame.subarray(-payload.length).every((byte) => byte === 7),
    true,
  );
});

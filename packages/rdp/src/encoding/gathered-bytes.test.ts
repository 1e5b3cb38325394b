import assert from "node:assert/strict";
import { test } from "node:test";
import { GatheredBytes } from "./gathered-bytes.ts";

test("parts come out as one, again and again, small and large", () => {
  const gathered = new GatheredBytes();
  for (const size of [3, 100_000, 10, 700_000, 5]) {
    const whole = Uint8Array.from({ length: size }, (_, index) => index * 7);
    for (let at = 0; at < size; at += 1590) gathered.add(whole.subarray(at, at + 1590));
    assert.equal(gathered.length, size);
    assert.deepEqual(
      gathered.take((bytes) => bytes.slice()),
      whole,
    );
    assert.equal(gathered.length, 0);
  }
});

test("what was gathered is forgotten also when its use fails", () => {
  const gathered = new GatheredBytes();
  gathered.add(new Uint8Array(10));
  assert.throws(() =>
    gathered.take(() => {
      throw new RangeError("no");
    }),
  );
  assert.equal(gathered.length, 0);
});

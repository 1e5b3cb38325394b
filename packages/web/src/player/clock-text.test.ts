import assert from "node:assert/strict";
import { test } from "node:test";
import { readPlace, writeClock } from "./clock-text.ts";

test("places are written with hours only when there are some", () => {
  assert.equal(writeClock(0), "0:00");
  assert.equal(writeClock(61_999), "1:01");
  assert.equal(writeClock(3_723_000), "1:02:03");
});

test("a link names a second, and nonsense is the beginning", () => {
  assert.equal(readPlace("12.5"), 12_500);
  assert.equal(readPlace("-3"), 0);
  assert.equal(readPlace("x"), 0);
  assert.equal(readPlace(undefined), 0);
});

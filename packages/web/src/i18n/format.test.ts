import assert from "node:assert/strict";
import { test } from "node:test";
import { counted, formatDuration, formatSize } from "./format.ts";

/** Narrow and plain spaces read the same to a person. */
function plain(text: string): string {
  return text.replaceAll(/[\u00a0\u202f]/g, " ");
}

test("zero is singular in French and plural in English", () => {
  const words = { one: "# machine", other: "# machines" };
  assert.equal(counted("fr", 0, words), "0 machine");
  assert.equal(counted("en", 0, words), "0 machines");
  assert.equal(plain(counted("fr", 1234, words)), "1 234 machines");
});

test("sizes are in SI units of a thousand", () => {
  assert.equal(plain(formatSize("fr", 1_000_000)), "1 Mo");
  assert.equal(plain(formatSize("en", 1_500)), "1.5 kB");
  assert.match(plain(formatSize("fr", 0)), /^0 o/);
});

test("durations are told in their two largest units", () => {
  assert.equal(plain(formatDuration("fr", 7_500_000)), "2 heures 5 minutes");
  assert.equal(plain(formatDuration("en", 90_061_000)), "1 day 1 hour");
  assert.equal(plain(formatDuration("fr", 0)), "0 seconde");
});

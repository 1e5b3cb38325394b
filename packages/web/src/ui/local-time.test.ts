import assert from "node:assert/strict";
import { test } from "node:test";
import { readLocalTime, writeLocalTime } from "./local-time.ts";

test("a moment survives the field to the minute, whatever the time zone", () => {
  const atMs = Date.UTC(2026, 10, 21, 19, 36);
  assert.equal(readLocalTime(writeLocalTime(atMs)), atMs);
});

test("an empty or broken field is no moment", () => {
  assert.equal(readLocalTime(""), null);
  assert.equal(readLocalTime("2026-"), null);
  assert.equal(writeLocalTime(null), "");
});

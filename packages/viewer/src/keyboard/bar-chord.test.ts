import assert from "node:assert/strict";
import { test } from "node:test";
import { BarChord, type ChordKey } from "./bar-chord.ts";

const key = (code: string, held: string): ChordKey => ({
  code,
  ctrlKey: held.includes("c"),
  altKey: held.includes("a"),
  shiftKey: held.includes("s"),
});

test("the three keys alone, let go, are the chord", () => {
  const chord = new BarChord();
  chord.keyDown(key("ControlLeft", "c"));
  chord.keyDown(key("AltLeft", "ca"));
  chord.keyDown(key("ShiftLeft", "cas"));
  assert.equal(chord.keyUp(key("ShiftLeft", "ca")), false);
  assert.equal(chord.keyUp(key("AltLeft", "c")), false);
  assert.equal(chord.keyUp(key("ControlLeft", "")), true);
});

test("a combination that uses the three keys with another is not the chord", () => {
  const chord = new BarChord();
  chord.keyDown(key("ShiftLeft", "cas"));
  chord.keyDown(key("KeyK", "cas"));
  assert.equal(chord.keyUp(key("ControlLeft", "")), false);
});

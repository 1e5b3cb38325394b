import assert from "node:assert/strict";
import { test } from "node:test";
import { EarlyEvents } from "./early-events.ts";

test("what happens before somebody listens is heard in its order, then all at once", () => {
  const early = new EarlyEvents<string[]>();
  const heard: string[] = [];
  early.tell((list) => list.push("one"));
  early.tell((list) => list.push("two"));
  early.listen(heard);
  assert.deepEqual(heard, ["one", "two"]);
  early.tell((list) => list.push("three"));
  assert.deepEqual(heard, ["one", "two", "three"]);
});

test("what is of no use later is not kept", () => {
  const early = new EarlyEvents<string[]>();
  const heard: string[] = [];
  early.tellNow((list) => list.push("gone"));
  early.listen(heard);
  early.tellNow((list) => list.push("heard"));
  assert.deepEqual(heard, ["heard"]);
});

test("no more than eight are kept, the last ones", () => {
  const early = new EarlyEvents<number[]>();
  const heard: number[] = [];
  for (let each = 0; each < 20; each++) early.tell((list) => list.push(each));
  early.listen(heard);
  assert.deepEqual(heard, [12, 13, 14, 15, 16, 17, 18, 19]);
});

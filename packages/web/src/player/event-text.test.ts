import assert from "node:assert/strict";
import { test } from "node:test";
import { findError } from "@poterne/contract";
import { describeEvent, tellEvents } from "./event-text.ts";
import { playerEn } from "./texts-en.ts";
import { playerFr } from "./texts-fr.ts";

const size = (bytes: number): string => `${bytes} o`;
const what = (code: string): string => findError(code).en.what;
const english = { texts: playerEn, size, what };
const french = { texts: playerFr, size, what: (code: string): string => findError(code).fr.what };

test("events are told in both languages", () => {
  const marker = { type: "viewer", name: "Bob", role: "observer", event: "joined" };
  assert.equal(describeEvent(marker, french), "Bob rejoint (observe)");
  assert.equal(describeEvent(marker, english), "Bob joins (watches)");
});

test("a file event tells direction, path and size, and a failed one that it failed", () => {
  const file = { type: "file", direction: "to-target", path: "/tmp/a", sizeBytes: 3, outcome: "done" };
  assert.equal(describeEvent(file, english), "File sent: /tmp/a (3 o)");
  assert.equal(describeEvent({ ...file, outcome: "failed" }, english), "Transfer interrupted: /tmp/a");
});

test("a marker of a newer version or with wrong fields is still one bounded line", () => {
  assert.equal(describeEvent({ type: "constructor" }, english), "Event: constructor");
  assert.equal(describeEvent({ type: "resize", columns: "x" }, english), "Size: 0 × 0");
  assert.ok(describeEvent({ type: "title", title: "x".repeat(9999) }, english).length < 400);
});

test("an end is told in words, never by its code", () => {
  assert.equal(describeEvent({ type: "ended", code: "left" }, french), "Fin : la session a été quittée.");
  const closed = { type: "ended", code: "closed-by-target" };
  assert.equal(describeEvent(closed, english), "End: The machine closed the session.");
  assert.ok(!describeEvent({ type: "ended", code: "constructor" }, english).includes("constructor"));
});

test("a size or a title that is as before is not listed again, other events are", () => {
  const resize = { type: "resize", columns: 80, rows: 24 };
  const markers = [
    { type: "opened" },
    resize,
    { type: "title", title: "a" },
    resize,
    { type: "title", title: "a" },
    { type: "bell" },
    { type: "bell" },
    { ...resize, columns: 100 },
    resize,
    { type: "title", title: "b" },
  ].map((marker, ms) => ({ ms, marker }));
  assert.deepEqual(
    tellEvents(markers, english).map(({ ms }) => ms),
    [0, 1, 2, 5, 6, 7, 8, 9],
  );
});

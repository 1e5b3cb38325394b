import assert from "node:assert/strict";
import { test } from "node:test";
import { arrangeScreens, partsOf, type WindowRoom } from "./arrange.ts";

const room = (width: number, height: number, screenLeft: number | null = null): WindowRoom => ({
  ...{ width, height, scalePercent: 100, screenLeft },
});

test("windows stand side by side in the order they were opened, the first is the primary one", () => {
  assert.deepEqual(arrangeScreens([room(1000, 700), { ...room(800, 600), scalePercent: 200 }]), [
    { x: 0, y: 0, width: 1000, height: 700, scalePercent: 100, isPrimary: true },
    { x: 1000, y: 0, width: 800, height: 600, scalePercent: 200, isPrimary: false },
  ]);
  assert.equal(arrangeScreens(Array.from({ length: 9 }, () => room(500, 400))).length, 4);
});

test("where the browser tells, they stand as the person's screens do", () => {
  const places = (rooms: readonly WindowRoom[]) => arrangeScreens(rooms).map(({ x }) => x);
  assert.deepEqual(places([room(1000, 700, 0), room(800, 600, -1920)]), [800, 0]);
  assert.deepEqual(places([room(1000, 700, 0), room(800, 600), room(900, 600, -5)]), [0, 1000, 1800]);
});

test("each window shows where the target put its screen; before that the first one shows everything", () => {
  const wanted = arrangeScreens([room(1000, 700, 0), room(800, 600, -1920)]);
  const places = [
    { x: 0, y: 0, width: 800, height: 600 },
    { x: 800, y: 0, width: 1000, height: 700 },
  ];
  const desktop = { width: 1800, height: 700 };
  assert.deepEqual(partsOf(wanted, places, desktop), [places[1], places[0]]);
  assert.deepEqual(partsOf(wanted, places.slice(1), desktop), [null, null]);
  assert.deepEqual(partsOf(wanted, places, { width: 1000, height: 700 }), [null, null]);
  const hollow = [{ ...places[0], width: 0 }, places[1]] as typeof places;
  assert.deepEqual(partsOf(wanted, hollow, desktop), [null, null]);
  assert.deepEqual(partsOf(wanted.slice(0, 1), places.slice(0, 1), desktop), [null], "one window shows all");
});

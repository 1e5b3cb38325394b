import assert from "node:assert/strict";
import { test } from "node:test";
import { Button, MAX_NOTCHES, NOTCH_PX, WheelNotches, wireButtons } from "./pointer-buttons.ts";
import {
  MAX_DESKTOP_SIDE_PX,
  MIN_DESKTOP_SIDE_PX,
  margin,
  remotePoint,
  shownSize,
  wantedRoom,
} from "./scaling.ts";
import { LONG_PRESS_MS, SCROLL_PX, STILL_PX, type TouchAction, TouchMachine } from "./touch-machine.ts";

const plain = { isSharp: false, pixelRatio: 1 };

test("fit keeps the proportions and enlarges", () => {
  const shown = shownSize(
    { width: 800, height: 600 },
    { width: 1600, height: 900 },
    { mode: "fit", ...plain },
  );
  assert.deepEqual(shown, { width: 1200, height: 900 });
});

test("one to one is one device pixel on a dense screen when sharp", () => {
  const options = { mode: "actual", isSharp: true, pixelRatio: 2 } as const;
  assert.deepEqual(shownSize({ width: 800, height: 600 }, { width: 100, height: 100 }, options), {
    width: 400,
    height: 300,
  });
});

test("a target that did not follow the window is still seen whole", () => {
  const shown = shownSize(
    { width: 2000, height: 1000 },
    { width: 1000, height: 900 },
    { mode: "resize", ...plain },
  );
  assert.deepEqual(shown, { width: 1000, height: 500 });
});

test("the size asked for is bounded and its width even", () => {
  assert.deepEqual(wantedRoom({ width: 1001, height: 701 }, plain), {
    ...{ width: 1000, height: 701, scalePercent: 100 },
  });
  assert.deepEqual(wantedRoom({ width: 10, height: 99999 }, plain), {
    width: MIN_DESKTOP_SIDE_PX,
    height: MAX_DESKTOP_SIDE_PX,
    scalePercent: 100,
  });
  const dense = { isSharp: true, pixelRatio: 1.5 };
  assert.deepEqual(wantedRoom({ width: 1000, height: 701 }, dense), {
    ...{ width: 1500, height: 1051, scalePercent: 150 },
  });
  const less = wantedRoom({ width: 1000, height: 700 }, { isSharp: true, pixelRatio: 0.5 });
  assert.deepEqual(less, { width: 500, height: 350, scalePercent: 100 }, "a page made smaller");
  assert.equal(wantedRoom({ width: 1000, height: 700 }, { isSharp: false, pixelRatio: 2 }).scalePercent, 100);
});

test("points outside the picture become points on its edge", () => {
  const shown = { left: 10, top: 10, width: 400, height: 300 };
  const remote = { width: 800, height: 600 };
  const all = { x: 0, y: 0, ...remote };
  assert.deepEqual(remotePoint({ x: 210, y: 160 }, shown, all, remote), { x: 400, y: 300 });
  assert.deepEqual(remotePoint({ x: -5, y: 9999 }, shown, all, remote), { x: 0, y: 599 });
});

test("a window that shows a part points at it, and beside it at the next screen", () => {
  const shown = { left: 0, top: 0, width: 400, height: 300 };
  const part = { x: 1000, y: 100, width: 800, height: 600 };
  const desktop = { width: 1800, height: 700 };
  assert.deepEqual(remotePoint({ x: 0, y: 0 }, shown, part, desktop), { x: 1000, y: 100 });
  assert.deepEqual(remotePoint({ x: -50, y: 150 }, shown, part, desktop), { x: 900, y: 400 });
  assert.deepEqual(remotePoint({ x: 900, y: 999 }, shown, part, desktop), { x: 1799, y: 699 });
});

test("the picture is centred on a device pixel, never between two", () => {
  assert.equal(margin(1001, 1000, 1), 0);
  assert.equal(margin(1001, 1000, 2), 0.5);
  assert.equal(margin(100, 1000, 1), 0);
});

test("the browser's buttons are put in the wire's order", () => {
  assert.equal(wireButtons(1 | 4), Button.left | Button.middle);
  assert.equal(wireButtons(2 | 8), Button.right | Button.back);
});

test("scrolling adds up to notches and a flick is bounded", () => {
  const wheel = new WheelNotches();
  assert.deepEqual(wheel.add({ x: 0, y: NOTCH_PX - 1, mode: 0 }), []);
  assert.deepEqual(wheel.add({ x: 0, y: 30, mode: 0 }), [Button.wheelDown]);
  assert.equal(wheel.add({ x: 0, y: -99999, mode: 0 }).length, MAX_NOTCHES);
});

const buttons = (actions: readonly TouchAction[]): number[] => actions.map((action) => action.buttons);

test("touch: a tap is a click where the finger was", () => {
  const touch = new TouchMachine("direct");
  touch.down({ id: 1, x: 5, y: 6 }, 0);
  const actions = touch.up(1);
  assert.deepEqual(buttons(actions), [Button.left, 0]);
  assert.deepEqual(actions[0]?.move, { kind: "to", x: 5, y: 6 });
});

test("touch: a long press is a right click, and lifting the finger adds nothing", () => {
  const touch = new TouchMachine("direct");
  touch.down({ id: 1, x: 5, y: 6 }, 0);
  assert.deepEqual(touch.rest(LONG_PRESS_MS - 1), []);
  assert.deepEqual(buttons(touch.rest(LONG_PRESS_MS)), [Button.right, 0]);
  assert.deepEqual(touch.up(1), []);
});

test("touch: a drag presses where the finger first touched", () => {
  const touch = new TouchMachine("direct");
  touch.down({ id: 1, x: 0, y: 0 }, 0);
  const actions = touch.move({ id: 1, x: 20, y: 0 });
  assert.deepEqual(actions[0], { move: { kind: "to", x: 0, y: 0 }, buttons: Button.left });
  assert.deepEqual(buttons(touch.up(1)), [0]);
});

test("touch: two fingers scroll, and two that stay are a right click", () => {
  const touch = new TouchMachine("direct");
  touch.down({ id: 1, x: 0, y: 0 }, 0);
  touch.down({ id: 2, x: 50, y: 0 }, 1);
  assert.deepEqual(buttons(touch.move({ id: 2, x: 50, y: SCROLL_PX + 1 })), [Button.wheelUp, 0]);
  touch.up(1);
  assert.deepEqual(touch.up(2), []);
  touch.down({ id: 1, x: 0, y: 0 }, 100);
  touch.down({ id: 2, x: 50, y: 0 }, 101);
  touch.up(2);
  assert.deepEqual(buttons(touch.up(1)), [Button.right, 0]);
});

test("touch pad: the finger moves the pointer from where it is", () => {
  const touch = new TouchMachine("touch-pad");
  assert.deepEqual(touch.down({ id: 1, x: 0, y: 0 }, 0), []);
  const actions = touch.move({ id: 1, x: 20, y: 4 });
  assert.deepEqual(actions, [{ move: { kind: "by", x: 20, y: 4 }, buttons: 0 }]);
});

test("touch: a finger that trembles has not moved", () => {
  const touch = new TouchMachine("direct");
  touch.down({ id: 1, x: 0, y: 0 }, 0);
  assert.deepEqual(touch.move({ id: 1, x: STILL_PX - 1, y: 0 }), []);
  assert.deepEqual(buttons(touch.up(1)), [Button.left, 0]);
});

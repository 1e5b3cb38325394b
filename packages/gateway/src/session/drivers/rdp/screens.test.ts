import assert from "node:assert/strict";
import { test } from "node:test";
import type { DesktopPlace } from "@poterne/wire";
import { sizeOf } from "../../viewer-size.ts";
import { monitorsOf, RdpScreens } from "./screens.ts";

const PLACE = { x: 0, y: 0, width: 800, height: 600 };

test("a viewer's screens are the target's monitors; without them one of its size and scale", () => {
  const size = sizeOf({
    type: "screens",
    screens: [
      { ...PLACE, scalePercent: 100, isPrimary: false },
      { x: 800, y: 0, width: 1000, height: 700, scalePercent: 200, isPrimary: true },
    ],
  });
  assert.deepEqual([size.widthPx, size.heightPx], [1800, 700]);
  assert.deepEqual(
    monitorsOf(size).map(({ x, width, isPrimary, scalePercent }) => [x, width, isPrimary, scalePercent]),
    [
      [0, 800, false, 100],
      [800, 1000, true, 200],
    ],
  );
  const plain = { columns: 0, rows: 0, widthPx: 1281, heightPx: 800, scalePercent: 150 };
  assert.deepEqual(monitorsOf(plain), [
    { x: 0, y: 0, width: 1280, height: 800, isPrimary: true, scalePercent: 150 },
  ]);
});

test("viewers hear of screens once the target takes a layout, and of each change once", () => {
  const heard: { readonly max: number; readonly places: readonly DesktopPlace[] }[] = [];
  const screens = new RdpScreens({ screens: (max, places) => void heard.push({ max, places }) });
  screens.placed([PLACE]);
  assert.equal(heard.length, 0, "a target that cannot be asked");
  screens.limited(16);
  screens.limited(16);
  screens.placed([PLACE]);
  assert.deepEqual(heard, [{ max: 4, places: [PLACE] }], "no more than a viewer has windows");
  screens.limited(0);
  assert.equal(heard.at(-1)?.max, 0);
});

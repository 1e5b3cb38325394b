import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteReader, fromHex, toHex } from "@poterne/bytes";
import { encodeConferenceRequest } from "./connect/gcc-client.ts";
import { fitMonitors, type Monitor, oneMonitor, readMonitors } from "./monitors.ts";
import { assertWithstands } from "./testing/mutate.ts";

const monitor = (change: Partial<Monitor> = {}): Monitor => ({
  ...{ x: 0, y: 0, width: 1000, height: 800, isPrimary: false, scalePercent: 100 },
  ...change,
});

test("a layout is brought within the limits: even widths, sides, scales, one primary, the corner at 0", () => {
  const fitted = fitMonitors([
    monitor({ x: 50, y: 20, width: 801, height: 100, scalePercent: 20 }),
    monitor({ x: 851, y: 20, width: 20_000, isPrimary: true, scalePercent: 900 }),
    monitor({ x: 51, y: 120, isPrimary: true }),
  ]);
  assert.deepEqual(fitted, [
    monitor({ width: 800, height: 200 }),
    monitor({ x: 801, width: 8192, isPrimary: true, scalePercent: 500 }),
    monitor({ x: 1, y: 100 }),
  ]);
  assert.deepEqual(fitMonitors([monitor()])[0]?.isPrimary, true, "the first where none says so");
  assert.deepEqual(fitMonitors([]), []);
});

test("what would be too large altogether is left out from the last monitor on, the first never", () => {
  const large = (x: number) => monitor({ x, width: 4096, height: 4096 });
  assert.equal(fitMonitors([large(0), large(4096)]).length, 1);
  assert.equal(fitMonitors([large(0)]).length, 1);
  const many = Array.from({ length: 20 }, (_, index) => monitor({ x: index * 400, width: 400, height: 300 }));
  assert.equal(fitMonitors(many).length, 16);
});

const request = (monitors: readonly Monitor[], isExtendedDataTaken = true) =>
  toHex(
    encodeConferenceRequest({
      ...{ keyboardLayout: 0x40c, clientName: "poterne", selectedProtocol: 1 },
      ...{ hasGraphicsPipeline: true, channels: [], monitors, isExtendedDataTaken },
    }),
  );
/** selectedProtocol, no physical size, landscape, desktopScaleFactor, deviceScaleFactor. */
const scales = (desktop: string, device: string) => `01000000${"00".repeat(10)}${desktop}${device}`;

test("connecting tells the scale of the primary monitor, and all monitors where the server takes them", () => {
  assert.ok(request(oneMonitor({ width: 1280, height: 800 })).includes(scales("64000000", "64000000")));
  assert.ok(request(oneMonitor({ width: 1280, height: 800 }, 150)).includes(scales("96000000", "8c000000")));
  const two = [
    monitor({ width: 800, height: 600 }),
    monitor({ x: 800, width: 1600, height: 1200, isPrimary: true, scalePercent: 200 }),
  ];
  const whole = request(two);
  assert.ok(whole.includes(scales("c8000000", "b4000000")));
  // TS_UD_CS_CORE's desktop is all of them.
  assert.ok(whole.includes("6009b004"), "2400 by 1200");
  const places = [
    "e0fcffff00000000ffffffff5702000000000000",
    "00000000000000003f060000af04000001000000",
  ].join("");
  assert.ok(whole.includes(`05c03400${"00000000"}02000000${places}`), "TS_UD_CS_MONITOR");
  const attributes = `${"00".repeat(12)}6400000064000000${"00".repeat(12)}c8000000b4000000`;
  assert.ok(whole.includes(`08c03800${"00000000"}1400000002000000${attributes}`), "TS_UD_CS_MONITOR_EX");
  assert.ok(!request(two, false).includes("05c03400"), "a server that does not say it takes them");
  assert.ok(
    !request(oneMonitor({ width: 800, height: 600 })).includes("05c02000"),
    "one monitor needs no list",
  );
});

const LAYOUT = fromHex(
  `02000000 e0fcffff00000000ffffffff5702000000000000 00000000000000003f060000af04000001000000`,
);

test("a server's layout is read by the desktop's corner, damaged ones are refused", () => {
  assert.deepEqual(readMonitors(new ByteReader(LAYOUT, "layout")), [
    { x: 0, y: 0, width: 800, height: 600 },
    { x: 800, y: 0, width: 1600, height: 1200 },
  ]);
  const refuses = (text: string, code: RegExp) =>
    assert.throws(() => readMonitors(new ByteReader(fromHex(text), "layout")), code);
  refuses("11000000", /limit/);
  refuses(`01000000 0a000000 00000000 00000000 00000000 00000000`, /edges/);
  refuses(`01000000 00000080 00000000 ffffff7f 00000000 00000000`, /edges/);
  assertWithstands(LAYOUT, (bytes) => void readMonitors(new ByteReader(bytes, "layout")));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "@poterne/bytes";
import { oneMonitor } from "../monitors.ts";
import { assertWithstands } from "../testing/mutate.ts";
import { DisplayControl } from "./display-control.ts";

/** Type, length, one monitor, 2048 by 2048 at most. */
const CAPS = fromHex("0500000014000000010000000008000000080000");

const open = () => {
  const sent: string[] = [];
  const limits: number[] = [];
  const control = new DisplayControl((count) => limits.push(count));
  control.opened((message) => sent.push(toHex(message)));
  const resize = (width: number, height: number) => control.layOut(oneMonitor({ width, height }));
  return { control, sent, limits, resize };
};
const layout = (width: string, height: string) =>
  `02000000380000002800000001000000${"01000000"}${"00000000".repeat(2)}${width}${height}${"00000000".repeat(3)}${"64000000".repeat(2)}`;

test("a size is asked for once the server told what it takes, the width even, and not twice", () => {
  const { control, sent, resize } = open();
  resize(1281, 760);
  assert.deepEqual(sent, []);
  control.receive(CAPS);
  assert.deepEqual(sent, [layout("00050000", "f8020000")]);
  resize(1280, 760);
  assert.equal(sent.length, 1);
  control.drawn({ width: 1280, height: 760 });
  resize(10, 1000);
  assert.deepEqual(sent[1], layout("c8000000", "e8030000"));
});

test("a server that did not follow is asked again, until it has followed or a few times", () => {
  const { control, sent, resize } = open();
  control.receive(CAPS);
  resize(800, 600);
  const other = { width: 1024, height: 768 };
  for (let nowMs = 3000; nowMs < 60_000; nowMs += 1000) control.tick(nowMs, other);
  assert.equal(sent.length, 8);
  resize(1000, 700);
  control.tick(70_000, other);
  assert.equal(sent.length, 9);
  control.tick(72_000, other);
  assert.equal(sent.length, 10);
  control.tick(73_000, { width: 1000, height: 700 });
  control.tick(76_000, other);
  assert.equal(sent.length, 10, "it followed once: what it does since is its own wish");
});

test("the next size waits until the one before was drawn, or for two seconds; only the last one counts", () => {
  const { control, sent, resize } = open();
  control.receive(CAPS);
  for (const width of [800, 900, 1000]) resize(width, 600);
  control.drawn({ width: 1024, height: 768 });
  assert.deepEqual(sent, [layout("20030000", "58020000")]);
  control.drawn({ width: 800, height: 600 });
  assert.deepEqual(sent.slice(1), [layout("e8030000", "58020000")]);
  resize(1200, 600);
  const size = { width: 1000, height: 600 };
  for (const nowMs of [1000, 2999]) control.tick(nowMs, size);
  assert.equal(sent.length, 2);
  control.tick(3000, size);
  assert.deepEqual(sent.slice(2), [layout("b0040000", "58020000")]);
});

test("more than the server takes, and a channel that was closed, ask for nothing", () => {
  const { control, sent, resize } = open();
  control.receive(CAPS);
  resize(4000, 4000);
  control.closed();
  resize(1000, 800);
  assert.deepEqual(sent, []);
});

test("damaged capabilities are refused, never more", () => {
  assertWithstands(CAPS, (bytes) => {
    const { control, resize } = open();
    resize(800, 600);
    control.receive(bytes);
  });
});

test("several monitors: places by the primary one, each with its scale; not more of them than the server takes", () => {
  const { control, sent, limits } = open();
  const left = { x: 0, y: 0, width: 800, height: 600, isPrimary: false, scalePercent: 100 };
  const right = { x: 800, y: 0, width: 1600, height: 1200, isPrimary: true, scalePercent: 200 };
  const monitor = (flags: string, x: string, size: string, scales: string) =>
    `${flags}${x}00000000${size}${"00".repeat(12)}${scales}`;
  const head = (count: number, bytes: string) => `02000000${bytes}00000028000000${"0"}${count}000000`;
  control.receive(fromHex("0500000014000000040000000008000000080000"));
  assert.deepEqual(limits, [4]);
  control.layOut([left, right]);
  const first = monitor("00000000", "e0fcffff", "2003000058020000", "6400000064000000");
  const second = monitor("01000000", "00000000", "40060000b0040000", "c8000000b4000000");
  assert.equal(sent[0], `${head(2, "60")}${first}${second}`);
  control.closed();
  assert.deepEqual(limits, [4, 0]);
  const single = open();
  single.control.receive(CAPS);
  single.control.layOut([left, right]);
  assert.equal(
    single.sent[0],
    `${head(1, "38")}${monitor("01000000", "00000000", "2003000058020000", "6400000064000000")}`,
  );
});

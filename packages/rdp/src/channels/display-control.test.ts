import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "@poterne/bytes";
import { assertWithstands } from "../testing/mutate.ts";
import { DisplayControl } from "./display-control.ts";

/** Type, length, one monitor, 2048 by 2048 at most. */
const CAPS = fromHex("0500000014000000010000000008000000080000");

const open = () => {
  const sent: string[] = [];
  const control = new DisplayControl();
  control.opened((message) => sent.push(toHex(message)));
  return { control, sent };
};
const layout = (width: string, height: string) =>
  `02000000380000002800000001000000${"01000000"}${"00000000".repeat(2)}${width}${height}${"00000000".repeat(3)}${"64000000".repeat(2)}`;

test("a size is asked for once the server told what it takes, the width even, and not twice", () => {
  const { control, sent } = open();
  control.resize(1281, 760);
  assert.deepEqual(sent, []);
  control.receive(CAPS);
  assert.deepEqual(sent, [layout("00050000", "f8020000")]);
  control.resize(1280, 760);
  assert.equal(sent.length, 1);
  control.resize(10, 1000);
  assert.deepEqual(sent[1], layout("c8000000", "e8030000"));
});

test("a server that did not follow is asked again, until it has followed or a few times", () => {
  const { control, sent } = open();
  control.receive(CAPS);
  control.resize(800, 600);
  const other = { width: 1024, height: 768 };
  for (let nowMs = 3000; nowMs < 60_000; nowMs += 1000) control.tick(nowMs, other);
  assert.equal(sent.length, 8);
  control.resize(1000, 700);
  control.tick(70_000, other);
  assert.equal(sent.length, 10);
  control.tick(73_000, { width: 1000, height: 700 });
  control.tick(76_000, other);
  assert.equal(sent.length, 10, "it followed once: what it does since is its own wish");
});

test("more than the server takes, and a channel that was closed, ask for nothing", () => {
  const { control, sent } = open();
  control.receive(CAPS);
  control.resize(4000, 4000);
  control.closed();
  control.resize(1000, 800);
  assert.deepEqual(sent, []);
});

test("damaged capabilities are refused, never more", () => {
  assertWithstands(CAPS, (bytes) => {
    const { control } = open();
    control.resize(800, 600);
    control.receive(bytes);
  });
});

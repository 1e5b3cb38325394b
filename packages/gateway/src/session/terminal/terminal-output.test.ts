import assert from "node:assert/strict";
import { test } from "node:test";
import { FLOOD_BYTES, MAX_TEXT_FRAME_BYTES, TerminalOutput } from "./terminal-output.ts";

function make() {
  const frames: Buffer[] = [];
  const clock = { nowMs: 0 };
  const output = new TerminalOutput({
    emit: (_channel, _flags, payload) => {
      frames.push(Buffer.from(payload));
    },
    shown: () => {},
    nowMs: () => clock.nowMs,
  });
  return { frames, clock, output };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("what comes alone goes on at once", async () => {
  const { frames, output } = make();
  output.write(Buffer.from("a"));
  assert.equal(frames.length, 1);
  await turn();
  await turn();
  output.write(Buffer.from("b"));
  assert.equal(frames.length, 2);
});

test("what comes within one turn of the loop is one frame after the first", async () => {
  const { frames, output } = make();
  for (const text of ["a", "b", "c"]) output.write(Buffer.from(text));
  await turn();
  assert.deepEqual(frames.map(String), ["a", "bc"]);
});

test("a flood is joined into full frames, whole and in order", async () => {
  const { frames, clock, output } = make();
  const piece = Buffer.alloc(4095);
  const all: Buffer[] = [];
  for (let index = 0; index < 200; index++) {
    piece.fill(index);
    all.push(Buffer.from(piece));
    // The bytes are the caller's again when this returns.
    output.write(piece);
    clock.nowMs += 0.1;
    if (index % 4 === 3) await turn();
  }
  output.close();
  assert.deepEqual(Buffer.concat(frames), Buffer.concat(all));
  assert.ok(frames.every(({ length }) => length <= MAX_TEXT_FRAME_BYTES));
  assert.ok(frames.length < 60, `${frames.length} frames`);
});

test("the end of a flood is not held back", async () => {
  const { frames, output } = make();
  const most = Buffer.alloc(FLOOD_BYTES + 10, "x");
  output.write(most);
  output.write(Buffer.from("end"));
  while (!Buffer.concat(frames).toString().endsWith("end")) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.equal(Buffer.concat(frames).length, most.length + 3);
});

test("one chunk longer than a frame is cut", () => {
  const { frames, output } = make();
  output.write(Buffer.alloc(2 * MAX_TEXT_FRAME_BYTES + 5, "y"));
  output.close();
  assert.deepEqual(
    frames.map(({ length }) => length),
    [MAX_TEXT_FRAME_BYTES, MAX_TEXT_FRAME_BYTES, 5],
  );
});

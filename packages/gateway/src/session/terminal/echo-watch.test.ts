import assert from "node:assert/strict";
import { test } from "node:test";
import { ECHO_WITHIN_MS, EchoWatch, MAX_HELD_LINE_BYTES, type WatchedInput } from "./echo-watch.ts";

function bytes(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

function textOf(decided: readonly WatchedInput[]): string[] {
  return decided.map((item) =>
    item.type === "shown" ? Buffer.from(item.bytes).toString() : `hidden ${item.byteCount}`,
  );
}

test("a line that the shell echoes may be recorded, colours of the echo or not", () => {
  const watch = new EchoWatch();
  for (const [index, character] of [..."ls é"].entries()) {
    watch.typed(bytes(character), index * 100);
    watch.shown(bytes(`\x1b[32m${character}\x1b[0m`));
  }
  assert.deepEqual(watch.take(400), []);
  watch.typed(bytes("\r"), 500);
  watch.shown(bytes("\r\n"));
  assert.deepEqual(textOf(watch.take(500)), ["ls é\r"]);
});

test("a password at a prompt that hides it is counted and never kept", () => {
  const watch = new EchoWatch();
  watch.shown(bytes("[sudo] password for alice: "));
  watch.typed(bytes("secret\r"), 0);
  watch.shown(bytes("\r\nroot# "));
  assert.deepEqual(textOf(watch.take(10)), ["hidden 7"]);
});

test("a password is not revealed when the answer happens to begin with the same letters", () => {
  const watch = new EchoWatch();
  watch.typed(bytes("We\r"), 0);
  watch.shown(bytes("\r\nWelcome\r\n"));
  assert.deepEqual(textOf(watch.take(10)), ["hidden 3"]);
});

test("a password is not revealed by stars instead of its letters", () => {
  const watch = new EchoWatch();
  watch.typed(bytes("ab"), 0);
  watch.shown(bytes("**"));
  watch.typed(bytes("\r"), 1);
  assert.deepEqual(textOf(watch.take(2)), ["hidden 3"]);
});

test("without any answer a line is hidden once its time is over", () => {
  const watch = new EchoWatch();
  watch.typed(bytes("x\r"), 0);
  assert.deepEqual(watch.take(ECHO_WITHIN_MS - 1), []);
  assert.deepEqual(textOf(watch.take(ECHO_WITHIN_MS)), ["hidden 2"]);
});

test("a line of which one letter was hidden is hidden whole", () => {
  const watch = new EchoWatch();
  watch.typed(bytes("a"), 0);
  watch.shown(bytes("a"));
  watch.typed(bytes("b\r"), 1);
  watch.shown(bytes("\r\n"));
  assert.deepEqual(textOf(watch.take(2)), ["hidden 3"]);
});

test("what is typed without Enter at the end of a session is hidden", () => {
  const watch = new EchoWatch();
  watch.typed(bytes("half"), 0);
  watch.shown(bytes("half"));
  assert.deepEqual(textOf(watch.take(Number.POSITIVE_INFINITY)), ["hidden 4"]);
});

test("the memory of a line that never ends is bounded", () => {
  const watch = new EchoWatch();
  watch.typed(Buffer.alloc(MAX_HELD_LINE_BYTES * 3, "a"), 0);
  watch.typed(bytes("\r"), 0);
  assert.deepEqual(textOf(watch.take(10_000)), [`hidden ${MAX_HELD_LINE_BYTES * 3 + 1}`]);
});

test("lines without number stay bounded and hidden", () => {
  const watch = new EchoWatch();
  watch.typed(bytes("a\r".repeat(5000)), 0);
  const decided = watch.take(10_000);
  let count = 0;
  for (const item of decided) {
    assert.equal(item.type, "hidden");
    if (item.type === "hidden") count += item.byteCount;
  }
  assert.equal(count, 10_000);
});

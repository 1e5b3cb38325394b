import assert from "node:assert/strict";
import { test } from "node:test";
import { LateWrites, MAX_LATE_WRITES } from "./late-writes.ts";

const quiet = { error: () => {}, warn: () => {} };

test("what fails is kept in order, what comes later waits behind it, and all is written once it works again", async () => {
  const written: string[] = [];
  let isAway = true;
  const writes = new LateWrites(quiet);
  const write = (name: string) =>
    writes.write(name, "s", async () => {
      if (isAway) throw new Error("away");
      written.push(name);
    });
  await write("first");
  await write("second");
  await writes.retry();
  assert.deepEqual(written, []);
  isAway = false;
  await write("third");
  await Promise.all([writes.retry(), writes.retry()]);
  assert.deepEqual(written, ["first", "second", "third"]);
  await write("fourth");
  assert.equal(written.at(-1), "fourth");
  assert.equal(writes.count, 0);
});

test("no more than the limit wait; what is given up is in the log", async () => {
  const given: unknown[] = [];
  const writes = new LateWrites({ ...quiet, error: (facts: unknown) => void given.push(facts) });
  const refuse = () => Promise.reject(new Error("away"));
  for (let count = 0; count < MAX_LATE_WRITES + 2; count++) await writes.write("end", "s", refuse);
  assert.equal(writes.count, MAX_LATE_WRITES);
  assert.equal(given.length, 2);
});

test("settling waits for what is being written", async () => {
  const writes = new LateWrites(quiet);
  const gate = Promise.withResolvers<void>();
  let isWritten = false;
  void writes.write("end", "s", async () => {
    await gate.promise;
    isWritten = true;
  });
  const settled = writes.settle();
  gate.resolve();
  await settled;
  assert.ok(isWritten);
});

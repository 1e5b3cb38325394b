import assert from "node:assert/strict";
import { test } from "node:test";
import { Gate } from "./gate.ts";

test("no more than allowed are inside, all come through in order, and a failure frees its place", async () => {
  const gate = new Gate(2);
  const order: number[] = [];
  let insideCount = 0;
  let mostInside = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, at) =>
      gate.pass(10_000, async () => {
        insideCount++;
        mostInside = Math.max(mostInside, insideCount);
        order.push(at);
        await new Promise((resolve) => setImmediate(resolve));
        insideCount--;
        if (at % 5 === 0) throw new Error("lost");
        return at;
      }),
    ),
  );
  assert.equal(mostInside, 2);
  assert.deepEqual(
    order,
    [...order].sort((left, right) => left - right),
  );
  assert.equal(results.filter(({ status }) => status === "rejected").length, 4);
  assert.ok(gate.isIdle);
});

test("who waits longer than he will goes away without a turn, and takes nobody's place", async () => {
  const gate = new Gate(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = gate.pass(10_000, () => promise);
  assert.equal(await gate.pass(1, () => Promise.resolve("never")), null);
  const third = gate.pass(10_000, () => Promise.resolve("third"));
  resolve();
  await first;
  assert.equal(await third, "third");
  assert.ok(gate.isIdle);
});

import assert from "node:assert/strict";
import { it } from "node:test";
import { LoopTurns, Narrow } from "./loop-turns.ts";

it("runs one piece of work per turn of the event loop, in the order of asking", async () => {
  const turns = new LoopTurns();
  const order: number[] = [];
  let loop = 0;
  let isCounting = true;
  const count = (): void => {
    loop++;
    if (isCounting) setImmediate(count);
  };
  setImmediate(count);
  const piecesOfTurn = new Map<number, number>();
  await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      await turns.next();
      order.push(index);
      piecesOfTurn.set(loop, (piecesOfTurn.get(loop) ?? 0) + 1);
    }),
  );
  isCounting = false;
  assert.deepEqual(
    order,
    Array.from({ length: 40 }, (_, index) => index),
  );
  // Both count in the check phase, one before the other or after: at most two pieces fall on one number.
  assert.ok(Math.max(...piecesOfTurn.values()) <= 2, JSON.stringify([...piecesOfTurn]));
});

it("does not make a lone piece wait", async () => {
  const turns = new LoopTurns();
  let isTurned = false;
  setImmediate(() => {
    isTurned = true;
  });
  await turns.next();
  assert.equal(isTurned, false);
});

it("runs so many at once and no more, and goes on after a failure", async () => {
  const narrow = new Narrow(2);
  let running = 0;
  let most = 0;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 9 }, (_, index) =>
      narrow.run(async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running--;
        if (index % 3 === 0) throw new Error("no");
      }),
    ),
  );
  assert.equal(most, 2);
  assert.equal(outcomes.filter(({ status }) => status === "rejected").length, 3);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Failure } from "@poterne/contract";
import { TransactionGate } from "./transaction-gate.ts";

describe("the gate before SQLite's one writing connection", () => {
  test("lets statements and transactions in by their order, statements between transactions at once", async () => {
    const gate = new TransactionGate();
    const order: string[] = [];
    const note = (what: string) => async () => {
      order.push(what);
    };
    const [first, second, other] = [{}, {}, {}];
    await gate.enter(first, note("first begins"));
    const waiting = [
      gate.pass(other, note("statement 1")),
      gate.enter(second, note("second begins")),
      gate.pass(other, note("statement 2")),
    ];
    await gate.pass(first, note("in first"));
    gate.leave(first);
    assert.deepEqual(order, ["first begins", "in first", "statement 1", "second begins"]);
    gate.leave(other);
    gate.leave(second);
    await Promise.all(waiting);
    assert.equal(order.at(-1), "statement 2");
  });

  test("who waits too long is told that the store is unavailable, and the others go on", async () => {
    const gate = new TransactionGate(30);
    const holder = {};
    await gate.enter(holder, async () => undefined);
    const late = gate.pass({}, async () => undefined);
    await assert.rejects(late, (error) => error instanceof Failure && error.code === "store-unavailable");
    const next = gate.pass({}, async () => "through");
    gate.leave(holder);
    assert.equal(await next, "through");
  });

  test("a statement that fails hands its error to its own caller only", async () => {
    const gate = new TransactionGate();
    const holder = {};
    await gate.enter(holder, async () => undefined);
    const failing = gate.pass({}, () => Promise.reject(new Error("mine")));
    const fine = gate.pass({}, async () => 1);
    gate.leave(holder);
    await assert.rejects(failing, /mine/);
    assert.equal(await fine, 1);
  });
});

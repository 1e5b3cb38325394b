import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Negotiation, OptionState } from "./option-state.ts";

test("a welcome option is taken and given up with one answer each", () => {
  const state = new OptionState(true);
  assert.deepEqual(state.received("on"), { answer: "on", isEnabled: true });
  assert.deepEqual(state.received("on"), { answer: null, isEnabled: null });
  assert.deepEqual(state.received("off"), { answer: "off", isEnabled: false });
  assert.deepEqual(state.received("off"), { answer: null, isEnabled: null });
});

test("an answer to this side's request is not answered", () => {
  const state = new OptionState(true);
  assert.equal(state.request().answer, "on");
  assert.deepEqual(state.received("on"), { answer: null, isEnabled: true });
  assert.equal(state.withdraw().answer, "off");
  assert.deepEqual(state.received("off"), { answer: null, isEnabled: false });
});

test("a request withdrawn before its answer ends off", () => {
  const state = new OptionState(true);
  state.request();
  assert.equal(state.withdraw().answer, null);
  assert.deepEqual(state.received("on"), { answer: "off", isEnabled: null });
  state.received("off");
  assert.equal(state.isEnabled, false);
});

/** Lets two sides talk until nothing is under way; fails when that never ends. */
function settle(left: OptionState, right: OptionState, toLeft: Negotiation[], toRight: Negotiation[]): void {
  for (let steps = 0; toLeft.length + toRight.length > 0; steps++) {
    assert.ok(steps < 200, "endless");
    deliver(left, toLeft, toRight);
    deliver(right, toRight, toLeft);
  }
}

function deliver(side: OptionState, incoming: Negotiation[], outgoing: Negotiation[]): void {
  const negotiation = incoming.shift();
  const answer = negotiation === undefined ? null : side.received(negotiation).answer;
  if (answer !== null) outgoing.push(answer);
}

test("two sides that want anything at any time always come to rest and agree (RFC 1143)", () => {
  const act = fc.record({ isLeft: fc.boolean(), wants: fc.constantFrom<Negotiation>("on", "off") });
  const run = (acts: readonly { isLeft: boolean; wants: Negotiation }[]) => {
    const [left, right] = [new OptionState(true), new OptionState(true)];
    const [toLeft, toRight]: [Negotiation[], Negotiation[]] = [[], []];
    for (const { isLeft, wants } of acts) {
      const side = isLeft ? left : right;
      const { answer } = wants === "on" ? side.request() : side.withdraw();
      if (answer !== null) (isLeft ? toRight : toLeft).push(answer);
    }
    settle(left, right, toLeft, toRight);
    assert.equal(left.isEnabled, right.isEnabled);
  };
  fc.assert(fc.property(fc.array(act, { maxLength: 20 }), run), { numRuns: 1000 });
});

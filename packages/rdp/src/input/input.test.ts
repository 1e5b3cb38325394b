import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "@poterne/bytes";
import { type EncodedEvent, encodeInputPdus, encodeMouse, PointerFlag } from "./fast-path-input.ts";
import { HeldInput } from "./held-input.ts";
import { InputState } from "./input-state.ts";

const pdus = (events: readonly EncodedEvent[]): string => toHex(encodeInputPdus(events));

test("scancodes go as positions: plain, extended, Pause", () => {
  const input = new InputState();
  assert.equal(pdus(input.key(true, 0x1e)), "048005001e");
  assert.equal(pdus(input.key(false, 0x1e)), "048005011e");
  assert.equal(pdus(input.key(true, 0xe04b)), "048005024b");
  assert.equal(pdus(input.key(true, 0xe11d)), "088007041d0045");
  assert.equal(input.key(true, 0).length, 0);
});

test("characters go as UTF-16 units, fifteen events a packet", () => {
  const input = new InputState();
  assert.equal(pdus(input.text("é")), "08800980e90081e900");
  assert.equal(pdus(input.text("😀")).length / 2, 3 + 4 * 3);
  const many = encodeInputPdus(input.text("0123456789"));
  assert.equal(many[0], 15 << 2);
  assert.equal(many[3 + 15 * 3], 5 << 2);
});

test("the pointer moves, clicks and turns wheels", () => {
  const input = new InputState();
  assert.equal(pdus(input.pointer(5, 6, 0)), "04800a20000805000600");
  assert.equal(pdus(input.pointer(5, 6, 1)), "04800a20009005000600");
  assert.equal(pdus(input.pointer(5, 6, 0)), "04800a20001005000600");
  assert.equal(pdus(input.pointer(5, 6, 4)), "04800a2000a005000600", "right is the second button");
  assert.equal(pdus(input.pointer(5, 6, 2 | 4)), "04800a2000c005000600", "middle is the third");
  input.pointer(5, 6, 0);
  assert.equal(pdus(input.pointer(5, 6, 8)), "04800a20780205000600", "one notch up");
  assert.equal(input.pointer(5, 6, 0).length, 0);
  assert.equal(pdus(input.pointer(5, 6, 16)), "04800a20880305000600", "one notch down");
  input.pointer(5, 6, 0);
  assert.equal(pdus(input.pointer(5, 6, 128)), "04800a40018005000600", "the button for back");
});

test("everything that is down is let go", () => {
  const input = new InputState();
  input.key(true, 0x2a);
  input.key(true, 0xe038);
  input.pointer(1, 1, 1);
  assert.equal(pdus(input.release()), "0c800e012a033820001001000100");
  assert.equal(input.release().length, 0);
});

test("locks are told once", () => {
  const input = new InputState();
  assert.equal(pdus(input.setLocks(6)), "04800466");
  assert.equal(input.setLocks(6).length, 0);
  assert.equal(pdus(input.setLocks(2)), "04800462");
});

const DESKTOP = { width: 100, height: 80 };

function hold(held: HeldInput, events: readonly EncodedEvent[], nowMs = 0): void {
  for (const event of events) held.hold(event, nowMs);
}

test("held input comes in order, once; of moves that follow each other the last", () => {
  const input = new InputState();
  const held = new HeldInput();
  const events = [
    ...input.key(true, 0x1e),
    ...input.pointer(5, 5, 0),
    ...input.pointer(9, 9, 0),
    ...input.key(false, 0x1e),
    ...input.text("é"),
  ];
  hold(held, events);
  assert.deepEqual(held.take(0, DESKTOP), [events[0], ...events.slice(2)]);
  assert.deepEqual(held.take(0, DESKTOP), []);
});

test("a pointer outside of the smaller desktop is moved to its edge", () => {
  const held = new HeldInput();
  hold(held, new InputState().pointer(500, 20, 1));
  assert.equal(pdus(held.take(0, DESKTOP)), "0880112000086300140020009063001400");
});

test("too much held: what came first is kept, and every letting go", () => {
  const input = new InputState();
  const held = new HeldInput();
  hold(held, input.key(true, 0x2a));
  for (let count = 0; count < 5000; count++) hold(held, input.text("x"));
  for (let count = 0; count < 5000; count++) {
    hold(held, input.key(true, 0x1e));
    hold(held, input.key(false, 0x1e));
    hold(held, input.pointer(count % 50, 1, count % 2));
  }
  hold(held, input.setLocks(4));
  hold(held, [encodeMouse(PointerFlag.PTRFLAGS_WHEEL | 120, 1, 1)]);
  hold(held, input.key(false, 0x2a));
  const events = held.take(0, DESKTOP);
  assert.equal(pdus(events.slice(0, 1)), "048005002a");
  const after = ["04800a20001030000100", "048005011e", "04800464", "048005012a"];
  assert.deepEqual(
    events.slice(1024).map((event) => pdus([event])),
    after,
  );
});

test("held too long: presses are forgotten, lettings go are not", () => {
  const input = new InputState();
  const held = new HeldInput();
  hold(held, [...input.key(true, 0x2a), ...input.pointer(3, 3, 1)], 0);
  hold(held, [...input.text("x"), ...input.key(true, 0x1e)], 9_000);
  hold(held, [...input.key(false, 0x1e), ...input.release()], 9_500);
  const events = held.take(10_001, DESKTOP);
  assert.equal(pdus(events), "10801520000803000300011e012a20001003000300");
});

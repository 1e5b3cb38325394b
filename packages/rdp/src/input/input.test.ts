import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "@poterne/bytes";
import { InputState } from "./input-state.ts";

test("scancodes go as positions: plain, extended, Pause", () => {
  const input = new InputState();
  assert.equal(toHex(input.key(true, 0x1e)), "048005001e");
  assert.equal(toHex(input.key(false, 0x1e)), "048005011e");
  assert.equal(toHex(input.key(true, 0xe04b)), "048005024b");
  assert.equal(toHex(input.key(true, 0xe11d)), "088007041d0045");
  assert.equal(input.key(true, 0).length, 0);
});

test("characters go as UTF-16 units, fifteen events a packet", () => {
  const input = new InputState();
  assert.equal(toHex(input.text("é")), "08800980e90081e900");
  assert.equal(toHex(input.text("😀")).length / 2, 3 + 4 * 3);
  const many = input.text("0123456789");
  assert.equal(many[0], 15 << 2);
  assert.equal(many[3 + 15 * 3], 5 << 2);
});

test("the pointer moves, clicks and turns wheels", () => {
  const input = new InputState();
  assert.equal(toHex(input.pointer(5, 6, 0)), "04800a20000805000600");
  assert.equal(toHex(input.pointer(5, 6, 1)), "04800a20009005000600");
  assert.equal(toHex(input.pointer(5, 6, 0)), "04800a20001005000600");
  assert.equal(toHex(input.pointer(5, 6, 4)), "04800a2000a005000600", "right is the second button");
  assert.equal(toHex(input.pointer(5, 6, 2 | 4)), "04800a2000c005000600", "middle is the third");
  input.pointer(5, 6, 0);
  assert.equal(toHex(input.pointer(5, 6, 8)), "04800a20780205000600", "one notch up");
  assert.equal(input.pointer(5, 6, 0).length, 0);
  assert.equal(toHex(input.pointer(5, 6, 16)), "04800a20880305000600", "one notch down");
  input.pointer(5, 6, 0);
  assert.equal(toHex(input.pointer(5, 6, 128)), "04800a40018005000600", "the button for back");
});

test("everything that is down is let go", () => {
  const input = new InputState();
  input.key(true, 0x2a);
  input.key(true, 0xe038);
  input.pointer(1, 1, 1);
  assert.equal(toHex(input.release()), "088007012a033804800a20001001000100");
  assert.equal(input.release().length, 0);
});

test("locks are told once", () => {
  const input = new InputState();
  assert.equal(toHex(input.setLocks(6)), "04800466");
  assert.equal(input.setLocks(6).length, 0);
  assert.equal(toHex(input.setLocks(2)), "04800462");
});

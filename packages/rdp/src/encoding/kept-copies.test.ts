import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../testing/mutate.ts";
import { KeptCopies, type KeptCopy } from "./kept-copies.ts";

const filled = (length: number, value: number) => new Uint8Array(length).fill(value);

test("copies hold what they were given, whatever is replaced and given back around them", () => {
  const random = seededRandom(157);
  const pick = (limit: number) => Math.floor(random() * limit);
  const copies = new KeptCopies();
  const held: { copy: KeptCopy; expected: Uint8Array }[] = [];
  for (let value = 0; value < 4000; value++) {
    const bytes = filled(pick(pick(10) === 0 ? 40_000 : 3000), value);
    const one = held[pick(held.length + 1)];
    if (one === undefined) held.push({ copy: copies.copy(bytes), expected: bytes });
    else if (pick(4) === 0) copies.giveBack(held.splice(held.indexOf(one), 1)[0]?.copy as KeptCopy);
    else {
      copies.replace(one.copy, bytes);
      one.expected = bytes;
    }
    if (value % 100 === 0)
      for (const { copy, expected } of held) assert.deepEqual(copy.bytes, expected, `after ${value}`);
  }
  const rooms = new Set(held.map(({ copy }) => copy.room.buffer));
  assert.equal(rooms.size, held.length, "no two in one room");
});

test("a head stands in front, and what was copied may change", () => {
  const bytes = filled(10, 1);
  const copy = new KeptCopies().copy(bytes, Uint8Array.of(7, 8));
  bytes.fill(9);
  assert.deepEqual([...copy.bytes], [7, 8, ...filled(10, 1)]);
});

test("a room is used again for what has its size, and no other session's", () => {
  const [own, other] = [new KeptCopies(), new KeptCopies()];
  const { room } = own.copy(filled(1000, 1));
  own.giveBack({ room, length: 1000 } as KeptCopy);
  assert.notEqual(other.copy(filled(1000, 2)).room, room);
  assert.notEqual(own.copy(filled(100, 2)).room, room);
  assert.equal(own.copy(filled(900, 2)).room, room);
  const copy = own.copy(filled(513, 3));
  const before = copy.room;
  own.replace(copy, filled(760, 4));
  assert.equal(copy.room, before);
  own.replace(copy, filled(769, 4));
  assert.notEqual(copy.room, before);
});

test("no more than 256 kB wait, and long ones never do", () => {
  const copies = new KeptCopies();
  const held = Array.from({ length: 40 }, () => copies.copy(filled(16 * 1024, 1)));
  const long = copies.copy(filled(20_000, 1));
  for (const copy of [...held, long]) copies.giveBack(copy);
  const waiting = held.filter(({ room }) => room.length > 0);
  assert.equal(waiting.length, 16);
  assert.equal(long.room.length, 0, "its memory is given back");
});

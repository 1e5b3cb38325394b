import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "@poterne/bytes";
import fc from "fast-check";
import { decodeSrvAnswer, encodeSrvQuestion } from "./dns-message.ts";

const ID = 0x1234;
const NAME = "_kerberos._tcp.lab.test";
const MUTATIONS = 1500;

/** A name as labels, or a pointer to an offset. */
const wire = (name: string | number): Buffer =>
  typeof name === "number"
    ? Buffer.from([0xc0 | (name >> 8), name & 0xff])
    : Buffer.concat([
        ...name
          .split(".")
          .filter((label) => label !== "")
          .map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)])),
        Buffer.of(0),
      ]);
const u16 = (...values: number[]) =>
  Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 0xff)));

interface Record {
  readonly owner?: string | number;
  readonly type?: number;
  readonly ttl?: number;
  readonly data: Buffer;
}
const srv = (priority: number, weight: number, port: number, name: string | number): Record => ({
  data: Buffer.concat([u16(priority, weight, port), wire(name)]),
});

function answerOf(records: readonly Record[], flags = 0x8180, question = NAME, id = ID): Buffer {
  const parts = [u16(id, flags, 1, records.length, 0, 0), wire(question), u16(33, 1)];
  for (const { owner = 12, type = 33, ttl = 300, data } of records)
    parts.push(wire(owner), u16(type, 1, ttl >>> 16, ttl & 0xffff, data.length), data);
  return Buffer.concat(parts);
}

const read = (bytes: Uint8Array) => decodeSrvAnswer(bytes, ID, NAME);

test("a question is the name's SRV records, and a name the DNS cannot have is none", () => {
  const question = encodeSrvQuestion(ID, "_Kerberos._TCP.Lab.Test");
  assert.deepEqual(
    question,
    new Uint8Array(Buffer.concat([u16(ID, 0x0100, 1, 0, 0, 0), wire(NAME), u16(33, 1)])),
  );
  for (const name of [
    "",
    "a..b",
    "a b",
    "é.test",
    `${"a".repeat(64)}.test`,
    `${"abc.".repeat(70)}test`,
    "-a.test",
  ])
    assert.equal(encodeSrvQuestion(ID, name), null, name);
});

test("records are read with their order, and the shortest life counts", () => {
  const { records, ttlSeconds, rcode } = read(
    answerOf([srv(0, 100, 88, "DC1.lab.test"), { ...srv(10, 0, 1088, "dc2.lab.test"), ttl: 20 }]),
  );
  assert.deepEqual(records, [
    { priority: 0, weight: 100, port: 88, name: "dc1.lab.test" },
    { priority: 10, weight: 0, port: 1088, name: "dc2.lab.test" },
  ]);
  assert.equal(ttlSeconds, 20);
  assert.equal(rcode, 0);
});

test("names shortened inside records, as Samba writes them, and aliases are followed", () => {
  // The question's `lab.test` stands 15 octets behind its beginning.
  const shortened = {
    data: Buffer.concat([u16(0, 100, 88), Buffer.from([3]), Buffer.from("dc1"), wire(27)]),
  };
  assert.equal(read(answerOf([shortened])).records[0]?.name, "dc1.lab.test");
  const alias = { type: 5, data: wire("_kerberos._tcp.other.test") };
  const target = { ...srv(0, 0, 88, "dc.other.test"), owner: "_kerberos._tcp.other.test" };
  assert.equal(read(answerOf([alias, target])).records[0]?.name, "dc.other.test");
  assert.deepEqual(read(answerOf([target])).records, [], "of a name nobody asked for");
});

test("no such name, a life below nothing, and the root instead of a name", () => {
  assert.deepEqual(read(answerOf([], 0x8183)), { rcode: 3, isTruncated: false, records: [], ttlSeconds: 0 });
  assert.equal(read(answerOf([{ ...srv(0, 0, 88, "a.test"), ttl: 0xffffffff }])).ttlSeconds, 0);
  assert.equal(read(answerOf([srv(0, 0, 88, "")])).records[0]?.name, ".");
  assert.equal(read(answerOf([srv(0, 0, 88, "a.test")], 0x8380)).isTruncated, true);
});

test("answers to other questions, and ones that lie about themselves, are refused", () => {
  const many = Array.from({ length: 513 }, () => srv(0, 0, 88, "a.test"));
  const hops = Array.from({ length: 20 }, (_, at) => ({
    type: 1,
    data: wire(at === 0 ? 12 : 41 + (at - 1) * 14 + 12),
  }));
  for (const [what, bytes] of Object.entries({
    "another id": answerOf([], 0x8180, NAME, 1),
    "a question": answerOf([], 0x0100),
    "another name": answerOf([], 0x8180, "_kerberos._tcp.evil.test"),
    "a name that points to itself": answerOf([{ ...srv(0, 0, 88, "a.test"), owner: 41 }]),
    "letters no host has": answerOf([srv(0, 0, 88, "a/b.test")]),
    "a label too long": answerOf([{ data: Buffer.concat([u16(0, 0, 88), Buffer.of(0x40)]) }]),
    "too many records": answerOf(many),
    "a record longer than its contents": answerOf([
      { data: Buffer.concat([srv(0, 0, 1, "a.test").data, u16(0)]) },
    ]),
    "pointers to pointers": answerOf([...hops, { ...srv(0, 0, 1, "a.test"), owner: 41 + 19 * 14 + 12 }]),
    "half of it": answerOf([srv(0, 0, 88, "a.test")]).subarray(0, 60),
  }))
    assert.throws(() => read(bytes), DecodeError, what);
});

test(`altered ${MUTATIONS} times, an answer is read or refused with a reason`, () => {
  const good = answerOf([srv(0, 100, 88, "dc1.lab.test"), srv(10, 1, 88, 27), { type: 5, data: wire(12) }]);
  read(good);
  const edits = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  let refused = 0;
  const property = fc.property(edits, fc.nat(4 * good.length), (changes, end) => {
    const changed = Buffer.from(good.subarray(0, end));
    for (const [at, value] of changes) if (at < changed.length) changed[at] = value;
    try {
      read(changed);
    } catch (error) {
      assert.ok(error instanceof DecodeError, `${changed.toString("hex")}: ${error}`);
      refused++;
    }
  });
  fc.assert(property, { numRuns: MUTATIONS });
  assert.ok(refused > MUTATIONS / 4, `${refused} refused`);
});

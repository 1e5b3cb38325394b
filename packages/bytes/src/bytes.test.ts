import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  ByteReader,
  ByteWriter,
  DecodeError,
  decodeUtf8,
  encodeUtf8,
  fromHex,
  isUuid,
  makeUuidV7,
  toHex,
} from "./index.ts";

test("what a writer wrote, a reader reads", () => {
  const writer = new ByteWriter(1)
    .u8(1)
    .u16(2)
    .u16le(3)
    .u32(4)
    .u32le(5)
    .i32(-6)
    .u64le(2 ** 40 + 7)
    .utf8("é");
  const reader = new ByteReader(writer.finish(), "test");
  assert.deepEqual(
    [
      reader.u8(),
      reader.u16(),
      reader.u16le(),
      reader.u32(),
      reader.u32le(),
      reader.i32(),
      reader.u64le(),
      reader.utf8(2),
    ],
    [1, 2, 3, 4, 5, -6, 2 ** 40 + 7, "é"],
  );
  assert.equal(reader.remaining, 0);
});

test("reading past the end is truncated, a negative count too", () => {
  const reader = new ByteReader(new Uint8Array(3), "test");
  for (const read of [
    () => reader.u32(),
    () => reader.take(4),
    () => reader.take(-1),
    () => reader.u64le(),
  ]) {
    assert.throws(read, (error) => error instanceof DecodeError && error.code === "truncated");
  }
  assert.equal(reader.offset, 0);
});

test("a 64-bit number over 2^53 is refused", () => {
  assert.throws(() => new ByteReader(new Uint8Array(8).fill(255), "test").u64le(), { code: "limit" });
});

test("UTF-8 is encoded and decoded as the platform does it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.deepEqual([...encodeUtf8(text)], [...new TextEncoder().encode(text)]);
      assert.equal(
        decodeUtf8(encodeUtf8(text)),
        new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text)),
      );
    }),
    { numRuns: 500 },
  );
});

test("bytes that are not UTF-8 decode to replacement characters and never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      assert.equal(typeof decodeUtf8(bytes), "string");
    }),
    { numRuns: 1000 },
  );
  assert.equal(decodeUtf8(Uint8Array.of(0xc0, 0x80, 0x41)), "��A");
});

test("hexadecimal goes both ways and refuses what is none", () => {
  assert.equal(toHex(fromHex("00 ff 7A")), "00ff7a");
  for (const text of ["0", "zz"]) assert.throws(() => fromHex(text), { code: "invalid" });
});

test("a UUID version 7 sorts by its time and carries version and variant", () => {
  const uuid = makeUuidV7(0x0123456789ab, new Uint8Array(10).fill(0xff));
  assert.equal(uuid, "01234567-89ab-7fff-bfff-ffffffffffff");
  assert.ok(isUuid(uuid));
  assert.ok(makeUuidV7(1, new Uint8Array(10)) < makeUuidV7(2, new Uint8Array(10)));
});

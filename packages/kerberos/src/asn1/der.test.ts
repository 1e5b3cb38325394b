import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError, fromHex, toHex } from "@poterne/bytes";
import { DerFields, listOf } from "./der-fields.ts";
import { DerReader, readOnly } from "./der-reader.ts";
import {
  readFlags,
  readInt32,
  readKerberosString,
  readMicroseconds,
  readTime,
  readUint32,
  type ValueReader,
} from "./der-values.ts";
import {
  element,
  field,
  integer,
  kerberosFlags,
  kerberosString,
  kerberosTime,
  sequence,
} from "./der-writer.ts";

function refused<Value>(read: ValueReader<Value>, hex: string, code: DecodeError["code"]): void {
  assert.throws(
    () => read(fromHex(hex), "test"),
    (error) => error instanceof DecodeError && error.code === code,
    hex,
  );
}

test("numbers are written in their shortest form and read back", () => {
  for (const [value, hex] of [
    [0, "020100"],
    [127, "02017f"],
    [128, "02020080"],
    [-1, "0201ff"],
    [-128, "020180"],
    [-129, "0202ff7f"],
    [0x7fffffff, "02047fffffff"],
    [-0x80000000, "020480000000"],
  ] as const) {
    assert.equal(toHex(integer(value)), hex);
    assert.equal(readInt32(fromHex(hex), "test"), value);
  }
  assert.equal(readUint32(integer(0xffffffff), "test"), 0xffffffff);
  assert.equal(readUint32(integer(-1), "test"), 0xffffffff);
});

test("numbers that are empty, longer than needed, too large or of another type are refused", () => {
  refused(readInt32, "0200", "invalid");
  refused(readInt32, "02020001", "invalid");
  refused(readInt32, "0202ff80", "invalid");
  refused(readInt32, "020500ffffffff", "limit");
  refused(readUint32, "02050100000000", "limit");
  refused(readInt32, "0206010000000000", "limit");
  refused(readInt32, "040100", "invalid");
  refused(readMicroseconds, "02030f4240", "invalid");
  refused(readInt32, "02010000", "invalid");
});

test("lengths are definite, shortest and inside the bytes", () => {
  const read: ValueReader<Uint8Array> = (der, structure) => readOnly(der, 0x04, structure);
  refused(read, "0480", "invalid");
  refused(read, "048105", "invalid");
  refused(read, "04820080", "invalid");
  refused(read, "0485000000000100", "invalid");
  refused(read, "0405ffffffff", "truncated");
  refused(read, "04", "truncated");
  refused(read, "", "truncated");
  refused(read, "1f8101", "unsupported");
  for (const size of [0, 127, 128, 255, 256, 65_535, 65_536])
    assert.equal(readOnly(element(0x04, new Uint8Array(size)), 0x04, "test").length, size);
});

test("times are whole seconds that exist", () => {
  const time = Date.UTC(2026, 10, 21, 22, 59, 7, 900);
  assert.equal(readTime(kerberosTime(time), "test"), Date.UTC(2026, 10, 21, 22, 59, 7));
  for (const text of [
    "20261321000000Z",
    "20260230000000Z",
    "20261121250000Z",
    "20261121225907",
    "2026112122590Z",
  ])
    refused(readTime, `18${text.length.toString(16).padStart(2, "0")}${toHex(Buffer.from(text))}`, "invalid");
});

test("flags are the first 32 bits, missing ones 0", () => {
  assert.equal(readFlags(kerberosFlags(0x4081_0010), "test"), 0x4081_0010);
  assert.equal(readFlags(fromHex("03020780"), "test"), 0x8000_0000);
  refused(readFlags, "0300", "invalid");
  refused(readFlags, "030209ff", "invalid");
});

test("names are bounded, UTF-8 and without control characters", () => {
  assert.equal(readKerberosString(kerberosString("LÉA"), "test"), "LÉA");
  refused(readKerberosString, "1b01 0a", "invalid");
  refused(readKerberosString, "1b03 61ff62", "invalid");
  refused(readKerberosString, `1b820201${"61".repeat(513)}`, "limit");
});

test("fields stand in rising order, each once; unknown ones are passed over", () => {
  const fields = new DerFields(sequence(field(0, integer(5)), field(9, integer(1))), "test");
  assert.equal(fields.get(0, readInt32), 5);
  assert.equal(fields.find(1, readInt32), undefined);
  assert.throws(() => fields.get(1, readInt32), DecodeError);
  for (const bad of [
    sequence(field(1, integer(1)), field(0, integer(1))),
    sequence(field(1, integer(1)), field(1, integer(1))),
    sequence(integer(1)),
  ])
    assert.throws(() => new DerFields(bad, "test"), DecodeError);
});

test("a list is no longer than its limit", () => {
  const many = sequence(...Array.from({ length: 65 }, () => integer(1)));
  assert.throws(
    () => listOf(readInt32)(many, "test"),
    (error) => error instanceof DecodeError && error.code === "limit",
  );
  assert.equal(listOf(readInt32)(sequence(integer(1), integer(2)), "test").length, 2);
});

test("a reader knows its end", () => {
  const reader = new DerReader(sequence(), "test");
  assert.equal(reader.isAtEnd, false);
  reader.next();
  assert.equal(reader.isAtEnd, true);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes, DecodeError } from "@poterne/bytes";
import { ALICE, GATE, LabRealm, NOW_MS, writeKeytab } from "../testing/lab-realm.ts";
import { nodeCrypto } from "../testing/node-crypto.ts";
import { readKeytab, wipeKeytab } from "./keytab.ts";
import { ReplayCache } from "./replay-cache.ts";

const key = new LabRealm().serviceKey;

test("a keytab's entries are read with names, versions beyond 255 and keys", () => {
  const entries = readKeytab(writeKeytab([{ principal: GATE, kvno: 300, key }]));
  assert.deepEqual(entries, [{ principal: GATE, kvno: 300, key }]);
});

test("holes, zeros at the end and keys of other types are passed over", () => {
  const one = writeKeytab([{ principal: GATE, kvno: 1, key }]);
  const old = writeKeytab([{ principal: ALICE, kvno: 1, key: { etype: 23, bytes: new Uint8Array(16) } }]);
  const hole = Uint8Array.of(0xff, 0xff, 0xff, 0xfc, 1, 2, 3, 4);
  const all = concatBytes([old, hole, one.subarray(2), new Uint8Array(16)]);
  assert.deepEqual(readKeytab(all), [{ principal: GATE, kvno: 1, key }]);
});

test("what is no keytab, or cut short, is refused", () => {
  const whole = writeKeytab([{ principal: GATE, kvno: 1, key }]);
  for (let size = 7; size < whole.length; size++)
    assert.throws(() => readKeytab(whole.subarray(0, size)), DecodeError, `${size}`);
  assert.throws(() => readKeytab(Uint8Array.of(5, 1, 0, 0)), DecodeError);
  assert.throws(() => readKeytab(new Uint8Array(1024 * 1024 + 1)), DecodeError);
  assert.throws(() => readKeytab(writeKeytab([{ principal: GATE, kvno: 1, key: { ...key, etype: 17 } }])));
});

test("wiped keys are gone", () => {
  const entries = readKeytab(writeKeytab([{ principal: GATE, kvno: 1, key }]));
  wipeKeytab(entries);
  assert.ok(entries.every((entry) => entry.key.bytes.every((octet) => octet === 0)));
});

test("an authenticator is remembered for ten minutes, and one from before the start counts as seen", () => {
  const cache = new ReplayCache(nodeCrypto, NOW_MS);
  const cipher = Uint8Array.of(1, 2, 3);
  assert.equal(cache.takeNew(cipher, NOW_MS, NOW_MS), true);
  assert.equal(cache.takeNew(cipher, NOW_MS, NOW_MS + 599_000), false);
  assert.equal(cache.takeNew(cipher, NOW_MS, NOW_MS + 601_000), true);
  assert.equal(cache.takeNew(Uint8Array.of(4), NOW_MS - 60_000, NOW_MS), false);
});

test("a full replay cache takes nobody in, until its entries grow old", () => {
  const cheap = { ...nodeCrypto, hmac: (_hash: string, _key: Uint8Array, data: Uint8Array) => data };
  const cache = new ReplayCache(cheap, NOW_MS);
  const nth = (count: number) => Uint8Array.of(count >> 16, count >> 8, count);
  for (let count = 0; count < 100_000; count++) assert.ok(cache.takeNew(nth(count), NOW_MS, NOW_MS));
  assert.equal(cache.takeNew(nth(100_000), NOW_MS, NOW_MS), false);
  assert.equal(cache.takeNew(nth(100_000), NOW_MS + 601_000, NOW_MS + 601_000), true);
});

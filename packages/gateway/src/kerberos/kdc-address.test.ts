import assert from "node:assert/strict";
import { test } from "node:test";
import { formatKdcAddress, parseKdcAddress } from "./kdc-address.ts";

test("addresses are read as people write them", () => {
  for (const [text, formatted] of [
    ["dc1.lab.test", "dc1.lab.test:88"],
    ["10.0.0.1:1088", "10.0.0.1:1088"],
    ["[2001:db8::1]:88", "[2001:db8::1]:88"],
    ["https://proxy.lab.test/KdcProxy", "https://proxy.lab.test/KdcProxy"],
  ] as const) {
    const address = parseKdcAddress(text);
    assert.ok(address !== null, text);
    assert.equal(formatKdcAddress(address), formatted);
  }
  for (const text of ["", "a b", "host:0", "host:65536", "http://proxy.lab.test/", "https://", "user@host"])
    assert.equal(parseKdcAddress(text), null, text);
});

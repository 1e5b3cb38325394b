import assert from "node:assert/strict";
import { test } from "node:test";
import { isInSet, makeAddressGuard, makeAddressSet } from "./address-guard.ts";

test("denied ranges are refused, also mapped into IPv6 and by a name that leads there", async () => {
  const check = makeAddressGuard(["127.0.0.0/8", "169.254.0.0/16", "fe80::/10"]);
  for (const address of ["127.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "fe80::1", "localhost"]) {
    await assert.rejects(check(address), { code: "address-denied" }, address);
  }
  await check("192.0.2.1");
});

test("a name nobody knows is told as such", async () => {
  await assert.rejects(makeAddressGuard([])("no-such-name.invalid"), { code: "name-unknown" });
});

test("single addresses and prefixes of both families are understood", () => {
  const set = makeAddressSet(["192.0.2.7", "2001:db8::/32"]);
  assert.equal(isInSet(set, "192.0.2.7"), true);
  assert.equal(isInSet(set, "192.0.2.8"), false);
  assert.equal(isInSet(set, "2001:db8::1"), true);
});

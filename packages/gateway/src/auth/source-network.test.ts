import assert from "node:assert/strict";
import { it } from "node:test";
import { sourceNetwork } from "./source-network.ts";

it("counts an IPv4 address alone and an IPv6 address by its /64", () => {
  assert.equal(sourceNetwork("192.0.2.7"), "192.0.2.7");
  assert.equal(sourceNetwork("::ffff:192.0.2.7"), "192.0.2.7");
  assert.equal(sourceNetwork("::FFFF:c000:207"), "192.0.2.7");
  const network = "2001:db8:0:1::/64";
  for (const address of ["2001:db8:0:1::1", "2001:0DB8:0000:0001:ffff::2", "2001:db8:0:1:a:b:c:d%eth0"])
    assert.equal(sourceNetwork(address), network);
  assert.notEqual(sourceNetwork("2001:db8:0:2::1"), network);
  assert.equal(sourceNetwork("::1"), "0:0:0:0::/64");
});

it("leaves what is no address as it is, so that it is counted by itself", () => {
  for (const text of ["", "nonsense", "192.0.2"]) assert.equal(sourceNetwork(text), text);
});

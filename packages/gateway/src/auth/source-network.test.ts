import assert from "node:assert/strict";
import { it } from "node:test";
import { isInNetworks, parseNetwork, plainAddress, sourceNetwork } from "./source-network.ts";

it("counts an IPv4 address alone and an IPv6 address by its /64", () => {
  assert.equal(sourceNetwork("192.0.2.7"), "192.0.2.7");
  assert.equal(sourceNetwork("::ffff:192.0.2.7"), "192.0.2.7");
  const network = "2001:db8:0:1::/64";
  for (const address of ["2001:db8:0:1::1", "2001:0DB8:0000:0001:ffff::2", "2001:db8:0:1:a:b:c:d%eth0"])
    assert.equal(sourceNetwork(address), network);
  assert.notEqual(sourceNetwork("2001:db8:0:2::1"), network);
  assert.equal(sourceNetwork("::1"), "0:0:0:0::/64");
});

it("admits an address that is in one of the networks, in either notation of IPv4", () => {
  const networks = ["192.0.2.0/24", "2001:db8::/32", "203.0.113.9"];
  for (const address of ["192.0.2.200", "::ffff:192.0.2.1", "2001:db8:ffff::1", "203.0.113.9"])
    assert.equal(isInNetworks(address, networks), true, address);
  for (const address of ["192.0.3.1", "2001:db9::1", "203.0.113.10", "", "nonsense"])
    assert.equal(isInNetworks(address, networks), false, address);
  assert.equal(isInNetworks("192.0.2.1", []), true);
});

it("admits nobody by a network it cannot read", () => {
  assert.equal(isInNetworks("192.0.2.1", ["192.0.2.0/33"]), false);
  for (const text of ["", "x", "192.0.2.0/33", "::/129", "192.0.2", "192.0.2.0/-1", "192.0.2.0/24/24"])
    assert.equal(parseNetwork(text), null, text);
});

it("drops zones and unwraps mapped addresses", () => {
  assert.equal(plainAddress("fe80::1%eth0"), "fe80::1");
  assert.equal(plainAddress("::FFFF:10.0.0.1"), "10.0.0.1");
});

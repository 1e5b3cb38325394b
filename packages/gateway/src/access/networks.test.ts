import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { describe, test } from "node:test";
import { isAdmitted, isNetwork, parseAddress, readNetworks } from "./networks.ts";

const isIn = (address: string, ...networks: string[]) =>
  isAdmitted(readNetworks(networks), parseAddress(address));

/** Addresses and networks of one family, close enough to each other that many networks hold them. */
function makeMaker() {
  let state = 7;
  const next = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
  const make4 = () => [10, next(3), next(4), next(256)].join(".");
  const make6 = () =>
    Array.from({ length: 8 }, (_, index) => (index < 3 ? next(3) : next(2)).toString(16)).join(":");
  return () =>
    next(2) === 0
      ? ({ address: make4(), base: make4(), prefix: next(33), family: "ipv4" } as const)
      : ({ address: make6(), base: make6(), prefix: next(129), family: "ipv6" } as const);
}

describe("lists of source addresses", () => {
  test("admit by network, by lone address, and everybody when empty", () => {
    assert.equal(isIn("192.0.2.7"), true);
    assert.equal(isIn("192.0.2.7", "192.0.2.0/24"), true);
    assert.equal(isIn("192.0.3.7", "192.0.2.0/24"), false);
    assert.equal(isIn("192.0.3.7", "192.0.2.0/24", "192.0.3.7"), true);
    assert.equal(isIn("2001:db8:1::9", "2001:db8:1::/48"), true);
    assert.equal(isIn("2001:db8:2::9", "2001:db8:1::/48"), false);
    assert.equal(isIn("203.0.113.1", "0.0.0.0/0"), true);
    assert.equal(isIn("2001:db8::1", "0.0.0.0/0"), false);
  });

  test("an IPv4 address is the same in all its spellings", () => {
    for (const spelling of ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1"])
      assert.equal(isIn(spelling, "192.0.2.0/31"), true, spelling);
    assert.equal(isIn("192.0.2.1", "::ffff:192.0.2.0/120"), true);
    assert.equal(isIn("fe80::1%eth0", "fe80::/10"), true);
  });

  test("what cannot be read admits nobody", () => {
    const texts = ["", "192.0.2", "host", "192.0.2.0/33", "::/129", "192.0.2.0/-1", "192.0.2.0/2x"];
    for (const bad of [...texts, "192.0.2.0/24/24"]) {
      assert.equal(isNetwork(bad), false, bad);
      assert.equal(isIn("192.0.2.1", bad), false, bad);
    }
    assert.equal(isIn("no address", "0.0.0.0/0", "::/0"), false);
    assert.equal(isIn("", "::/0"), false);
  });

  test("agrees with the platform's own list on 4000 made-up pairs", () => {
    const makePair = makeMaker();
    for (let turn = 0; turn < 4000; turn++) {
      const { address, base, prefix, family } = makePair();
      const list = new BlockList();
      list.addSubnet(base, prefix, family);
      const network = `${base}/${prefix}`;
      assert.equal(isIn(address, network), list.check(address, family), `${address} in ${network}`);
    }
  });

  test("1000 mutated texts are read or refused, never thrown on", () => {
    let state = 3;
    const seeds = ["192.0.2.0/24", "2001:db8::/32", "::ffff:192.0.2.1", "fe80::1%eth0"];
    for (let turn = 0; turn < 1200; turn++) {
      const text = [...(seeds[turn % seeds.length] ?? "")];
      for (let change = 0; change < 3; change++) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        text.splice(
          (state >>> 8) % (text.length + 1),
          (state >>> 20) % 2,
          ":./%0fx9"[(state >>> 12) % 8] ?? "",
        );
      }
      const list = readNetworks([text.join("")]);
      assert.equal(list.networks.length <= 1, true);
      assert.equal(typeof isAdmitted(list, parseAddress(text.join(""))), "boolean");
    }
  });
});

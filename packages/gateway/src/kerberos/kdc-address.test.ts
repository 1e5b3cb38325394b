import assert from "node:assert/strict";
import { test } from "node:test";
import { formatKdcAddress, KdcDirectory, kdcSrvName, orderRecords, parseKdcAddress } from "./kdc-address.ts";

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

test("the configuration wins over the DNS, whose records come by priority", async () => {
  const asked: string[] = [];
  const directory = new KdcDirectory({
    configured: new Map([["LAB.TEST", [{ kind: "tcp", host: "10.0.0.1", port: 88 }]]]),
    resolveSrv: async (name) => {
      asked.push(name);
      return [
        { name: "far.other.test", port: 88, priority: 10, weight: 0 },
        { name: "near.other.test", port: 1088, priority: 0, weight: 0 },
        { name: ".", port: 88, priority: 0, weight: 0 },
      ];
    },
    random: () => 0.5,
  });
  assert.deepEqual((await directory.find("lab.test")).map(formatKdcAddress), ["10.0.0.1:88"]);
  assert.deepEqual(asked, []);
  assert.deepEqual((await directory.find("OTHER.TEST")).map(formatKdcAddress), [
    "near.other.test:1088",
    "far.other.test:88",
  ]);
  assert.deepEqual(asked, [kdcSrvName("OTHER.TEST")]);
});

test("a DNS that fails or floods gives no KDCs, or few", async () => {
  const find = (
    resolveSrv: () => Promise<never[] | { name: string; port: number; priority: number; weight: number }[]>,
  ) => new KdcDirectory({ configured: new Map(), resolveSrv, random: () => 0.5 }).find("LAB.TEST");
  assert.deepEqual(await find(() => Promise.reject(new Error("ENOTFOUND"))), []);
  const many = Array.from({ length: 1000 }, (_, at) => ({
    name: `k${at}`,
    port: 88,
    priority: 0,
    weight: 0,
  }));
  assert.equal((await find(() => Promise.resolve(many))).length, 16);
});

test("SRV records that Node cannot read lead to the domain's own name", async () => {
  const unreadable = Object.assign(new Error("querySrv EBADRESP"), { code: "EBADRESP" });
  const resolveSrv = () => Promise.reject(unreadable);
  const directory = new KdcDirectory({ configured: new Map(), resolveSrv, random: () => 0.5 });
  assert.deepEqual((await directory.find("LAB.TEST")).map(formatKdcAddress), ["lab.test:88"]);
});

test("heavier records come first more often", () => {
  const records = [
    { name: "light", port: 88, priority: 0, weight: 10 },
    { name: "heavy", port: 88, priority: 0, weight: 90 },
  ];
  let state = 1;
  const random = () => {
    state = (state * 48_271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
  let heavyFirst = 0;
  for (let count = 0; count < 1000; count++)
    if (orderRecords(records, random)[0]?.name === "heavy") heavyFirst++;
  assert.ok(heavyFirst > 850 && heavyFirst < 950, `${heavyFirst}`);
});

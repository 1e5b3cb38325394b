import assert from "node:assert/strict";
import { test } from "node:test";
import type { SrvOutcome } from "./dns-client.ts";
import type { SrvRecord } from "./dns-message.ts";
import { formatKdcAddress } from "./kdc-address.ts";
import { KdcDirectory, kdcSrvName, orderRecords } from "./kdc-directory.ts";

const SERVER = "192.0.2.53:53";
const NEAR: SrvRecord = { name: "near.other.test", port: 1088, priority: 0, weight: 0 };
const FAR: SrvRecord = { name: "far.other.test", port: 88, priority: 10, weight: 0 };

const says = (records: readonly SrvRecord[], ttlSeconds = 600, rcode = 0): SrvOutcome => ({
  isAnswered: true,
  server: SERVER,
  answer: { rcode, isTruncated: false, records, ttlSeconds },
});
const silent: SrvOutcome = { isAnswered: false, problems: [`${SERVER}: ETIMEDOUT`] };

/** A directory whose DNS says what the test lets it say, and whose clock the test turns. */
function directoryOf(first: SrvOutcome) {
  const state = { says: first, nowMs: 0, asked: [] as string[] };
  const directory = new KdcDirectory({
    configured: new Map([["LAB.TEST", [{ kind: "tcp", host: "10.0.0.1", port: 88 }]]]),
    dns: {
      srv: (name) => {
        state.asked.push(name);
        return Promise.resolve(state.says);
      },
    },
    monotonicMs: () => state.nowMs,
    random: () => 0.5,
  });
  const find = async (realm: string) => (await directory.find(realm)).addresses.map(formatKdcAddress);
  return { state, directory, find };
}

test("the configuration wins over the DNS, whose records come by priority", async () => {
  const { state, directory, find } = directoryOf(says([FAR, NEAR, { ...NEAR, name: "." }]));
  assert.deepEqual(await find("lab.test"), ["10.0.0.1:88"]);
  assert.deepEqual((await directory.find("lab.test")).source, { type: "configuration" });
  assert.deepEqual(state.asked, []);
  assert.deepEqual(await find("OTHER.TEST"), ["near.other.test:1088", "far.other.test:88"]);
  assert.deepEqual(state.asked, [kdcSrvName("OTHER.TEST")]);
  assert.deepEqual((await directory.find("OTHER.TEST")).source, {
    type: "dns",
    server: SERVER,
    recordCount: 3,
    ttlSeconds: 600,
    isStale: false,
  });
});

for (const [ttlSeconds, keptSeconds] of [
  [0, 10],
  [3, 10],
  [600, 600],
  [2_147_483_647, 3600],
] as const)
  test(`records that live ${ttlSeconds} s are kept ${keptSeconds} s`, async () => {
    const { state, find } = directoryOf(says([NEAR], ttlSeconds));
    await find("OTHER.TEST");
    state.nowMs = keptSeconds * 1000 - 1;
    await find("OTHER.TEST");
    assert.equal(state.asked.length, 1);
    state.nowMs = keptSeconds * 1000;
    state.says = says([FAR]);
    assert.deepEqual(await find("OTHER.TEST"), ["far.other.test:88"]);
    assert.equal(state.asked.length, 2);
  });

test("no such name and a silent DNS are believed half a minute, so that nobody's typing floods it", async () => {
  for (const outcome of [says([], 0, 3), silent]) {
    const { state, find } = directoryOf(outcome);
    for (let count = 0; count < 20; count++) assert.deepEqual(await find("NOWHERE.TEST"), []);
    assert.equal(state.asked.length, 1);
    state.nowMs = 30_000;
    state.says = says([NEAR]);
    assert.deepEqual(await find("NOWHERE.TEST"), ["near.other.test:1088"]);
  }
});

test("while no DNS answers, what it said last serves for a day, and is told as old", async () => {
  const { state, directory, find } = directoryOf(says([NEAR]));
  await find("OTHER.TEST");
  state.says = silent;
  state.nowMs = 3_600_000;
  const { source, addresses } = await directory.find("OTHER.TEST");
  assert.ok(source.type === "dns" && source.isStale);
  assert.equal(addresses.length, 1);
  state.nowMs = 25 * 3_600_000;
  assert.deepEqual(await directory.find("OTHER.TEST"), {
    source: { type: "silent-dns", problems: [`${SERVER}: ETIMEDOUT`] },
    addresses: [],
  });
});

test("who asks at the same time waits for the same answer", async () => {
  const { state, find } = directoryOf(says([NEAR]));
  const found = await Promise.all(Array.from({ length: 40 }, () => find("OTHER.TEST")));
  assert.ok(found.every(([first]) => first === "near.other.test:1088"));
  assert.equal(state.asked.length, 1);
});

test("of many records sixteen are tried, and none that is an address, has no port or is the root", async () => {
  const many = Array.from({ length: 400 }, (_, at) => ({ ...NEAR, name: `k${at}.other.test` }));
  const bad = ["127.0.0.1", "10.1.2.3", "."].map((name) => ({ ...NEAR, name, priority: 0 }));
  const { find } = directoryOf(says([...bad, { ...NEAR, port: 0 }, ...many]));
  const found = await find("OTHER.TEST");
  assert.equal(found.length, 16);
  assert.ok(found.every((address) => /^k\d+\.other\.test:1088$/.test(address)));
});

test("realms without number do not fill the memory: the oldest are asked for again", async () => {
  const { state, find } = directoryOf(says([NEAR]));
  for (let at = 0; at < 65; at++) await find(`R${at}.TEST`);
  await find("R64.TEST");
  assert.equal(state.asked.length, 65);
  await find("R0.TEST");
  assert.equal(state.asked.length, 66);
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

// KDCs by DNS SRV with a real DNS server (dnsmasq, and Samba's own behind it) and real KDCs behind lines that note who asks.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { formatPrincipal, serviceName } from "@poterne/kerberos";
import type { Environment } from "../../packages/gateway/src/environment.ts";
import { formatKdcAddress } from "../../packages/gateway/src/kerberos/kdc-address.ts";
import { KdcClient } from "../../packages/gateway/src/kerberos/kdc-client.ts";
import { KerberosClient } from "../../packages/gateway/src/kerberos/kerberos-client.ts";
import { poterneMeanwhile } from "../support/commands.ts";
import { borrowAddresses, DnsServer, TEST_ADDRESSES, type Zone } from "../support/dns-server.ts";
import { environmentWith, granted, person, refusal, routeBy } from "../support/kerberos.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { WireTap } from "../support/wire-tap.ts";

const KDC_PORT = 88;
const SILENT_LIMIT_MS = 4000;
const password = Buffer.from(labPasswords.alice);
const alice = person("alice", "MIT.TEST");

let giveBack: () => void;
let mit: WireTap;
let samba: WireTap;
const servers: DnsServer[] = [];

before(async () => {
  startLab("samba-ad", "mit-kdc");
  giveBack = borrowAddresses();
  const near = { host: TEST_ADDRESSES.kdc, port: KDC_PORT };
  samba = await WireTap.start({ host: "127.0.0.10", port: 88, near });
  mit = await WireTap.start({
    host: "127.0.0.1",
    port: 1088,
    near: { host: TEST_ADDRESSES.otherKdc, port: KDC_PORT },
  });
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const tap of [mit, samba]) tap.clear();
});
after(() => {
  for (const tap of [mit, samba]) tap?.close();
  giveBack?.();
});

const record = (host: string, priority: number, weight = 0, port = KDC_PORT, realm = "mit.test") => ({
  realm,
  host,
  port,
  priority,
  weight,
});

/** A DNS server that knows two controllers of MIT.TEST: one whose address nobody has a KDC on, and a good one. */
async function dnsWith(changes: Partial<Zone> = {}): Promise<DnsServer> {
  const server = await DnsServer.start({
    records: [record("good.mit.test", 10), record("dead.mit.test", 0)],
    hosts: { "good.mit.test": TEST_ADDRESSES.otherKdc, "dead.mit.test": TEST_ADDRESSES.dns },
    ttlSeconds: 60,
    ...changes,
  });
  servers.push(server);
  return server;
}

/** A gateway's client with these DNS servers and none of its own knowledge. */
function gatewayWith(dnsServers: readonly string[], environment: Environment = environmentWith()) {
  const route = routeBy({ dnsServers }, environment);
  const kdcs = new KdcClient({ ...route, monotonicMs: environment.monotonicMs });
  return { client: new KerberosClient({ kdcs, environment }), directory: route.directory, kdcs };
}

const namesOf = async ({ directory }: ReturnType<typeof gatewayWith>, realm = "MIT.TEST") =>
  (await directory.find(realm)).addresses.map(formatKdcAddress);

test("the DNS leads to the realm's KDCs; the first by priority is dead, and the next one serves", async () => {
  const dns = await dnsWith();
  const gateway = gatewayWith([dns.address]);
  assert.deepEqual(await namesOf(gateway), ["dead.mit.test:88", "good.mit.test:88"]);
  const tgt = granted(await gateway.client.signIn(alice, password));
  const ticket = granted(await gateway.client.getServiceTicket(tgt, serviceName("host", "ssh.mit.test")));
  assert.equal(formatPrincipal(ticket.service), "host/ssh.mit.test@MIT.TEST");
  assert.ok(mit.outer.length > 0, "the KDC of the second record was asked");
  assert.equal(dns.countQuestions("mit.test"), 1, "and the DNS once for all of it");
});

test("the doctor says which DNS server answered, how long it counts, and which controller is dead", async () => {
  const dns = await dnsWith();
  const { output, status } = await poterneMeanwhile(
    ...["doctor", "kerberos", "MIT.TEST", "--lang", "fr", "--set", `kerberos.dnsServers=${dns.address}`],
  );
  assert.equal(status, 1, output);
  const told = `(serveur DNS ${dns.address}, _kerberos._tcp.mit.test, 2 SRV, 60 s)`;
  assert.ok(output.includes(`KDC de MIT.TEST : dead.mit.test:88, good.mit.test:88 ${told}.`), output);
  assert.match(output, /dead\.mit\.test:88 ne répond pas \(ECONNREFUSED\)/);
  assert.match(output, /good\.mit\.test:88 répond/);
  const none = await poterneMeanwhile(
    ...["doctor", "kerberos", "NOWHERE.TEST", "--lang", "en", "--set", `kerberos.dnsServers=${dns.address}`],
  );
  assert.ok(none.output.includes(`the DNS server ${dns.address} has no _kerberos._tcp.nowhere.test (SRV)`));
});

test("within one priority the weight decides by chance", async () => {
  const dns = await dnsWith({ records: [record("light.mit.test", 0, 10), record("heavy.mit.test", 0, 90)] });
  let heavyFirst = 0;
  for (let count = 0; count < 100; count++)
    if ((await namesOf(gatewayWith([dns.address])))[0] === "heavy.mit.test:88") heavyFirst++;
  assert.ok(heavyFirst >= 70 && heavyFirst < 100, `${heavyFirst} of 100`);
});

test("Samba's own records, with the names it shortens against the rule, lead to its KDC", async () => {
  const dns = await dnsWith({
    hosts: { "dc1.lab.test": TEST_ADDRESSES.kdc },
    forward: { "lab.test": "127.0.0.10" },
  });
  for (const dnsServers of [["127.0.0.10"], [dns.address]]) {
    const { source, addresses } = await gatewayWith(dnsServers).directory.find("LAB.TEST");
    assert.deepEqual(addresses.map(formatKdcAddress), ["dc1.lab.test:88"]);
    assert.ok(source.type === "dns" && source.ttlSeconds > 0);
  }
  const { client } = gatewayWith([dns.address]);
  const tgt = granted(await client.signIn(person("alice", "LAB.TEST"), password));
  assert.equal(formatPrincipal(tgt.client), "alice@LAB.TEST");
  assert.ok(samba.outer.length > 0);
});

test("a DNS that leads to this machine itself is not followed: nothing listens to our questions", async () => {
  const trap = await WireTap.start({ host: "127.0.0.1", port: 1088 });
  const dns = await dnsWith({
    records: [record("trap.mit.test", 0, 0, trap.port)],
    hosts: { "trap.mit.test": "127.0.0.1" },
  });
  const outcome = await gatewayWith([dns.address]).client.signIn(alice, password);
  trap.close();
  assert.equal(refusal(outcome), "kdc-unreachable");
  assert.ok(!outcome.isGranted && outcome.failure.detail.includes("leads to a denied address, 127.0.0.1"));
  assert.equal(trap.outer.length, 0);
});

test("an answer too long for a datagram is asked for again over TCP", async () => {
  const names = Array.from({ length: 60 }, (_, at) => `a-long-name-of-a-controller-${at}.mit.test`);
  const dns = await dnsWith({ records: names.map((name, at) => record(name, at)) });
  const found = await gatewayWith([dns.address]).directory.find("MIT.TEST");
  assert.ok(found.source.type === "dns" && found.source.recordCount === 60);
  assert.deepEqual(
    found.addresses.map(formatKdcAddress),
    names.slice(0, 16).map((name) => `${name}:88`),
  );
  assert.equal(dns.countQuestions("mit.test"), 2, "by datagram, then over TCP");
});

test("a DNS server that is gone or stands still is passed over; when all do, what was known serves on", async () => {
  const dns = await dnsWith();
  const clock = { aheadMs: 0 };
  const environment = { ...environmentWith(), monotonicMs: () => performance.now() + clock.aheadMs };
  const gone = `${TEST_ADDRESSES.dns}:1`;
  const gateway = gatewayWith([gone, dns.address], environment);
  granted(await gateway.client.signIn(alice, password));
  dns.freeze();
  clock.aheadMs = 3_600_000;
  const startedAt = performance.now();
  const { source, addresses } = await gateway.directory.find("MIT.TEST");
  assert.ok(performance.now() - startedAt < SILENT_LIMIT_MS + 1000);
  assert.ok(source.type === "dns" && source.isStale && addresses.length === 2);
  granted(await gateway.client.signIn(alice, password));
  const stranger = await gatewayWith([gone, dns.address]).client.signIn(alice, password);
  assert.equal(refusal(stranger), "unknown-realm");
});

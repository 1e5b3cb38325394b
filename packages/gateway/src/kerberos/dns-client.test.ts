import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { createServer, type Server } from "node:net";
import { after, test } from "node:test";
import { DnsClient, type DnsServer, parseDnsServer } from "./dns-client.ts";

// Waits in real time: `npm test` only.

// Servers that lie, flood or are silent; a real one answers in tests/interop/kerberos-dns.test.ts.

const NAME = "_kerberos._tcp.lab.test";
const open: (Socket | Server)[] = [];
after(() => {
  for (const socket of open) socket.close();
});

/** A DNS server that does with each question over UDP what the test wants, and the same over TCP where it is told. */
async function serve(
  act: (question: Buffer, reply: (message: Uint8Array) => void) => void,
  overTcp?: (question: Buffer) => Buffer,
): Promise<DnsServer & { asked: number }> {
  const udp = createSocket("udp4");
  open.push(udp);
  await new Promise<void>((resolve) => udp.bind(0, "127.0.0.1", resolve));
  const server = { host: "127.0.0.1", port: udp.address().port, asked: 0 };
  udp.on("message", (question, from: RemoteInfo) => {
    server.asked++;
    act(question, (message) => udp.send(message, from.port, from.address));
  });
  if (overTcp !== undefined) {
    const tcp = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (question) => socket.write(overTcp(question.subarray(2))));
    });
    open.push(tcp);
    await new Promise<void>((resolve) => tcp.listen(server.port, "127.0.0.1", resolve));
  }
  return server;
}

const clientOf = (servers: readonly DnsServer[], attemptTimeoutMs = 5000) =>
  new DnsClient({
    servers: () => servers,
    monotonicMs: () => performance.now(),
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
    attemptTimeoutMs,
    totalTimeoutMs: 60_000,
  });

/** The question as an answer, with one record or none. */
function answer(question: Buffer, flags = 0x8180, name = "dc1"): Buffer {
  const head = Buffer.from(question);
  head.writeUInt16BE(flags, 2);
  head.writeUInt16BE((flags & 0x20f) === 0 ? 1 : 0, 6);
  if ((flags & 0x20f) !== 0) return head;
  const target = Buffer.concat([Buffer.of(name.length), Buffer.from(name), Buffer.of(0)]);
  const record = Buffer.alloc(18);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(33, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(6 + target.length, 10);
  record.writeUInt16BE(88, 16);
  return Buffer.concat([head, record, target]);
}

test("servers are written as in settings and as the system tells them", () => {
  for (const [text, host, port] of [
    ["192.0.2.1", "192.0.2.1", 53],
    ["192.0.2.1:5353", "192.0.2.1", 5353],
    ["2001:db8::1", "2001:db8::1", 53],
    ["[2001:db8::1]:54", "2001:db8::1", 54],
  ] as const)
    assert.deepEqual(parseDnsServer(text), { host, port });
  for (const text of ["", "dns.example.org", "192.0.2.1:0", "192.0.2.1:70000", "[::1", "a:53"])
    assert.equal(parseDnsServer(text), null, text);
});

test("silent, failing, refusing and closed servers are passed over, each with its reason", async () => {
  const silent = await serve(() => {});
  const failing = await serve((question, reply) => reply(answer(question, 0x8182)));
  const refusing = await serve((question, reply) => reply(answer(question, 0x8185)));
  const closed = await serve(() => {});
  await new Promise<void>((resolve) => (open.pop() as Socket).close(() => resolve()));
  const good = await serve((question, reply) => reply(answer(question)));
  const outcome = await clientOf([silent, failing, refusing, closed], 500).srv(NAME);
  assert.ok(!outcome.isAnswered);
  assert.deepEqual(
    outcome.problems.map((text) => text.slice(text.lastIndexOf(" ") + 1)),
    ["ETIMEDOUT", "SERVFAIL", "REFUSED", "ECONNREFUSED"],
  );
  const found = await clientOf([closed, failing, good]).srv(NAME);
  assert.ok(found.isAnswered);
  assert.equal(found.server, `127.0.0.1:${good.port}`);
  assert.equal(found.answer.records[0]?.name, "dc1");
  assert.equal(found.answer.ttlSeconds, 60);
});

test("what answers another question is waited past, so that a forger must hit name, id and port", async () => {
  const crowd = await serve((question, reply) => {
    const wrongId = answer(question, 0x8180, "evil");
    wrongId.writeUInt16BE(question.readUInt16BE(0) ^ 1, 0);
    reply(wrongId);
    const otherName = answer(question, 0x8180, "evil");
    otherName.write("x", 14);
    reply(otherName);
    reply(Buffer.alloc(2000, 0xff));
    reply(answer(question));
  });
  const outcome = await clientOf([crowd]).srv(NAME);
  assert.ok(outcome.isAnswered);
  assert.equal(outcome.answer.records[0]?.name, "dc1");
  const onlyNoise = await serve((_, reply) => reply(Buffer.alloc(30, 0xff)));
  const noise = await clientOf([onlyNoise], 500).srv(NAME);
  assert.ok(!noise.isAnswered && noise.problems[0]?.endsWith("EBADRESP"));
});

test("an answer that was cut off is asked for over TCP; one that is cut there, oversized or unfinished is none", async () => {
  const framed = (message: Buffer) => {
    const head = Buffer.alloc(2);
    head.writeUInt16BE(message.length);
    return Buffer.concat([head, message]);
  };
  const cut = (question: Buffer, reply: (message: Uint8Array) => void) => reply(answer(question, 0x8380));
  const whole = await serve(cut, (question) => framed(answer(question)));
  const outcome = await clientOf([whole]).srv(NAME);
  assert.ok(outcome.isAnswered && outcome.answer.records.length === 1);
  for (const [overTcp, problem] of [
    [(question: Buffer) => framed(answer(question, 0x8380)), "EBADRESP"],
    [() => framed(Buffer.alloc(65_535, 0xc0)), "EBADRESP"],
    [() => Buffer.from([0xff, 0xff, 1, 2, 3]), "ETIMEDOUT"],
  ] as const) {
    const lying = await clientOf([await serve(cut, overTcp)], 500).srv(NAME);
    assert.ok(!lying.isAnswered && lying.problems[0]?.endsWith(problem), JSON.stringify(lying));
  }
  const noTcp = await clientOf([await serve(cut)]).srv(NAME);
  assert.ok(!noTcp.isAnswered && noTcp.problems[0]?.endsWith("ECONNREFUSED"));
});

test("all servers together take no longer than the limit, and a name the DNS cannot have asks none", async () => {
  const silent = await serve(() => {});
  let nowMs = 0;
  const client = new DnsClient({
    servers: () => Array.from({ length: 20 }, () => silent),
    // Each look at the clock is a minute later than the one before.
    monotonicMs: () => (nowMs += 60_000),
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
    attemptTimeoutMs: 20,
    totalTimeoutMs: 150_000,
  });
  const outcome = await client.srv(NAME);
  assert.ok(!outcome.isAnswered);
  assert.equal(outcome.problems.length, 2);
  const asked = silent.asked;
  const odd = await clientOf([silent]).srv("_kerberos._tcp.a b");
  assert.ok(!odd.isAnswered && silent.asked === asked);
});

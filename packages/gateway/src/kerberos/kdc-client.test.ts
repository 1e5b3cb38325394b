import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { after, test } from "node:test";
import { ErrorCode, encodeKrbError, frameMessage, ticketGrantingName } from "@poterne/kerberos";
import type { KdcAddress } from "./kdc-address.ts";
import { KdcClient } from "./kdc-client.ts";
import { KdcNames } from "./kdc-names.ts";

// Waits in real time: `npm test` only.

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** A KDC that does with each message what the test wants. */
async function serve(
  act: (socket: Socket, message: Buffer) => void,
): Promise<KdcAddress & { asked: number }> {
  const address = { kind: "tcp" as const, host: "127.0.0.1", port: 0, asked: 0 };
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (message) => {
      address.asked++;
      act(socket, message);
    });
  });
  servers.push(server.unref());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound !== null && typeof bound !== "string") address.port = bound.port;
  return address;
}

const echo = () => serve((socket, message) => socket.end(message));

const names = new KdcNames({ dnsServers: [], deniedAddresses: [] });

function clientOf(addresses: readonly KdcAddress[], attemptTimeoutMs = 300): KdcClient {
  const directory = { find: async () => ({ source: { type: "configuration" } as const, addresses }) };
  return new KdcClient({ directory, names, monotonicMs: () => performance.now(), attemptTimeoutMs });
}

/** What a KDC without its database answers. */
const UNAVAILABLE = encodeKrbError(
  ErrorCode.KDC_ERR_SVC_UNAVAILABLE,
  { realm: "LAB.TEST", name: ticketGrantingName("LAB.TEST") },
  Date.UTC(2026, 10, 21),
);

test("KDCs that are down, silent, hang up, flood or cannot serve are passed over, each with its reason", async () => {
  const closed = await echo();
  await new Promise((resolve) => servers.at(-1)?.close(resolve));
  const silent = await serve(() => {});
  const rude = await serve((socket) => socket.destroy());
  const flooding = await serve((socket) => socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff])));
  const good = await echo();
  const client = clientOf([closed, silent, rude, flooding]);
  const answer = await client.ask("LAB.TEST", Uint8Array.of(1, 2, 3));
  assert.ok(!answer.isAnswered);
  const problems = answer.attempts.map(({ problem }) => problem);
  assert.equal(problems[0], "ECONNREFUSED");
  assert.equal(problems[1], "ETIMEDOUT");
  assert.match(problems[2] ?? "", /ECONNRESET|closed without an answer/);
  assert.equal(problems[3], "an answer over the limit");
  const second = await clientOf([closed, rude, good]).ask("LAB.TEST", Uint8Array.of(1, 2, 3));
  assert.ok(second.isAnswered);
  assert.deepEqual(second.message, Uint8Array.of(1, 2, 3));
});

test("a KDC that says it cannot serve counts as one that is down", async () => {
  const busy = await serve((socket) => socket.end(frameMessage(UNAVAILABLE)));
  const good = await echo();
  const answer = await clientOf([busy, good]).ask("LAB.TEST", Uint8Array.of(9));
  assert.ok(answer.isAnswered);
  assert.equal(answer.address, `127.0.0.1:${good.kind === "tcp" ? good.port : 0}`);
});

test("the KDC that answered last is asked first", async () => {
  const rude = await serve((socket) => socket.destroy());
  const good = await echo();
  const client = clientOf([rude, good]);
  await client.ask("LAB.TEST", Uint8Array.of(1));
  await client.ask("LAB.TEST", Uint8Array.of(2));
  assert.equal(rude.asked, 1);
  assert.equal(good.asked, 2);
});

test("an answer in many pieces is put together", async () => {
  const slow = await serve((socket, message) => {
    let at = 0;
    const writeNext = () => {
      socket.write(message.subarray(at, at + 1));
      at++;
      if (at < message.length) setImmediate(writeNext);
    };
    writeNext();
  });
  const answer = await clientOf([slow], 10_000).ask("LAB.TEST", new Uint8Array(200).fill(7));
  assert.ok(answer.isAnswered);
  assert.deepEqual(answer.message, new Uint8Array(200).fill(7));
});

test("a realm without KDCs gives no attempts", async () => {
  const answer = await clientOf([]).ask("NOWHERE.TEST", Uint8Array.of(1));
  assert.deepEqual(answer, { isAnswered: false, attempts: [] });
});

test("a name that only the DNS told leads to no service of this machine; one of the settings may", async () => {
  const good = await echo();
  assert.ok(good.kind === "tcp");
  const local = { ...good, host: "localhost" };
  const lie = await clientOf([{ ...local, isFromDns: true }]).ask("LAB.TEST", Uint8Array.of(1));
  assert.ok(!lie.isAnswered);
  assert.match(lie.attempts[0]?.problem ?? "", /^leads to a denied address, (?:127\.0\.0\.1|::1)$/);
  assert.equal(good.asked, 0);
  assert.ok((await clientOf([local]).ask("LAB.TEST", Uint8Array.of(1))).isAnswered);
});

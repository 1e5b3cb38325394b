// A directory whose answers are damaged on the way: the provider says that it is away, refused or unknown; it never proves
// anybody by a damaged bind, and never takes the process down.
import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { before, it } from "node:test";
import { LdapProvider } from "../../packages/gateway/src/identity/ldap/ldap-provider.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { realEnvironment, slapdConfig } from "../support/ldap.ts";

const ROUNDS = 1200;
const AT_ONCE = 12;

let state = 20_261_122;
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

/** One to three bytes changed, a piece cut out or doubled. */
function damage(bytes: Buffer): Buffer {
  const at = Math.floor(random() * bytes.length);
  const choice = random();
  if (choice < 0.15)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(random() * 8))]);
  if (choice < 0.25) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 8))]);
  const copy = Buffer.from(bytes);
  for (let count = 0; count < 1 + random() * 3; count++)
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  return copy;
}

before(() => startLab("slapd"));

it("survives 1200 damaged conversations with a directory", async () => {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(1389, "127.0.0.1");
    const damagedAnswer = Math.floor(random() * 6);
    let answers = 0;
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", end);
      socket.on("close", () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on("data", (chunk) => upstream.write(chunk));
    upstream.on("data", (chunk) => {
      const isDamaged = answers++ === damagedAnswer;
      client.write(isDamaged ? damage(chunk) : chunk);
      // What is waited for after a damaged answer may never come.
      if (isDamaged) setTimeout(end, 100);
    });
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
  );
  const config = slapdConfig({
    security: "plain",
    isPlainAccepted: true,
    servers: [{ host: "127.0.0.1", port }],
    timeoutSeconds: 5,
  });
  const provider = new LdapProvider({
    config,
    environment: realEnvironment,
    openSecret: async () => labPasswords.bob,
  });
  const counts = new Map<string, number>();
  let left = ROUNDS;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const outcome = await provider.password.prove({ login: "alice", password: "wrong" });
      counts.set(outcome.result, (counts.get(outcome.result) ?? 0) + 1);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
  assert.equal(
    [...counts.values()].reduce((sum, count) => sum + count, 0),
    ROUNDS,
  );
  assert.ok((counts.get("away") ?? 0) > 100, JSON.stringify([...counts]));
});

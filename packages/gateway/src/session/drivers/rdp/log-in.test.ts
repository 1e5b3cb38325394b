import assert from "node:assert/strict";
import { test } from "node:test";
import { RdpLogIn } from "./log-in.ts";

const NOW_MS = Date.UTC(2031, 4, 6, 7, 8, 9);
/** FILETIME ([MS-DTYP] 2.3.3): tenths of microseconds since 1601, little-endian. */
const FILETIME = Buffer.alloc(8);
FILETIME.writeBigUInt64LE((BigInt(NOW_MS) + 11_644_473_600_000n) * 10_000n);
/** The flags a client must have, as FreeRDP's server sends them. */
const FLAGS = 0xe28a_8235;

/** CHALLENGE_MESSAGE ([MS-NLMP] 2.2.1.2) of a server that tells no time. */
function challenge(): Uint8Array {
  const message = Buffer.alloc(60);
  message.write("NTLMSSP\0", 0, "latin1");
  message.writeUInt32LE(2, 8);
  message.writeUInt32LE(FLAGS, 20);
  message.writeUInt16LE(4, 40);
  message.writeUInt32LE(56, 44);
  return new Uint8Array(message);
}

test("a log-in by NTLM tells the node's clock, not the process's", async () => {
  const host = { wallMs: () => NOW_MS, ask: () => Promise.resolve(null) };
  const credentials = { kind: "password", username: "LAB\\alice", password: "alice-Passw0rd" } as const;
  const hop = { name: "desk", address: "127.0.0.1", port: 3389, identities: [], options: {}, credentials };
  const logIn = new RdpLogIn({
    hop,
    host,
    settings: { domain: "", kerberos: "no" },
    kerberos: undefined,
    clientName: "poterne",
  });
  const { mechanism } = await logIn.prove(null);
  mechanism.start();
  const { token } = mechanism.step(challenge());
  assert.ok(token !== null && Buffer.from(token).includes(FILETIME));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { GssAcceptor } from "@poterne/kerberos";
import { LabRealm, NOW_MS } from "../../../../kerberos/src/testing/lab-realm.ts";
import { SeededRandom } from "../../../../kerberos/src/testing/random.ts";
import { sshString } from "./ssh-extension.ts";
import { SshGssapi } from "./ssh-gssapi.ts";

const SESSION_ID = Uint8Array.of(9, 8, 7);
const OID = Buffer.from("06092a864886f712010202", "hex");
const RESPONSE = Buffer.concat([Buffer.of(60), sshString(OID)]);

function begin(seed = 1) {
  const realm = new LabRealm(18, seed);
  const randomBytes = new SeededRandom(seed).bytes;
  const environment = { now: () => NOW_MS, monotonicMs: () => 0, randomBytes };
  const credential = realm.credential();
  const method = new SshGssapi({ credential, environment, username: "alice" });
  return { realm, credential, method };
}

/** The string behind a message's number. */
function contentOf(message: Uint8Array): Uint8Array {
  return message.subarray(5);
}

/** The server's token for the client's, and its side of the context. */
function accept({ realm, method }: ReturnType<typeof begin>) {
  const first = method.receive(RESPONSE, SESSION_ID);
  assert.equal(first.type, "send");
  const outcome = new GssAcceptor(realm.acceptorOptions()).accept(contentOf(first.message), NOW_MS);
  assert.equal(outcome.type, "established");
  return { token: Buffer.concat([Buffer.of(61), sshString(outcome.token)]), ...outcome.accepted };
}

test("the signature at the end is over the session and the request, and the ticket's key is forgotten", () => {
  const side = begin();
  const { token, session } = accept(side);
  const last = side.method.receive(token, SESSION_ID);
  assert.equal(last.type, "send");
  assert.equal(last.message[0], 66);
  const fields = ["alice", "ssh-connection", "gssapi-with-mic"].map(sshString);
  session.verify(Buffer.concat([sshString(SESSION_ID), Buffer.of(50), ...fields]), contentOf(last.message));
  assert.ok(side.credential.key.bytes.every((octet) => octet === 0));
});

test("the server's words are kept clean, and its refusal is left to the log-in", () => {
  const { method } = begin();
  const words = [Buffer.alloc(8), sshString("no\u001b[2J key"), sshString("")];
  assert.deepEqual(method.receive(Buffer.concat([Buffer.of(64), ...words]), SESSION_ID), { type: "wait" });
  assert.equal(method.serverWords, "no [2J key");
  assert.equal(method.failure, null);
});

test("messages out of turn, for another mechanism, altered or cut stop the log-in and throw nothing", () => {
  let stoppedCount = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const side = begin(seed);
    const { token } = accept(side);
    const mutated = Buffer.from(seed % 3 === 0 ? RESPONSE : token);
    const at = (seed * 7919) % mutated.length;
    mutated[at] = (mutated[at] ?? 0) ^ (1 << (seed % 8));
    const step = side.method.receive(seed % 5 === 0 ? mutated.subarray(0, at) : mutated, SESSION_ID);
    if (step.type === "stop") {
      assert.equal(side.method.failure?.reason, "bad-answer");
      stoppedCount++;
    }
  }
  assert.ok(stoppedCount > 900, `${stoppedCount}`);
});

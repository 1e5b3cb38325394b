import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "@poterne/bytes";
import { SpnegoAcceptor } from "@poterne/kerberos";
import { LabRealm, NOW_MS } from "../../../kerberos/src/testing/lab-realm.ts";
import { SeededRandom } from "../../../kerberos/src/testing/random.ts";
import { KerberosMechanism } from "./nla-mechanism.ts";

function environmentOf(seed: number) {
  return { now: () => NOW_MS, monotonicMs: () => 0, randomBytes: new SeededRandom(seed).bytes };
}

/** A mechanism and the server's answer to its first token. */
function begin(seed = 1) {
  const realm = new LabRealm(18, seed);
  const credential = realm.credential();
  const mechanism = new KerberosMechanism(credential, environmentOf(seed));
  const acceptor = new SpnegoAcceptor(realm.acceptorOptions());
  const outcome = acceptor.accept(mechanism.start(), NOW_MS);
  assert.equal(outcome.type, "established");
  return { mechanism, credential, answer: outcome.token, server: outcome.accepted.session };
}

test("messages are sealed both ways, rotated by header and checksum as FreeRDP's servers want them", () => {
  const { mechanism, answer, server } = begin();
  assert.deepEqual(mechanism.step(answer), { token: null, isComplete: true });
  const wrapped = mechanism.wrap(Uint8Array.of(1, 2, 3));
  assert.equal(Buffer.from(wrapped).readUInt16BE(6), 28);
  assert.deepEqual(server.unwrap(wrapped), { isSealed: true, data: Uint8Array.of(1, 2, 3) });
  assert.deepEqual(mechanism.unwrap(server.seal(Uint8Array.of(4))), Uint8Array.of(4));
  assert.throws(() => mechanism.unwrap(server.wrapReadable(Uint8Array.of(5))), DecodeError);
});

test("closing forgets the ticket's key", () => {
  const { mechanism, credential } = begin();
  mechanism.close();
  assert.ok(credential.key.bytes.every((octet) => octet === 0));
});

test("a server's token altered in any way is a decode error with a reason, never another exception", () => {
  let refusedCount = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const { mechanism, answer, server } = begin(seed);
    const mutated = answer.slice();
    const at = (seed * 7919) % mutated.length;
    mutated[at] = (mutated[at] ?? 0) ^ (1 << (seed % 8));
    const cut = seed % 5 === 0 ? mutated.subarray(0, at) : mutated;
    try {
      if (mechanism.step(cut).isComplete) mechanism.unwrap(server.seal(new Uint8Array(32)).fill(seed, 3, 9));
    } catch (error) {
      assert.ok(error instanceof DecodeError, `${seed}: ${error}`);
      refusedCount++;
    }
    mechanism.close();
  }
  assert.ok(refusedCount > 900, `${refusedCount}`);
});

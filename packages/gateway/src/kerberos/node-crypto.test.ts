import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeKerberosCrypto, secretBytes } from "./node-crypto.ts";

test("a password's bytes are their own: wiping them leaves none in Node's pool", () => {
  const secret = secretBytes("mot de passe é€");
  assert.deepEqual(secret, new Uint8Array(Buffer.from("mot de passe é€")));
  assert.equal(secret.buffer.byteLength, secret.length, "no pool behind it");
  assert.equal(secretBytes("").length, 0);
});

test("what cryptography gives is no copy of something nobody can wipe", () => {
  const key = new Uint8Array(16).fill(7);
  const iv = new Uint8Array(16);
  const plain = new Uint8Array(32).fill(1);
  const cipher = nodeKerberosCrypto.encryptCbc(key, iv, plain);
  assert.deepEqual(nodeKerberosCrypto.decryptCbc(key, iv, cipher), plain);
  for (const bytes of [cipher, nodeKerberosCrypto.hmac("sha256", key, plain)])
    assert.equal(bytes.buffer.byteLength, bytes.length);
});

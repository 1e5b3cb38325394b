import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIdentity } from "./identity-text.ts";

test("a certificate's fingerprint is taken as openssl prints it and as a refusal shows it", () => {
  const digest = Buffer.alloc(32, 0xa7);
  const hex = digest.toString("hex").match(/../g)?.join(":").toUpperCase();
  const fingerprint = `SHA256:${digest.toString("base64").replace(/=+$/, "")}`;
  const expected = { kind: "tls-certificate", algorithm: "x509", fingerprint, publicKey: "" };
  for (const text of [`sha256 Fingerprint=${hex}`, `${hex}`, fingerprint])
    assert.deepEqual(parseIdentity(text, "vnc"), expected, text);
});

test("what is no whole fingerprint, or of a protocol without identity, is refused", () => {
  const failure = { code: "bad-identity" };
  for (const text of ["AA:BB", "SHA256:abc", "sha1 Fingerprint=AA:BB:CC", ""])
    for (const protocol of ["ssh", "vnc", "rdp"] as const)
      assert.throws(() => parseIdentity(text, protocol), failure, `${protocol} ${text}`);
  assert.throws(() => parseIdentity(`SHA256:${"a".repeat(43)}`, "telnet"), failure);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import ssh2 from "ssh2";
import { chooseAlgorithms, findLegacy } from "./ssh-algorithms.ts";
import { assertPinnedSsh2, certificateSignature, makeCertificateKey } from "./ssh-extension.ts";
import { describeHostKey } from "./ssh-identity.ts";

test("the installed ssh2 is the version its extension was written for", () => {
  assertPinnedSsh2();
});

test("a certificate is offered under its own name and signed under the plain one", () => {
  const pair = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 });
  const key = ssh2.utils.parseKey(pair.public);
  assert.ok(!(key instanceof Error));
  const certificate = Buffer.from("certificate");
  const offered = makeCertificateKey(key, certificate);
  assert.equal(offered.type, "rsa-sha2-512-cert-v01@openssh.com");
  assert.deepEqual(offered.getPublicSSH(), certificate);
  assert.equal(certificateSignature(offered.type), "rsa-sha2-512");
  assert.equal(certificateSignature("ssh-ed25519"), null);
});

test("nothing weak is offered unless the target is flagged, and pinned kinds of key come first", () => {
  const modern = chooseAlgorithms({ isLegacyAllowed: false, pinnedKeyTypes: ["ssh-rsa"] });
  const all = JSON.stringify(modern);
  for (const weak of ["sha1", "cbc", "ssh-dss", "md5", "arcfour", '"ssh-rsa"'])
    assert.ok(!all.includes(weak), weak);
  assert.deepEqual((modern.serverHostKey as string[]).slice(0, 2), ["rsa-sha2-512", "rsa-sha2-256"]);
  const legacy = JSON.stringify(chooseAlgorithms({ isLegacyAllowed: true, pinnedKeyTypes: [] }));
  assert.ok(legacy.includes("diffie-hellman-group14-sha1"));
});

test("legacy algorithms in use are named once each", () => {
  const side = { cipher: "aes128-cbc", mac: "hmac-sha1", compress: "none", lang: "" } as const;
  const negotiated = {
    kex: "diffie-hellman-group14-sha1",
    serverHostKey: "ssh-rsa",
    cs: side,
    sc: side,
  } as const;
  assert.deepEqual(findLegacy(negotiated), [
    "diffie-hellman-group14-sha1",
    "ssh-rsa",
    "aes128-cbc",
    "hmac-sha1",
  ]);
});

test("a host key is described as OpenSSH prints it, and a broken one does no harm", () => {
  const blob = Buffer.from("AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl", "base64");
  const described = describeHostKey(blob);
  assert.equal(described.algorithm, "ssh-ed25519");
  assert.equal(described.fingerprint, "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
  assert.equal(describeHostKey(new Uint8Array(3)).algorithm, "unknown");
  assert.equal(describeHostKey(Buffer.from("ffffffff00010203", "hex")).algorithm, "unknown");
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, randomBytes, verify } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Failure } from "@poterne/contract";
import ssh2 from "ssh2";
import { generateSshKey, packSshKey, parseSshKey, signWithSshKey, unpackSshKey } from "./ssh-key.ts";
import { checkSshRequest } from "./ssh-request.ts";
import { SshReader, sshString } from "./ssh-wire.ts";

function hasCode(code: string) {
  return (error: unknown) => error instanceof Failure && error.code === code;
}

function request(
  algorithm: string,
  blob: Uint8Array,
  changed: { service?: string; method?: string; type?: number } = {},
) {
  return Buffer.concat([
    sshString(randomBytes(32)),
    Uint8Array.of(changed.type ?? 50),
    sshString("alice"),
    sshString(changed.service ?? "ssh-connection"),
    sshString(changed.method ?? "publickey"),
    Uint8Array.of(1),
    sshString(algorithm),
    sshString(blob),
  ]);
}

describe("SSH keys made by ssh-keygen", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "poterne-ssh-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const kinds = [
    { name: "ed25519", args: ["-t", "ed25519"], algorithms: ["ssh-ed25519"] },
    { name: "p256", args: ["-t", "ecdsa", "-b", "256"], algorithms: ["ecdsa-sha2-nistp256"] },
    { name: "p384", args: ["-t", "ecdsa", "-b", "384"], algorithms: ["ecdsa-sha2-nistp384"] },
    { name: "p521", args: ["-t", "ecdsa", "-b", "521"], algorithms: ["ecdsa-sha2-nistp521"] },
    { name: "rsa", args: ["-t", "rsa", "-b", "2048"], algorithms: ["rsa-sha2-256", "rsa-sha2-512"] },
    { name: "rsa-pem", args: ["-t", "rsa", "-b", "2048", "-m", "PEM"], algorithms: ["rsa-sha2-256"] },
    { name: "ec-pem", args: ["-t", "ecdsa", "-m", "PEM"], algorithms: ["ecdsa-sha2-nistp256"] },
  ];
  for (const { name, args, algorithms } of kinds) {
    for (const passphrase of ["", "une phrase"]) {
      it(`reads ${name} ${passphrase === "" ? "without" : "with"} a passphrase and signs so that ssh2 verifies it`, async () => {
        const path = join(folder, `${name}-${passphrase.length}`);
        execFileSync("ssh-keygen", [...args, "-q", "-N", passphrase, "-f", path]);
        const file = await readFile(path);
        const key = parseSshKey(file, passphrase === "" ? null : passphrase);
        const [, publicText] = (await readFile(`${path}.pub`, "utf8")).split(" ");
        assert.equal(Buffer.from(key.publicKey).toString("base64"), publicText);
        if (passphrase !== "") assert.throws(() => parseSshKey(file, "wrong"), hasCode("bad-key"));
        if (passphrase !== "") assert.throws(() => parseSshKey(file, null), hasCode("bad-key"));
        const sealed = unpackSshKey(packSshKey(key));
        for (const algorithm of algorithms) {
          const data = request(algorithm, key.publicKey);
          const signature = signWithSshKey(sealed.pem, algorithm, data);
          assert.ok(isValid(key.publicKey, { algorithm, data, signature }), algorithm);
        }
      });
    }
  }

  it("refuses a weak RSA key, a public key and a file that is no key", async () => {
    const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const pem = weak.privateKey.export({ type: "pkcs1", format: "pem" });
    assert.throws(() => parseSshKey(Buffer.from(pem), null), hasCode("bad-key"));
    assert.throws(() => parseSshKey(Buffer.from("ssh-ed25519 AAAA"), null), hasCode("bad-key"));
    assert.throws(() => parseSshKey(randomBytes(500), null), hasCode("bad-key"));
    assert.throws(() => parseSshKey(Buffer.alloc(40_000, 65), null), hasCode("bad-key"));
  });

  it("refuses a passphrase that would keep the keeper busy for hours", () => {
    const body = Buffer.concat([
      Buffer.from("openssh-key-v1\0"),
      sshString("aes256-ctr"),
      sshString("bcrypt"),
      sshString(Buffer.concat([sshString(randomBytes(16)), Buffer.from([0, 0xff, 0xff, 0xff])])),
    ]);
    const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
    assert.throws(
      () => parseSshKey(Buffer.from(text), "x"),
      (error) => error instanceof Failure && /rounds/.test(String(error.details.detail)),
    );
  });
});

describe("what the keeper signs with an SSH key", () => {
  const key = generateSshKey();

  it("is an authentication request with that key", () => {
    checkSshRequest(request(key.algorithm, key.publicKey), key);
    const signature = signWithSshKey(key.pem, "ssh-ed25519", Buffer.from("x"));
    assert.equal(signature.length, 64);
  });

  it("is also a request with a user certificate of that key", () => {
    const fields = new SshReader(key.publicKey);
    fields.string();
    const certificate = (point: Uint8Array) =>
      Buffer.concat([
        sshString("ssh-ed25519-cert-v01@openssh.com"),
        sshString(randomBytes(32)),
        sshString(point),
        randomBytes(60),
      ]);
    const algorithm = "ssh-ed25519-cert-v01@openssh.com";
    checkSshRequest(request(algorithm, certificate(fields.string())), {
      algorithm: "ssh-ed25519",
      publicKey: key.publicKey,
    });
    assert.throws(
      () => checkSshRequest(request(algorithm, certificate(randomBytes(32))), key),
      hasCode("signature-refused"),
    );
  });

  it("is nothing else", () => {
    const bad = [
      Buffer.from("SSHSIG"),
      randomBytes(200),
      request(key.algorithm, generateSshKey().publicKey),
      request("ssh-rsa", key.publicKey),
      request(key.algorithm, key.publicKey, { service: "ssh-userauth" }),
      request(key.algorithm, key.publicKey, { method: "hostbased" }),
      request(key.algorithm, key.publicKey, { type: 31 }),
      Buffer.concat([request(key.algorithm, key.publicKey), Buffer.from("more")]),
      request(key.algorithm, key.publicKey).subarray(0, -1),
    ];
    for (const data of bad) assert.throws(() => checkSshRequest(data, key), hasCode("signature-refused"));
  });

  it("does not use an algorithm that does not fit the key", () => {
    assert.throws(
      () => signWithSshKey(key.pem, "rsa-sha2-512", Buffer.from("x")),
      hasCode("signature-refused"),
    );
  });
});

function isValid(
  blob: Uint8Array,
  signed: { readonly algorithm: string; readonly data: Uint8Array; readonly signature: Uint8Array },
): boolean {
  const type = new SshReader(blob).text();
  const parsed = ssh2.utils.parseKey(`${type} ${Buffer.from(blob).toString("base64")}`);
  assert.ok(!(parsed instanceof Error) && !Array.isArray(parsed));
  const publicKey = createPublicKey(parsed.getPublicPEM());
  const hash = { "ssh-ed25519": null, "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" }[signed.algorithm];
  if (hash !== undefined) return verify(hash, signed.data, publicKey, signed.signature);
  const reader = new SshReader(signed.signature);
  const size = { nistp256: 32, nistp384: 48, nistp521: 66 }[signed.algorithm.slice(-8)] ?? 0;
  const half = () => {
    const number = reader.string();
    const unsigned = number[0] === 0 ? number.subarray(1) : number;
    return Buffer.concat([Buffer.alloc(size - unsigned.length), unsigned]);
  };
  const signature = Buffer.concat([half(), half()]);
  const curveHash = { 32: "sha256", 48: "sha384", 66: "sha512" }[size] ?? "";
  return verify(curveHash, signed.data, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
}

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { Failure } from "@poterne/contract";
import fc from "fast-check";
import { fingerprintOf, parseIdentity } from "../fleet/identity-text.ts";
import { certificateBlob, readCertificate } from "./certificate.ts";

const run = promisify(execFile);

describe("what OpenSSH's own tool makes", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "poterne-certificate-"));
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "ca")]);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function makeKey(type: string, bits: readonly string[]): Promise<string> {
    const file = join(folder, `key-${type}-${bits.join("")}`);
    await run("ssh-keygen", ["-q", "-t", type, ...bits, "-N", "", "-f", file]);
    return file;
  }

  async function readBlob(file: string): Promise<Buffer> {
    return Buffer.from((await readFile(file, "utf8")).split(" ")[1] ?? "", "base64");
  }

  for (const [type, ...bits] of [
    ["ed25519"],
    ["rsa", "-b", "2048"],
    ["ecdsa", "-b", "256"],
    ["ecdsa", "-b", "521"],
  ]) {
    test(`is read as a user certificate: ${type} ${bits.join(" ")}`, async () => {
      const file = await makeKey(type ?? "", bits);
      const sign = ["-q", "-s", join(folder, "ca"), "-I", "anne@sdis", "-n", "root,admin", "-z", "77"];
      await run("ssh-keygen", [...sign, "-V", "20260101000000Z:20270101000000Z", `${file}.pub`]);
      const said = readCertificate(certificateBlob(await readFile(`${file}-cert.pub`, "utf8")));
      assert.deepEqual(Buffer.from(said.publicKey), await readBlob(`${file}.pub`));
      assert.equal(said.keyId, "anne@sdis");
      assert.deepEqual(said.principals, ["root", "admin"]);
      assert.equal(said.serial, "77");
      assert.equal(said.validFromMs, Date.UTC(2026, 0, 1));
      assert.equal(said.validToMs, Date.UTC(2027, 0, 1));
      assert.equal(said.authorityFingerprint, fingerprintOf(await readBlob(join(folder, "ca.pub"))));
    });
  }

  test("a host certificate and an open-ended one are told apart", async () => {
    const file = await makeKey("ed25519", ["-C", "x"]);
    const sign = ["-q", "-s", join(folder, "ca"), "-I", "id"];
    await run("ssh-keygen", [...sign, "-h", `${file}.pub`]);
    const hostLine = await readFile(`${file}-cert.pub`, "utf8");
    assert.throws(() => readCertificate(certificateBlob(hostLine)), Failure);
    await run("ssh-keygen", [...sign, `${file}.pub`]);
    const said = readCertificate(certificateBlob(await readFile(`${file}-cert.pub`, "utf8")));
    assert.deepEqual([said.validFromMs, said.validToMs, said.principals], [null, null, []]);
  });

  test("a host key has the fingerprint that ssh-keygen prints, also from a line of known_hosts", async () => {
    const file = await makeKey("rsa", ["-b", "3072"]);
    const line = await readFile(`${file}.pub`, "utf8");
    const { stdout } = await run("ssh-keygen", ["-l", "-f", `${file}.pub`]);
    const printed = stdout.split(" ")[1];
    assert.equal(parseIdentity(line, "ssh").fingerprint, printed);
    assert.equal(parseIdentity(`[srv.example.org]:2222 ${line}`, "ssh").fingerprint, printed);
    assert.throws(() => parseIdentity(line, "vnc"), Failure);
  });

  test("mutated certificates end in bad-certificate or are read, never in anything else", async () => {
    const file = await makeKey("ecdsa", ["-b", "384"]);
    await run("ssh-keygen", ["-q", "-s", join(folder, "ca"), "-I", "id", "-n", "a,b", `${file}.pub`]);
    const blob = certificateBlob(await readFile(`${file}-cert.pub`, "utf8"));
    fc.assert(
      fc.property(
        fc.nat(blob.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(blob.length),
        (at, flip, cut) => {
          const mutated = Uint8Array.from(blob.subarray(0, Math.max(cut, at + 1)));
          mutated[at] = (mutated[at] ?? 0) ^ flip;
          try {
            readCertificate(mutated);
          } catch (error) {
            assert.ok(error instanceof Failure && error.code === "bad-certificate");
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

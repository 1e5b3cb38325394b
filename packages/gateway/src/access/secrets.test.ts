import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import {
  createAccount,
  generateAccountKey,
  setAccountCertificate,
  setAccountKey,
  setAccountPassword,
} from "@poterne/contract";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import { createAccess } from "./access-service.ts";
import { isFailure, type TestCaller, TestWorld } from "./testing/test-world.ts";

const run = promisify(execFile);

describe("secrets of accounts, with the real keeper and ssh-keygen", () => {
  let keeper: TestKeeper;
  let world: TestWorld;
  let admin: TestCaller;
  let folder: string;
  before(async () => {
    keeper = await testKeeper();
    world = await TestWorld.open("sqlite", keeper.keeper);
    admin = world.admin;
    folder = await mkdtemp(join(tmpdir(), "poterne-secrets-"));
  });
  after(async () => {
    await world.close();
    await keeper.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  async function addAccount(kind: "password" | "ssh-key", name: string): Promise<string> {
    return (await world.call(admin, createAccount, { body: { name, kind, username: "root" } })).accountId;
  }

  test("a password comes back from the keeper for a session, and for this account only", async () => {
    const accountId = await addAccount("password", "pw");
    await world.call(admin, setAccountPassword, {
      params: { accountId },
      body: { password: "mot de passé" },
    });
    const record = await createAccess(world.dependencies).account(accountId);
    const envelope = record?.envelope ?? new Uint8Array();
    const purpose = `session:${world.id()}`;
    const opened = await keeper.keeper.openSecret(`account:${accountId}`, envelope, purpose);
    assert.equal(Buffer.from(opened).toString("utf8"), "mot de passé");
    await assert.rejects(keeper.keeper.openSecret(`account:${world.id()}`, envelope, purpose));
  });

  for (const algorithm of ["ed25519", "ecdsa-p256", "rsa-4096"] as const) {
    test(`a generated ${algorithm} key is one that ssh-keygen knows, and can be certified`, async () => {
      const accountId = await addAccount("ssh-key", algorithm);
      const params = { accountId };
      const keyed = await world.call(admin, generateAccountKey, { params, body: { algorithm } });
      const file = join(folder, `${algorithm}.pub`);
      await writeFile(file, `${keyed.publicKey}\n`);
      const { stdout } = await run("ssh-keygen", ["-l", "-f", file]);
      assert.equal(stdout.split(" ")[1], keyed.fingerprint);
      const ca = join(folder, `ca-${algorithm}`);
      await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", ca]);
      await run("ssh-keygen", ["-q", "-s", ca, "-I", "poterne", "-n", "root", file]);
      const text = await readFile(join(folder, `${algorithm}-cert.pub`), "utf8");
      const certified = await world.call(admin, setAccountCertificate, { params, body: { text } });
      assert.deepEqual(certified.certificate?.principals, ["root"]);
      const other = { accountId: await addAccount("ssh-key", `other ${algorithm}`) };
      await world.call(admin, generateAccountKey, { params: other, body: {} });
      await assert.rejects(
        world.call(admin, setAccountCertificate, { params: other, body: { text } }),
        isFailure("bad-certificate"),
      );
    });
  }

  test("an encrypted OpenSSH key file is taken with its passphrase; a wrong one and garbage are refused", async () => {
    const params = { accountId: await addAccount("ssh-key", "uploaded") };
    const file = join(folder, "uploaded");
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "secret phrase", "-f", file]);
    const keyFile = await readFile(file, "utf8");
    for (const body of [
      { keyFile, passphrase: "wrong" },
      { keyFile, passphrase: null },
      { keyFile: "garbage", passphrase: null },
    ]) {
      await assert.rejects(world.call(admin, setAccountKey, { params, body }), isFailure("bad-key"));
    }
    const keyed = await world.call(admin, setAccountKey, {
      params,
      body: { keyFile, passphrase: "secret phrase" },
    });
    assert.equal(keyed.publicKey?.split(" ")[1], (await readFile(`${file}.pub`, "utf8")).split(" ")[1]);
    const told = JSON.stringify(world.journal);
    assert.ok(!told.includes("secret phrase") && !told.includes("PRIVATE KEY"));
  });
});

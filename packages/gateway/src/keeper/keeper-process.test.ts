import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kill } from "node:process";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "@poterne/contract";
import { EntryIds } from "../journal/entry-id.ts";
import { parseLine } from "../journal/journal-line.ts";
import { verifyJournal } from "../journal/journal-verify.ts";
import { envelopeKeyId } from "./envelope.ts";
import { unwrapForAuditor } from "./recording-keys.ts";
import type { FullKeeper } from "./remote-keeper.ts";
import { verifyStatement } from "./signature.ts";
import { parsePublicKeys } from "./signing-keys.ts";
import { type TestKeeper, testKeeper } from "./testing/test-keeper.ts";

const ids = new EntryIds();

function entryLine(kind = "session.opened"): string {
  const actor = { personId: null, name: "Test" };
  return JSON.stringify({
    entryId: ids.next(Date.now()),
    kind,
    level: "info",
    actor,
    sourceAddress: "192.0.2.7",
    subject: {},
    details: { text: "été\n" },
  });
}

function hasCode(code: string) {
  return (error: unknown) => error instanceof Failure && error.code === code;
}

async function journalKinds(keeper: FullKeeper): Promise<readonly string[]> {
  const { lines } = await keeper.readJournal({ epoch: 0, sequence: 0 });
  return lines.flatMap(({ text }) => {
    const line = parseLine(text);
    return line?.type === "entry" ? [(line.entry as { kind: string }).kind] : [];
  });
}

describe("the keeper as a process", () => {
  let test: TestKeeper;
  before(async () => {
    test = await testKeeper();
  });
  after(() => test.dispose());

  it("makes a master key readable by its owner only and says that it must be backed up", async () => {
    const { mode } = await stat(join(test.keysDirectory, "master-keys.json"));
    assert.equal(mode & 0o777, 0o600);
    assert.match(test.warnings.join("\n"), /master key was made: .*Back it up/);
  });

  it("reads the heads of one recording out of its journal, of the days asked for", async () => {
    const sessionId = randomUUID();
    const heads = [randomBytes(32), randomBytes(32)];
    const append = (kind: string, of: string, details: object) =>
      test.keeper.appendJournal(
        JSON.stringify({ ...JSON.parse(entryLine(kind)), subject: { sessionId: of }, details }),
      );
    await append("recording.started", sessionId, { count: 0, head: heads[0]?.toString("hex") });
    await append("recording.checkpoint", randomUUID(), { count: 4, head: randomBytes(32).toString("hex") });
    await append("session.opened", sessionId, { count: 5, head: randomBytes(32).toString("hex") });
    await append("recording.ended", sessionId, { count: 9, head: heads[1]?.toString("hex") });
    const dayOf = (daysOff: number) => new Date(Date.now() + daysOff * 86_400_000).toISOString().slice(0, 10);
    const found = await test.keeper.recordingAnchors(sessionId, { fromDay: dayOf(-1), toDay: dayOf(1) });
    const told = found.map(({ count, head }) => [count, Buffer.from(head)]);
    assert.deepEqual(told, [
      [0, heads[0]],
      [9, heads[1]],
    ]);
    const late = { fromDay: dayOf(2), toDay: dayOf(3) };
    assert.deepEqual(await test.keeper.recordingAnchors(sessionId, late), []);
  });

  it("opens what it sealed, for the same context only, and journals the opening", async () => {
    const secret = randomBytes(40);
    const envelope = await test.keeper.sealSecret("account:a1", secret);
    const opened = await test.keeper.openSecret("account:a1", envelope, "session:s1");
    assert.deepEqual(Buffer.from(opened), secret);
    const other = test.keeper.openSecret("account:a2", envelope, "session:s1");
    await assert.rejects(other, hasCode("secret-unreadable"));
    assert.ok((await journalKinds(test.keeper)).includes("keeper.secret-opened"));
  });

  it("refuses an envelope with any bit flipped", async () => {
    const envelope = Buffer.from(await test.keeper.sealSecret("account:a1", Buffer.from("pw")));
    for (const index of [0, 3, 5, 21, 40, 80, envelope.length - 1]) {
      const bad = Buffer.from(envelope);
      bad[index] = (bad[index] ?? 0) ^ 1;
      await assert.rejects(
        test.keeper.openSecret("account:a1", bad, `session:bit${index}`),
        hasCode("secret-unreadable"),
      );
    }
  });

  it("limits how often secrets are opened for one purpose", async () => {
    const envelope = await test.keeper.sealSecret("account:a1", Buffer.from("pw"));
    const all = await Promise.allSettled(
      Array.from({ length: 40 }, () => test.keeper.openSecret("account:a1", envelope, "session:greedy")),
    );
    const refused = all.filter((one) => one.status === "rejected" && hasCode("keeper-limit")(one.reason));
    assert.ok(refused.length >= 9 && refused.length <= 10, `${refused.length} refused`);
    await test.keeper.openSecret("account:a1", envelope, "session:modest");
    assert.ok((await journalKinds(test.keeper)).includes("keeper.limit-reached"));
  });

  it("signs only statements about recordings, and the public key file verifies them", async () => {
    const data = Buffer.from("head");
    const { keyId, signature } = await test.keeper.sign("poterne.recording.checkpoint.v1", data);
    const keys = parsePublicKeys(await readFile(join(test.keysDirectory, "public-keys.json"), "utf8"));
    const key = keys.find((one) => one.keyId === keyId);
    assert.ok(key);
    const signed = { domain: "poterne.recording.checkpoint.v1", data, signature };
    assert.ok(verifyStatement(key.publicKey, signed));
    assert.ok(!verifyStatement(key.publicKey, { ...signed, domain: "poterne.recording.other.v1" }));
    await assert.rejects(test.keeper.sign("poterne.journal.v1", data), hasCode("bad-request"));
  });

  it("refuses entries that pretend to be its own or are malformed", async () => {
    await assert.rejects(
      test.keeper.appendJournal(entryLine("keeper.secret-opened")),
      hasCode("bad-request"),
    );
    await assert.rejects(test.keeper.appendJournal("{}"), hasCode("bad-request"));
    await assert.rejects(test.keeper.appendJournal("x".repeat(40_000)), hasCode("bad-request"));
    const { sequence } = await test.keeper.appendJournal(entryLine());
    assert.ok(sequence > 1);
  });

  it("takes thousands of entries a second, each durable before it is acknowledged", async () => {
    const startMs = performance.now();
    const count = 4_000;
    const written = await Promise.all(
      Array.from({ length: count }, () => test.keeper.appendJournal(entryLine())),
    );
    const perSecond = (count * 1000) / (performance.now() - startMs);
    assert.equal(new Set(written.map((one) => one.sequence)).size, count);
    assert.ok(perSecond > 1_000, `${Math.round(perSecond)} entries a second`);
  });
});

describe("keys that change", () => {
  it("rotates the master key: old envelopes open, are re-wrapped one by one, and the old key can go", async () => {
    let test = await testKeeper();
    try {
      const old = await test.keeper.sealSecret("account:a1", Buffer.from("pw"));
      const sessionId = randomUUID();
      const { key, wraps } = await test.keeper.makeRecordingKey(sessionId);
      const { currentKeyId, oldKeyIds } = await test.keeper.rotateMasterKey();
      assert.notEqual(envelopeKeyId(old), currentKeyId);
      assert.equal(
        Buffer.from(await test.keeper.openSecret("account:a1", old, "session:s1")).toString(),
        "pw",
      );
      const rewrapped = await test.keeper.rewrapSecret("account:a1", old);
      assert.ok(rewrapped);
      assert.equal(envelopeKeyId(rewrapped), currentKeyId);
      assert.equal(await test.keeper.rewrapSecret("account:a1", rewrapped), null);
      const newWraps = await test.keeper.rewrapRecordingKey(sessionId, wraps);
      for (const keyId of oldKeyIds) await test.keeper.retireMasterKey(keyId);
      test = await test.restart();
      await assert.rejects(
        test.keeper.openSecret("account:a1", old, "session:s2"),
        hasCode("secret-unreadable"),
      );
      assert.equal(
        Buffer.from(await test.keeper.openSecret("account:a1", rewrapped, "session:s3")).toString(),
        "pw",
      );
      assert.deepEqual(await test.keeper.openRecordingKey(sessionId, newWraps, "recording:r1"), key);
      await assert.rejects(
        test.keeper.openRecordingKey(sessionId, wraps, "recording:r2"),
        hasCode("secret-unreadable"),
      );
      await test.keeper.sign("poterne.recording.checkpoint.v1", Buffer.from("still signs"));
    } finally {
      await test.dispose();
    }
  });

  it("rotates the signing key with signatures both ways, and the journal verifies across it", async () => {
    let test = await testKeeper();
    try {
      await test.keeper.appendJournal(entryLine());
      const made = await test.keeper.rotateSigningKey();
      await test.keeper.appendJournal(entryLine());
      test = await test.restart();
      const keys = await test.keeper.publicKeys();
      assert.equal(keys.length, 2);
      assert.equal(keys[1]?.keyId, made.keyId);
      assert.equal(keys[1]?.signedBy, keys[0]?.keyId);
      await test.keeper.close();
      parsePublicKeys(await readFile(join(test.keysDirectory, "public-keys.json"), "utf8"));
      const verdict = await verifyJournal(test.journalDirectory, keys);
      assert.deepEqual(verdict.problems, []);
    } finally {
      await test.dispose();
    }
  });

  it("wraps a recording's key for auditors, whose private key alone opens it", async () => {
    let test = await testKeeper();
    try {
      const pair = generateKeyPairSync("x25519");
      await mkdir(join(test.keysDirectory, "auditors"));
      const pem = pair.publicKey.export({ type: "spki", format: "pem" });
      await writeFile(join(test.keysDirectory, "auditors", "cour-des-comptes.pub"), pem);
      test = await test.restart();
      const sessionId = randomUUID();
      const { key, wraps } = await test.keeper.makeRecordingKey(sessionId);
      const wrap = wraps.find((one) => one.recipient === "x25519:cour-des-comptes");
      assert.ok(wrap);
      assert.deepEqual(Buffer.from(unwrapForAuditor(sessionId, wrap, pair.privateKey)), Buffer.from(key));
      assert.throws(
        () => unwrapForAuditor(randomUUID(), wrap, pair.privateKey),
        hasCode("secret-unreadable"),
      );
    } finally {
      await test.dispose();
    }
  });

  it("takes the master key from the environment and writes no key file", async () => {
    const test = await testKeeper(undefined, randomBytes(32).toString("base64"));
    try {
      const envelope = await test.keeper.sealSecret("account:a1", Buffer.from("pw"));
      await test.keeper.openSecret("account:a1", envelope, "session:s1");
      await assert.rejects(stat(join(test.keysDirectory, "master-keys.json")), { code: "ENOENT" });
      await assert.rejects(test.keeper.rotateMasterKey(), hasCode("conflict"));
    } finally {
      await test.dispose();
    }
  });

  it("does not start with a new master key when the old one was lost", async () => {
    const test = await testKeeper();
    try {
      await test.keeper.close();
      await rm(join(test.keysDirectory, "master-keys.json"));
      await assert.rejects(testKeeper(test.directory), /the master key is missing: restore/);
    } finally {
      await test.dispose();
    }
  });
});

describe("a keeper that is killed", () => {
  it("fails what is under way, is started again, and loses no entry it acknowledged", async () => {
    const test = await testKeeper();
    try {
      const acknowledged: number[] = [];
      let failures = 0;
      for (let round = 0; round < 3; round++) {
        const pid = test.keeper.pid;
        assert.ok(pid);
        const writes = Array.from({ length: 600 }, () =>
          test.keeper.appendJournal(entryLine()).then(
            ({ sequence }) => acknowledged.push(sequence),
            (error) => {
              assert.ok(hasCode("journal-unavailable")(error));
              failures++;
            },
          ),
        );
        await sleep(round * 4);
        kill(pid, "SIGKILL");
        await Promise.all(writes);
        while (!test.keeper.isAvailable) {
          await assert.rejects(
            test.keeper.sealSecret("account:a1", Buffer.from("x")),
            hasCode("keeper-unavailable"),
          );
          await sleep(20);
        }
      }
      assert.ok(failures > 0);
      await test.keeper.appendJournal(entryLine());
      const keys = await test.keeper.publicKeys();
      await test.keeper.close();
      const verdict = await verifyJournal(test.journalDirectory, keys);
      assert.deepEqual(verdict.problems, []);
      assert.equal(new Set(acknowledged).size, acknowledged.length);
      assert.ok((verdict.last?.sequence ?? 0) >= Math.max(...acknowledged));
    } finally {
      await test.dispose();
    }
  });
});

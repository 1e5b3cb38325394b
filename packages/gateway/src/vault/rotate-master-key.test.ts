import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { JournalEntry } from "../journal/journal.ts";
import { envelopeKeyId } from "../keeper/envelope.ts";
import type { KeyWrap } from "../keeper/keeper.ts";
import { sshString } from "../keeper/ssh-wire.ts";
import { type TestKeeper, testKeeper } from "../keeper/testing/test-keeper.ts";
import { rotateMasterKey } from "./rotate-master-key.ts";

describe("the vault", () => {
  let test: TestKeeper;
  before(async () => {
    test = await testKeeper();
  });
  after(() => test.dispose());

  it("makes keys that sign inside the keeper", async () => {
    const { keeper } = test;
    const key = await keeper.generateSshKey("account:a2");
    const sign = (algorithm: string, data: Uint8Array) =>
      keeper.signSsh("account:a2", key.envelope, algorithm, data, "session:s1");
    const request = Buffer.concat([
      sshString(Buffer.alloc(32, 7)),
      Uint8Array.of(50),
      sshString("alice"),
      sshString("ssh-connection"),
      sshString("publickey"),
      Uint8Array.of(1),
      sshString("ssh-ed25519"),
      sshString(key.publicKey),
    ]);
    assert.equal((await sign("ssh-ed25519", request)).length, 64);
    await assert.rejects(sign("ssh-ed25519", Buffer.from("anything else")), { code: "signature-refused" });
  });

  it("rotates the master key over all that is stored, keeps the old key while something failed, and finishes later", async () => {
    const stored = new Map<string, Uint8Array>();
    for (let index = 0; index < 20; index++) {
      const context = `account:r${index}` as const;
      stored.set(context, await test.keeper.sealSecret(context, Buffer.from(`secret ${index}`)));
    }
    const good = stored.get("account:r3") ?? assert.fail();
    stored.set("account:r3", stored.get("account:r4") ?? assert.fail());
    const sessionId = randomUUID();
    let wraps: readonly KeyWrap[] = (await test.keeper.makeRecordingKey(sessionId)).wraps;
    const accounts = {
      name: "accounts",
      async *envelopes() {
        for (const [context, envelope] of stored) {
          yield {
            context,
            envelope,
            replace: async (made: Uint8Array) => {
              stored.set(context, made);
              return true;
            },
          };
        }
      },
    };
    const recordings = {
      name: "recordings",
      async *wraps() {
        yield {
          sessionId,
          read: async () => wraps,
          replace: async (made: readonly KeyWrap[]) => {
            wraps = made;
          },
        };
      },
    };
    const kinds: string[] = [];
    const journal = { append: async ({ kind }: JournalEntry) => String(kinds.push(kind)) };
    const parts = { keeper: test.keeper, journal, envelopes: [accounts], recordings: [recordings] };
    const first = await rotateMasterKey(parts);
    assert.deepEqual(first.failed, ["account:r3"]);
    assert.equal(first.rewrappedCount, 19);
    assert.equal(first.recordingCount, 1);
    assert.deepEqual(first.retiredKeyIds, []);
    stored.set("account:r3", good);
    const second = await rotateMasterKey(parts);
    assert.equal(second.currentKeyId, first.currentKeyId);
    assert.equal(second.rewrappedCount, 1);
    assert.equal(second.retiredKeyIds.length, 1);
    assert.deepEqual(kinds.slice(0, 2), ["vault.rewrap-started", "vault.rewrapped"]);
    for (const [context, envelope] of stored) {
      assert.equal(envelopeKeyId(envelope), first.currentKeyId);
      const opened = await test.keeper.openSecret(context, envelope, `check:${context.slice(8)}`);
      assert.match(Buffer.from(opened).toString(), /^secret \d+$/);
    }
    await test.keeper.openRecordingKey(sessionId, wraps, "recording:r1");
  });
});

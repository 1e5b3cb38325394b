import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodeMessage, MAX_MESSAGE_BYTES, MessageReader } from "./framing.ts";

describe("messages on the keeper's channel", () => {
  it("come out as they went in, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.array(fc.nat(40)), (messages, cuts) => {
        const bytes = Buffer.concat(messages.map((message) => encodeMessage(message)));
        const reader = new MessageReader();
        const received: unknown[] = [];
        let offset = 0;
        for (const cut of [...cuts, bytes.length]) {
          received.push(...reader.receive(bytes.subarray(offset, offset + cut)));
          offset += cut;
          if (offset >= bytes.length) break;
        }
        assert.deepEqual(JSON.stringify(received), JSON.stringify(messages));
      }),
      { numRuns: 300 },
    );
  });

  it("end the channel when they are too long or no JSON, before anything is kept", () => {
    const tooLong = Buffer.alloc(4);
    tooLong.writeUInt32BE(MAX_MESSAGE_BYTES + 1);
    assert.throws(() => new MessageReader().receive(tooLong), RangeError);
    assert.throws(() => new MessageReader().receive(Buffer.from([0, 0, 0, 1, 0x7b])), SyntaxError);
    assert.throws(() => encodeMessage("x".repeat(MAX_MESSAGE_BYTES)), RangeError);
  });

  it("never crash the reader in another way when they are mutated", () => {
    const good = Buffer.concat([
      encodeMessage({ id: 1, method: "publicKeys", params: {} }),
      encodeMessage({ id: 2 }),
    ]);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const bytes = Buffer.from(good);
        bytes[at] = value;
        try {
          new MessageReader().receive(bytes);
        } catch (error) {
          assert.ok(error instanceof RangeError || error instanceof SyntaxError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

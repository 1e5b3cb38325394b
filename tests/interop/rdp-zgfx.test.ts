import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ZGFX_HISTORY_BYTES, ZgfxDecoder } from "../../packages/rdp/src/graphics/zgfx.ts";
import { seededRandom } from "../../packages/rdp/src/testing/mutate.ts";
import { encodeZgfx, type ZgfxStep } from "../../packages/rdp/src/testing/zgfx-encoder.ts";
import { askOracle, buildOracle, OracleOperation } from "../support/freerdp-oracle.ts";
import { ZgfxCompressor } from "../support/zgfx-compressor.ts";

// No server of the lab compresses with ZGFX: what our own compressor makes is read by our decoder and by FreeRDP's.

before(() => {
  buildOracle();
});

/** What FreeRDP makes of messages in order, from a new history on; null where it refuses one. */
function askFreeRdp(messages: readonly Uint8Array[]): readonly (Uint8Array | null)[] {
  const asked = messages.map((data) => ({ operation: OracleOperation.zgfxDecode, data }));
  return askOracle([{ operation: OracleOperation.newContexts }, ...asked]).slice(1);
}

test("steps put together at random come out as FreeRDP decompresses them, over many messages", () => {
  const random = seededRandom(5);
  const pick = (limit: number) => Math.floor(random() * limit);
  let sentBytes = 1;
  const messages = Array.from({ length: 300 }, () => {
    const steps: ZgfxStep[] = [{ literal: pick(256) }];
    sentBytes++;
    for (let count = pick(60); count > 0; count--) {
      const step = randomZgfxStep(pick, sentBytes - 1);
      steps.push(step);
      sentBytes += "literal" in step ? 1 : "plain" in step ? step.plain.length : step.count;
    }
    return encodeZgfx(steps);
  });
  const expected = askOracle([
    { operation: OracleOperation.newContexts },
    ...messages.map((data) => ({ operation: OracleOperation.zgfxDecode, data })),
  ]);
  const decoder = new ZgfxDecoder();
  for (const [index, message] of messages.entries())
    assert.deepEqual(
      Buffer.from(decoder.decode(message)),
      Buffer.from(expected[index + 1] ?? []),
      `${index}`,
    );
});

function randomZgfxStep(pick: (limit: number) => number, historyBytes: number): ZgfxStep {
  const kind = pick(5);
  if (kind < 2) return { literal: pick(3) === 0 ? pick(256) : pick(8) };
  if (kind === 2) return { plain: Uint8Array.from({ length: 1 + pick(40) }, () => pick(256)) };
  return { distance: 1 + pick(Math.min(historyBytes, 200_000)), count: 3 + pick(pick(4) === 0 ? 900 : 30) };
}

/** Text with words that come again, pixels of a screen with flat parts, noise: what a pipeline's messages are made of. */
function makeContent(random: () => number, sizeBytes: number): Uint8Array {
  const pick = (limit: number) => Math.floor(random() * limit);
  const content = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; ) {
    const end = Math.min(sizeBytes, at + 200 + pick(6000));
    const kind = pick(3);
    const pixel = [pick(256), pick(256), pick(256), 255];
    for (; at < end; at++) {
      if (at % 256 === 0) pixel[pick(3)] = pick(256);
      content[at] = kind === 0 ? 97 + (pick(60) % 26) : kind === 1 ? (pixel[at % 4] ?? 0) : pick(256);
    }
  }
  return content;
}

test("our compressor's messages come out, far matches, runs and segments, while the history goes round twice", (t) => {
  const random = seededRandom(23);
  const pick = (limit: number) => Math.floor(random() * limit);
  const compressor = new ZgfxCompressor();
  const plain: Uint8Array[] = [];
  const starts: number[] = [];
  let plainBytes = 0;
  while (plainBytes < ZGFX_HISTORY_BYTES * 2.2) {
    // One in three is what will soon be too long ago.
    const oldest = starts.findIndex((start) => start > plainBytes - ZGFX_HISTORY_BYTES);
    const old = plainBytes > ZGFX_HISTORY_BYTES && pick(3) === 0 ? plain[oldest + pick(4)] : undefined;
    const message = old ?? makeContent(random, 1 + pick(pick(4) === 0 ? 200_000 : 20_000));
    plain.push(message);
    starts.push(plainBytes);
    plainBytes += message.length;
  }
  const messages = plain.map((message, index) => compressor.encode(message, index % 7 === 0));
  const decoder = new ZgfxDecoder();
  const theirs = askFreeRdp(messages);
  for (const [index, message] of messages.entries()) {
    const ours = Buffer.from(decoder.decode(message));
    assert.ok(ours.equals(theirs[index] ?? new Uint8Array(0)), `message ${index} as FreeRDP has it`);
    assert.ok(ours.equals(plain[index] ?? new Uint8Array(0)), `message ${index} as it was`);
  }
  const { counts } = compressor;
  const sentBytes = messages.reduce((sum, { length }) => sum + length, 0);
  t.diagnostic(`${plainBytes} bytes in ${sentBytes}: ${JSON.stringify(counts)}`);
  assert.ok(
    counts.farthest > ZGFX_HISTORY_BYTES * 0.95,
    "a match that reaches nearly all of the history back",
  );
  for (const [kind, count] of Object.entries(counts)) assert.ok(count > 10, kind);
});

test("a match of exactly the history's length comes out, one byte more is refused", () => {
  const first = Uint8Array.from({ length: 256 }, (_, index) => index);
  const messages = [encodeZgfx([{ plain: first }])];
  for (let sent = first.length; sent < ZGFX_HISTORY_BYTES; ) {
    const count = Math.min(32_000, ZGFX_HISTORY_BYTES - sent);
    messages.push(encodeZgfx([{ literal: 7 }, { distance: 1, count: count - 1 }]));
    sent += count;
  }
  const decoder = new ZgfxDecoder();
  for (const message of messages) decoder.decode(message);
  const back = encodeZgfx([{ distance: ZGFX_HISTORY_BYTES, count: 256 }]);
  assert.deepEqual(Buffer.from(decoder.decode(back)), Buffer.from(first));
  assert.deepEqual(askFreeRdp([...messages, back]).at(-1), first);
  assert.throws(
    () => decoder.decode(encodeZgfx([{ distance: ZGFX_HISTORY_BYTES + 1, count: 3 }])),
    /distance/,
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes, fromHex } from "@poterne/bytes";
import { assertWithstands, seededRandom } from "../testing/mutate.ts";
import { encodeZgfx, type ZgfxStep } from "../testing/zgfx-encoder.ts";
import { ZGFX_HISTORY_BYTES, ZgfxDecoder } from "./zgfx.ts";

const text = (value: string) => new TextEncoder().encode(value);
const FOX = text("The quick brown fox jumps over the lazy dog");
/** [MS-RDPEGFX] 4: the fox in three segments, the last one compressed. */
const FOX_SEGMENTS = fromHex(
  `e1 0300 2b000000
   11000000 04 54686520717569636b2062726f776e20
   0e000000 04 666f78206a756d7073206f7665
   10000000 24 39080e91f8d8613d1e440643799c02`,
);

test("the specification's examples come out", () => {
  assert.deepEqual(new ZgfxDecoder().decode(concatBytes([fromHex("e004"), FOX])), FOX);
  assert.deepEqual(new ZgfxDecoder().decode(FOX_SEGMENTS), FOX);
});

test("literals, matches and unencoded runs come out, and reach back over earlier messages", () => {
  const decoder = new ZgfxDecoder();
  const first = encodeZgfx([..."abc"].map((letter) => ({ literal: letter.charCodeAt(0) })));
  assert.deepEqual(decoder.decode(first).slice(), text("abc"));
  const steps: ZgfxStep[] = [
    { literal: 0x00 },
    { distance: 4, count: 3 },
    { plain: text("unencoded") },
    { distance: 1, count: 20 },
    { literal: 0xff },
  ];
  const expected = concatBytes([
    Uint8Array.of(0),
    text("abcunencoded"),
    text("d".repeat(20)),
    Uint8Array.of(255),
  ]);
  assert.deepEqual(decoder.decode(encodeZgfx(steps)).slice(), expected);
  assert.deepEqual(decoder.decode(concatBytes([fromHex("e004"), text("plain")])), text("plain"));
  assert.deepEqual(decoder.decode(encodeZgfx([{ distance: 5, count: 5 }])).slice(), text("plain"));
});

test("the history goes round at its end", () => {
  const decoder = new ZgfxDecoder();
  const random = seededRandom(3);
  const block = Uint8Array.from({ length: 60_000 }, () => Math.floor(random() * 256));
  for (let sent = 0; sent < ZGFX_HISTORY_BYTES + 30_000; sent += block.length)
    decoder.decode(concatBytes([fromHex("e004"), block]));
  const step = { distance: 60_000, count: 4096 };
  assert.deepEqual(decoder.decode(encodeZgfx([step])).slice(), block.subarray(0, 4096));
});

test("random steps come out as a plain model says", () => {
  const random = seededRandom(11);
  const decoder = new ZgfxDecoder();
  const model: number[] = [];
  for (let message = 0; message < 60; message++) {
    const steps: ZgfxStep[] = [];
    const start = model.length;
    for (let count = 0; count < 40; count++) {
      const kind = random();
      if (kind < 0.5 || model.length < 10) {
        const literal = Math.floor(random() * 256);
        steps.push({ literal });
        model.push(literal);
      } else if (kind < 0.9) {
        const distance = 1 + Math.floor(random() * model.length);
        const length = 3 + Math.floor(random() * 70);
        steps.push({ distance, count: length });
        for (let index = 0; index < length; index++) model.push(model[model.length - distance] ?? 0);
      } else {
        const plain = Uint8Array.from({ length: Math.floor(random() * 30) }, () =>
          Math.floor(random() * 256),
        );
        steps.push({ plain });
        model.push(...plain);
      }
    }
    assert.deepEqual([...decoder.decode(encodeZgfx(steps))], model.slice(start), `message ${message}`);
  }
});

test("bombs and lies stop at a limit", () => {
  const bomb = encodeZgfx([
    { literal: 1 },
    ...Array.from({ length: 3 }, () => ({ distance: 1, count: 32768 })),
  ]);
  assert.throws(() => new ZgfxDecoder().decode(bomb), /limit/);
  assert.throws(() => new ZgfxDecoder().decode(fromHex("e1 0100 ffffffff 01000000 04")), /limit/);
  assert.throws(() => new ZgfxDecoder().decode(fromHex("e1 0100 05000000 02000000 0401")), /less than/);
  assert.throws(() => new ZgfxDecoder().decode(fromHex("e1 0100 01000000 04000000 04010203")), /more than/);
  assert.throws(() => new ZgfxDecoder().decode(encodeZgfx([{ distance: 2_600_000, count: 3 }])), /distance/);
  assert.throws(() => new ZgfxDecoder().decode(fromHex("e2")), /descriptor/);
});

test("damaged messages are refused, never more", () => {
  assertWithstands(FOX_SEGMENTS, (bytes) => new ZgfxDecoder().decode(bytes));
  const steps: ZgfxStep[] = [{ literal: 65 }, { distance: 1, count: 300 }, { plain: text("some bytes") }];
  assertWithstands(encodeZgfx(steps), (bytes) => new ZgfxDecoder().decode(bytes));
});

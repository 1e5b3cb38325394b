import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError, fromHex, toHex } from "@poterne/bytes";
import fc from "fast-check";
import {
  Channel,
  decodeFrames,
  decodeInput,
  encodeFrame,
  encodeInput,
  type Frame,
  type InputEvent,
  readAcknowledgement,
} from "./index.ts";

/** Made by hand from docs/wire.md: header fields little-endian, then the payload. */
const goldenFrame = "03 05 0200 10270000 03000000 61c3a9";

test("a frame is encoded as documented", () => {
  const frame: Frame = {
    channel: Channel.text,
    flags: 5,
    stream: 2,
    timeMs: 10_000,
    payload: fromHex("61c3a9"),
  };
  assert.equal(toHex(encodeFrame(frame)), toHex(fromHex(goldenFrame)));
  assert.deepEqual([...decodeFrames(fromHex(goldenFrame))], [frame]);
});

test("frames back to back come out in order", () => {
  const bytes = Buffer.concat([fromHex(goldenFrame), fromHex(goldenFrame)]);
  assert.equal([...decodeFrames(bytes)].length, 2);
});

test("a cut frame is truncated and a payload over the limit refused before it is read", () => {
  assert.throws(() => [...decodeFrames(fromHex(goldenFrame).subarray(0, 14))], { code: "truncated" });
  assert.throws(() => [...decodeFrames(fromHex("03000000 00000000 ffffffff"))], { code: "limit" });
});

test("a message that is one acknowledgement is read at once, any other is left to the decoder", () => {
  const one = fromHex("09000000 00000000 04000000 fe0000ff");
  assert.equal(readAcknowledgement(one), 0xff0000fe);
  const others = [
    "08000000 00000000 04000000 fe0000ff",
    "09000000 00000000 03000000 fe0000ff",
    "09000000 00000000 04000000 fe0000",
    "09000000 00000000 04000000 fe0000ff 09",
    "",
  ];
  for (const other of others) assert.equal(readAcknowledgement(fromHex(other)), null, other);
});

const events: InputEvent[] = [
  { type: "key", isDown: true, keysym: 0xe9, scancode: 3 },
  { type: "pointer", x: 10, y: 65_535, buttons: 0x101 },
  { type: "text", text: fromHex("c3a9") },
  { type: "release" },
  { type: "locks", locks: 5 },
  { type: "resize", widthPx: 1280, heightPx: 720, columns: 80, rows: 24 },
  {
    type: "screens",
    screens: [
      { x: 0, y: 0, width: 1280, height: 720, scalePercent: 100, isPrimary: true },
      { x: 1280, y: 16, width: 2560, height: 1440, scalePercent: 200, isPrimary: false },
    ],
  },
];

/** One vector a kind, in the order above, from docs/wire.md. */
const goldenInput =
  "01 01 e9000000 0300" +
  "02 0a00 ffff 0101" +
  "03 02000000 c3a9" +
  "04" +
  "05 05" +
  "06 0005 d002 5000 1800" +
  "07 02 0000 0000 0005 d002 6400 01 0005 1000 000a a005 c800 00";

test("input events are encoded as documented", () => {
  assert.equal(toHex(encodeInput(events)), toHex(fromHex(goldenInput)));
  assert.deepEqual(decodeInput(fromHex(goldenInput)), events);
});

test("too many events, too long a text and unknown types are refused", () => {
  assert.throws(() => decodeInput(new Uint8Array(1025).fill(4)), { code: "limit" });
  assert.throws(() => decodeInput(fromHex("03 01000100")), { code: "limit" });
  assert.throws(() => decodeInput(fromHex("7f")), { code: "unsupported" });
  for (const screens of [
    "07 00",
    "07 05",
    "07 01 0000 0000 0005 d002 6300 01",
    "07 01 0000 0000 0005 d002 f501 01",
  ])
    assert.throws(() => decodeInput(fromHex(screens)), { code: "limit" }, screens);
});

test("mutated messages give a DecodeError and nothing else", () => {
  const seeds = [fromHex(goldenFrame), fromHex(goldenInput)];
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 8 }),
      fc.nat(60),
      (seed, changes, cut) => {
        const bytes = seed.slice(0, Math.max(1, seed.length - (cut % seed.length)));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        for (const decode of [() => [...decodeFrames(bytes)], () => decodeInput(bytes)]) {
          try {
            decode();
          } catch (error) {
            assert.ok(error instanceof DecodeError, String(error));
          }
        }
      },
    ),
    { numRuns: 2000 },
  );
});

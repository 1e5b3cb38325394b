import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteReader, ByteWriter, concatBytes, fromHex, toHex } from "@poterne/bytes";
import { assertWithstands } from "../testing/mutate.ts";
import { type SoundAction, SoundChannel } from "./sound.ts";
import { decodeSoundFormat } from "./sound-formats.ts";

const pdu = (type: number, body: Uint8Array): Uint8Array =>
  new ByteWriter().u8(type).u8(0).u16le(body.length).put(body).finish();

function format(tag: number, shape: { channels?: number; rate?: number; block?: number; bits?: number }) {
  const { channels = 2, rate = 44_100, block = 4, bits = 16 } = shape;
  const writer = new ByteWriter()
    .u16le(tag)
    .u16le(channels)
    .u32le(rate)
    .u32le(rate * block);
  return writer.u16le(block).u16le(bits).u16le(0).finish();
}

const PCM = format(1, {});
const A_LAW = format(6, { block: 2, bits: 8, rate: 22_050 });
const AAC = format(0xa106, {});
const IMA = format(0x11, { block: 2048, bits: 4 });

/** [MS-RDPEA] 2.2.2.1 Server Audio Formats and Version PDU. */
function formats(list: readonly Uint8Array[], version = 8): Uint8Array {
  const head = new ByteWriter().u32le(0).u32le(0).u32le(0).u16le(0);
  return pdu(7, concatBytes([head.u16le(list.length).u8(0).u16le(version).u8(0).finish(), ...list]));
}

const sent = (actions: readonly SoundAction[]): string[] =>
  actions.map((action) => (action.type === "send" ? toHex(action.message) : action.type));

function open(): SoundChannel {
  const sound = new SoundChannel({ takesOpus: false });
  sound.receive(formats([AAC, PCM, A_LAW, IMA]), 0);
  return sound;
}

test("of the server's formats those we can play are answered, in its order, and quality is left to it", () => {
  const actions = new SoundChannel({ takesOpus: false }).receive(formats([AAC, PCM, A_LAW, IMA]), 0);
  const [answer = "", quality] = sent(actions);
  const head = "07004a00" + "01000000" + "00000000" + "00000000" + "0000" + "0300" + "00" + "0800" + "00";
  assert.equal(answer, head + toHex(concatBytes([PCM, A_LAW, IMA])));
  assert.equal(quality, "0c00040000000000");
  assert.equal(
    new SoundChannel({ takesOpus: false }).receive(formats([PCM], 5), 0).length,
    1,
    "an old server knows no quality",
  );
});

test("a format we cannot play, or not right, is none", () => {
  const none = [
    AAC,
    format(1, { bits: 8, block: 2 }),
    format(1, { channels: 6, block: 12 }),
    format(1, { rate: 1000 }),
    format(1, { block: 3 }),
    format(0x11, { bits: 4, block: 7 }),
  ];
  for (const bytes of none)
    assert.equal(decodeSoundFormat(new ByteReader(bytes, "format"), { takesOpus: false }).format, null);
});

test("training is answered with what was asked", () => {
  const training = pdu(6, fromHex(`34120004${"00".repeat(8)}`));
  assert.deepEqual(sent(open().receive(training, 0)), ["0600040034120004"]);
});

test("a wave of two messages and a wave of one are handed over, and confirmed with the time they took", () => {
  const sound = open();
  const info = fromHex("02001000" + "0100" + "0000" + "07" + "000000" + "01020304");
  assert.deepEqual(sound.receive(info, 100), []);
  const [wave] = sound.receive(fromHex("00000000" + "05060708"), 110);
  assert.ok(wave?.type === "wave");
  assert.equal(toHex(wave.wave.data), "0102030405060708");
  assert.deepEqual(wave.wave.format, { packing: "pcm16", channels: 2, rateHz: 44_100, blockBytes: 4 });
  assert.equal(toHex(sound.confirm(wave.wave, 160)), "05000400" + "3300" + "07" + "00");
  const wave2 = pdu(13, fromHex("ffff" + "0100" + "08" + "000000" + "78563412" + "aabb"));
  const [second] = sound.receive(wave2, 200);
  assert.ok(second?.type === "wave");
  assert.equal(toHex(second.wave.data), "aabb");
  assert.equal(second.wave.format.packing, "a-law");
  assert.equal(toHex(sound.confirm(second.wave, 202)), "05000400" + "0100" + "08" + "00", "the time wraps");
});

test("Opus is taken where the browser decodes it, by the registry's number and by xrdp's", () => {
  const list = [PCM, format(0x69, {}), format(0x704f, { rate: 48_000 }), format(0x69, { rate: 8000 })];
  const answer = (takesOpus: boolean) => sent(new SoundChannel({ takesOpus }).receive(formats(list), 0))[0];
  assert.ok(answer(true)?.endsWith(toHex(concatBytes(list.slice(0, 3)))));
  assert.ok(answer(false)?.endsWith(`0800${"00"}${toHex(PCM)}`));
});

test("a wave in a format that was not agreed is not handed on, but confirmed", () => {
  const actions = open().receive(pdu(13, fromHex("00000300080000000000000000")), 0);
  assert.deepEqual(sent(actions), ["0500040000000800"]);
});

test("a length that lies and too many formats are refused", () => {
  const short = open();
  short.receive(fromHex("02002000" + "010000000700000001020304"), 0);
  assert.throws(() => short.receive(fromHex("0000000005060708"), 0), /truncated/);
  assert.throws(() => open().receive(fromHex("02000900" + "010000000700000001020304"), 0), /body of 9/);
  const many = new ByteWriter().put(new Uint8Array(14)).u16le(257).put(new Uint8Array(4)).finish();
  assert.throws(() => open().receive(pdu(7, many), 0), /limit/);
});

test("damaged messages are an error or ignored", () => {
  assertWithstands(formats([AAC, PCM, A_LAW, IMA]), (bytes) =>
    new SoundChannel({ takesOpus: false }).receive(bytes, 0),
  );
  const wave2 = pdu(13, fromHex("ffff01000800000078563412aabb"));
  assertWithstands(wave2, (bytes) => open().receive(bytes, 0));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter, concatBytes, fromHex, toHex } from "@poterne/bytes";
import { decodeCommands } from "@poterne/picture";
import type { RdpCommand } from "./commands.ts";
import { decodeDemandActive } from "./connect/activation.ts";
import { CapabilitySet } from "./connect/capability-sets.ts";
import type { Packet } from "./connect/framing.ts";
import { MessageChannel } from "./connect/message-channel.ts";
import { DataPdu, decodeSharePdus, encodeShareControl, encodeShareData, PduType } from "./connect/share.ts";
import { encodeMouse, encodeScancode, PointerFlag } from "./input/fast-path-input.ts";
import { Session, type SessionOptions } from "./session.ts";
import { decodeSessionInfo } from "./session-info.ts";
import { assertWithstands } from "./testing/mutate.ts";

const SHARE = { shareId: 0x103ea, userId: 1002 };
const NOW = { nowMs: 0, receivedBytes: 0 };
const OPTIONS: SessionOptions = { keyboardLayout: 0x40c, hasRemoteFx: true, graphics: null };

function capability(type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter()
    .u16le(type)
    .u16le(body.length + 4)
    .put(body)
    .finish()
    .slice();
}

function demandActive(width = 80, height = 60): Uint8Array {
  const general = new Uint8Array(20).fill(1);
  const bitmap = new ByteWriter().put(new Uint8Array(8)).u16le(width).u16le(height).finish();
  const sets = concatBytes([
    capability(CapabilitySet.CAPSTYPE_GENERAL, general),
    capability(CapabilitySet.CAPSTYPE_BITMAP, bitmap),
    capability(CapabilitySet.CAPSSETTYPE_FRAME_ACKNOWLEDGE, new Uint8Array(4)),
  ]);
  const head = new ByteWriter()
    .u32le(SHARE.shareId)
    .u16le(4)
    .u16le(sets.length + 4);
  return head.put(fromHex("52445000")).u16le(3).u16le(0).put(sets).u32le(0).finish().slice();
}

/** A session, fed as its server would. */
class Bench {
  readonly commands: RdpCommand[] = [];
  readonly session: Session;
  constructor(changes: Partial<SessionOptions> = {}) {
    const channelIds = new Map([["cliprdr", 1004]]);
    const established = { userId: 1007, ioChannelId: 1003, channelIds, messageChannelId: 1005 };
    this.session = new Session(this.commands, established, { ...OPTIONS, ...changes }, new MessageChannel());
  }

  channel(channelId: number, payload: Uint8Array): void {
    const head = new ByteWriter().put(fromHex("02f080680001")).u16(channelId).u8(0x70);
    head.u16(0x8000 | payload.length).put(payload);
    this.#receive({ type: "tpdu", bytes: head.finish() });
  }
  control(type: number, body: Uint8Array): void {
    this.channel(1003, encodeShareControl(type, 1002, body));
  }
  data(type: number, body: Uint8Array): void {
    this.channel(1003, encodeShareData(type, SHARE, body));
  }
  fastPath(hex: string): void {
    this.#receive({ type: "fastPath", bytes: fromHex(hex) });
  }
  /** The bytes are another packet's afterwards: nothing of a session may look at them again. */
  #receive(packet: Packet): void {
    this.session.receive(packet, NOW);
    this.session.settle(0);
    packet.bytes.fill(0xdd);
  }
  activate(width?: number, height?: number): this {
    this.control(PduType.PDUTYPE_DEMANDACTIVEPDU, demandActive(width, height));
    this.data(DataPdu.PDUTYPE2_FONTMAP, new Uint8Array(8));
    return this;
  }
  take(): RdpCommand[] {
    return this.commands.splice(0);
  }
}

/** A 32-bit bitmap over this place as a fast-path update. */
function draw(left: number, top: number, right: number, bottom: number): string {
  const bitmap = new ByteWriter().u16le(1).u16le(1);
  for (const value of [left, top, right, bottom, right - left + 1, bottom - top + 1, 32, 0x401, 2])
    bitmap.u16le(value);
  const body = bitmap.u16le(0).finish();
  return toHex(new ByteWriter().u8(1).u16le(body.length).put(body).finish());
}

const names = (commands: readonly RdpCommand[]) =>
  commands.map((command) =>
    command.type === "frame"
      ? `${command.entry ?? ""}[${[...decodeCommands(command.payload)].map(({ op }) => op)}]`
      : command.type,
  );

test("a demand is confirmed and finalised; the font map opens the desktop", () => {
  const bench = new Bench();
  bench.control(PduType.PDUTYPE_DEMANDACTIVEPDU, demandActive());
  assert.deepEqual(names(bench.take()), ["send", "send", "send", "send", "send", "[surface,present]"]);
  bench.data(DataPdu.PDUTYPE2_FONTMAP, new Uint8Array(8));
  assert.deepEqual(bench.take(), [{ type: "open", width: 80, height: 60 }]);
});

test("deactivated and activated anew: the size is told, the desktop does not open twice", () => {
  const bench = new Bench().activate();
  bench.take();
  bench.channel(1003, fromHex("04001600"));
  bench.activate(100, 60);
  const commands = bench.take();
  assert.ok(commands.some((command) => command.type === "resized" && command.width === 100));
  assert.ok(!commands.some((command) => command.type === "open"));
});

test("the server's last word is the reason of the end", () => {
  const reasons = {
    "05000000": "taken-over",
    "03000000": "idle-timeout",
    "0c000000": "logged-off",
    "02010000": "no-licence",
    "05010000": "licence-refused",
    "09010000": "licence-expired",
    "09000000": "not-authorized",
    ca100000: "protocol-error",
    "00000000": "closed-by-target",
  };
  for (const [info, code] of Object.entries(reasons)) {
    const bench = new Bench().activate();
    bench.data(DataPdu.PDUTYPE2_SET_ERROR_INFO_PDU, fromHex(info));
    bench.take();
    bench.session.receive({ type: "tpdu", bytes: fromHex("02f0802180") }, NOW);
    const [command] = bench.take();
    assert.ok(command?.type === "fail");
    assert.equal(command.code, code, info);
  }
  assert.equal(new Bench().session.failureOfClosing().code, "closed-by-target");
});

test("what was drawn before the server's last word is shown before the end", () => {
  const bench = new Bench().activate();
  bench.take();
  bench.session.receive({ type: "fastPath", bytes: fromHex(draw(0, 0, 9, 9)) }, NOW);
  assert.deepEqual(names(bench.take()), []);
  bench.session.receive({ type: "tpdu", bytes: fromHex("02f0802180") }, NOW);
  assert.deepEqual(names(bench.take()), ["[draw,present]", "fail"]);
});

test("locks, bell, sign-in, cookie and channels are told", () => {
  const bench = new Bench().activate();
  bench.take();
  bench.data(DataPdu.PDUTYPE2_SET_KEYBOARD_INDICATORS, fromHex("00000600"));
  bench.data(DataPdu.PDUTYPE2_PLAY_SOUND, new Uint8Array(8));
  bench.data(DataPdu.PDUTYPE2_SAVE_SESSION_INFO, concatBytes([fromHex("02000000"), new Uint8Array(576)]));
  const cookie = concatBytes([
    fromHex("03000000 2600 01000000 1c000000".replace(/ /g, "")),
    new Uint8Array(28),
  ]);
  bench.data(DataPdu.PDUTYPE2_SAVE_SESSION_INFO, cookie);
  bench.channel(1004, fromHex("0200000003000000abcd"));
  assert.deepEqual(bench.take(), [
    { type: "locks", locks: 6 },
    { type: "bell" },
    { type: "signedIn", username: "" },
    { type: "reconnectCookie", bytes: new Uint8Array(28) },
    { type: "channel", name: "cliprdr", data: Uint8Array.of(0xab, 0xcd) },
  ]);
  bench.session.sendChannel("cliprdr", Uint8Array.of(1));
  assert.equal(bench.take().length, 1);
  bench.session.sendChannel("unknown", Uint8Array.of(1));
  assert.equal(bench.take().length, 0);
});

test("output is suppressed and allowed, frames are acknowledged where the server takes it", () => {
  const bench = new Bench().activate();
  bench.take();
  bench.session.setOutput(false);
  bench.session.setOutput(true);
  bench.session.acknowledge(7);
  const sent = bench.take().map((command) => (command.type === "send" ? toHex(command.bytes) : ""));
  assert.match(sent[0] ?? "", /2300000000000000$/);
  assert.match(sent[1] ?? "", /2300000001000000000000004f003b00$/);
  assert.match(sent[2] ?? "", /3800000007000000$/);
});

test("an entry point outside the graphics pipeline ends when the screen is drawn, and asks again when it is not", () => {
  const bench = new Bench().activate();
  bench.take();
  bench.session.requestEntryPoint(0);
  assert.deepEqual(names(bench.take()), ["send", "send", "send", "start[surface]"]);
  bench.fastPath(draw(0, 0, 79, 29));
  assert.deepEqual(names(bench.take()), ["[draw,present]"]);
  bench.session.tick(1000);
  assert.deepEqual(bench.take(), []);
  bench.session.tick(2500);
  assert.deepEqual(names(bench.take()), ["send", "send", "send"]);
  bench.fastPath(draw(0, 30, 79, 59));
  assert.deepEqual(names(bench.take()), ["end[draw,present]"]);
  bench.session.tick(9000);
  assert.deepEqual(bench.take(), []);
});

test("an entry point asked for between two activations begins after the second", () => {
  const bench = new Bench().activate();
  bench.channel(1003, fromHex("04001600"));
  bench.take();
  bench.session.requestEntryPoint(0);
  assert.deepEqual(bench.take(), []);
  bench.activate(100, 60);
  assert.ok(names(bench.take()).includes("start[surface]"));
  bench.fastPath(draw(0, 0, 99, 59));
  assert.ok(names(bench.take()).includes("end[draw,present]"));
});

test("input between two activations is sent after the second one's font map, in order", () => {
  const bench = new Bench();
  const press = encodeScancode(0x1e, true);
  assert.equal(bench.session.holdInput([press]), false, "nothing is kept for a desktop that never was there");
  bench.activate();
  assert.equal(bench.session.holdInput([press]), false);
  bench.control(PduType.PDUTYPE_DEACTIVATEALLPDU, new Uint8Array(4));
  assert.equal(bench.session.holdInput([press, encodeMouse(PointerFlag.PTRFLAGS_MOVE, 79, 59)]), true);
  bench.control(PduType.PDUTYPE_DEMANDACTIVEPDU, demandActive(40, 30));
  assert.equal(bench.session.holdInput([encodeScancode(0x1e, false)]), true);
  bench.take();
  bench.data(DataPdu.PDUTYPE2_FONTMAP, new Uint8Array(8));
  const [sent] = bench.take();
  assert.ok(sent?.type === "send");
  // The pointer is inside the desktop as it is now.
  assert.equal(toHex(sent.bytes), "0c800e001e20000827001d00011e");
  assert.equal(bench.session.holdInput([press]), false);
});

test("share PDUs in one packet, and those that lie, are told apart", () => {
  const two = concatBytes([encodeShareControl(3, 1, new Uint8Array(2)), fromHex("04001600")]);
  assert.deepEqual(
    decodeSharePdus(two).map((pdu) => pdu.type === "control" && pdu.pduType),
    [3, 6],
  );
  assert.throws(() => decodeSharePdus(fromHex("03001700")), /length 3/);
  const compressed = encodeShareData(2, SHARE, new Uint8Array(4));
  compressed[15] = 0x21;
  assert.throws(() => decodeSharePdus(compressed), /compression/);
});

test("names of a sign-in are read and cleaned", () => {
  const field = (text: string, size: number) => {
    const bytes = new Uint8Array(size);
    bytes.set(Buffer.from(text, "utf16le"));
    return new ByteWriter()
      .u32le(text.length * 2)
      .put(bytes)
      .finish()
      .slice();
  };
  const body = concatBytes([
    fromHex("00000000"),
    field("LAB", 52),
    field("ali\u0007ce", 512),
    new Uint8Array(4),
  ]);
  assert.deepEqual(decodeSessionInfo(body), { username: "LAB\\ali ce", reconnectCookie: null });
});

test("damaged PDUs of a session are refused, never more", () => {
  assertWithstands(demandActive(), decodeDemandActive);
  const share = encodeShareData(DataPdu.PDUTYPE2_SET_ERROR_INFO_PDU, SHARE, fromHex("05000000"));
  assertWithstands(share, (bytes) => new Bench().channel(1003, bytes));
  assertWithstands(concatBytes([fromHex("03000000260001000000"), new Uint8Array(40)]), decodeSessionInfo);
  const frame = fromHex(draw(0, 0, 79, 29));
  assertWithstands(frame, (bytes) => {
    const bench = new Bench().activate();
    bench.session.requestEntryPoint(0);
    bench.session.receive({ type: "fastPath", bytes }, NOW);
    bench.session.settle(0);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import { fromHex, toHex } from "@poterne/bytes";
import { Coverage } from "@poterne/picture";
import { encodePointer, encodeSetDesktopSize, encodeSetPixelFormat, toQemuCode } from "./client-messages.ts";
import { RfbClipboard, storeZlib } from "./clipboard.ts";
import { Keyboard } from "./keyboard.ts";
import { Encoding } from "./protocol.ts";
import { ofType, openClient, rectangle, update } from "./testing/server-bytes.ts";

test("messages to the server are laid out as specified", () => {
  assert.equal(
    toHex(encodeSetPixelFormat()),
    "00000000 20180001 00ff00ff 00ff1008 00000000".replaceAll(" ", ""),
  );
  assert.equal(toHex(encodePointer(258, 3, 5)), "050501020003");
  assert.equal(
    toHex(encodeSetDesktopSize(800, 600, { id: 7, flags: 1 })),
    "fb00 0320 0258 01 00 00000007 0000 0000 0320 0258 00000001".replaceAll(" ", ""),
  );
});

test("scan codes become QEMU's", () => {
  assert.deepEqual([0x1e, 0xe04d, 0xe11d, 0x56].map(toQemuCode), [0x1e, 0xcd, 0xc6, 0x56]);
});

test("keys go as symbols, or with their places once the server takes them", () => {
  const keyboard = new Keyboard();
  assert.equal(keyboard.key(true, 0, 0x1e), null, "a place alone means nothing to such a server");
  assert.equal(toHex(keyboard.key(true, 0xe9, 3) ?? new Uint8Array(0)), "04010000000000e9");
  assert.equal(
    toHex(keyboard.key(false, 0x32, 3) ?? new Uint8Array(0)),
    "04000000000000e9",
    "up as it went down",
  );
  keyboard.hasQemuKeys = true;
  assert.equal(toHex(keyboard.key(true, 0xe9, 3) ?? new Uint8Array(0)), "ff000001000000e900000003");
  assert.equal(toHex(keyboard.releaseAll()), "ff000000000000000000001eff000000000000e900000003");
  assert.equal(keyboard.releaseAll().length, 0);
});

test("locks are toggled only when they differ, and never when unknown", () => {
  const keyboard = new Keyboard();
  assert.equal(keyboard.setLocks(4).length, 0);
  keyboard.serverLocks = 4;
  assert.equal(keyboard.setLocks(4).length, 0);
  assert.equal(toHex(keyboard.setLocks(0)), "040100000000ffe5040000000000ffe5");
});

test("clipboard: Latin-1 without the extension, anything with it, CRLF on the wire", () => {
  const clipboard = new RfbClipboard(1000, true);
  assert.equal(toHex(clipboard.offer("é€\r\nx")), "0600000000000004e93f0a78");
  clipboard.receiveExtended(fromHex("1f000001 00000000"));
  assert.equal(toHex(clipboard.offer("é€\nx")), "06000000fffffffc08000001", "only offered");
  const { send } = clipboard.receiveExtended(fromHex("02000001"));
  assert.ok(send !== undefined);
  assert.equal(zlib.inflateSync(send.subarray(12)).toString("hex"), "00000009" + "c3a9e282ac0d0a7800");
  assert.deepEqual(clipboard.receiveExtended(fromHex("02000002")), {}, "no other format is given");
  const large = zlib.deflateSync(Buffer.concat([Buffer.from("000007d0", "hex"), Buffer.alloc(2000, 65)]));
  const provided = Buffer.concat([fromHex("10000001"), large]);
  assert.deepEqual(clipboard.receiveExtended(provided), { tooLargeBytes: 2000 });
  const unwanted = new RfbClipboard(1000, false);
  assert.deepEqual(unwanted.receiveExtended(fromHex("08000001")), {}, "policy: not even asked for");
  assert.deepEqual(unwanted.receiveLatin1(fromHex("41")), {});
});

test("a zlib stream of stored blocks is one every zlib reads", () => {
  for (const size of [0, 1, 65535, 65536, 200_000]) {
    const plain = Buffer.alloc(size, 7);
    assert.ok(zlib.inflateSync(storeZlib(plain)).equals(plain));
  }
});

test("coverage: whole when every part was drawn or copied from what was", () => {
  const coverage = new Coverage();
  coverage.begin(100, 50);
  coverage.add({ x: 0, y: 0, width: 60, height: 50 });
  assert.equal(coverage.isWhole, false);
  assert.deepEqual(coverage.bounds(), { x: 60, y: 0, width: 40, height: 50 });
  coverage.copy({ x: 0, y: 0, width: 40, height: 25 }, 60, 0);
  coverage.copy({ x: 70, y: 20, width: 10, height: 10 }, 0, 0);
  assert.equal(coverage.isWhole, false, "a copy of what is missing makes more missing");
  coverage.add({ x: 0, y: 0, width: 10, height: 10 });
  coverage.add({ x: 50, y: 20, width: 50, height: 30 });
  assert.equal(coverage.isWhole, true);
});

test("an entry point ends once the whole screen came, and asks again for what did not", () => {
  const client = openClient({}, 4, 4);
  const entries = (bytes: Uint8Array, nowMs: number) =>
    ofType(client.receive(bytes, nowMs), "frame").map((frame) => frame.entry);
  const first = client.requestEntryPoint(0);
  assert.deepEqual(
    ofType(first, "frame").map((frame) => frame.entry),
    [null, "start"],
  );
  assert.equal(toHex(ofType(first, "send")[0]?.bytes ?? new Uint8Array(0)), "03000000000000040004");
  const half = rectangle([0, 0, 4, 2], Encoding.raw, new Uint8Array(32));
  assert.deepEqual(entries(update(half), 10), [null]);
  assert.deepEqual(client.tick(500), [], "the server has time");
  const again = client.tick(2500);
  assert.equal(toHex(ofType(again, "send")[0]?.bytes ?? new Uint8Array(0)), "03000000000200040002");
  const rest = rectangle([0, 2, 4, 2], Encoding.raw, new Uint8Array(32));
  assert.deepEqual(entries(update(rest), 2600), ["end"]);
});

test("a second entry point before anything came needs no second full picture", () => {
  const client = openClient({}, 4, 4);
  client.requestEntryPoint(0);
  const second = client.requestEntryPoint(1);
  assert.deepEqual(
    ofType(second, "frame").map((frame) => frame.entry),
    ["start"],
  );
  assert.equal(ofType(second, "send").length, 0);
});

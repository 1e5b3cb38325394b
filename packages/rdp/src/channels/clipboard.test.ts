import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter, concatBytes, decodeUtf8, encodeUtf8, fromHex, toHex } from "@poterne/bytes";
import { encodeUtf16 } from "../encoding/utf16.ts";
import { assertWithstands } from "../testing/mutate.ts";
import { type ClipboardAction, ClipboardChannel, type ClipboardRules } from "./clipboard.ts";
import { ChunkJoiner, MAX_CHANNEL_MESSAGE_BYTES } from "./static-channels.ts";

const NONE = { text: false, rich: false, files: false } as const;
const TEXT = { ...NONE, text: true } as const;
const BOTH: ClipboardRules = { fromTarget: TEXT, toTarget: TEXT, maxBytes: 1000 };
/** [MS-RDPECLIP] 4.1.1 Clip Capabilities with long format names (flags 0x0e), and 4.1.2 Monitor Ready. */
const CAPABILITIES = fromHex("07000000100000000100000001000c00020000000e000000");
const READY = fromHex("0100000000000000");

const pdu = (type: number, flags: number, body: Uint8Array): Uint8Array =>
  new ByteWriter().u16le(type).u16le(flags).u32le(body.length).put(body).finish();
const text = (words: string, flags = 1) => pdu(5, flags, encodeUtf16(`${words}\0`));
const LIST = pdu(2, 0, fromHex("0d0000000000"));

const shown = (actions: readonly ClipboardAction[]): string[] =>
  actions.map((action) => {
    if (action.type === "send") return toHex(action.message);
    if (action.type === "content") return decodeUtf8(action.content);
    return action.type === "tooLarge" ? `${action.sizeBytes} too large` : JSON.stringify(action);
  });

function open(rules: ClipboardRules = BOTH): ClipboardChannel {
  const clipboard = new ClipboardChannel(rules);
  assert.deepEqual(clipboard.receive(CAPABILITIES), []);
  assert.deepEqual(shown(clipboard.receive(READY)), [
    "07000000100000000100000001000c000200000002000000",
    "0200000000000000",
  ]);
  return clipboard;
}

test("text the target copied is asked for and handed over with plain line ends", () => {
  const clipboard = open();
  assert.deepEqual(shown(clipboard.receive(LIST)), ["0300010000000000", "04000000040000000d000000"]);
  assert.deepEqual(shown(clipboard.receive(text("été\r\nfin"))), ["été\nfin"]);
  assert.deepEqual(clipboard.receive(text("again")), [], "not asked for");
  clipboard.receive(LIST);
  assert.deepEqual(clipboard.receive(text("", 2)), [], "the target had none after all");
  clipboard.receive(LIST);
  assert.deepEqual(shown(clipboard.receive(text("a".repeat(1001)))), ["1001 too large"]);
});

test("text for the target is offered, and goes when it is asked for", () => {
  const clipboard = open();
  assert.deepEqual(shown(clipboard.offer("text", encodeUtf8("a\nb"))), ["02000000060000000d0000000000"]);
  const request = pdu(4, 0, fromHex("0d000000"));
  assert.deepEqual(shown(clipboard.receive(request)), ["050001000a00000061000d000a0062000000"]);
  assert.deepEqual(shown(clipboard.receive(pdu(4, 0, fromHex("01000000")))), ["0500020000000000"]);
  clipboard.receive(LIST);
  assert.deepEqual(shown(clipboard.receive(request)), ["0500020000000000"], "the target copied since");
});

test("what is offered before the target is ready is offered when it is", () => {
  const clipboard = new ClipboardChannel(BOTH);
  assert.deepEqual(clipboard.offer("text", encodeUtf8("x")), []);
  const [, list] = shown(clipboard.receive(READY));
  assert.equal(list, `02000000240000000d000000${"00".repeat(32)}`, "short names without capabilities");
});

test("a way that is not allowed is closed whatever the target sends", () => {
  const deaf = open({ ...BOTH, fromTarget: NONE });
  assert.deepEqual(shown(deaf.receive(LIST)), ["0300010000000000"]);
  assert.deepEqual(deaf.receive(text("secret")), []);
  const mute = open({ ...BOTH, toTarget: NONE });
  assert.deepEqual(mute.offer("text", encodeUtf8("secret")), []);
  assert.deepEqual(shown(mute.receive(pdu(4, 0, fromHex("0d000000")))), ["0500020000000000"]);
});

test("files are refused", () => {
  const request = pdu(8, 0, concatBytes([fromHex("07000000"), new Uint8Array(20)]));
  assert.deepEqual(shown(open().receive(request)), ["090002000400000007000000"]);
});

test("a message over the limit is left out and told once, and the next one is whole", () => {
  const told: number[] = [];
  const joiner = new ChunkJoiner((sizeBytes) => told.push(sizeBytes));
  const length = MAX_CHANNEL_MESSAGE_BYTES + 1;
  const chunk = (flags: number, size = length) =>
    new ByteWriter().u32le(size).u32le(flags).put(Uint8Array.of(1, 2)).finish();
  for (const flags of [1, 0, 2]) assert.equal(joiner.receive(chunk(flags)), null);
  assert.deepEqual(joiner.receive(chunk(3, 2)), Uint8Array.of(1, 2));
  assert.deepEqual(told, [length]);
});

test("damaged messages are refused, never more", () => {
  const messages = [CAPABILITIES, LIST, pdu(4, 0, fromHex("0d000000")), pdu(8, 0, new Uint8Array(28))];
  for (const message of messages)
    assertWithstands(message, (bytes) => {
      const clipboard = open();
      clipboard.offer("text", encodeUtf8("x"));
      return clipboard.receive(bytes);
    });
  assertWithstands(concatBytes([LIST, text("some words")]), (bytes) => {
    const clipboard = open();
    clipboard.receive(bytes.subarray(0, LIST.length));
    return clipboard.receive(bytes.subarray(LIST.length));
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteReader, ByteWriter, concatBytes, decodeUtf8, encodeUtf8, fromHex } from "@poterne/bytes";
import { encodeUtf16 } from "../encoding/utf16.ts";
import { assertWithstands } from "../testing/mutate.ts";
import { type ClipboardAction, ClipboardChannel, type ClipboardRules } from "./clipboard.ts";
import {
  type ClipboardFile,
  decodeFileList,
  encodeFileList,
  fromFileTime,
  MAX_CLIPBOARD_FILES,
  MAX_FILE_RANGE_BYTES,
} from "./clipboard-files.ts";
import { decodeHtmlFormat, encodeHtmlFormat } from "./clipboard-html.ts";

const ALL = { text: true, rich: true, files: true } as const;
const TEXT = { text: true, rich: false, files: false } as const;
const RICH: ClipboardRules = { fromTarget: ALL, toTarget: ALL, maxBytes: 1000 };
/** Clip Capabilities with long format names and streamed files (flags 0x0e), and Monitor Ready ([MS-RDPECLIP] 4.1). */
const CAPABILITIES = fromHex("07000000100000000100000001000c00020000000e000000");
const READY = fromHex("0100000000000000");
const HTML_ID = 0xc123;
const FILES_ID = 0xc124;

const pdu = (type: number, flags: number, body: Uint8Array): Uint8Array =>
  new ByteWriter().u16le(type).u16le(flags).u32le(body.length).put(body).finish();
const u32 = (value: number) => new ByteWriter().u32le(value).finish();
const list = (...formats: readonly (readonly [number, string])[]) =>
  pdu(2, 0, concatBytes(formats.flatMap(([id, name]) => [u32(id), encodeUtf16(`${name}\0`)])));
const data = (content: Uint8Array) => pdu(5, 1, content);
const LIST = list([13, ""], [HTML_ID, "HTML Format"], [8, ""]);
const FILES = list([FILES_ID, "FileGroupDescriptorW"]);

function open(rules: ClipboardRules = RICH): ClipboardChannel {
  const clipboard = new ClipboardChannel(rules);
  clipboard.receive(CAPABILITIES);
  clipboard.receive(READY);
  return clipboard;
}

/** Type, flags and body of what was sent. */
function sent(actions: readonly ClipboardAction[]): [number, number, Uint8Array][] {
  return actions
    .filter((action) => action.type === "send")
    .map(({ message }) => {
      const reader = new ByteReader(message, "test");
      return [reader.u16le(), reader.u16le(), message.subarray(8)];
    });
}

const asked = (actions: readonly ClipboardAction[]) =>
  sent(actions).flatMap(([type, , body]) => (type === 4 ? [new ByteReader(body, "test").u32le()] : []));
const contents = (actions: readonly ClipboardAction[]) =>
  actions.flatMap((action) => (action.type === "content" ? [[action.kind, action.content] as const] : []));
const listed = (actions: readonly ClipboardAction[]) =>
  actions.flatMap((action) =>
    action.type === "files" ? action.files.map(({ path }) => path.join("/")) : [],
  );

/** [MS-WMF] BitmapInfoHeader of one pixel of 32 bits, and the pixel. */
const DIB = concatBytes([
  fromHex("28000000010000000100000001002000000000000400000000000000000000000000000000000000"),
  fromHex("102030ff"),
]);

test("text comes before its HTML, a picture only where there is neither", () => {
  const clipboard = open();
  assert.deepEqual(asked(clipboard.receive(LIST)), [13]);
  const afterText = clipboard.receive(data(encodeUtf16("été\0")));
  assert.deepEqual(contents(afterText), [["text", encodeUtf8("été")]]);
  assert.deepEqual(asked(afterText), [HTML_ID]);
  const html = encodeUtf8("<b>été</b>");
  assert.deepEqual(contents(clipboard.receive(data(encodeHtmlFormat(html)))), [["html", html]]);
  assert.deepEqual(asked(clipboard.receive(list([8, ""]))), [8]);
  assert.deepEqual(contents(clipboard.receive(data(DIB))), [["dib", DIB]]);
});

test("where policy lets text pass only, nothing else is asked for, offered or answered", () => {
  const clipboard = open({ ...RICH, fromTarget: TEXT, toTarget: TEXT });
  assert.deepEqual(
    asked(clipboard.receive(list([HTML_ID, "HTML Format"], [8, ""], [FILES_ID, "FileGroupDescriptorW"]))),
    [],
  );
  assert.deepEqual(clipboard.offer("html", encodeUtf8("<b>x</b>")), []);
  assert.deepEqual(clipboard.offer("dib", DIB), []);
  const file = { path: ["a"], isFolder: false, sizeBytes: 1, modifiedAtMs: 0 };
  assert.deepEqual(clipboard.offerFiles([file]), []);
  assert.deepEqual(clipboard.requestFile({ streamId: 1, index: 0, range: null }), []);
  assert.deepEqual(
    clipboard.receive(pdu(9, 1, concatBytes([u32(1), DIB]))),
    [],
    "bytes of a file not asked for",
  );
});

test("HTML joins the text offered before it, a picture replaces both", () => {
  const clipboard = open();
  clipboard.offer("text", encodeUtf8("été"));
  const [[, , formats] = [0, 0, new Uint8Array(0)]] = sent(clipboard.offer("html", encodeUtf8("<b>été</b>")));
  assert.deepEqual(
    formats,
    concatBytes([u32(13), fromHex("0000"), u32(0xc0a1), encodeUtf16("HTML Format\0")]),
  );
  const [[, flags, body] = [0, 0, new Uint8Array(0)]] = sent(clipboard.receive(pdu(4, 0, u32(0xc0a1))));
  assert.equal(flags, 1);
  assert.equal(decodeUtf8(decodeHtmlFormat(body)), "<b>été</b>");
  clipboard.offer("dib", DIB);
  assert.equal(sent(clipboard.receive(pdu(4, 0, u32(13))))[0]?.[1], 2, "the text is gone");
  assert.deepEqual(sent(clipboard.receive(pdu(4, 0, u32(8))))[0], [
    5,
    1,
    concatBytes([DIB, new Uint8Array(14)]),
  ]);
});

test("content that is not what it says it is counts as none and stops nothing", () => {
  for (const spoilt of [
    "Version:0.9\r\nStartFragment:10\r\nEndFragment:9999\r\n<b>",
    "<b>no header</b>",
    "",
  ]) {
    const clipboard = open();
    clipboard.receive(list([HTML_ID, "HTML Format"]));
    assert.deepEqual(clipboard.receive(data(encodeUtf8(spoilt))), []);
  }
  const clipboard = open();
  clipboard.receive(list([8, ""]));
  assert.deepEqual(clipboard.receive(data(fromHex("0c000000"))), []);
  clipboard.receive(list([8, ""]));
  const large = concatBytes([DIB, new Uint8Array(1000)]);
  assert.deepEqual(clipboard.receive(data(large)), [{ type: "tooLarge", sizeBytes: large.length }]);
});

const file = (path: string, changes: Partial<ClipboardFile> = {}) => ({
  path: path.split("/"),
  isFolder: false,
  sizeBytes: 5_000_000_000,
  modifiedAtMs: Date.UTC(2026, 10, 22),
  ...changes,
});

test("files of the target are listed, asked for in parts, and gone when it copies something else", () => {
  const clipboard = open();
  assert.deepEqual(asked(clipboard.receive(FILES)), [FILES_ID]);
  const offered = [file("dossier", { isFolder: true, sizeBytes: 0 }), file("dossier/été.txt")];
  const [action] = clipboard.receive(data(encodeFileList(offered)));
  assert.deepEqual(action, { type: "files", files: offered.map((one, index) => ({ ...one, index })) });
  const range = { offset: 4_294_967_297, length: 100 };
  const [[type, , body] = [0, 0, new Uint8Array(0)]] = sent(
    clipboard.requestFile({ streamId: 7, index: 1, range }),
  );
  assert.equal(type, 8);
  assert.deepEqual(body, fromHex("070000000100000002000000010000000100000064000000"));
  const answer = clipboard.receive(pdu(9, 1, concatBytes([u32(7), encodeUtf8("hello")])));
  assert.deepEqual(answer, [{ type: "fileData", streamId: 7, data: encodeUtf8("hello") }]);
  assert.deepEqual(clipboard.receive(pdu(9, 2, u32(7))), [{ type: "fileData", streamId: 7, data: null }]);
  assert.ok(clipboard.receive(LIST).some((one) => one.type === "files" && one.files.length === 0));
  assert.deepEqual(clipboard.requestFile({ streamId: 8, index: 1, range }), []);
});

test("a name that leads anywhere is left out, and no list is longer than its limit", () => {
  const names = ["../x", "a/../../x", "/etc/passwd", "C:/x/", "", ".", "a\nb", "good", "good", "sub/good"];
  const clipboard = open();
  clipboard.receive(FILES);
  const actions = clipboard.receive(data(encodeFileList(names.map((name) => file(name)))));
  assert.deepEqual(listed(actions), ["good", "sub/good"]);
  const many = encodeFileList(
    Array.from({ length: MAX_CLIPBOARD_FILES + 1 }, (_, index) => file(`f${index}`)),
  );
  assert.throws(() => decodeFileList(many), /limit/);
});

test("of an offered file only what is there is handed out, and of others nothing", () => {
  const clipboard = open();
  clipboard.offerFiles([file("a", { sizeBytes: 10 }), file("d", { isFolder: true })]);
  const ask = (index: number, flags: number, low: number, high: number, length: number) => {
    const body = new ByteWriter().u32le(3).u32le(index).u32le(flags);
    return clipboard.receive(pdu(8, 0, body.u32le(low).u32le(high).u32le(length).finish()));
  };
  assert.deepEqual(sent(ask(0, 1, 0, 0, 8)), [[9, 1, fromHex("030000000a00000000000000")]]);
  assert.deepEqual(ask(0, 2, 4, 0, 0xffffffff), [
    { type: "fileWanted", streamId: 3, index: 0, offset: 4, length: 6 },
  ]);
  assert.deepEqual(sent(ask(0, 2, 10, 0, 8)), [[9, 1, u32(3)]], "at its end");
  assert.deepEqual(sent(ask(0, 2, 0, 1, 8)), [[9, 1, u32(3)]], "beyond its end");
  for (const [index, flags] of [
    [1, 2],
    [2, 1],
    [0xffffffff, 2],
    [0, 3],
    [0, 0],
  ] as const)
    assert.deepEqual(sent(ask(index, flags, 0, 0, 8)), [[9, 2, u32(3)]]);
  clipboard.offerFiles([file("big", { sizeBytes: 1e12 })]);
  const [wanted] = ask(0, 2, 0, 0, 0x7fffffff);
  assert.ok(wanted?.type === "fileWanted" && wanted.length === MAX_FILE_RANGE_BYTES);
  clipboard.receive(LIST);
  assert.deepEqual(sent(ask(0, 1, 0, 0, 8)), [[9, 2, u32(3)]], "the target copied since");
});

test("times outside what a date can be are no time", () => {
  assert.equal(fromFileTime(0n), 0);
  assert.equal(fromFileTime(0xffff_ffff_ffff_ffffn), 0);
  assert.equal(fromFileTime(133_000_000_000_000_000n), 1_655_526_400_000);
});

test("damaged lists, HTML and requests are refused, never more", () => {
  assertWithstands(encodeHtmlFormat(encodeUtf8("<b>x</b>")), decodeHtmlFormat);
  assertWithstands(encodeFileList([file("a"), file("b/c")]), decodeFileList);
  assertWithstands(pdu(8, 0, new Uint8Array(24)), (bytes) => {
    const clipboard = open();
    clipboard.offerFiles([file("a", { sizeBytes: 10 })]);
    return clipboard.receive(bytes);
  });
  assertWithstands(pdu(9, 1, concatBytes([u32(7), DIB])), (bytes) => {
    const clipboard = open();
    clipboard.receive(FILES);
    return clipboard.receive(bytes);
  });
});

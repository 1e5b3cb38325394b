import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_INPUT_TEXT_BYTES } from "@poterne/wire";
import { MAX_OSC52_LENGTH, readOsc52 } from "./osc52.ts";
import { decidePaste, MAX_PASTE_LENGTH } from "./paste.ts";
import { isAnswer } from "./reply-guard.ts";
import { cleanTitle, MAX_LINK_LENGTH, MAX_TITLE_LENGTH, readSafeLink } from "./safe-text.ts";
import { chunkTyped } from "./typed-chunks.ts";

const rules = { isAllowed: true, isWarningOff: false };

test("answers of a terminal are told from keys", () => {
  for (const answer of [
    "\x1b[?1;2c",
    "\x1b[0n",
    "\x1b[?2004;1$y",
    "\x1b[8;24;80t",
    "\x1b[I",
    "\x1b]11;rgb:0/0/0\x1b\\",
    "\x1bP1$r0m\x1b\\",
  ])
    assert.equal(isAnswer(answer), true, JSON.stringify(answer));
  for (const key of [
    "a",
    "\x1b",
    "\x1b[A",
    "\x1bOP",
    "\x1b[1;5R",
    "\x1b[15~",
    "\x1b[Z",
    "\x1bc",
    "\x1b[<0;3;4M",
    "\x1b[200~x\x1b[201~",
  ])
    assert.equal(isAnswer(key), false, JSON.stringify(key));
});

test("only web and mail links open, without hidden names, with their real host", () => {
  assert.equal(readSafeLink("https://example.org/a?b"), "https://example.org/a?b");
  assert.equal(readSafeLink("mailto:a@example.org"), "mailto:a@example.org");
  assert.equal(readSafeLink("https://аpple.example/"), "https://xn--pple-43d.example/");
  for (const bad of [
    "javascript:alert(1)",
    "file:///etc/passwd",
    "data:text/html,x",
    "ssh://host",
    "https://bank.example@evil.example/",
    "https:",
    `https://e.example/${"a".repeat(MAX_LINK_LENGTH)}`,
  ])
    assert.equal(readSafeLink(bad), null, bad);
});

test("a title is one bounded line without disguises", () => {
  assert.equal(cleanTitle("a\u0007b\u202ec\nd"), "abcd");
  assert.equal(cleanTitle("x".repeat(5000)).length, MAX_TITLE_LENGTH);
});

test("OSC 52 can write text and never read", () => {
  assert.equal(readOsc52("c;aMOpIQ=="), "hé!");
  assert.equal(readOsc52("c;?"), null);
  assert.equal(readOsc52("c;***"), null);
  assert.equal(readOsc52("none"), null);
  assert.equal(readOsc52(`c;${"A".repeat(MAX_OSC52_LENGTH)}`), null);
});

test("a paste of several lines is asked about, Escape never goes over", () => {
  assert.deepEqual(decidePaste("ls\x1b[201~", rules), { action: "send", text: "ls[201~" });
  assert.deepEqual(decidePaste("a\r\nb", rules), { action: "ask", text: "a\nb", lineCount: 2 });
  assert.deepEqual(decidePaste("reboot\n", rules), { action: "ask", text: "reboot\n", lineCount: 1 });
  assert.deepEqual(decidePaste("a\nb", { ...rules, isWarningOff: true }), { action: "send", text: "a\nb" });
});

test("a paste is refused by policy, when empty and when too long", () => {
  assert.deepEqual(decidePaste("x", { ...rules, isAllowed: false }), { action: "refuse", reason: "policy" });
  assert.deepEqual(decidePaste("\x1b", rules), { action: "refuse", reason: "empty" });
  assert.deepEqual(decidePaste("x".repeat(MAX_PASTE_LENGTH + 1), rules), {
    action: "refuse",
    reason: "size",
  });
});

test("long text is cut to what one wire event carries", () => {
  const events = chunkTyped(new Uint8Array(MAX_INPUT_TEXT_BYTES * 2 + 1));
  assert.deepEqual(
    events.map((event) => (event.type === "text" ? event.text.length : 0)),
    [MAX_INPUT_TEXT_BYTES, MAX_INPUT_TEXT_BYTES, 1],
  );
});

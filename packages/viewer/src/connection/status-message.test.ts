import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeUtf8 } from "@poterne/bytes";
import { MessageError } from "./fields.ts";
import { decodeStatus, MAX_STATUS_BYTES } from "./status-message.ts";

const json = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify(value));

test("known fields are kept, others dropped", () => {
  const message = { type: "paused", isPaused: true, by: "Gaëlle", extra: 1 };
  assert.deepEqual(decodeStatus(json(message)), { type: "paused", isPaused: true, by: "Gaëlle" });
});

test("too long, wrong types, too many and unknown words are refused", () => {
  const question = { questionId: "q", kind: "credentials", details: {}, fields: [] };
  for (const bad of [
    json({ type: "message", from: "g", text: "x".repeat(MAX_STATUS_BYTES) }),
    json({ type: "message", from: "g", text: "x".repeat(9000) }),
    json({ type: "message", from: 3, text: "" }),
    json({ type: "viewers", viewers: Array.from({ length: 1001 }, () => ({})) }),
    json({ type: "step", name: "coffee", state: "done" }),
    json({ type: "question", question: { ...question, fields: Array.from({ length: 33 }, () => ({})) } }),
    json({ type: "question", question: { ...question, details: { nested: {} } } }),
    json(null),
  ])
    assert.throws(() => decodeStatus(bad), MessageError);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeUtf8 } from "@poterne/bytes";
import { decodeFileEvent, decodeMarker, MAX_MARKER_BYTES } from "./marker.ts";

const json = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify(value));

test("a marker is read, and one that is not understood is skipped", () => {
  assert.deepEqual(decodeMarker(json({ type: "bell" })), { type: "bell" });
  assert.equal(decodeMarker(encodeUtf8("{")), null);
  assert.equal(decodeMarker(json([])), null);
  assert.equal(decodeMarker(json({ type: "resize", columns: "80" })), null);
});

test("a marker over the limit is not even parsed", () => {
  assert.equal(decodeMarker(json({ type: "title", title: "x".repeat(MAX_MARKER_BYTES) })), null);
});

test("a file event needs all its fields", () => {
  const event = { direction: "to-target", path: "/a", sizeBytes: 1, sha256: "00", outcome: "done" };
  assert.deepEqual(decodeFileEvent(json(event)), event);
  assert.equal(decodeFileEvent(json({ ...event, outcome: "lost" })), null);
});

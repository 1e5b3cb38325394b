import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "@poterne/bytes";
import { decodeKeyWrapsFile, encodeKeyWrapsFile, MAX_KEY_WRAPS_FILE_BYTES } from "./key-wraps.ts";

const sessionId = "01234567-89ab-7fff-bfff-ffffffffffff";
const wrap = { recipient: "master:0123", algorithm: "A256GCM", wrapped: Uint8Array.of(1, 2, 250) };

test("wraps beside a recording come back as they were written", () => {
  const file = { sessionId, wraps: [wrap, { ...wrap, recipient: "x25519:claire" }] };
  assert.deepEqual(decodeKeyWrapsFile(encodeKeyWrapsFile(file)), file);
});

test("too many wraps are not written, too long or foreign files are not read", () => {
  assert.throws(() => encodeKeyWrapsFile({ sessionId, wraps: Array(33).fill(wrap) }), { code: "limit" });
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const good = { format: "poterne-recording-keys.v1", sessionId, wraps: [] };
  const wrong = [
    null,
    [],
    { ...good, format: "v2" },
    { ...good, sessionId: "no" },
    { ...good, wraps: {} },
    { ...good, wraps: [null] },
    { ...good, wraps: [{ recipient: "a", algorithm: "b", wrapped: "zz" }] },
    { ...good, wraps: [{ recipient: "a", algorithm: "b", wrapped: "00".repeat(1025) }] },
    { ...good, wraps: Array(33).fill({ recipient: "a", algorithm: "b", wrapped: "" }) },
  ];
  for (const value of wrong)
    assert.throws(() => decodeKeyWrapsFile(text(value)), DecodeError, JSON.stringify(value).slice(0, 80));
  assert.throws(() => decodeKeyWrapsFile(new Uint8Array(MAX_KEY_WRAPS_FILE_BYTES + 1)), { code: "limit" });
});

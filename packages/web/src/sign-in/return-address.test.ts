import assert from "node:assert/strict";
import { test } from "node:test";
import { returnAddress } from "./return-address.ts";

const origin = "https://gateway.example:8443";

test("a page of our own is returned to with its filters", () => {
  assert.equal(returnAddress(`?to=${encodeURIComponent("/journal?kind=a.b")}`, origin), "/journal?kind=a.b");
});

test("another origin is never returned to, however it is written", () => {
  for (const wanted of [
    "https://evil.example/",
    "//evil.example/x",
    "/\\evil.example",
    "javascript:alert(1)",
    "",
  ]) {
    assert.equal(returnAddress(`?to=${encodeURIComponent(wanted)}`, origin), "/", wanted);
  }
});

test("the sign-in page itself is not returned to", () => {
  assert.equal(returnAddress("?to=/sign-in", origin), "/");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { readFacts, readLines, writeFacts } from "./machine-text.ts";

test("facts survive being written and read", () => {
  const facts = { serial: "XC12", room: "B2: rack 4" };
  assert.deepEqual(readFacts(writeFacts(facts)), facts);
});

test("empty lines and nameless facts are dropped", () => {
  assert.deepEqual(readFacts("\n serial : XC12 \n: orphan\nbare\n"), { serial: "XC12", bare: "" });
  assert.deepEqual(readLines(" a \n\n b"), ["a", "b"]);
});

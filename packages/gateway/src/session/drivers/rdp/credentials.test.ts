import assert from "node:assert/strict";
import { test } from "node:test";
import { splitLogin } from "./credentials.ts";

test("a log-in names its domain, or goes as it is, or takes the target's", () => {
  assert.deepEqual(splitLogin("SDIS\\alice", "LAB"), { domain: "SDIS", username: "alice" });
  assert.deepEqual(splitLogin(".\\alice", "LAB"), { domain: ".", username: "alice" });
  assert.deepEqual(splitLogin("alice@sdis.test", "LAB"), { domain: "", username: "alice@sdis.test" });
  assert.deepEqual(splitLogin("alice", "LAB"), { domain: "LAB", username: "alice" });
  assert.deepEqual(splitLogin("alice", ""), { domain: "", username: "alice" });
});

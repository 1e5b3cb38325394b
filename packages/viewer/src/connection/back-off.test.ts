import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_WAIT_MS, LONGEST_WAIT_MS, waitBeforeAttempt } from "./back-off.ts";

test("the wait doubles from its first to its longest, spread over its upper half", () => {
  assert.equal(waitBeforeAttempt(1, 1), FIRST_WAIT_MS);
  assert.equal(waitBeforeAttempt(1, 0), FIRST_WAIT_MS / 2);
  assert.equal(waitBeforeAttempt(2, 1), FIRST_WAIT_MS * 2);
  assert.equal(waitBeforeAttempt(1000, 1), LONGEST_WAIT_MS);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { applyStatus, initialSessionState, MAX_NOTICES } from "./session-state.ts";

test("a step that is told twice is one step with its last state", () => {
  let state = applyStatus(initialSessionState, { type: "step", name: "network", state: "running" });
  state = applyStatus(state, { type: "step", name: "network", state: "done", detail: "12 ms" });
  assert.deepEqual(state.steps, [{ name: "network", state: "done", detail: "12 ms" }]);
});

test("questions go when they are closed and when the session opens", () => {
  const question = { questionId: "q", kind: "reason" as const, details: {}, fields: [] };
  let state = applyStatus(initialSessionState, { type: "question", question });
  assert.equal(state.questions.length, 1);
  state = applyStatus(state, { type: "question-closed", questionId: "q" });
  assert.equal(state.questions.length, 0);
});

test("the page keeps a bounded number of notices, the latest ones", () => {
  let state = initialSessionState;
  for (let index = 0; index < MAX_NOTICES + 5; index++)
    state = applyStatus(state, { type: "message", from: "g", text: String(index) });
  assert.equal(state.notices.length, MAX_NOTICES);
  assert.equal(state.notices.at(-1)?.text, String(MAX_NOTICES + 4));
});

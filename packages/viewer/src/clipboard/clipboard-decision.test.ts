import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClipboardFacts, decideClipboard } from "./clipboard-decision.ts";

const open: ClipboardFacts = {
  toTarget: "text",
  fromTarget: "text",
  canAct: true,
  canRead: true,
  canWrite: true,
  readPermission: "granted",
};

test("with policy and permission the clipboard passes by itself", () => {
  assert.deepEqual(decideClipboard(open), { toTarget: "allowed", fromTarget: "allowed" });
});

test("policy comes before the browser", () => {
  const facts = { ...open, toTarget: "off", fromTarget: "off", readPermission: "denied" } as const;
  assert.deepEqual(decideClipboard(facts), {
    toTarget: "blocked-by-policy",
    fromTarget: "blocked-by-policy",
  });
});

test("an observer sends nothing but may receive", () => {
  assert.deepEqual(decideClipboard({ ...open, canAct: false }), {
    toTarget: "blocked-by-policy",
    fromTarget: "allowed",
  });
});

test("a refusal in the browser is told apart from a question still to come", () => {
  assert.equal(decideClipboard({ ...open, readPermission: "denied" }).toTarget, "blocked-by-browser");
  assert.equal(decideClipboard({ ...open, readPermission: "prompt" }).toTarget, "will-ask");
});

test("a browser without clipboard reading works by its paste keys", () => {
  assert.equal(decideClipboard({ ...open, canRead: false }).toTarget, "with-paste-keys");
  assert.equal(decideClipboard({ ...open, readPermission: "unknown" }).toTarget, "with-paste-keys");
});

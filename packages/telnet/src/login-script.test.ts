import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCEPTED_AFTER_MS, LoginScript, PROMPT_TIMEOUT_MS, SETTLE_MS } from "./login-script.ts";
import { parsePromptPattern } from "./prompt-pattern.ts";
import { SecretFilter } from "./secret-filter.ts";

function pattern(source: string): RegExp {
  const parsed = parsePromptPattern(source);
  assert.ok(parsed !== null, source);
  return parsed;
}

const patterns = {
  login: pattern("(?:[Ll]ogin|[Uu]ser ?name) ?: ?$"),
  password: pattern("[Pp]assword ?: ?$"),
  failure: pattern("(?:incorrect|denied|failed|invalid)"),
};

/** A script with a clock that tests move. */
function make() {
  const clock = { nowMs: 0 };
  const script = new LoginScript(patterns, 0);
  return {
    script,
    shows: (text: string) => script.shown(text, clock.nowMs),
    after: (ms: number) => {
      clock.nowMs += ms;
      return script.next(clock.nowMs);
    },
  };
}

test("name and password are sent at their prompts, once each, and quiet means accepted", () => {
  const { shows, after } = make();
  shows("Welcome\r\nlogin: ");
  assert.equal(after(SETTLE_MS - 1), "wait");
  assert.equal(after(1), "send-username");
  shows("alice\r\nPassword: ");
  assert.equal(after(SETTLE_MS), "send-password");
  assert.equal(after(SETTLE_MS), "wait");
  shows("\r\nLast login: today\r\n$ ");
  assert.equal(after(ACCEPTED_AFTER_MS), "accepted");
  assert.equal(after(ACCEPTED_AFTER_MS), "wait");
});

test("“Last login:” that arrives in pieces is no prompt", () => {
  const { shows, after } = make();
  shows("Password: ");
  assert.equal(after(SETTLE_MS), "send-password");
  shows("\r\nLast login: ");
  assert.equal(after(SETTLE_MS - 1), "wait");
  shows("Sat Nov 21\r\n$ ");
  assert.equal(after(ACCEPTED_AFTER_MS), "accepted");
});

test("a prompt after the password means it was refused, and it is not sent again", () => {
  const { shows, after } = make();
  shows("Password:");
  assert.equal(after(SETTLE_MS), "send-password");
  shows("\r\nLogin incorrect\r\nlogin: ");
  assert.equal(after(SETTLE_MS), "refused");
  shows("Password: ");
  assert.equal(after(SETTLE_MS), "wait");
});

test("the new line after the password alone is not taken for success", () => {
  const { shows, after } = make();
  shows("Password:");
  after(SETTLE_MS);
  shows("\r\n");
  assert.equal(after(ACCEPTED_AFTER_MS * 3), "wait");
  shows("\r\nLogin incorrect\r\nlogin: ");
  assert.equal(after(SETTLE_MS), "refused");
});

test("a word of refusal in the message of the day does not refuse", () => {
  const { shows, after } = make();
  shows("Password:");
  after(SETTLE_MS);
  shows("\r\n3 failed attempts since\r\n$ ");
  assert.equal(after(ACCEPTED_AFTER_MS), "wait");
  assert.equal(after(10_000), "accepted");
});

test("a connection closed after the password means refused, before it not recognised", () => {
  const { script, shows, after } = make();
  shows("Password:");
  after(SETTLE_MS);
  assert.equal(script.closed(), "refused");
  assert.equal(make().script.closed(), "not-recognised");
});

test("without a prompt in time the log-in is not recognised", () => {
  const { shows, after } = make();
  shows("nothing that asks");
  assert.equal(after(PROMPT_TIMEOUT_MS + 1), "not-recognised");
});

test("a coloured prompt is a prompt", () => {
  const { shows, after } = make();
  shows("\u001b[1mlogin: \u001b[0m");
  assert.equal(after(SETTLE_MS), "send-username");
});

test("patterns that could take very long are refused", () => {
  for (const source of [
    "(a+)+$",
    "(a|aa)+$",
    "((a|b)c)*",
    "(?:a*b?)*",
    "(.*)\\1",
    "(?=a)b",
    "(?<n>a)",
    "a*b*c*d",
    "a?b?c?d?e?f?g?h?",
    "a{1,1000}",
    "[",
    "(",
    "",
    "x".repeat(201),
  ])
    assert.equal(parsePromptPattern(source), null, source);
});

test("ordinary patterns are taken, and the worst of them match in milliseconds", () => {
  for (const source of [
    "ogin: $",
    "Username:",
    "^.+[>#] ?$",
    "(?:User|Name): $",
    "\\w+@\\w+:",
    "code [0-9]{4,8} ?: ?$",
  ]) {
    const parsed = pattern(source);
    const startMs = performance.now();
    for (let round = 0; round < 20; round++) parsed.test("a".repeat(160));
    assert.ok(performance.now() - startMs < 500, source);
  }
  const worst = pattern(".*.*x");
  const startMs = performance.now();
  worst.test("a".repeat(160));
  assert.ok(performance.now() - startMs < 200);
});

test("a secret echoed by the target is masked, however it is torn", () => {
  const secret = new TextEncoder().encode("s3cret");
  const output = new TextEncoder().encode("a s3s3cret b s3cre");
  for (let cut = 0; cut <= output.length; cut++) {
    const filter = new SecretFilter(secret);
    const parts = [filter.filter(output.slice(0, cut)), filter.filter(output.slice(cut)), filter.finish()];
    const text = new TextDecoder().decode(Buffer.concat(parts));
    assert.equal(text, "a s3•••• b s3cre", `cut at ${cut}`);
  }
});

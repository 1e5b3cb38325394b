import assert from "node:assert/strict";
import { test } from "node:test";
import { TerminalAnswers } from "./answers.ts";
import { MAX_ANSWER_BURST, QueryScanner } from "./queries.ts";
import { hostileOutput } from "./testing/hostile.ts";

function bytes(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

function makeAnswers(nowMs = () => 0) {
  const sent: string[] = [];
  const answers = new TerminalAnswers({
    send: (answer) => void sent.push(Buffer.from(answer).toString("latin1")),
    cursor: async () => ({ row: 3, column: 7 }),
    nowMs,
  });
  return { answers, sent };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("device attributes, status and cursor position are answered in the order asked", async () => {
  const { answers, sent } = makeAnswers();
  answers.shown(bytes("text\x1b[6nmore\x1b[c\x1b[>c\x1b[5n"));
  await settle();
  assert.deepEqual(sent, ["\x1b[3;7R", "\x1b[?62;22c", "\x1b[>0;276;0c", "\x1b[0n"]);
});

test("a query torn at any place is found once", () => {
  const text = "ab\x1b[>0ccd";
  for (let cut = 0; cut <= text.length; cut++) {
    const scanner = new QueryScanner();
    const found = [...scanner.scan(bytes(text.slice(0, cut))), ...scanner.scan(bytes(text.slice(cut)))];
    assert.deepEqual(found, ["secondary-attributes"], `cut at ${cut}`);
  }
});

test("a flood of queries is answered no more than the burst allows", async () => {
  const { answers, sent } = makeAnswers();
  answers.shown(bytes("\x1b[c".repeat(5000)));
  await settle();
  assert.equal(sent.length, MAX_ANSWER_BURST);
});

test("hostile output gets no answer but the constants of the allow-list", async () => {
  for (const { name, output } of hostileOutput) {
    const { answers, sent } = makeAnswers();
    answers.shown(output);
    await settle();
    assert.deepEqual(sent, [], name);
  }
});

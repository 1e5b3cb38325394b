import assert from "node:assert/strict";
import { test } from "node:test";
import { onceEach } from "./once-each.ts";

test("the same words are asked once, others by themselves, and a failure is everybody's", async () => {
  const asked: string[] = [];
  const ask = onceEach(async (account: string, person: string) => {
    asked.push(`${account}+${person}`);
    if (account === "gone") throw new Error("away");
    return account.length;
  });
  const [first, again, other] = await Promise.all([ask("ab", "c"), ask("ab", "c"), ask("a", "bc")]);
  assert.deepEqual([first, again, other], [2, 2, 1]);
  assert.deepEqual(asked, ["ab+c", "a+bc"]);
  await assert.rejects(ask("gone", ""));
  await assert.rejects(ask("gone", ""));
  assert.equal(asked.length, 3);
});

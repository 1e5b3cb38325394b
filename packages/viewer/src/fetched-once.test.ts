import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchedOnce } from "./fetched-once.ts";

test("fetches once, and again only after a failure", async () => {
  let fetches = 0;
  const load = fetchedOnce(async () => {
    fetches++;
    if (fetches === 1) throw new Error("no network");
    return fetches;
  });
  await assert.rejects(load(), /no network/);
  assert.deepEqual(await Promise.all([load(), load(), load()]), [2, 2, 2]);
  assert.equal(fetches, 2);
});

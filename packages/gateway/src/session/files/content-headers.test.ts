import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attachmentHeader, parseRange } from "./content-headers.ts";

test("a name of any characters can neither end the header nor its quotes", () => {
  assert.equal(
    attachmentHeader('r"é.txt'),
    "attachment; filename=\"r__.txt\"; filename*=UTF-8''r%22%C3%A9.txt",
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      assert.match(
        attachmentHeader(name),
        /^attachment; filename="[^"\\\r\n]+"; filename\*=UTF-8''[A-Za-z0-9%._~!-]*$/,
      );
    }),
    { numRuns: 1000 },
  );
});

test("a range asks for a part, from the start or from the end", () => {
  assert.deepEqual(parseRange("bytes=5-", 10), { from: 5, to: 10 });
  assert.deepEqual(parseRange("bytes=0-0", 10), { from: 0, to: 1 });
  assert.deepEqual(parseRange("bytes=-3", 10), { from: 7, to: 10 });
  assert.deepEqual(parseRange("bytes=2-99", 10), { from: 2, to: 10 });
});

test("a range that makes no sense is not one, and one after the end is told so", () => {
  for (const header of [null, "", "bytes=-", "bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b"])
    assert.equal(parseRange(header, 10), null, String(header));
  assert.equal(parseRange("bytes=10-", 10), "unsatisfiable");
  assert.equal(parseRange("bytes=-0", 10), "unsatisfiable");
});

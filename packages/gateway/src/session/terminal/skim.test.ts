import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EscapeScanner } from "./escape-scanner.ts";
import { Skimmer } from "./skim.ts";
import { hostileOutput } from "./testing/hostile.ts";

function skim(text: string): string {
  const skimmer = new Skimmer();
  skimmer.skip(Buffer.from(text, "latin1"));
  return Buffer.from(skimmer.finish()).toString("latin1");
}

test("skipping keeps the last state of each mode and no text", () => {
  assert.equal(skim("text\x1b[?1049hmore\x1b[?25l\x1b[1;31mred\x1b[?25h"), "\x1b[?1049h\x1b[?25h\x1b[1;31m");
});

test("a reset forgets the modes set before it", () => {
  assert.equal(skim("\x1b[?1049h\x1bc\x1b[?2004h"), "\x1bc\x1b[?2004h");
});

test("skipped output of modes only stays small", () => {
  let text = "";
  for (let mode = 0; mode < 20_000; mode++) text += `\x1b[?${mode}h\x1b[38;5;${mode % 256}m`;
  assert.ok(skim(text).length < 4096);
});

test("a cut is never offered inside a sequence or a character", () => {
  const scanner = new EscapeScanner();
  assert.equal(scanner.scan(Buffer.from("ab\x1b[3")), 2);
  assert.equal(scanner.scan(Buffer.from("1mc")), 3);
  const euro = Buffer.from("x€");
  assert.equal(scanner.scan(euro.subarray(0, 3)), 1);
  assert.equal(scanner.scan(euro.subarray(3)), 1);
  assert.equal(scanner.scan(Buffer.from("\x1b]0;title")), 0);
  assert.equal(scanner.scan(Buffer.from(" goes on")), -1);
  assert.equal(scanner.scan(Buffer.from("\x07")), 1);
});

test("where output is torn does not change which sequences are seen", () => {
  const pieces = [
    "a",
    "é",
    "€",
    "\x1b[31m",
    "\x1b]0;t\x07",
    "\x1bPq\x1b\\",
    "\x1b(0",
    "\x18",
    "\xc2\x9b1m",
    "\x1b",
    "\x1b]8",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), fc.nat(), (parts, seed) => {
      const whole = Buffer.from(parts.join(""), "utf8");
      const seen = (chunks: readonly Uint8Array[]) => {
        const scanner = new EscapeScanner();
        const sequences: string[] = [];
        for (const chunk of chunks)
          scanner.scan(chunk, (sequence) => sequences.push(Buffer.from(sequence).toString("latin1")));
        return sequences;
      };
      const cut = whole.length === 0 ? 0 : seed % whole.length;
      assert.deepEqual(seen([whole.subarray(0, cut), whole.subarray(cut)]), seen([whole]));
    }),
    { numRuns: 500 },
  );
});

test("hostile output and random bytes are skipped without a throw or a hang", () => {
  for (const { output } of hostileOutput) new Skimmer().skip(output);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const skimmer = new Skimmer();
      skimmer.skip(bytes);
      assert.ok(skimmer.finish().length < 64 * 1024);
    }),
    { numRuns: 1000 },
  );
});

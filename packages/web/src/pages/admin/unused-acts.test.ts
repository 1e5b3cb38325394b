import assert from "node:assert/strict";
import { it } from "node:test";
import { toCsv } from "./unused-acts.ts";

it("quotes every cell, doubles quotes, and lets no cell begin a formula", () => {
  assert.equal(
    toCsv([
      ["nom", 'dit "l\'ancien"'],
      ["=1+1", "a;b"],
      ["-x", "@y"],
    ]),
    '\u{feff}"nom";"dit ""l\'ancien"""\r\n"\'=1+1";"a;b"\r\n"\'-x";"\'@y"\r\n',
  );
});

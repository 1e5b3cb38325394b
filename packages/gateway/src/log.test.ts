import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@poterne/contract";
import { makeLogger } from "./log.ts";

function lineOf(error: unknown) {
  let line = "";
  const write = (text: string) => {
    line += text;
  };
  makeLogger("info", { write }).error({ error }, "It failed");
  return { line, error: JSON.parse(line).error };
}

test("a line of the log says what failed, why, and where", () => {
  const cause = Object.assign(new TypeError("no such thing"), { code: "ENOENT" });
  const { error } = lineOf(new Failure("internal", { reference: "r" }, cause));
  assert.equal(error.code, "internal");
  assert.equal(error.cause.type, "TypeError");
  assert.equal(error.cause.message, "no such thing");
  assert.equal(error.cause.code, "ENOENT");
  assert.match(error.cause.stack, /log\.test\.ts/);
});

test("other properties of an error stay out of the log, and an endless one is cut", () => {
  const loop = Object.assign(new Error("x".repeat(9_000)), { password: "hunter2", cause: null as unknown });
  loop.cause = loop;
  const { line } = lineOf(loop);
  assert.equal(line.includes("hunter2"), false);
  assert.ok(line.length < 30_000);
  assert.equal(lineOf("a text").error.message, "a text");
  assert.equal(lineOf(undefined).error?.type ?? "undefined", "undefined");
});

import assert from "node:assert/strict";
import { it } from "node:test";
import { describe, describeChange } from "./changes.ts";

const HEAD = "a".repeat(1500);

it("names only the fields that differ", () => {
  assert.deepEqual(describeChange({ port: 22, name: "x" }, { port: 23, name: "x" }), {
    "before.port": 22,
    "after.port": 23,
  });
});

it("shows a change that lies beyond the longest detail, with what stands before it", () => {
  const details = describeChange({ hours: `${HEAD}08:00` }, { hours: `${HEAD}19:00 to the end` });
  assert.match(String(details["before.hours"]), /^…a{100}08:00$/);
  assert.match(String(details["after.hours"]), /^…a{100}19:00 to the end$/);
});

it("keeps every detail within its length", () => {
  const details = describeChange({ note: HEAD }, { note: `b${HEAD}` });
  for (const side of ["before.note", "after.note"]) {
    assert.match(String(details[side]), /^[ab]{1000}…$/);
  }
  assert.equal(String(describe("after", { note: HEAD })["after.note"]).length, 1001);
});

it("tells lists apart by their content", () => {
  const networks = Array.from({ length: 80 }, (_, index) => `192.0.2.${index}/32`);
  const details = describeChange({ networks }, { networks: [...networks, "203.0.113.0/24"] });
  assert.match(String(details["after.networks"]), /203\.0\.113\.0/);
  assert.deepEqual(describeChange({ networks }, { networks: [...networks] }), {});
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, policyRules } from "@poterne/contract";
import { type Place, Places } from "./places.ts";

const HERE: Place = { personId: "anne", targetId: "ssh", policyId: "plain" };
const unlimited = policyRules.parse({});

function take(places: Places, place: Place, rules = unlimited) {
  const outcome = places.take(place, rules);
  assert.ok(outcome.isTaken);
  return outcome;
}

function lacksOf(places: Places, place: Place, rules: Record<string, number>) {
  const outcome = places.take(place, policyRules.parse(rules));
  if (!outcome.isTaken) return outcome.lacks;
  outcome.leave();
  return [];
}

test("an opening counts with the live sessions until it leaves its place", () => {
  const live = [HERE];
  const places = new Places(() => live, 10);
  const taken = take(places, { ...HERE, targetId: "vnc" });
  const counts = places.count("anne", "ssh");
  assert.deepEqual(counts, { ofPerson: 2, onTarget: 1, byPolicy: new Map([["plain", 2]]) });
  taken.leave();
  live.pop();
  assert.deepEqual(places.count("anne", "ssh"), { ofPerson: 0, onTarget: 0, byPolicy: new Map() });
});

test("each limit of the policy counts openings, and only those it is about", () => {
  const places = new Places(() => [], 10);
  take(places, HERE);
  const elsewhere = { personId: "bob", targetId: "vnc", policyId: "other" };
  for (const [limit, lack, same] of [
    ["maxSessionsPerPerson", "sessions-per-person", { personId: "anne" }],
    ["maxSessionsPerTarget", "sessions-per-target", { targetId: "ssh" }],
    ["maxSessionsInTotal", "sessions-in-total", { policyId: "plain" }],
  ] as const) {
    assert.deepEqual(lacksOf(places, { ...elsewhere, ...same }, { [limit]: 1 }), [lack]);
    assert.deepEqual(lacksOf(places, { ...elsewhere, ...same }, { [limit]: 2 }), []);
    assert.deepEqual(lacksOf(places, elsewhere, { [limit]: 1 }), []);
  }
});

test("a refused opening takes nothing, and a place left twice frees one place only", () => {
  const places = new Places(() => [], 10);
  const one = policyRules.parse({ maxSessionsPerPerson: 1 });
  const first = take(places, HERE, one);
  assert.equal(places.take(HERE, one).isTaken, false);
  first.leave();
  const second = take(places, HERE, one);
  first.leave();
  assert.equal(places.count("anne", "ssh").ofPerson, 1);
  second.leave();
  assert.equal(places.count("anne", "ssh").ofPerson, 0);
});

test("the node's limit counts live and opening sessions together", () => {
  const places = new Places(() => [HERE], 2);
  places.requireRoom();
  const taken = take(places, HERE);
  const isFull = (error: unknown) => error instanceof Failure && error.code === "node-full";
  assert.throws(() => places.requireRoom(), isFull);
  assert.throws(() => places.take(HERE, unlimited), isFull);
  taken.leave();
  places.requireRoom();
});

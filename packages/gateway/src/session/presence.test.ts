import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { RequestContext } from "../http/context.ts";
import { Presence, REATTACH_MS } from "./presence.ts";

const SESSION = "0190a3e0-0000-7000-8000-000000000001";
const DESK = "192.0.2.7";
let nowMs = 0;
let presence: Presence;
beforeEach(() => {
  nowMs = 1000;
  const clock = {
    now: () => 0,
    monotonicMs: () => nowMs,
    randomBytes: (count: number) => new Uint8Array(count),
  };
  presence = new Presence(clock);
});

const from = (sourceAddress: string, signInId: string): RequestContext =>
  ({ sourceAddress, person: () => ({ by: { kind: "sign-in", signInId, factorAtMs: 0 } }) }) as never;
const attended = (...roles: string[]) => [
  { sessionId: SESSION, room: { all: roles.map((role) => ({ role })) } },
];

test("who reloads within the bound is known, and one moment later is not", () => {
  presence.rest(SESSION, { sourceAddress: DESK, accountId: "a" });
  presence.note(SESSION, from(DESK, "one"));
  nowMs += REATTACH_MS;
  assert.ok(presence.isRecent(SESSION, from(DESK, "one")));
  nowMs += 1;
  assert.ok(!presence.isRecent(SESSION, from(DESK, "one")));
});

test("the bound runs from the last moment the person was attached; a guardian's presence is not theirs", () => {
  presence.rest(SESSION, { sourceAddress: DESK, accountId: "a" });
  presence.note(SESSION, from(DESK, "one"));
  nowMs += 8 * 3_600_000;
  presence.refresh(attended("guardian", "controller"));
  nowMs += REATTACH_MS;
  assert.ok(presence.isRecent(SESSION, from(DESK, "one")));
  presence.refresh(attended("guardian"));
  nowMs += 1;
  assert.ok(!presence.isRecent(SESSION, from(DESK, "one")));
});

test("another sign-in or another address is not known, and takes the place once let in", () => {
  presence.rest(SESSION, { sourceAddress: DESK, accountId: "a" });
  presence.note(SESSION, from(DESK, "one"));
  assert.ok(!presence.isRecent(SESSION, from(DESK, "two")));
  assert.ok(!presence.isRecent(SESSION, from("198.51.100.1", "one")));
  presence.note(SESSION, from("198.51.100.1", "two"));
  assert.ok(presence.isRecent(SESSION, from("198.51.100.1", "two")));
  assert.ok(!presence.isRecent(SESSION, from(DESK, "one")));
});

test("what is over or never began is not known, and its account stays with a new address", () => {
  presence.note(SESSION, from(DESK, "one"));
  assert.ok(!presence.isRecent(SESSION, from(DESK, "one")));
  presence.rest(SESSION, { sourceAddress: DESK, accountId: "a" });
  presence.rest(SESSION, { sourceAddress: "198.51.100.1" });
  assert.deepEqual(presence.basisOf(SESSION), { sourceAddress: "198.51.100.1", accountId: "a" });
  presence.note(SESSION, from(DESK, "one"));
  presence.forget(SESSION);
  assert.ok(!presence.isRecent(SESSION, from(DESK, "one")));
  assert.equal(presence.basisOf(SESSION).accountId, "");
});

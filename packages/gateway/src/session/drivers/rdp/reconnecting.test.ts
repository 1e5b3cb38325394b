import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "@poterne/contract";
import { mayReconnect, RECONNECT_WAITS_MS, reconnect } from "./reconnecting.ts";

const REASON = new Failure("target-closed");

type Code = ConstructorParameters<typeof Failure>[0];

/** Attempts that fail with these codes in turn, and then come through. */
function attempts(codes: readonly Code[], closesAfter = Number.POSITIVE_INFINITY) {
  const waited: number[] = [];
  let opened = 0;
  return {
    waited,
    get opened() {
      return opened;
    },
    get isClosed() {
      return waited.length > closesAfter;
    },
    async wait(delayMs: number) {
      waited.push(delayMs);
    },
    async open() {
      const code = codes[opened++];
      if (code !== undefined) throw new Failure(code);
    },
  };
}

test("only a cut is mended; an orderly close only where the server wants its client back", () => {
  assert.equal(mayReconnect("broken", false), true);
  assert.equal(mayReconnect("closed", true), true);
  assert.equal(mayReconnect("closed", false), false);
  assert.equal(mayReconnect("no", true), false);
});

test("attempts go on while the network is away, and end at the first that comes through", async () => {
  const attempt = attempts(["target-unreachable", "target-refused"]);
  assert.equal(await reconnect(attempt, REASON), null);
  assert.deepEqual(attempt.waited, RECONNECT_WAITS_MS.slice(0, 3));
});

test("what another attempt would meet again ends at once, and the last attempt ends with the first reason", async () => {
  const refused = await reconnect(attempts(["wrong-password"]), REASON);
  assert.equal(refused?.code, "wrong-password");
  const never = attempts(RECONNECT_WAITS_MS.map((): Code => "target-unreachable"));
  assert.equal(await reconnect(never, REASON), REASON);
  assert.equal(never.opened, RECONNECT_WAITS_MS.length);
});

test("a session that is ended meanwhile is not opened again", async () => {
  const attempt = attempts(["target-unreachable"], 1);
  assert.equal(await reconnect(attempt, REASON), null);
  assert.equal(attempt.opened, 1);
});

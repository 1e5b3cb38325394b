import assert from "node:assert/strict";
import { before, test } from "node:test";
import { makeSshDriver } from "../../packages/gateway/src/session/drivers/ssh.ts";
import { MAX_TEXT_FRAME_BYTES } from "../../packages/gateway/src/session/terminal/terminal-output.ts";
import { MAX_WINDOW_BYTES } from "../../packages/gateway/src/session/terminal/viewer-pace.ts";
import type { HarnessFrame } from "../../packages/gateway/src/session/testing/driver-harness.ts";
import { Channel, FrameFlag } from "../../packages/wire/src/channel.ts";
import { decodeInput } from "../../packages/wire/src/input.ts";
import { startLab } from "../support/lab.ts";
import { labHop, withDriver } from "../support/terminal.ts";

before(() => startLab("sshd"));

function isEntryEnd(frame: HarnessFrame): boolean {
  return frame.channel === Channel.text && (frame.flags & FrameFlag.entryEnd) !== 0;
}

test("an entry point in mid-session holds the screen, its size and what came since", async () => {
  await withDriver(makeSshDriver, [labHop(2201)], {}, async (harness) => {
    harness.type("printf '\\033[2J\\033[5;10Hmarked-%s' place; sleep 0.5; echo; echo done-$((1+1))\r");
    await harness.shows("done-2");
    harness.driver.requestEntryPoint();
    await harness.until(() => harness.frames.some(isEntryEnd));
    const end = harness.frames.find(isEntryEnd);
    assert.match(Buffer.from(end?.payload ?? []).toString(), /marked-place/);
    const start = harness.frames.find(({ flags }) => (flags & FrameFlag.entryStart) !== 0);
    assert.deepEqual(JSON.parse(Buffer.from(start?.payload ?? []).toString()), {
      type: "resize",
      columns: 80,
      rows: 24,
      widthPx: 0,
      heightPx: 0,
    });
  });
});

test("in the middle of a flood an entry point still comes", async () => {
  await withDriver(makeSshDriver, [labHop(2201)], {}, async (harness) => {
    harness.type("yes 'a line of a flood that does not end by itself' | head -c 200000000; echo\r");
    await harness.until(() => harness.textBytes > 2_000_000);
    harness.driver.requestEntryPoint();
    await harness.until(() => harness.frames.some(isEntryEnd), 5_000);
    harness.type("\u0003");
  });
});

test("a viewer that does not read stops the target, and one that reads again lets it go on", async () => {
  await withDriver(makeSshDriver, [labHop(2201)], {}, async (harness) => {
    await harness.shows("$ ");
    harness.driver.flow({ queuedBytes: MAX_WINDOW_BYTES, isWatched: true, decodesH264: false });
    harness.type("head -c 20000000 /dev/zero | tr '\\0' x; echo the-$((0+1))-end\r");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const stopped = harness.textBytes;
    assert.ok(stopped < 1_000_000, `${stopped} bytes came`);
    harness.driver.flow({ queuedBytes: 0, isWatched: true, decodesH264: false });
    await harness.shows("the-1-end", 20_000);
    assert.ok(harness.textBytes > 20_000_000);
    assert.ok(harness.frames.every(({ payload }) => payload.length <= MAX_TEXT_FRAME_BYTES));
  });
});

test("programs get their answers: cursor position and device attributes, from the gateway", async () => {
  await withDriver(makeSshDriver, [labHop(2201)], {}, async (harness) => {
    await harness.shows("$ ");
    const ask = (query: string) =>
      `stty raw -echo min 0 time 30; printf '${query}'; dd bs=64 count=1 2>/dev/null | od -An -c; stty sane\r`;
    harness.type(ask("\\033[10;20H\\033[6n"));
    await harness.shows(/033 {3}\[ {3}1 {3}0 {3}; {3}2 {3}0 {3}R/);
    harness.type(ask("\\033[c"));
    await harness.shows(/033 {3}\[ {3}\? {3}6 {3}2 {3}; {3}2 {3}2 {3}c/);
  });
});

test("recorded input holds what was echoed and nothing of a hidden password", async () => {
  await withDriver(makeSshDriver, [labHop(2201)], { policy: { recordInput: true } }, async (harness) => {
    await harness.shows("$ ");
    for (const character of "echo plain") {
      harness.type(character);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    harness.type("\r");
    await harness.shows(/\rplain/);
    harness.type("read -rs secret; echo got-$((2+1))\r");
    await new Promise((resolve) => setTimeout(resolve, 400));
    harness.type("hidden-Passw0rd\r");
    await harness.shows("got-3");
    harness.driver.close();
    const recorded = harness.frames
      .filter(({ channel }) => channel === Channel.input)
      .flatMap(({ payload, flags }) => {
        assert.equal(flags, FrameFlag.recordOnly);
        return decodeInput(payload);
      })
      .map((event) => (event.type === "text" ? Buffer.from(event.text).toString() : ""));
    assert.ok(recorded.includes("echo plain\r"), JSON.stringify(recorded));
    assert.ok(recorded.includes("\u2022"));
    assert.ok(!recorded.join("").includes("hidden"));
  });
});

test("title and bell become marks on the time line, not more than a few a second", async () => {
  await withDriver(makeSshDriver, [labHop(2201)], {}, async (harness) => {
    harness.type("printf '\\033]2;my title\\007'; for i in $(seq 200); do printf '\\a'; done; sleep 1\r");
    await harness.until(() =>
      harness.markers.some((marker) => marker.type === "title" && marker.title === "my title"),
    );
    await harness.until(() => harness.markers.some((marker) => marker.type === "bell"));
    assert.ok(harness.markers.length < 20);
  });
});

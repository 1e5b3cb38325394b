import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Channel, FrameFlag } from "@poterne/wire";
import headless from "@xterm/headless";
import { RESTART_OVER_BYTES, SKIP_OVER_BYTES } from "./follower.ts";
import { TerminalFollowers } from "./followers.ts";
import { TerminalEntry } from "./terminal-entry.ts";
import { hostileOutput } from "./testing/hostile.ts";

const followers = new TerminalFollowers();
after(() => followers.close());

function bytes(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

/** The lines a terminal of this size shows after these bytes. */
async function linesOf(content: Uint8Array, columns = 80, rows = 24): Promise<string[]> {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 });
  await new Promise<void>((resolve) => terminal.write(content, resolve));
  const lines: string[] = [];
  for (let row = 0; row < terminal.buffer.active.length; row++)
    lines.push(terminal.buffer.active.getLine(row)?.translateToString(true) ?? "");
  terminal.dispose();
  return lines;
}

interface Emitted {
  readonly channel: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

function makeEntry(columns = 80, rows = 24) {
  const frames: Emitted[] = [];
  const holds: boolean[] = [];
  let arrived: () => void = () => {};
  const entry = new TerminalEntry({
    followers,
    host: {
      emit: (channel, flags, payload) => {
        frames.push({ channel, flags, payload });
        if (flags === FrameFlag.entryEnd) arrived();
      },
      flush: () => {},
      hold: (isHeld) => holds.push(isHeld),
    },
    columns,
    rows,
  });
  const next = () => new Promise<void>((resolve) => (arrived = resolve));
  return { entry, frames, holds, next };
}

test("an entry point draws what the output drew, colours, modes and scrollback included", async () => {
  const { entry, frames, next } = makeEntry();
  let output = "";
  for (let line = 0; line < 200; line++) output += `line ${line} \x1b[31mrouge\x1b[0m é\r\n`;
  output += "\x1b[?2004h\x1b[?25l\x1b[5;9Hhere";
  entry.shown(bytes(output));
  const there = next();
  entry.request();
  await there;
  assert.equal(frames[0]?.channel, Channel.marker);
  assert.equal(frames[0]?.flags, FrameFlag.entryStart);
  const end = frames[1];
  assert.ok(end !== undefined && end.channel === Channel.text && end.flags === FrameFlag.entryEnd);
  assert.deepEqual(await linesOf(end.payload), await linesOf(bytes(output)));
  assert.match(Buffer.from(end.payload).toString(), /\[\?25l/);
  entry.close();
});

test("output shown while the screen is made stands behind it in the entry point", async () => {
  const { entry, frames, next } = makeEntry();
  entry.shown(bytes("before\r\n"));
  const there = next();
  entry.request();
  entry.shown(bytes("after \x1b[3"));
  entry.shown(bytes("2mgreen"));
  await there;
  const end = frames.at(-1);
  assert.ok(end !== undefined);
  const lines = await linesOf(end.payload);
  assert.equal(lines[0], "before");
  assert.equal(lines[1], "after green");
  entry.close();
});

test("a sequence or character cut by the end of the output is whole again after an entry point", async () => {
  const { entry, frames, next } = makeEntry();
  const euro = bytes("€");
  entry.shown(Buffer.concat([bytes("a"), euro.subarray(0, 2)]));
  const first = next();
  entry.request();
  await first;
  const end = frames.at(-1);
  assert.ok(end !== undefined);
  const lines = await linesOf(Buffer.concat([end.payload, euro.subarray(2), bytes("b")]));
  assert.equal(lines[0], "a€b");
  entry.close();
});

test("a follower far behind skips text, keeps modes and shows the end of the output", async () => {
  const follower = followers.open(80, 24);
  follower.write(bytes("\x1b[?1049h\x1b[?2004h\x1b[44mfirst"));
  const line = bytes(`${"x".repeat(78)}\r\n`);
  const block = Buffer.concat(Array.from({ length: 800 }, () => line));
  for (let index = 0; index < 400; index++) {
    follower.write(Buffer.from(block));
    while (follower.lagBytes > 2 * SKIP_OVER_BYTES) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  follower.write(bytes("\x1b[2J\x1b[Hthe end"));
  let screen = await follower.screen();
  for (let tries = 0; tries < 100 && screen !== null && screen.position < follower.end; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    screen = await follower.screen();
  }
  assert.ok(screen !== null);
  assert.equal(screen.position, follower.end);
  const text = Buffer.from(screen.screen).toString();
  assert.match(text, /\[\?1049h/);
  assert.match(text, /\[\?2004h/);
  assert.match(text, /the end/);
  follower.close();
});

test("a target that outruns the follower is held until one screen is in time", async () => {
  const { entry, frames, holds, next } = makeEntry();
  const block = Buffer.alloc(512 * 1024, "flood of text ");
  let isHeld = false;
  const flood = setInterval(() => {
    isHeld = holds.at(-1) === true;
    if (!isHeld) for (let index = 0; index < 8; index++) entry.shown(Buffer.from(block));
  }, 1);
  const there = next();
  entry.request();
  await there;
  clearInterval(flood);
  assert.equal(frames.at(-1)?.flags, FrameFlag.entryEnd);
  assert.ok((frames.at(-1)?.payload.length ?? 0) < 4 * 1024 * 1024);
  entry.close();
});

test("a follower tells the cursor after all output so far", async () => {
  const follower = followers.open(80, 24);
  follower.write(bytes("\x1b[7;12H"));
  assert.deepEqual(await follower.cursor(), { row: 7, column: 12 });
  follower.close();
});

test("a follower that is closed answers its open requests", async () => {
  const follower = followers.open(80, 24);
  const screen = follower.screen();
  const cursor = follower.cursor();
  follower.close();
  assert.equal(await screen, null);
  assert.equal(await cursor, null);
});

test("hostile output neither stops nor swells a follower, and its screen carries none of it on", async () => {
  for (const { name, output } of hostileOutput) {
    const follower = followers.open(80, 24);
    follower.write(Buffer.from(output));
    // CAN ends whatever sequence was left open.
    follower.write(bytes("\x18\x1bc\x1b[Hstill here"));
    const screen = await follower.screen();
    assert.ok(screen !== null, name);
    const text = Buffer.from(screen.screen).toString();
    assert.match(text, /still here/, name);
    assert.ok(screen.columns === 80 && screen.rows === 24, name);
    assert.ok(text.length < 20_000, name);
    for (const forbidden of ["]52;", "$q", "[21t", "]8;;javascript"])
      assert.ok(!text.includes(forbidden), name);
    follower.close();
  }
});

test("output that keeps the worker from working is dropped in bounded memory, and other terminals live on", async () => {
  const busy = followers.open(80, 24);
  const calm = followers.open(80, 24);
  const slow = bytes("\x1b[24S\x1b[24L\x1b[24T".repeat(2_000));
  let mostLag = 0;
  for (let round = 0; round < 1000; round++) {
    busy.write(Buffer.from(slow));
    mostLag = Math.max(mostLag, busy.lagBytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(mostLag < RESTART_OVER_BYTES + SKIP_OVER_BYTES + 1024 * 1024, `${mostLag}`);
  busy.close();
  calm.write(bytes("alive"));
  const screen = await calm.screen();
  assert.match(Buffer.from(screen?.screen ?? []).toString(), /alive/);
  calm.close();
});

test("a sequence that never ends holds nothing up, and the entry point comes once it has ended", async () => {
  const { entry, frames, holds, next } = makeEntry();
  entry.shown(bytes("before\x1bP"));
  for (let piece = 0; piece < 4; piece++) entry.shown(bytes("x".repeat(60_000)));
  const there = next();
  entry.request();
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.deepEqual(holds, []);
  entry.shown(bytes("\x1b\\after"));
  await there;
  assert.match(Buffer.from(frames.at(-1)?.payload ?? []).toString(), /beforeafter/);
  entry.close();
});

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { after, before, test } from "node:test";
import type { Page } from "@playwright/test";
import { characterOfKeysym } from "../../packages/wire/src/index.ts";
import { startViewerHarness, type ViewerHarness } from "./viewer-harness.ts";

// A real X server with a French layout, a real Chromium on it, real key presses: what the browser makes of dead keys
// and AltGr is not what anybody would write into a synthetic event.

interface KeyEvent {
  readonly type: string;
  readonly isDown?: boolean;
  readonly keysym?: number;
  readonly scancode?: number;
}
interface KeyboardHarness {
  readonly told: { input: KeyEvent[] };
  setMode(mode: "positions" | "characters"): void;
  focus(): void;
}
declare const harness: KeyboardHarness;

const DISPLAY = ":89";
/** X key codes by position (evdev): what a finger presses, whatever the layout. */
const KEY = {
  digit2: 11,
  digit3: 12,
  digit4: 13,
  digit5: 14,
  digit6: 15,
  digit8: 17,
  digit9: 18,
  digit0: 19,
  minus: 20,
  q: 24,
  w: 25,
  e: 26,
  bracketLeft: 34,
  bracketRight: 35,
  a: 38,
  quote: 48,
  shift: 50,
  control: 37,
  c: 54,
  space: 65,
  capsLock: 66,
  altGr: 108,
} as const;

const children: ChildProcess[] = [];
let viewer: ViewerHarness;
let page: Page;

before(async () => {
  children.push(spawn("Xvfb", [DISPLAY, "-screen", "0", "1100x800x24", "-noreset"], { stdio: "ignore" }));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  execFileSync("setxkbmap", ["-display", DISPLAY, "fr"]);
  viewer = await startViewerHarness({ isHeaded: true, env: { DISPLAY } });
  ({ page } = await viewer.open("desktop"));
  await page.bringToFront();
});
after(async () => {
  await viewer.close();
  for (const child of children.reverse()) child.kill();
});

function xdotool(...words: (string | number)[]): void {
  execFileSync("xdotool", words.map(String), { env: { ...process.env, DISPLAY } });
}

/** Presses keys one after the other, each with the modifiers held around it. */
function press(...keys: readonly (number | readonly [held: number, key: number])[]): void {
  for (const key of keys) {
    if (typeof key === "number") xdotool("key", key);
    else xdotool("keydown", key[0], "key", key[1], "keyup", key[0]);
  }
}

async function typed(mode: "positions" | "characters", act: () => void): Promise<KeyEvent[]> {
  await page.evaluate((value) => {
    harness.setMode(value);
    harness.focus();
    harness.told.input.length = 0;
  }, mode);
  act();
  await page.waitForTimeout(250);
  return (await page.evaluate(() => harness.told.input)).filter((event) => event.type === "key");
}

/** The characters that go down, as a target would get them. */
const characters = (events: readonly KeyEvent[]): string =>
  events
    .filter((event) => event.isDown === true)
    .map((event) => characterOfKeysym(event.keysym ?? 0) ?? "")
    .join("");

test("characters: the letters of an AZERTY keyboard arrive as typed", async () => {
  const events = await typed("characters", () =>
    press(KEY.q, KEY.w, KEY.a, KEY.digit2, KEY.digit0, KEY.digit9, KEY.quote, [KEY.shift, KEY.q]),
  );
  assert.equal(characters(events), "azqéàçùA");
});

test("characters: what AltGr types arrives, and AltGr itself does not", async () => {
  const events = await typed("characters", () =>
    press(
      [KEY.altGr, KEY.digit0],
      [KEY.altGr, KEY.digit3],
      [KEY.altGr, KEY.digit4],
      [KEY.altGr, KEY.digit5],
      [KEY.altGr, KEY.digit6],
      [KEY.altGr, KEY.digit8],
      [KEY.altGr, KEY.e],
    ),
  );
  assert.equal(characters(events), "@#{[|\\€");
  assert.equal(
    events.some((event) => event.keysym === 0xfe03),
    false,
  );
});

test("characters: dead keys are composed here, each letter once", async () => {
  const events = await typed("characters", () =>
    press(KEY.bracketLeft, KEY.e, [KEY.shift, KEY.bracketLeft], KEY.e, KEY.bracketLeft, KEY.space, KEY.q),
  );
  assert.equal(characters(events), "êë^a");
});

test("every key that goes down comes up again", async () => {
  for (const mode of ["characters", "positions"] as const) {
    const events = await typed(mode, () =>
      press(KEY.q, [KEY.shift, KEY.w], [KEY.altGr, KEY.digit0], KEY.bracketLeft, KEY.e, [KEY.control, KEY.c]),
    );
    const down = new Map<string, number>();
    for (const { isDown, keysym, scancode } of events) {
      const key = `${keysym}/${scancode}`;
      down.set(key, (down.get(key) ?? 0) + (isDown === true ? 1 : -1));
    }
    assert.deepEqual(
      [...down].filter(([, count]) => count !== 0),
      [],
      mode,
    );
  }
});

test("positions: keys go over by their place, dead keys and AltGr included", async () => {
  const events = await typed("positions", () =>
    press(KEY.q, KEY.bracketLeft, KEY.e, [KEY.altGr, KEY.digit0]),
  );
  const scancodes = events.filter((event) => event.isDown === true).map((event) => event.scancode);
  assert.deepEqual(scancodes, [0x10, 0x1a, 0x12, 0xe038, 0x0b]);
});

test("Control and a letter go over as such in both modes", async () => {
  for (const mode of ["characters", "positions"] as const) {
    const events = await typed(mode, () => press([KEY.control, KEY.c]));
    const shown = events.map((event) => `${event.isDown === true ? "+" : "-"}${event.keysym?.toString(16)}`);
    assert.deepEqual(shown, ["+ffe3", "+63", "-63", "-ffe3"], mode);
  }
});

test("leaving the picture releases everything", async () => {
  await page.evaluate(() => {
    harness.setMode("positions");
    harness.focus();
    harness.told.input.length = 0;
  });
  xdotool("keydown", KEY.shift);
  await page.waitForTimeout(100);
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  xdotool("keyup", KEY.shift);
  const input = await page.evaluate(() => harness.told.input);
  assert.equal(input.at(-1)?.type, "release");
});

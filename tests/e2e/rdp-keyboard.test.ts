import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "@playwright/test";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator, type TestPerson } from "../support/people.ts";
import { RDP_PORT } from "../support/rdp-session.ts";
import { openSessionPage, SessionBrowser } from "../support/session-page.ts";
import { needPackage, outputOf } from "../support/vnc-peer.ts";
import { endAlicesDesktops, findXrdpDisplay, waitForItsTerminal } from "../support/xrdp-desktop.ts";

// A person's keyboard on one X server, with a layout of its own and real key presses; a Chromium on it; a desktop of
// a real RDP server whose X has the French layout we announced; and in that desktop a terminal that writes down what
// arrived.

const SCREEN = ":88";
const TITLE = "what is typed";
const TYPED = "/tmp/rdp-keyboard-typed";
/** What lies over a session that is over. */
const OVER = ".session-overlay[data-solid='true']";
/** A desktop that is there takes a click within this time. */
const CLICK_LIMIT_MS = 10_000;
/** Keys under way arrive within this time. */
const QUIET_MS = 700;

/** X key codes by position: what a finger presses, whatever the layout says it is. */
const KEY = {
  digit1: 10,
  digit2: 11,
  digit3: 12,
  digit0: 19,
  digit9: 18,
  q: 24,
  w: 25,
  e: 26,
  i: 31,
  bracketLeft: 34,
  enter: 36,
  a: 38,
  quote: 48,
  shift: 50,
  c: 54,
  space: 65,
  capsLock: 66,
  altGr: 108,
  less: 94,
} as const;
type Press = number | readonly [held: number, key: number];

const children: ChildProcess[] = [];
let gateway: TestGateway;
let browser: SessionBrowser;
let chief: TestPerson;
let page: Page;
let display: string;
let terminal: ChildProcess | null = null;

before(async () => {
  startLab("xrdp", "xrdp10");
  await endAlicesDesktops();
  needPackage("xdotool");
  children.push(spawn("Xvfb", [SCREEN, "-screen", "0", "1300x900x24", "-noreset"], { stdio: "ignore" }));
  await eventually("the person's screen", async () => existsSync("/tmp/.X11-unix/X88"));
  wearLayout("fr");
  gateway = await TestGateway.start();
  chief = await enrolAdministrator(gateway);
  await chief.api.must("PATCH", "/api/v1/me", { language: "en" });
  browser = await SessionBrowser.start([], SCREEN);
});
after(async () => {
  terminal?.kill();
  await browser?.close();
  await gateway?.stop();
  for (const child of children.reverse()) child.kill();
  rmSync(TYPED, { force: true });
});

/** Gives the person's keyboard another layout. */
function wearLayout(...words: string[]): void {
  execFileSync("setxkbmap", ["-display", SCREEN, ...words]);
}

function xdotool(...words: (string | number)[]): void {
  execFileSync("xdotool", words.map(String), { env: { ...process.env, DISPLAY: SCREEN } });
}

/** Presses keys one after the other, each with what is held around it. */
function press(...keys: readonly Press[]): void {
  for (const key of keys) {
    if (typeof key === "number") xdotool("key", key);
    else xdotool("keydown", key[0], "key", key[1], "keyup", key[0]);
  }
}

/**
 * Opens alice's desktop on a server. xrdp 0.9 now and then drops its client while a desktop begins ("Can't attach to
 * shared memory", says its log): the desktop stays, and is opened again.
 */
async function openDesktop(server: "xrdp" | "xrdp10"): Promise<void> {
  try {
    await openOnce(server);
  } catch (error) {
    if ((await page.locator(OVER).count()) === 0) throw error;
    terminal?.kill();
    await page.context().close();
    await openOnce(server);
  }
}

/** Opens it, with a terminal in front that writes down each line typed into it. */
async function openOnce(server: "xrdp" | "xrdp10"): Promise<void> {
  const { personId } = chief;
  const wish = { protocol: "rdp", port: RDP_PORT[server], personId, password: labPasswords.alice } as const;
  page = await browser.newPage(await browser.newContext(chief.api, { isBarPinned: true }));
  await page.bringToFront();
  await openSessionPage(page, await openSession(chief.api, await grantTarget(chief.api, wish)));
  display = await findXrdpDisplay(server);
  await waitForItsTerminal(display);
  rmSync(TYPED, { force: true });
  const env = { ...process.env, DISPLAY: display, LC_ALL: "C.UTF-8" };
  terminal = spawn("xterm", ["-title", TITLE, "-e", `echo ready > ${TYPED}; exec cat >> ${TYPED}`], {
    env,
    stdio: "ignore",
  });
  await eventually("the terminal", async () => typed() === "ready\n");
  await waitForLayout();
  await settle();
}

/** A desktop that has just begun still takes its size and its layout. */
async function waitForLayout(): Promise<void> {
  const layout = () => outputOf("setxkbmap", ["-display", display, "-query"]);
  await eventually("the French layout", async (seen) => {
    const query = await layout();
    seen(query);
    return /layout:\s+fr\b/.test(query);
  });
}

/**
 * Puts the keyboard on the terminal. Keys are lost while a desktop begins, and while a click or a window on its way takes
 * the keyboard: it is taken, and lines are typed, until one arrives whole and nothing more comes of those before it.
 */
async function settle(): Promise<void> {
  await eventually("a line typed into the desktop", async (seen) => {
    await takeKeyboard();
    const before = typed().length;
    press(KEY.q, KEY.enter);
    for (let waits = 0; waits < 15 && !typed().slice(before).endsWith("a\n"); waits++) await sleep(200);
    const arrived = typed().slice(before);
    await sleep(QUIET_MS);
    seen(JSON.stringify(typed().slice(before)));
    return arrived.endsWith("a\n") && typed().length === before + arrived.length;
  });
}

const typed = (): string => (existsSync(TYPED) ? readFileSync(TYPED, "utf8") : "");

/** Puts the page's keyboard on the desktop, and the desktop's on the terminal. */
async function takeKeyboard(): Promise<void> {
  const place = { x: 1100, y: 600 };
  await page.locator(".session-host canvas").click({ position: place, timeout: CLICK_LIMIT_MS });
  const env = { ...process.env, DISPLAY: display };
  // A desktop that has just begun has no window manager yet.
  const words = ["search", "--name", TITLE, "windowactivate", "--sync"];
  await eventually("the terminal in front", async (seen) => {
    const { status, stderr } = spawnSync("xdotool", words, { env, encoding: "utf8", timeout: 5000 });
    seen(stderr);
    return status === 0;
  });
}

async function closeDesktop(): Promise<void> {
  terminal?.kill();
  await page.context().close();
}

/** Chooses the mode in the session's own menu. */
async function useMode(mode: "positions" | "characters"): Promise<void> {
  await page.getByRole("button", { name: "Keys", exact: true }).click();
  await page.getByText(mode === "positions" ? "Positions" : "Characters", { exact: true }).click();
  await page.keyboard.press("Escape");
  await settle();
}

/** Types a line and answers how it arrived in the desktop. */
async function lineOf(act: () => void | Promise<void>): Promise<string> {
  const before = typed();
  await act();
  press(KEY.enter);
  await eventually("the line", async (seen) => {
    seen(typed().slice(before.length));
    return typed().length > before.length && typed().endsWith("\n");
  });
  return typed().slice(before.length, -1);
}

/** Lets the page take its system for Windows; the keyboard looks when its mode is chosen. */
async function beWindows(): Promise<void> {
  await page.evaluate(() =>
    Object.defineProperty(Navigator.prototype, "platform", { get: () => "Win32", configurable: true }),
  );
}

/**
 * AltGr with keys as Chrome on Windows tells of them: Windows itself presses a left Control just before the right Alt,
 * and the key's event has AltGraph instead of both.
 */
async function pressAsWindows(...codesAndKeys: readonly string[]): Promise<void> {
  await page.evaluate(async (told) => {
    const field = document.activeElement;
    const tell = (type: string, code: string, key: string, more: KeyboardEventInit = {}) =>
      field?.dispatchEvent(new KeyboardEvent(type, { code, key, bubbles: true, cancelable: true, ...more }));
    const altGraph = { modifierAltGraph: true };
    const aFinger = () => new Promise((resolve) => setTimeout(resolve, 30));
    for (let at = 0; at < told.length; at += 2) {
      const [code = "", key = ""] = told.slice(at);
      tell("keydown", "ControlLeft", "Control", { ctrlKey: true, location: 1 });
      tell("keydown", "AltRight", "AltGraph", { ...altGraph, location: 2 });
      await aFinger();
      tell("keydown", code, key, altGraph);
      await aFinger();
      tell("keyup", code, key, altGraph);
      await aFinger();
      tell("keyup", "ControlLeft", "Control", { ...altGraph, location: 1 });
      tell("keyup", "AltRight", "AltGraph", { location: 2 });
      await aFinger();
    }
  }, codesAndKeys);
}

/** What a finger presses on a French keyboard, and what should stand in the desktop. */
const AZERTY: readonly { readonly keys: readonly Press[]; readonly text: string }[] = [
  { keys: [KEY.q, KEY.w, KEY.a, [KEY.shift, KEY.q]], text: "azqA" },
  { keys: [KEY.digit2, KEY.digit0, KEY.digit9, KEY.quote], text: "éàçù" },
  {
    keys: [
      [KEY.shift, KEY.digit1],
      [KEY.shift, KEY.digit2],
      [KEY.shift, KEY.digit0],
    ],
    text: "120",
  },
  {
    keys: [
      [KEY.altGr, KEY.digit0],
      [KEY.altGr, KEY.digit3],
      [KEY.altGr, KEY.e],
    ],
    text: "@#€",
  },
  {
    keys: [KEY.bracketLeft, KEY.e, [KEY.shift, KEY.bracketLeft], KEY.i, KEY.bracketLeft, KEY.space],
    text: "êï^",
  },
  { keys: [KEY.capsLock, KEY.q, [KEY.shift, KEY.w], KEY.capsLock, KEY.q], text: "Aza" },
  { keys: [KEY.less, [KEY.shift, KEY.less]], text: "<>" },
];

for (const server of ["xrdp", "xrdp10"] as const) {
  test(`${server}: the desktop's X has the French layout that was announced`, async () => {
    await openDesktop(server);
  });

  for (const mode of ["characters", "positions"] as const)
    test(`${server}, ${mode}: AZERTY with accents, AltGr, dead keys and Caps Lock arrives as typed`, async () => {
      await useMode(mode);
      for (const { keys, text } of AZERTY) assert.equal(await lineOf(() => press(...keys)), text);
    });

  for (const mode of ["characters", "positions"] as const)
    test(`${server}, ${mode}: AltGr as Windows tells it, a left Control before it, types`, async () => {
      await beWindows();
      await useMode(mode);
      assert.equal(await lineOf(() => pressAsWindows("Digit0", "@", "KeyE", "€")), "@€");
      // Nothing is left down: an A is an A, and no shortcut.
      assert.equal(await lineOf(() => press(KEY.q)), "a");
    });

  test(`${server}, characters: other keyboards type what they say`, async () => {
    await useMode("characters");
    try {
      wearLayout("us");
      assert.equal(await lineOf(() => press(KEY.q, KEY.w, KEY.digit2, [KEY.shift, KEY.less])), "qw2>");
      wearLayout("fr", "bepo");
      const keys = [KEY.q, KEY.w, KEY.e, KEY.a, [KEY.shift, KEY.digit2], [KEY.shift, KEY.c]] as const;
      assert.equal(await lineOf(() => press(...keys)), "bépa2X");
    } finally {
      wearLayout("fr");
    }
  });

  test(`${server}, characters: what an input method composed arrives once`, async () => {
    const devtools = await page.context().newCDPSession(page);
    const text = await lineOf(async () => {
      const composing = { selectionStart: 1, selectionEnd: 1 };
      await devtools.send("Input.imeSetComposition", { text: "e", ...composing });
      await devtools.send("Input.imeSetComposition", { text: "ê", ...composing });
      await devtools.send("Input.insertText", { text: "être" });
    });
    assert.equal(text, "être");
  });

  test(`${server}: the desktop is left`, closeDesktop);
}

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

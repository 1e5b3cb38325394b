import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { after, before, test } from "node:test";
import type { CDPSession, Page } from "@playwright/test";
import { openSession } from "../support/demo.ts";
import { eventually } from "../support/eventually.ts";
import { TestGateway } from "../support/gateway.ts";
import { grantTarget } from "../support/inventory.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { enrolAdministrator } from "../support/people.ts";
import { findsNothing, openBar, openSessionPage, SessionBrowser } from "../support/session-page.ts";
import { outputOf } from "../support/vnc-peer.ts";

// Fingers on the page, what they do told by a program on the real desktop (xev); and the keyboard in full screen.

const DISPLAY = ":45";
/** Where xev's window stands on the desktop. */
const WINDOW = { x: 300, y: 150, width: 400, height: 300 };

let gateway: TestGateway;
let browser: SessionBrowser;
let page: Page;
let devtools: CDPSession;
let xev: ChildProcess;
let told = "";

before(async () => {
  startLab("vnc");
  gateway = await TestGateway.start();
  const { api, personId } = await enrolAdministrator(gateway);
  await api.must("PATCH", "/api/v1/me", { language: "en" });
  const wish = { protocol: "vnc", port: 5945, personId, username: "" } as const;
  const target = await grantTarget(api, { ...wish, password: labPasswords.vnc });
  browser = await SessionBrowser.start();
  const viewport = { width: 900, height: 640 };
  page = await browser.newPage(await browser.newContext(api, { hasTouch: true, viewport }));
  await openSessionPage(page, await openSession(api, target));
  await page.waitForFunction(() => document.querySelector("canvas")?.width === 900);
  devtools = await page.context().newCDPSession(page);
  const place = `${WINDOW.width}x${WINDOW.height}+${WINDOW.x}+${WINDOW.y}`;
  xev = spawn("stdbuf", ["-oL", "xev", "-display", DISPLAY, "-geometry", place, "-event", "button"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  xev.stdout?.on("data", (chunk: Buffer) => {
    told += chunk.toString("utf8");
  });
  await eventually("xev's window", async () => {
    const facts = await outputOf("xwininfo", ["-display", DISPLAY, "-name", "Event Tester"]);
    return facts.includes("IsViewable");
  });
});
after(async () => {
  xev?.kill();
  await browser?.close();
  await gateway?.stop();
});

interface Press {
  readonly kind: string;
  readonly button: number;
  readonly x: number;
  readonly y: number;
}

/** Buttons pressed and released in xev's window, in the desktop's pixels. */
function presses(): Press[] {
  const pattern = /(ButtonPress|ButtonRelease) event[\s\S]*?root:\((\d+),(\d+)\)[\s\S]*?button (\d)/g;
  return [...told.matchAll(pattern)].map(([, kind = "", x, y, button]) => ({
    kind,
    button: Number(button),
    x: Number(x),
    y: Number(y),
  }));
}

type Finger = readonly [x: number, y: number];

async function touch(type: "touchStart" | "touchMove" | "touchEnd", ...fingers: Finger[]): Promise<void> {
  const touchPoints = fingers.map(([x, y], id) => ({ x, y, id }));
  await devtools.send("Input.dispatchTouchEvent", { type, touchPoints });
}

async function tap(x: number, y: number): Promise<void> {
  await touch("touchStart", [x, y]);
  await touch("touchEnd");
}

/** Forgets what was told, acts, and waits until so many presses and releases were told. */
async function toldBy(count: number, act: () => Promise<void>): Promise<Press[]> {
  told = "";
  await act();
  return eventually(`${count} events of buttons`, async (seen) => {
    seen(told);
    return presses().length >= count && presses();
  });
}

test("a tap is a click, where the finger is", async () => {
  const events = await toldBy(2, () => tap(450, 260));
  assert.deepEqual(events, [
    { kind: "ButtonPress", button: 1, x: 450, y: 260 },
    { kind: "ButtonRelease", button: 1, x: 450, y: 260 },
  ]);
});

test("a finger that rests is the right button, and so is a tap of two", async () => {
  const rested = await toldBy(2, () => touch("touchStart", [470, 280]));
  await touch("touchEnd");
  assert.deepEqual(rested[0], { kind: "ButtonPress", button: 3, x: 470, y: 280 });
  const both = await toldBy(2, async () => {
    await touch("touchStart", [480, 290], [520, 290]);
    await touch("touchEnd");
  });
  assert.deepEqual(
    both.map(({ button }) => button),
    [3, 3],
  );
});

test("two fingers scroll, both ways", async () => {
  for (const [button, direction] of [
    [4, 1],
    [5, -1],
  ] as const) {
    // 72 pixels of each finger are six notches of 24, pressed and released.
    const events = await toldBy(12, async () => {
      await touch("touchStart", [450, 300], [500, 300]);
      for (let step = 1; step <= 6; step++) {
        const y = 300 + direction * step * 12;
        await touch("touchMove", [450, y], [500, y]);
      }
      await touch("touchEnd");
    });
    assert.ok(
      events.every((event) => event.button === button),
      JSON.stringify(events),
    );
  }
});

test("a finger that moves drags from where it touched to where it leaves", async () => {
  const events = await toldBy(2, async () => {
    await touch("touchStart", [400, 250]);
    for (let step = 1; step <= 5; step++) await touch("touchMove", [400 + step * 20, 250 + step * 10]);
    await touch("touchEnd");
  });
  assert.deepEqual(events, [
    { kind: "ButtonPress", button: 1, x: 400, y: 250 },
    { kind: "ButtonRelease", button: 1, x: 500, y: 300 },
  ]);
});

test("as a touch pad the finger moves the pointer from where it is, and a tap clicks there", async () => {
  await page.getByRole("button", { name: "Show the session bar (Ctrl+Alt+Shift)" }).tap();
  await page.waitForSelector(".session-bar[data-hidden='false']");
  await page.getByRole("button", { name: "Display", exact: true }).tap();
  await page.getByText("Touch pad").tap();
  await findsNothing(page, "the display menu of a touch screen");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Display" }).waitFor({ state: "detached" });
  // The pointer stands at 500,300 where the drag left it.
  const events = await toldBy(2, async () => {
    await touch("touchStart", [100, 500]);
    for (let step = 1; step <= 4; step++) await touch("touchMove", [100 + step * 10, 500]);
    await touch("touchEnd");
    await tap(100, 500);
  });
  assert.deepEqual(events, [
    { kind: "ButtonPress", button: 1, x: 540, y: 300 },
    { kind: "ButtonRelease", button: 1, x: 540, y: 300 },
  ]);
});

test("full screen holds all keys for the machine, says so, and lets them go", async () => {
  await openBar(page);
  await page.mouse.click(450, 3);
  await page.getByRole("button", { name: "Full screen" }).click();
  await page.getByText(/^Keys go to .* — hold Esc to leave$/).waitFor();
  assert.equal(await page.evaluate(() => document.fullscreenElement !== null), true);
  await findsNothing(page, "full screen");
  await page.mouse.move(450, 1);
  await page.getByRole("button", { name: "Leave full screen" }).click();
  await page.getByText(/^Keys go to/).waitFor({ state: "detached" });
});

test("no page complained: no refusal of the content policy, no error", () => {
  assert.deepEqual(browser.complaints, []);
});

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../support/eventually.ts";
import { startLab } from "../support/lab.ts";
import { makeRdpSession, RDP_PORT } from "../support/rdp-session.ts";
import { needPackage, screenshot, waitFor } from "../support/vnc-peer.ts";
import { findXrdpDisplay, waitForItsTerminal } from "../support/xrdp-desktop.ts";

const LIMIT_MS = 30_000;
const TITLE = "what is typed while resizing";
const TYPED = "/tmp/rdp-resize-typed";
/** Positions that type the same on French and English layouts. */
const KEYS = [
  ["e", 0x12],
  ["r", 0x13],
  ["t", 0x14],
  ["y", 0x15],
  ["u", 0x16],
  ["i", 0x17],
  ["o", 0x18],
  ["p", 0x19],
] as const;
const ENTER = 0x1c;
/** xrdp 0.9 has no desktop for a second, xrdp 0.10 for a hundredth of one: some keys fall into it. */
const BETWEEN_KEYS_MS = 2;
/** Keys pressed once the new size is announced. */
const KEYS_AFTER = 200;
const SIZES = [
  [900, 700],
  [1280, 760],
  [1000, 640],
] as const;

before(() => {
  startLab("xrdp", "xrdp10");
  needPackage("xdotool");
});

const typed = (): string => (existsSync(TYPED) ? readFileSync(TYPED, "utf8") : "");
const lastLine = (): string => typed().split("\n").at(-2) ?? "";

/** A terminal in front of the desktop that writes down what is typed. */
async function openTerminal(display: string) {
  rmSync(TYPED, { force: true });
  const env = { ...process.env, DISPLAY: display };
  const terminal = spawn("xterm", ["-title", TITLE, "-e", `echo ready > ${TYPED}; exec cat >> ${TYPED}`], {
    env,
    stdio: "ignore",
  });
  await eventually("the terminal", async () => typed() === "ready\n");
  return terminal;
}

function takeFocus(display: string): void {
  const env = { ...process.env, DISPLAY: display };
  const found = ["search", "--name", TITLE, "windowactivate", "--sync"];
  spawnSync("xdotool", found, { env, stdio: "ignore", timeout: 5000 });
}

for (const name of ["xrdp", "xrdp10"] as const)
  test(`${name}: what is typed while the desktop takes another size arrives, whole and in order`, async () => {
    const session = makeRdpSession({ port: RDP_PORT[name] });
    await session.driver.open();
    const { driver, host } = session;
    let terminal: Awaited<ReturnType<typeof openTerminal>> | null = null;
    const press = (scancode: number) => {
      for (const isDown of [true, false]) driver.input({ type: "key", isDown, keysym: 0, scancode });
    };
    try {
      await waitFor("the first entry point", () => session.entryEnds() > 0, LIMIT_MS);
      const display = await findXrdpDisplay(name);
      await waitForItsTerminal(display);
      terminal = await openTerminal(display);
      // Until its X server is there xrdp keeps keys to itself.
      await eventually("a first line", async (seen) => {
        takeFocus(display);
        press(KEYS[0][1]);
        press(ENTER);
        await sleep(300);
        seen(typed());
        return lastLine() === "e";
      });
      for (const [widthPx, heightPx] of SIZES) {
        host.viewerSize = { widthPx, heightPx, columns: 0, rows: 0 };
        driver.input({ type: "resize", widthPx, heightPx, columns: 0, rows: 0 });
        let expected = "";
        const isThere = () => {
          const surface = session.viewer.decoder.surface();
          return surface?.width === widthPx && surface.height === heightPx;
        };
        // In one go from before the size is asked for until well after it is there.
        for (let more = KEYS_AFTER, count = 0; more > 0; count++) {
          const [letter, scancode] = KEYS[count % KEYS.length] ?? KEYS[0];
          press(scancode);
          expected += letter;
          await sleep(BETWEEN_KEYS_MS);
          if (isThere()) more--;
          assert.ok(count * BETWEEN_KEYS_MS < LIMIT_MS, "the size never came");
        }
        await waitFor("the X display's size", () => screenshot(display).width === widthPx, LIMIT_MS);
        const lines = typed().split("\n").length;
        press(ENTER);
        await waitFor("the line", () => typed().split("\n").length > lines, LIMIT_MS);
        assert.equal(lastLine(), expected);
      }
    } finally {
      terminal?.kill();
      driver.close();
    }
  });

import { spawnSync } from "node:child_process";
import { before, test } from "node:test";
import { startLab } from "../support/lab.ts";
import { makeRdpSession, RDP_PORT } from "../support/rdp-session.ts";
import { waitFor } from "../support/vnc-peer.ts";
import { findXrdpDisplay, waitForItsTerminal } from "../support/xrdp-desktop.ts";

const LIMIT_MS = 30_000;
/** `LockInput` bits. */
const LOCKS = { num: 2, caps: 4 } as const;

before(() => startLab("xrdp"));

/** Which lamps the X server of the desktop has lit. */
function lampsOf(display: string): number {
  const { stdout } = spawnSync("xset", ["-display", display, "q"], { encoding: "utf8" });
  const isLit = (name: string) => new RegExp(`${name} Lock:\\s+on`).test(stdout);
  return (isLit("Num") ? LOCKS.num : 0) | (isLit("Caps") ? LOCKS.caps : 0);
}

test("xrdp: the desktop's lock keys become what the viewer's are", async () => {
  const session = makeRdpSession({ port: RDP_PORT.xrdp });
  try {
    await session.driver.open();
    await waitFor("the first entry point", () => session.entryEnds() > 0, LIMIT_MS);
    const display = await findXrdpDisplay();
    // A desktop that has just begun takes no keys yet.
    await waitForItsTerminal(display);
    for (const locks of [LOCKS.caps, LOCKS.caps | LOCKS.num, LOCKS.num, 0]) {
      session.driver.input({ type: "locks", locks });
      await waitFor(`locks ${locks}`, () => lampsOf(display) === locks, LIMIT_MS);
    }
  } finally {
    session.driver.close();
  }
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { afterEach, before, test } from "node:test";
import type { Monitor } from "../../packages/rdp/src/index.ts";
import { eventually } from "../support/eventually.ts";
import { startLab } from "../support/lab.ts";
import { RdpPeer } from "../support/rdp-peer.ts";
import { makeRdpSession, RDP_PORT } from "../support/rdp-session.ts";
import { findXrdpDisplay } from "../support/xrdp-desktop.ts";

// Layouts of several monitors on xrdp 0.10: what RandR has in the session, and what an entry point is made of.

const LEFT: Monitor = { x: 0, y: 0, width: 800, height: 600, isPrimary: true, scalePercent: 100 };
const RIGHT: Monitor = { x: 800, y: 0, width: 640, height: 480, isPrimary: false, scalePercent: 200 };
const PLACES = [
  { x: 0, y: 0, width: 800, height: 600 },
  { x: 800, y: 0, width: 640, height: 480 },
];

let peer: RdpPeer | null = null;
before(() => startLab("xrdp10"));
afterEach(async () => {
  await peer?.close();
  peer = null;
});

function monitors(display: string): string {
  const { stdout } = spawnSync("xrandr", ["-display", display, "--listmonitors"], { encoding: "utf8" });
  return [...stdout.matchAll(/(\d+)\/\d+x(\d+)\/\d+\+(\d+)\+(\d+)/g)]
    .map(([, ...all]) => all.join())
    .join(" ");
}

const surfacesMapped = (frames: RdpPeer["frames"]) =>
  frames.flatMap(({ commands }) =>
    commands.flatMap((command) => (command.op === "map" && command.place.width > 0 ? [command.place] : [])),
  );

for (const how of ["while connected", "from connecting on"] as const)
  test(`two monitors, asked for ${how}, and an entry point made of both`, async () => {
    const isLater = how === "while connected";
    const connected = new RdpPeer(RDP_PORT.xrdp10, isLater ? {} : { monitors: [LEFT, RIGHT] });
    peer = connected;
    await connected.until("the desktop", () => connected.isOpen);
    const display = await findXrdpDisplay("xrdp10");
    await connected.until("what the server takes", () =>
      connected.others.some((other) => other.type === "monitorLimit" && other.count > 1),
    );
    if (isLater) connected.run(connected.client.layOut([LEFT, RIGHT]));
    await connected.until("the server's monitors", () =>
      connected.others.some(
        (other) => other.type === "monitors" && JSON.stringify(other.places) === JSON.stringify(PLACES),
      ),
    );
    await eventually("RandR's monitors", async (seen) => {
      seen(monitors(display));
      return monitors(display) === "800,600,0,0 640,480,800,0";
    });
    assert.deepEqual(connected.client.size, { width: 1440, height: 600 });
    await connected.until("a surface for each", () => surfacesMapped(connected.frames).length >= 2);
    const from = connected.frames.length;
    connected.run(connected.client.requestEntryPoint(connected.nowMs));
    const since = () => connected.frames.slice(from);
    await connected.until("a whole entry point", () => since().some(({ entry }) => entry === "end"));
    const start = since().findIndex(({ entry }) => entry === "start");
    const end = since().findIndex(({ entry }) => entry === "end");
    assert.deepEqual(surfacesMapped(since().slice(start, end + 1)), PLACES);
  });

test("a window measured while the target was opening: the desktop takes that size", async () => {
  const { host, viewer, driver } = makeRdpSession({ port: RDP_PORT.xrdp10 });
  host.viewerSize = { columns: 0, rows: 0, widthPx: 900, heightPx: 700 };
  try {
    await driver.open();
    await eventually("the desktop's size", async (seen) => {
      const { width, height } = viewer.decoder.surface(0) ?? { width: 0, height: 0 };
      seen(`${width}x${height}`);
      return width === 900 && height === 700;
    });
  } finally {
    driver.close();
  }
});

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { Encoding } from "../../packages/rfb/src/index.ts";
import { projectRoot, startLab } from "../support/lab.ts";
import {
  compare,
  RfbPeer,
  runWorkload,
  screenshot,
  sleep,
  untilSame,
  vncHop,
  waitFor,
} from "../support/vnc-peer.ts";

const TIGERVNC = { port: 5945, display: ":45" };
const X11VNC = { port: 5947, display: ":47" };
const { copyRect, hextile, raw, rre, tight, zrle } = Encoding;

before(() => startLab("vnc", "x11vnc"));

const windows: ReturnType<typeof spawn>[] = [];
after(() => {
  for (const child of windows) child.kill();
});

/** Something to see that does not move: text, colours, a picture. */
async function showStill(display: string): Promise<void> {
  const text = spawn(
    "xterm",
    ["-display", display, "-geometry", "70x20+300+200", "-e", "ls -la /usr/bin | head -n 18; sleep 600"],
    { stdio: "ignore" },
  );
  windows.push(text);
  spawnSync("import", ["-version"]);
  await sleep(800);
}

before(async () => {
  await showStill(TIGERVNC.display);
  await showStill(X11VNC.display);
});

for (const [server, { port, display }] of Object.entries({ TigerVNC: TIGERVNC, x11vnc: X11VNC }))
  for (const [name, encodings] of Object.entries({
    raw: [raw],
    RRE: [rre],
    Hextile: [hextile],
    ZRLE: [zrle],
    "lossless Tight": [tight],
    everything: [copyRect, tight, zrle, hextile, rre, raw],
  }))
    test(`${server}, ${name}: the picture is the X display's, pixel by pixel`, async () => {
      const peer = new RfbPeer(vncHop(port), { encodings });
      try {
        await peer.open();
        await peer.settle();
        await untilSame(() => peer.viewer.decoder.surface(), display);
      } finally {
        peer.close();
      }
    });

for (const [name, encodings] of Object.entries({
  ZRLE: [copyRect, zrle],
  "lossless Tight": [copyRect, tight],
  Hextile: [copyRect, hextile],
}))
  test(`TigerVNC, ${name}: after dragging a window and scrolling the picture is still exact`, async () => {
    const peer = new RfbPeer(vncHop(TIGERVNC.port), { encodings });
    try {
      await peer.open();
      await Promise.all([
        runWorkload(projectRoot, TIGERVNC.display, "drag", 2),
        runWorkload(projectRoot, TIGERVNC.display, "scroll", 2),
      ]);
      await peer.settle();
      assert.ok(peer.updates > 20, `${peer.updates} updates`);
      await untilSame(() => peer.viewer.decoder.surface(), TIGERVNC.display);
    } finally {
      peer.close();
    }
  });

/** Slides change every second: compares at a moment when the screen was the same before and after. */
async function compareBetweenSlides(peer: RfbPeer): Promise<ReturnType<typeof compare>> {
  for (;;) {
    const before = screenshot(TIGERVNC.display);
    await peer.settle(100);
    const result = compare(peer.viewer.decoder.surface(), before);
    if (screenshot(TIGERVNC.display).rgba.equals(before.rgba)) return result;
  }
}

test("TigerVNC, Tight JPEG: the picture is close to the X display's", async () => {
  const peer = new RfbPeer(vncHop(TIGERVNC.port), {
    encodings: [tight],
    quality: { quality: 6, compressLevel: 2 },
  });
  try {
    await peer.open();
    const work = runWorkload(projectRoot, TIGERVNC.display, "slides", 8);
    await sleep(2000);
    const result = await compareBetweenSlides(peer);
    await work;
    assert.ok(result.mean < 4, JSON.stringify(result));
  } finally {
    peer.close();
  }
});

test("a viewer that starts at an entry point in mid-stream sees the same as one that was there", async () => {
  for (const encodings of [
    [copyRect, tight],
    [copyRect, zrle],
  ]) {
    const peer = new RfbPeer(vncHop(TIGERVNC.port), { encodings });
    const { makeViewer } = await import("../support/vnc-peer.ts");
    try {
      await peer.open();
      const work = runWorkload(projectRoot, TIGERVNC.display, "scroll", 4);
      await waitFor("updates", () => peer.updates > 40);
      const late = makeViewer();
      let hasStarted = false;
      let ends = 0;
      peer.onFrame = (command) => {
        if (command.entry === "start") hasStarted = true;
        if (command.entry === "end") ends++;
        if (hasStarted) late.decoder.push(command.payload);
      };
      peer.connection.run(peer.connection.client.requestEntryPoint(peer.host.nowMs()));
      await waitFor("entry end", () => ends > 0);
      await work;
      await peer.settle();
      await late.decoder.idle();
      assert.deepEqual(late.errors, []);
      await untilSame(() => peer.viewer.decoder.surface(), TIGERVNC.display, "the first viewer");
      await untilSame(() => late.decoder.surface(), TIGERVNC.display, "the late viewer");
    } finally {
      peer.close();
    }
  }
});

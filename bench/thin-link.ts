import { spawn, spawnSync } from "node:child_process";
import { decodeCommands } from "@poterne/picture";
import { openSession, startDemo } from "../tests/support/demo.ts";
import { labDir, projectRoot, startLab } from "../tests/support/lab.ts";
import { runWorkload, sleep } from "../tests/support/vnc-peer.ts";
import { GatewayViewer } from "./gateway-viewer.ts";
import { atMost, type Bench, type BenchResult, median, percentile } from "./result.ts";
import { startThinProxy } from "./thin-proxy.ts";

/** A desktop of its own: the lab's may be in use, and of any size. */
const DISPLAY = ":97";
const DESKTOP_PORT = 5997;
/** 2 Mbit/s and a round trip of 80 ms. */
const LINE = { bytesPerMs: 250, oneWayMs: 40 } as const;
/** The workloads' windows end above this row; the terminal that is typed into lies below. */
const STRIP_TOP_PX = 740;
const BUDGET_MS = 150;
const TERMINAL_NAME = "poterne-thin-link";
const KEY_EVERY_MS = 700;
const ANSWER_LIMIT_MS = 5000;
/** Less than this a millisecond on the line, and the workload did not draw. */
const LEAST_BYTES_PER_MS = 20;
/** Video and scrolling settle on a quality within this time. */
const SETTLE_MS = 4000;

/** Key press → changed picture on a thin line: what it waits beyond the line's own time and its update's. */
export const thinLink: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc");
  const geometry = ["-geometry", "1280x800", "-depth", "24", "-AcceptSetDesktopSize=0"];
  const access = ["-rfbport", String(DESKTOP_PORT), "-interface", "127.0.0.1", "-SecurityTypes", "VncAuth"];
  const desktop = spawn("Xtigervnc", [DISPLAY, ...geometry, ...access, "-rfbauth", `${labDir}/vnc/passwd`], {
    stdio: "ignore",
  });
  const demo = await startDemo();
  const url = `/api/v1/targets/${demo.targets.vnc.targetId}`;
  const { version } = await demo.api.must<{ version: number }>("GET", url);
  await demo.api.must("PATCH", url, { version, port: DESKTOP_PORT });
  const port = Number(new URL(demo.gateway.url).port);
  const { port: proxyPort, server } = await startThinProxy(port, LINE);
  const words = [
    "-display",
    DISPLAY,
    "-geometry",
    `100x2+0+${STRIP_TOP_PX}`,
    "+bc",
    "-title",
    TERMINAL_NAME,
    "-e",
    "cat",
  ];
  const terminal = spawn("xterm", words, { stdio: "ignore" });
  const results: BenchResult[] = [];
  try {
    const sessionId = await openSession(demo.api, demo.targets.vnc);
    const viewer = await GatewayViewer.attach(demo.api, sessionId, proxyPort);
    await sleep(3000);
    viewer.input({ type: "pointer", x: 100, y: STRIP_TOP_PX + 20, buttons: 0 });
    await sleep(1500);
    const idle = await press(viewer, isQuick ? 4 : 10);
    const baseMs = median(idle.map(({ waitMs, ownMs }) => waitMs - ownMs));
    say(`without load ${baseMs.toFixed(0)} ms`);
    for (const workload of ["video", "scroll"]) {
      // What the workload makes once, a film for half a minute, is not to be made while keys are pressed.
      await runWorkload(projectRoot, DISPLAY, workload, 1);
      const keys = isQuick ? 12 : 40;
      const seconds = Math.ceil((SETTLE_MS + keys * (KEY_EVERY_MS + 300)) / 1000);
      const work = runWorkload(projectRoot, DISPLAY, workload, seconds);
      await sleep(SETTLE_MS);
      // A player takes the keyboard when its window appears, and there is no window manager to give it back.
      const focus = ["search", "--onlyvisible", "--name", TERMINAL_NAME, "windowfocus"];
      spawnSync("xdotool", focus, { env: { ...process.env, DISPLAY } });
      const bytesBefore = viewer.receivedBytes;
      const startedAt = performance.now();
      const answers = await press(viewer, keys);
      const rate = (viewer.receivedBytes - bytesBefore) / (performance.now() - startedAt);
      if (rate < LEAST_BYTES_PER_MS) throw new Error(`the workload ${workload} drew nothing`);
      const added = answers.map(({ waitMs, ownMs }) => waitMs - baseMs - ownMs);
      say(
        `${workload}: added ${added.map((value) => value.toFixed(0)).join(" ")} ms; ${rate.toFixed(0)} of 250 bytes/ms`,
      );
      results.push(
        atMost("thin-link", `${workload}, key to picture, added waiting p95`, {
          value: percentile(added, 0.95),
          unit: "ms",
          budget: BUDGET_MS,
        }),
      );
      await work;
      await sleep(1500);
    }
    viewer.end();
  } finally {
    terminal.kill();
    desktop.kill();
    server.close();
    await demo.gateway.stop();
  }
  return results;
};

interface Answer {
  readonly waitMs: number;
  /** What the update that brought it takes on the line by itself, as far as to the frame that brought it. */
  readonly ownMs: number;
}

/** Presses a key again and again; each answer is the first picture that changes the strip. */
async function press(viewer: GatewayViewer, count: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let index = 0; index < count; index++) {
    answers.push(await pressOnce(viewer, 0x61 + (index % 26)));
    await sleep(KEY_EVERY_MS * (0.5 + (index % 7) / 14));
  }
  return answers;
}

function pressOnce(viewer: GatewayViewer, keysym: number): Promise<Answer> {
  return new Promise((resolve) => {
    const pressedAt = performance.now();
    const finish = (answer: Answer) => {
      clearTimeout(timer);
      viewer.onPicture = () => {};
      resolve(answer);
    };
    const timer = setTimeout(() => finish({ waitMs: ANSWER_LIMIT_MS, ownMs: 0 }), ANSWER_LIMIT_MS);
    let updateBytes = 0;
    viewer.onPicture = ({ payload }, atMs) => {
      updateBytes += payload.length;
      for (const command of decodeCommands(payload)) {
        // An update that the target sends in several pieces is several frames.
        if (command.op === "present") updateBytes = 0;
        const isInStrip = command.op === "draw" && command.rectangle.y >= STRIP_TOP_PX - 10;
        if (isInStrip)
          return finish({
            waitMs: atMs - pressedAt,
            ownMs: Math.max(updateBytes, payload.length) / LINE.bytesPerMs,
          });
      }
    };
    for (const isDown of [true, false]) viewer.input({ type: "key", isDown, keysym, scancode: 0 });
  });
}

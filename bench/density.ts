import { startDemo } from "../tests/support/demo.ts";
import { startLab } from "../tests/support/lab.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import {
  childrenOf,
  describeSessions,
  openPictures,
  pinTo,
  pointTarget,
  takeLoopDelayP99,
} from "./bench-gateway.ts";
import type { GatewayViewer } from "./gateway-viewer.ts";
import { startOwnDesktop } from "./own-desktop.ts";
import { cpuMsOf, waitedMsOf } from "./process-cpu.ts";
import { Replay } from "./replay.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";
import { captureVnc } from "./vnc-capture.ts";

const SCROLLING = 50;
const TYPING = 100;
const BUDGET_MS = 20;
/** Updates that are not at the viewers when nothing has come for so long are lost. */
const SILENCE_MS = 3000;

interface Load {
  readonly name: string;
  readonly scrolling: number;
  readonly typing: number;
}

const LOADS: readonly Load[] = [
  { name: `${SCROLLING} scrolling`, scrolling: SCROLLING, typing: 0 },
  { name: `${TYPING} typing`, scrolling: 0, typing: TYPING },
  { name: "both at once", scrolling: SCROLLING, typing: TYPING },
];

/**
 * The gateway with its keeper on one core, recording; captures of the lab's TigerVNC replayed in their own time by a
 * process that shares the other core with the viewers. Each load gets a gateway of its own.
 */
export const density: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc");
  const { port, display, close } = await startOwnDesktop();
  const seconds = isQuick ? 3 : 6;
  const scroll = await captureVnc(port, display, "scroll", seconds);
  const typing = await captureVnc(port, display, "typing", seconds);
  close();
  const isPinned = pinTo(1, process.pid);
  if (!isPinned) say("taskset is missing: nothing is kept on its core");
  const results: BenchResult[] = [];
  for (const load of LOADS) {
    const replay = await Replay.start([[scroll], [typing]]);
    try {
      results.push(...(await measure(load, { replay, isPinned, isQuick, say })));
    } finally {
      replay.close();
    }
  }
  return results;
};

interface Setting {
  readonly replay: Replay;
  readonly isPinned: boolean;
  readonly isQuick: boolean;
  say(line: string): void;
}

async function measure(load: Load, { replay, isPinned, isQuick, say }: Setting): Promise<BenchResult[]> {
  const demo = await startDemo();
  const viewers: GatewayViewer[] = [];
  try {
    const pid = demo.gateway.child.pid ?? 0;
    if (isPinned) for (const each of [pid, ...childrenOf(pid)]) pinTo(0, each);
    if (isPinned) pinTo(1, replay.pid);
    for (const [index, count] of [load.scrolling, load.typing].entries()) {
      const change = { port: replay.ports[index] ?? 0, options: { minimumSecurity: "none" } };
      await pointTarget(demo, demo.targets.vnc, change);
      viewers.push(...(await openPictures(demo, count)));
    }
    await sleep(isQuick ? 2000 : 5000);
    const delays: number[] = [];
    const before = totalOf(viewers);
    const cpuBefore = cpuMsOf(pid);
    const waitedBefore = waitedMsOf(pid);
    const startedAt = performance.now();
    await takeLoopDelayP99(demo);
    for (let round = 0; round < (isQuick ? 1 : 3); round++) {
      await sleep(isQuick ? 6000 : 15_000);
      delays.push(await takeLoopDelayP99(demo));
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const rate = (totalOf(viewers) - before) / seconds;
    const cpuMs = (cpuMsOf(pid) - cpuBefore) / seconds;
    const waitedMs = (waitedMsOf(pid) - waitedBefore) / seconds;
    const { updates, waitingBytes } = await replay.halt();
    const sent = updates.reduce((sum, count) => sum + count, 0);
    const late = sent - totalOf(viewers);
    await untilSilent(
      () => totalOf(viewers) >= sent,
      () => totalOf(viewers),
    );
    const lost = sent - totalOf(viewers);
    say(
      `${load.name}: ${rate.toFixed(0)} updates/s at the viewers, ${sent} sent, ${late} late, ${lost} lost`,
    );
    say(
      `${cpuMs.toFixed(0)} ms of CPU a second, ${waitedMs.toFixed(0)} ms waiting for the core; sessions: ${await describeSessions(demo)}; ${waitingBytes} bytes not taken`,
    );
    say(`p99 ${delays.map((delay) => delay.toFixed(1)).join(" ")} ms`);
    return [
      atMost("density", `${load.name}, loop delay p99`, {
        value: median(delays),
        unit: "ms",
        budget: BUDGET_MS,
      }),
      atMost("density", `${load.name}, updates lost`, { value: Math.abs(lost), unit: "", budget: 0 }),
    ];
  } finally {
    for (const viewer of viewers) viewer.close();
    await demo.gateway.stop();
  }
}

async function untilSilent(isComplete: () => boolean, count: () => number): Promise<void> {
  let seen = -1;
  while (!isComplete() && seen !== count()) {
    seen = count();
    await sleep(SILENCE_MS);
  }
}

function totalOf(viewers: readonly GatewayViewer[]): number {
  return viewers.reduce((sum, { updates }) => sum + updates, 0);
}

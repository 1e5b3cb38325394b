import { startDemo } from "../tests/support/demo.ts";
import { startLab } from "../tests/support/lab.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { childrenOf, describeSessions, pinTo, takeLoopDelayP99 } from "./bench-gateway.ts";
import type { GatewayViewer } from "./gateway-viewer.ts";
import { cpuMsOf, waitedMsOf } from "./process-cpu.ts";
import { captureRdp, type RdpCodecName } from "./rdp-captures.ts";
import { grantRdp, openDesktops } from "./rdp-viewing.ts";
import { Replay } from "./replay.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";

const TYPING = 50;
const SCROLLING = 30;
const BUDGET_MS = 20;
/** What xrdp 0.10 sends to whoever has the graphics pipeline. */
const CODEC: RdpCodecName = "progressive";
/** Less than all of it: an update in flight when the counting ends is neither lost nor late. */
const FULL_RATE = 0.98;

/**
 * 50 sessions typing and 30 scrolling at once (replayed, TLS on both sides, recorded), the gateway with its keeper on one
 * core, the replay and the viewers on the other. The replay waits for acknowledgements as a real server does: updates
 * a second at the viewers, against what the captures have, say whether the gateway keeps up.
 */
export const rdpLoad: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc");
  const seconds = isQuick ? 3 : 6;
  const scroll = await captureRdp(CODEC, "scroll", seconds);
  const typing = await captureRdp(CODEC, "typing", seconds);
  const isPinned = pinTo(1, process.pid);
  if (!isPinned) say("taskset is missing: nothing is kept on its core");
  const replay = await Replay.startRdp([[scroll], [typing]]);
  const demo = await startDemo();
  const viewers: GatewayViewer[] = [];
  try {
    const pid = demo.gateway.child.pid ?? 0;
    if (isPinned) for (const each of [pid, ...childrenOf(pid)]) pinTo(0, each);
    if (isPinned) pinTo(1, replay.pid);
    const full = { rate: 0 };
    for (const [index, count] of [SCROLLING, TYPING].entries()) {
      const target = await grantRdp(demo, replay.ports[index] ?? 0);
      viewers.push(...(await openDesktops(demo, target, count)));
      const { packets, lengthMs } = index === 0 ? scroll : typing;
      full.rate += (count * packets.reduce((sum, { frames }) => sum + frames, 0) * 1000) / lengthMs;
    }
    await sleep(isQuick ? 3000 : 10_000);
    const delays: number[] = [];
    const before = totalOf(viewers);
    const [cpuBefore, waitedBefore, startedAt] = [cpuMsOf(pid), waitedMsOf(pid), performance.now()];
    await takeLoopDelayP99(demo);
    for (let round = 0; round < (isQuick ? 1 : 3); round++) {
      await sleep(isQuick ? 8000 : 20_000);
      delays.push(await takeLoopDelayP99(demo));
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const rate = (totalOf(viewers) - before) / seconds;
    const perSecond = (value: number) => (value / seconds).toFixed(0);
    const [cpuMs, waitedMs] = [cpuMsOf(pid) - cpuBefore, waitedMsOf(pid) - waitedBefore];
    say(`${rate.toFixed(0)} updates/s at the viewers, ${full.rate.toFixed(0)} in the captures`);
    say(`${perSecond(cpuMs)} ms of CPU a second, ${perSecond(waitedMs)} ms waiting for the core`);
    say(
      `sessions: ${await describeSessions(demo)}; p99 ${delays.map((delay) => delay.toFixed(1)).join(" ")} ms`,
    );
    return results(median(delays), rate / full.rate);
  } finally {
    for (const viewer of viewers) viewer.close();
    replay.close();
    await demo.gateway.stop();
  }
};

function results(delayMs: number, part: number): BenchResult[] {
  const what = `${TYPING} typing and ${SCROLLING} scrolling`;
  const value = Math.round(part * 1000) / 1000;
  return [
    atMost("rdp-load", `${what}, loop delay p99`, { value: delayMs, unit: "ms", budget: BUDGET_MS }),
    {
      name: "rdp-load",
      metric: `${what}, part of the full rate`,
      value,
      unit: "",
      budget: FULL_RATE,
      ok: value >= FULL_RATE,
    },
  ];
}

function totalOf(viewers: readonly GatewayViewer[]): number {
  return viewers.reduce((sum, { updates }) => sum + updates, 0);
}

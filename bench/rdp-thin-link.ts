import { openSession, startDemo } from "../tests/support/demo.ts";
import { startLab } from "../tests/support/lab.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { GatewayViewer } from "./gateway-viewer.ts";
import { captureRdp, RDP_CODECS, type RdpCodecName } from "./rdp-captures.ts";
import { grantRdp, untilPictures } from "./rdp-viewing.ts";
import { Replay } from "./replay.ts";
import { atMost, type Bench, type BenchResult, median, percentile } from "./result.ts";
import { startThinProxy } from "./thin-proxy.ts";

/** 2 Mbit/s and a round trip of 80 ms. */
const LINE = { bytesPerMs: 250, oneWayMs: 40 } as const;
const BUDGET_MS = 200;
const SETTLE_MS = 5000;
const CODECS: readonly RdpCodecName[] = ["progressive", "AVC444"];
const QUICK_CODECS: readonly RdpCodecName[] = ["progressive"];

/**
 * Pictures on a thin line while a desktop scrolls, replayed by a server that waits for acknowledgements. Each frame says
 * when it reached the gateway; what it took to the viewer beyond its own transmission and the shortest way any frame
 * took (the line's 40 ms) is waiting, in the gateway or in the proxy's buffer, less the update before it, which is on the
 * line already. A key's answer would wait as long, and
 * beyond it in the server for the frames it may send ahead.
 */
export const rdpThinLink: Bench = async ({ isQuick, say }) => {
  const codecs = isQuick ? QUICK_CODECS : CODECS;
  startLab("sshd", "telnet", "vnc", ...codecs.map((codec) => RDP_CODECS[codec].server));
  const results: BenchResult[] = [];
  for (const codec of codecs) {
    const replay = await Replay.startRdp([[await captureRdp(codec, "scroll", isQuick ? 3 : 6)]]);
    try {
      const added = await measure(replay.ports[0] ?? 0, isQuick ? 12_000 : 30_000);
      const value = percentile(added.waits, 0.95);
      say(
        `${codec}: waiting ${median(added.waits).toFixed(0)} ms median, ${value.toFixed(0)} ms p95 of ${added.waits.length} updates; ${added.rate.toFixed(0)} of 250 bytes/ms`,
      );
      const metric = `${codec}, scrolling, waiting added p95`;
      results.push(atMost("rdp-thin-link", metric, { value, unit: "ms", budget: BUDGET_MS }));
    } finally {
      replay.close();
    }
  }
  return results;
};

interface Waiting {
  readonly waits: readonly number[];
  /** Bytes a millisecond on the line. */
  readonly rate: number;
}

async function measure(replayPort: number, durationMs: number): Promise<Waiting> {
  const demo = await startDemo();
  const { port, server } = await startThinProxy(Number(new URL(demo.gateway.url).port), LINE);
  try {
    const target = await grantRdp(demo, replayPort);
    const viewer = await GatewayViewer.attach(demo.api, await openSession(demo.api, target), port);
    const came: { readonly atMs: number; readonly waitMs: number; readonly ownMs: number }[] = [];
    viewer.onPicture = ({ payload, timeMs }, atMs) => {
      const ownMs = payload.length / LINE.bytesPerMs;
      came.push({ atMs, waitMs: atMs - timeMs - ownMs, ownMs });
    };
    await untilPictures([viewer]);
    await sleep(SETTLE_MS);
    const [before, fromMs] = [viewer.receivedBytes, performance.now()];
    await sleep(durationMs);
    viewer.onPicture = () => {};
    const rate = (viewer.receivedBytes - before) / durationMs;
    viewer.end();
    // The session's clock and ours began at different times: the frame that waited least shows by how much.
    const leastMs = Math.min(...came.map(({ waitMs }) => waitMs));
    const settled = came.filter(({ atMs }) => atMs >= fromMs);
    // One update is always on the line already while a desktop scrolls: its time is allowed.
    const waits = settled.map(({ waitMs }, index) => waitMs - leastMs - (settled[index - 1]?.ownMs ?? 0));
    return { waits, rate };
  } finally {
    server.close();
    await demo.gateway.stop();
  }
}

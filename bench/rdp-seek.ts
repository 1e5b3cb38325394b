import { chromium } from "@playwright/test";
import { type Demo, openSession, startDemo } from "../tests/support/demo.ts";
import { startLab } from "../tests/support/lab.ts";
import { HeadlessViewer } from "../tests/support/viewer.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { type RecordedPiece, writeHours } from "./hour.ts";
import { captureRdp, RDP_CODECS, type RdpCodecName } from "./rdp-captures.ts";
import { grantRdp } from "./rdp-viewing.ts";
import { Replay } from "./replay.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";
import { chooseFarFrom, endAndRead, openPlayer, seekTo } from "./seek.ts";

const BUDGET_MS = 300;
const CODECS: readonly RdpCodecName[] = ["bitmap", "RemoteFX", "progressive", "AVC420", "AVC444"];
const QUICK_CODECS: readonly RdpCodecName[] = ["progressive"];

/**
 * `seek` for RDP: an hour of each codec, made of a recorded session of a replayed lab server that scrolls and is then
 * typed in, written again and again by the product's recorder with a fast clock. The slowest seek of a round counts.
 */
export const rdpSeek: Bench = async ({ isQuick, say }) => {
  const codecs = isQuick ? QUICK_CODECS : CODECS;
  startLab("sshd", "telnet", "vnc", ...codecs.map((codec) => RDP_CODECS[codec].server));
  const first = await startDemo();
  const pieces: RecordedPiece[] = [];
  try {
    for (const codec of codecs) pieces.push(await record(first, codec, isQuick ? 2 : 10));
  } finally {
    await first.gateway.stop({ keepData: true });
  }
  const hours = await writeHours(first.gateway.dataDir, pieces);
  const demo = await startDemo([], first.gateway.dataDir);
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const results: BenchResult[] = [];
  try {
    for (const [index, codec] of codecs.entries()) {
      const page = await openPlayer(browser, demo, hours[index] ?? "");
      const slowest: number[] = [];
      let placeMs = 0;
      for (let round = 0; round < (isQuick ? 1 : 3); round++) {
        const times: number[] = [];
        for (let turn = 0; turn < (isQuick ? 8 : 20); turn++) {
          placeMs = chooseFarFrom(placeMs);
          times.push(await seekTo(page, placeMs));
        }
        slowest.push(Math.max(...times));
        say(`${codec}: median ${median(times).toFixed(0)} ms, slowest ${slowest.at(-1)?.toFixed(0)} ms`);
      }
      await page.close();
      const metric = `${codec}, slowest seek of an hour`;
      results.push(atMost("rdp-seek", metric, { value: median(slowest), unit: "ms", budget: BUDGET_MS }));
    }
  } finally {
    await browser.close();
    await demo.gateway.stop();
  }
  return results;
};

/** One session: scrolling once, then typing, whole as the recorder has it. */
async function record(demo: Demo, codec: RdpCodecName, seconds: number): Promise<RecordedPiece> {
  const scroll = await captureRdp(codec, "scroll", seconds);
  const typing = await captureRdp(codec, "typing", seconds);
  const replay = await Replay.startRdp([[scroll, typing]]);
  try {
    const target = await grantRdp(demo, replay.ports[0] ?? 0);
    const sessionId = await openSession(demo.api, target);
    const viewer = await HeadlessViewer.attach(demo.api, sessionId, { keepsFrames: false });
    await viewer.untilOpen();
    await sleep(scroll.lengthMs + typing.lengthMs * 2);
    return await endAndRead(demo, viewer, { sessionId, kind: "desktop", protocol: "rdp" });
  } finally {
    replay.close();
  }
}

import { startDemo } from "../tests/support/demo.ts";
import { startLab } from "../tests/support/lab.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { residentKbOf } from "./bench-gateway.ts";
import { captureRdp, type RdpCodecName } from "./rdp-captures.ts";
import { grantRdp, openDesktops } from "./rdp-viewing.ts";
import { Replay } from "./replay.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";

const SESSIONS = 50;
/** Opened, used and ended before the first look, so that code and caches are there. */
const WARM_SESSIONS = 5;
const BUDGET_MB = 6;
const CODECS: readonly RdpCodecName[] = ["bitmap", "progressive", "AVC444"];
const QUICK_CODECS: readonly RdpCodecName[] = ["AVC444"];

/**
 * Resident memory of the gateway's processes that 50 recorded RDP sessions with their viewers add, after scrolling,
 * while somebody types (replayed). Each round has a gateway of its own, because V8 does not give back what earlier
 * sessions took.
 */
export const rdpMemory: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc");
  const seconds = isQuick ? 2 : 5;
  const results: BenchResult[] = [];
  for (const codec of isQuick ? QUICK_CODECS : CODECS) {
    const scroll = await captureRdp(codec, "scroll", seconds);
    const typing = await captureRdp(codec, "typing", seconds);
    const replay = await Replay.startRdp([[scroll, typing]]);
    try {
      const added: number[] = [];
      for (let round = 0; round < (isQuick ? 1 : 3); round++) {
        added.push(await measure(replay.ports[0] ?? 0, seconds * 1000));
        say(`${codec}: ${added.at(-1)?.toFixed(2)} MB per session`);
      }
      const value = median(added);
      results.push(
        atMost("rdp-memory", `RSS added per session, ${codec}`, { value, unit: "MB", budget: BUDGET_MB }),
      );
    } finally {
      replay.close();
    }
  }
  return results;
};

async function measure(port: number, scrollMs: number): Promise<number> {
  const demo = await startDemo();
  try {
    const pid = demo.gateway.child.pid ?? 0;
    const target = await grantRdp(demo, port);
    const open = async (count: number) => {
      const clients = await openDesktops(demo, target, count);
      await sleep(scrollMs + 4000);
      return clients;
    };
    for (const client of await open(WARM_SESSIONS)) client.end();
    await sleep(3000);
    const beforeKb = residentKbOf(pid);
    const clients = await open(SESSIONS);
    const addedKb = residentKbOf(pid) - beforeKb;
    for (const client of clients) client.close();
    return addedKb / 1024 / SESSIONS;
  } finally {
    await demo.gateway.stop();
  }
}

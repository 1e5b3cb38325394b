import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DemoTarget } from "../tests/support/demo.ts";
import { type Demo, openSession, startDemo } from "../tests/support/demo.ts";
import { startLab } from "../tests/support/lab.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { GatewayViewer } from "./gateway-viewer.ts";
import { captureAll, type RdpCodecName } from "./rdp-captures.ts";
import { RdpRelayViewer } from "./rdp-relay-viewer.ts";
import { grantRdp, untilEnded, untilPictures } from "./rdp-viewing.ts";
import { type Cost, costOf, describeCost, startRelay, takeSnapshot } from "./relay-cost.ts";
import { Replay } from "./replay.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";

const WORKLOADS = ["typing", "scroll", "drag", "video"] as const;
const QUICK_WORKLOADS = ["scroll"] as const;
const CODECS: readonly RdpCodecName[] = ["bitmap", "RemoteFX", "progressive", "AVC420", "AVC444"];
const BUDGET = 1.5;
/** Sessions on each side. */
const SESSIONS = 4;
/** A session of ours and one of the relay's begin together, each pair so long after the one before. */
const STAGGER_MS = 137;

/**
 * Gateway CPU (all its processes) per megabyte and per draw while recording, TLS on both sides, as a ratio to the
 * reference relay. Both serve the same captures of the lab's servers at the same time, so what the machine does besides
 * hits both; entry points of recordings are included.
 */
export const rdpCpu: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc");
  const workloads = isQuick ? QUICK_WORKLOADS : WORKLOADS;
  const pieces = await captureAll(CODECS, workloads, isQuick ? 3 : 6);
  const replay = await Replay.startRdp(pieces.map(({ capture }) => [capture]));
  const demo = await startDemo();
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-bench-"));
  const relay = await startRelay(demo.gateway.dataDir, folder);
  const results: BenchResult[] = [];
  try {
    for (const [index, { codec, workload }] of pieces.entries()) {
      const port = replay.ports[index] ?? 0;
      const target = await grantRdp(demo, port);
      const ratios = await compare(demo, {
        target,
        relay,
        port,
        codec,
        isQuick,
        say: (line) => say(`${codec} ${workload}: ${line}`),
      });
      for (const [what, key] of [
        ["MB", "msPerMb"],
        ["draw", "msPerUpdate"],
      ] as const) {
        const value = median(ratios.map((ratio) => ratio[key]));
        results.push(
          atMost("rdp-cpu", `${codec} ${workload}, per ${what}`, { value, unit: "×", budget: BUDGET }),
        );
      }
    }
  } finally {
    relay.stop();
    replay.close();
    await demo.gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
};

interface Comparison {
  readonly target: DemoTarget;
  readonly relay: { readonly port: number; readonly pid: number };
  readonly port: number;
  readonly codec: RdpCodecName;
  readonly isQuick: boolean;
  say(line: string): void;
}

async function compare(
  demo: Demo,
  { target, relay, port, codec, isQuick, say }: Comparison,
): Promise<Cost[]> {
  const ours: GatewayViewer[] = [];
  const theirs: RdpRelayViewer[] = [];
  for (let index = 0; index < SESSIONS; index++) {
    ours.push(await GatewayViewer.attach(demo.api, await openSession(demo.api, target)));
    theirs.push(new RdpRelayViewer(relay.port, port, codec));
    await sleep(STAGGER_MS);
  }
  await untilPictures([...ours, ...theirs]);
  // Both compile what runs often; a gateway in use has done so long ago.
  await sleep(isQuick ? 8000 : 25_000);
  const pid = demo.gateway.child.pid ?? 0;
  const drawn = () => ours.map(({ receivedBytes, draws }) => ({ receivedBytes, updates: draws }));
  const ratios: Cost[] = [];
  for (let round = 0; round < (isQuick ? 1 : 3); round++) {
    const before = [takeSnapshot(pid, drawn()), takeSnapshot(relay.pid, theirs)] as const;
    await sleep(isQuick ? 5000 : 10_000);
    const after = [takeSnapshot(pid, drawn()), takeSnapshot(relay.pid, theirs)] as const;
    const own = costOf(before[0], after[0]);
    const reference = costOf(before[1], after[1]);
    const rate = (side: 0 | 1) => `${((after[side].bytes - before[side].bytes) / 1e6).toFixed(1)} MB`;
    say(`gateway ${describeCost(own)} (${rate(0)}), relay ${describeCost(reference)} (${rate(1)})`);
    ratios.push({
      msPerMb: own.msPerMb / reference.msPerMb,
      msPerUpdate: own.msPerUpdate / reference.msPerUpdate,
    });
  }
  for (const viewer of ours) viewer.end();
  for (const viewer of theirs) viewer.close();
  await untilEnded(demo);
  for (const viewer of ours) viewer.close();
  return ratios;
}

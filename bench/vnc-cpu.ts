import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Demo, openSession, startDemo } from "../tests/support/demo.ts";
import { startLab } from "../tests/support/lab.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { pointTarget } from "./bench-gateway.ts";
import { GatewayViewer } from "./gateway-viewer.ts";
import { type Cost, costOf, describeCost, startRelay, takeSnapshot } from "./relay-cost.ts";
import { RelayViewer } from "./relay-viewer.ts";
import { Replay } from "./replay.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";
import { captureVnc, type VncCapture } from "./vnc-capture.ts";

const DISPLAY = ":45";
const LAB_PORT = 5945;
const WORKLOADS = ["typing", "scroll", "drag", "video"] as const;
const BUDGET = 1.5;
/** Sessions on each side: enough that the code is compiled and wake-ups are shared, as on a gateway in use. */
const SESSIONS = 6;
/** A session of ours and one of the relay's begin together, each pair so long after the one before. */
const STAGGER_MS = 137;

/**
 * Gateway CPU (all its processes) per megabyte and per update while recording, TLS on both sides, as a ratio to the
 * reference relay.
 * Both serve the same captures of the lab's TigerVNC at the same time, so what the machine does besides hits both.
 * Sessions begin in pairs: were one side's in step, it would be woken once for six updates and the other six times.
 */
export const vncCpu: Bench = async ({ isQuick, say }) => {
  const rounds = isQuick ? 1 : 3;
  startLab("sshd", "telnet", "vnc");
  const captures: VncCapture[] = [];
  for (const workload of WORKLOADS)
    captures.push(await captureVnc(LAB_PORT, DISPLAY, workload, isQuick ? 3 : 6));
  const demo = await startDemo();
  const replay = await Replay.startSecure(
    captures.map((capture) => [capture]),
    demo.gateway.dataDir,
  );
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-bench-"));
  const relay = await startRelay(demo.gateway.dataDir, folder);
  const results: BenchResult[] = [];
  try {
    for (const [index, workload] of WORKLOADS.entries()) {
      const [port = 0, plainTlsPort = 0] = replay.ports.slice(2 * index);
      await pointTarget(demo, demo.targets.vnc, { port, options: { minimumSecurity: "none" } });
      const { ours, theirs } = await openPairs(demo, relay.port, plainTlsPort);
      // Both compile what runs often; a gateway in use has done so long ago.
      await sleep(isQuick ? 15_000 : 30_000);
      const ratios: Cost[] = [];
      for (let round = 0; round < rounds; round++) {
        const before = [
          takeSnapshot(demo.gateway.child.pid ?? 0, ours),
          takeSnapshot(relay.pid, theirs),
        ] as const;
        await sleep(isQuick ? 6000 : 12_000);
        const own = costOf(before[0], takeSnapshot(demo.gateway.child.pid ?? 0, ours));
        const reference = costOf(before[1], takeSnapshot(relay.pid, theirs));
        say(`${workload}: gateway ${describeCost(own)}, relay ${describeCost(reference)}`);
        ratios.push({
          msPerMb: own.msPerMb / reference.msPerMb,
          msPerUpdate: own.msPerUpdate / reference.msPerUpdate,
        });
      }
      for (const viewer of ours) viewer.end();
      for (const viewer of [...ours, ...theirs]) viewer.close();
      const perMb = median(ratios.map(({ msPerMb }) => msPerMb));
      const perUpdate = median(ratios.map(({ msPerUpdate }) => msPerUpdate));
      results.push(atMost("vnc-cpu", `${workload}, per MB`, { value: perMb, unit: "×", budget: BUDGET }));
      results.push(
        atMost("vnc-cpu", `${workload}, per update`, { value: perUpdate, unit: "×", budget: BUDGET }),
      );
    }
  } finally {
    relay.stop();
    replay.close();
    await demo.gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
};

interface Pairs {
  readonly ours: GatewayViewer[];
  readonly theirs: RelayViewer[];
}

async function openPairs({ api, targets }: Demo, relayPort: number, port: number): Promise<Pairs> {
  const [ours, theirs]: [GatewayViewer[], RelayViewer[]] = [[], []];
  for (let index = 0; index < SESSIONS; index++) {
    ours.push(await GatewayViewer.attach(api, await openSession(api, targets.vnc)));
    theirs.push(new RelayViewer(relayPort, port));
    await sleep(STAGGER_MS);
  }
  const endAt = performance.now() + 15_000;
  while (![...ours, ...theirs].every(({ updates }) => updates > 0)) {
    if (performance.now() > endAt) throw new Error("no picture within 15 s");
    await sleep(50);
  }
  return { ours, theirs };
}

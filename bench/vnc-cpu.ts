import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Demo, openSession, startDemo } from "../tests/support/demo.ts";
import { projectRoot, startLab } from "../tests/support/lab.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { pointTarget } from "./bench-gateway.ts";
import { GatewayViewer } from "./gateway-viewer.ts";
import { cpuMsOf } from "./process-cpu.ts";
import { RelayViewer } from "./relay-viewer.ts";
import { Replay, type ReplayPorts } from "./replay.ts";
import { atMost, type Bench, type BenchResult, median } from "./result.ts";
import { captureVnc, type VncCapture } from "./vnc-capture.ts";

const DISPLAY = ":45";
const LAB_PORT = 5945;
const WORKLOADS = ["typing", "scroll", "drag", "video"] as const;
const BUDGET = 1.5;
/** Sessions on each side: enough that the code is compiled and wake-ups are shared, as on a gateway in use. */
const SESSIONS = 6;
/** The reference ends TLS on both sides (design §9); without TLS to the target both are measured too, in full only. */
const WAYS = ["tls", "tcp"] as const;
/** Fewer updates than this a second and session, and the capture holds next to nothing: a ratio would tell nothing. */
const LEAST_UPDATES = 2;
/** A session of ours and one of the relay's begin together, each pair so long after the one before. */
const STAGGER_MS = 137;

interface Viewer {
  readonly receivedBytes: number;
  readonly updates: number;
  close(): void;
}

interface Cost {
  readonly msPerMb: number;
  readonly msPerUpdate: number;
}

type Way = (typeof WAYS)[number];

/**
 * Gateway CPU (all its processes) per megabyte and per update while recording, as a ratio to the reference relay.
 * Both serve the same captures of the lab's TigerVNC at the same time, so what the machine does besides hits both.
 * Sessions begin in pairs: were one side's in step, it would be woken once for six updates and the other six times.
 */
export const vncCpu: Bench = async ({ isQuick, say }) => {
  startLab("sshd", "telnet", "vnc");
  const captures: VncCapture[] = [];
  for (const workload of WORKLOADS)
    captures.push(await captureVnc(LAB_PORT, DISPLAY, workload, isQuick ? 3 : 6));
  const demo = await startDemo();
  const identity = tlsFiles(demo.gateway.dataDir);
  const replay = await Replay.start(
    captures.map((capture) => [capture]),
    identity,
  );
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-bench-"));
  const relay = await startRelay(identity, folder);
  const results: BenchResult[] = [];
  try {
    for (const way of isQuick ? WAYS.slice(0, 1) : WAYS)
      for (const [index, workload] of WORKLOADS.entries()) {
        const ports = replay.ports[index];
        if (ports === undefined) throw new Error("no port");
        const name = way === "tls" ? workload : `${workload} without TLS to the target`;
        const costs = await measure({ demo, relay, ports, way, name }, { isQuick, say });
        for (const [what, value] of Object.entries(costs))
          results.push(atMost("vnc-cpu", `${name}, per ${what}`, { value, unit: "×", budget: BUDGET }));
      }
  } finally {
    relay.stop();
    replay.close();
    await demo.gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
};

interface Setting {
  readonly demo: Demo;
  readonly relay: { readonly port: number; readonly pid: number };
  readonly ports: ReplayPorts;
  readonly way: Way;
  readonly name: string;
}

/** The gateway's cost over the relay's, per megabyte and per update. */
async function measure(
  { demo, relay, ports, way, name }: Setting,
  { isQuick, say }: Parameters<Bench>[0],
): Promise<{ MB: number; update: number }> {
  const port = way === "tls" ? ports.veNCrypt : ports.plain;
  await pointTarget(demo, demo.targets.vnc, { port, options: { minimumSecurity: "none" } });
  const theirTarget = way === "tls" ? `tls/${ports.tls}` : `tcp/${ports.plain}`;
  const { ours, theirs } = await openPairs(demo, relay.port, theirTarget);
  // Both compile what runs often; a gateway in use has done so long ago.
  await sleep(isQuick ? 15_000 : 30_000);
  const gatewayPid = demo.gateway.child.pid ?? 0;
  const ratios: Cost[] = [];
  for (let round = 0; round < (isQuick ? 1 : 3); round++) {
    const before = [snapshot(gatewayPid, ours), snapshot(relay.pid, theirs)] as const;
    await sleep(isQuick ? 6000 : 12_000);
    const own = costOf(before[0], snapshot(gatewayPid, ours));
    const reference = costOf(before[1], snapshot(relay.pid, theirs));
    say(`${name}: gateway ${figures(own)}, relay ${figures(reference)}`);
    ratios.push({
      msPerMb: own.msPerMb / reference.msPerMb,
      msPerUpdate: own.msPerUpdate / reference.msPerUpdate,
    });
  }
  for (const viewer of ours) viewer.end();
  for (const viewer of [...ours, ...theirs]) viewer.close();
  return {
    MB: median(ratios.map(({ msPerMb }) => msPerMb)),
    update: median(ratios.map(({ msPerUpdate }) => msPerUpdate)),
  };
}

interface Pairs {
  readonly ours: GatewayViewer[];
  readonly theirs: RelayViewer[];
}

async function openPairs({ api, targets }: Demo, relayPort: number, theirTarget: string): Promise<Pairs> {
  const [ours, theirs]: [GatewayViewer[], RelayViewer[]] = [[], []];
  for (let index = 0; index < SESSIONS; index++) {
    ours.push(await GatewayViewer.attach(api, await openSession(api, targets.vnc)));
    theirs.push(new RelayViewer(relayPort, theirTarget, ""));
    await sleep(STAGGER_MS);
  }
  const endAt = performance.now() + 15_000;
  while (![...ours, ...theirs].every(({ updates }) => updates > 0)) {
    if (performance.now() > endAt) throw new Error("no picture within 15 s");
    await sleep(50);
  }
  return { ours, theirs };
}

interface Snapshot {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly bytes: number;
  readonly updates: number;
}

function snapshot(pid: number, viewers: readonly Viewer[]): Snapshot {
  let [bytes, updates] = [0, 0];
  for (const viewer of viewers) {
    bytes += viewer.receivedBytes;
    updates += viewer.updates;
  }
  return { atMs: performance.now(), cpuMs: cpuMsOf(pid), bytes, updates };
}

function costOf(before: Snapshot, after: Snapshot): Cost {
  const cpuMs = after.cpuMs - before.cpuMs;
  const updates = after.updates - before.updates;
  if (updates < ((after.atMs - before.atMs) / 1000) * SESSIONS * LEAST_UPDATES)
    throw new Error(`only ${updates} updates came: the capture holds next to nothing, or a side stood still`);
  return { msPerMb: cpuMs / ((after.bytes - before.bytes) / 1e6), msPerUpdate: cpuMs / updates };
}

function figures({ msPerMb, msPerUpdate }: Cost): string {
  return `${msPerMb.toFixed(1)} ms/MB ${msPerUpdate.toFixed(2)} ms/update`;
}

/** Key and certificate of a gateway: the relay and the played desktops show the same. */
function tlsFiles(dataDir: string): [keyFile: string, certificateFile: string] {
  return [path.join(dataDir, "tls/server.key"), path.join(dataDir, "tls/server.crt")];
}

function startRelay(
  identity: readonly string[],
  folder: string,
): Promise<{ port: number; pid: number; stop(): void }> {
  const script = path.join(projectRoot, "bench/relay.ts");
  const child = spawn(process.execPath, [script, ...identity, path.join(folder, "relay.rec")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("the relay did not start")));
    child.stdout.once("data", (line: Buffer) =>
      resolve({ port: Number(line.toString()), pid: child.pid ?? 0, stop: () => void child.kill() }),
    );
  });
}

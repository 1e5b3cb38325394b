import { spawn } from "node:child_process";
import path from "node:path";
import { projectRoot } from "../tests/support/lab.ts";
import { cpuMsOf } from "./process-cpu.ts";

/** What a side of a comparison has shown so far. */
export interface CountingViewer {
  readonly receivedBytes: number;
  readonly updates: number;
  close(): void;
}

/** CPU by what was carried. */
export interface Cost {
  readonly msPerMb: number;
  readonly msPerUpdate: number;
}

/** A moment of a side. */
export interface CostSnapshot {
  readonly cpuMs: number;
  readonly bytes: number;
  readonly updates: number;
}

/** What a process with all below it has used, and its viewers have got. */
export function takeSnapshot(
  pid: number,
  viewers: readonly { readonly receivedBytes: number; readonly updates: number }[],
): CostSnapshot {
  let [bytes, updates] = [0, 0];
  for (const viewer of viewers) {
    bytes += viewer.receivedBytes;
    updates += viewer.updates;
  }
  return { cpuMs: cpuMsOf(pid), bytes, updates };
}

/** Fewer updates than these between two moments, and a ratio would tell nothing: the capture holds next to nothing. */
const LEAST_UPDATES = 20;

/** The cost between two moments; throws when too little was carried between them to tell one. */
export function costOf(before: CostSnapshot, after: CostSnapshot): Cost {
  const cpuMs = after.cpuMs - before.cpuMs;
  const updates = after.updates - before.updates;
  if (updates < LEAST_UPDATES) throw new Error(`only ${updates} updates were carried: nothing to compare`);
  return { msPerMb: cpuMs / ((after.bytes - before.bytes) / 1e6), msPerUpdate: cpuMs / updates };
}

/** A cost for the person who reads. */
export function describeCost({ msPerMb, msPerUpdate }: Cost): string {
  return `${msPerMb.toFixed(1)} ms/MB ${msPerUpdate.toFixed(2)} ms/update`;
}

/** Starts the reference relay with the gateway's own certificate; its recording lies in `folder`. */
export function startRelay(
  dataDir: string,
  folder: string,
): Promise<{ port: number; pid: number; stop(): void }> {
  const words = ["server.key", "server.crt"].map((name) => path.join(dataDir, "tls", name));
  const script = path.join(projectRoot, "bench/relay.ts");
  const child = spawn(process.execPath, [script, ...words, path.join(folder, "relay.rec")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error("the relay did not start")));
    child.stdout.once("data", (line: Buffer) =>
      resolve({ port: Number(line.toString()), pid: child.pid ?? 0, stop: () => void child.kill() }),
    );
  });
}

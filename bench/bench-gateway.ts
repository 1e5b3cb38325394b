import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { type Demo, type DemoTarget, openSession } from "../tests/support/demo.ts";
import { sleep } from "../tests/support/vnc-peer.ts";
import { GatewayViewer } from "./gateway-viewer.ts";

const PICTURE_LIMIT_MS = 60_000;

/** Points one of the demo's targets at another port of this machine, for sessions opened from now on. */
export async function pointTarget(
  { api }: Pick<Demo, "api">,
  target: DemoTarget,
  change: { readonly port: number; readonly options?: Readonly<Record<string, unknown>> },
): Promise<void> {
  const url = `/api/v1/targets/${target.targetId}`;
  const { version } = await api.must<{ version: number }>("GET", url);
  await api.must("PATCH", url, { version, ...change });
}

/** Opens VNC sessions one after the other; resolves when each has shown a picture. */
export async function openPictures(demo: Demo, count: number): Promise<GatewayViewer[]> {
  const viewers: GatewayViewer[] = [];
  for (let index = 0; index < count; index++)
    viewers.push(await GatewayViewer.attach(demo.api, await openSession(demo.api, demo.targets.vnc)));
  const endAt = performance.now() + PICTURE_LIMIT_MS;
  while (!viewers.every(({ updates }) => updates > 0)) {
    if (performance.now() > endAt) throw new Error("not every session showed a picture");
    await sleep(50);
  }
  return viewers;
}

/**
 * How late the gateway's event loop runs: the 99th percentile in milliseconds since the last call, from its `/metrics`.
 * Node's monitor counts its own interval of 10 ms in, so an idle loop has about 10 too.
 */
export async function takeLoopDelayP99(demo: Pick<Demo, "api">): Promise<number> {
  return (await readMetric(demo, "nodejs_eventloop_lag_p99_seconds")) * 1000;
}

/** How the newest sessions stand, for the person who reads: `live` or their end codes, with how many. */
export async function describeSessions({ api }: Pick<Demo, "api">): Promise<string> {
  const { items } = await api.must<{ items: { endCode: string | null }[] }>(
    "GET",
    "/api/v1/sessions?limit=200",
  );
  const counts = new Map<string, number>();
  for (const { endCode } of items) {
    const state = endCode ?? "live";
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
}

async function readMetric({ api }: Pick<Demo, "api">, name: string): Promise<number> {
  const { bytes } = await api.send("GET", "/metrics", null, "text/plain");
  const found = new RegExp(`^${name} (\\S+)$`, "m").exec(bytes.toString("utf8"));
  if (found === null) throw new Error(`no ${name} in /metrics`);
  return Number(found[1]);
}

/** Memory resident for a process and all below it, kilobytes. */
export function residentKbOf(rootPid: number): number {
  let total = 0;
  const pids = [rootPid];
  for (const pid of pids) {
    try {
      total += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim();
        if (children !== "") pids.push(...children.split(" ").map(Number));
      }
    } catch {
      // It ended meanwhile.
    }
  }
  return total;
}

/** Keeps a process with all its threads on one core; false where that is not possible. */
export function pinTo(core: number, pid: number): boolean {
  return spawnSync("taskset", ["-acp", String(core), String(pid)]).status === 0;
}

/** Pids of the processes a process started. */
export function childrenOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap((thread) => {
    const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim();
    return children === "" ? [] : children.split(" ").map(Number);
  });
}

import { readdirSync, readFileSync } from "node:fs";

/** CPU milliseconds a process and all below it have used, from the scheduler's nanoseconds (Linux). */
export function cpuMsOf(rootPid: number): number {
  let total = 0;
  for (const pid of withChildren(rootPid)) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`))
        total += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // It ended meanwhile.
    }
  }
  return total / 1e6;
}

/** Milliseconds a process' main thread was ready to run and had to wait for a core: others' doing, not its own. */
export function waitedMsOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e6;
}

function withChildren(rootPid: number): number[] {
  const pids = [rootPid];
  for (const pid of pids) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim();
        if (children !== "") pids.push(...children.split(" ").map(Number));
      }
    } catch {
      // It ended meanwhile.
    }
  }
  return pids;
}

import { readdirSync, readFileSync } from "node:fs";

/** Memory a process has in use, bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1024;
}

/** The keeper that a gateway started; null while there is none. */
export function keeperOf(gatewayPid: number): number | null {
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      if (parent === gatewayPid && readFileSync(`/proc/${name}/cmdline`, "utf8").includes("keeper-main"))
        return Number(name);
    } catch {
      // A process that ended while we looked.
    }
  }
  return null;
}

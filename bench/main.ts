import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { buildPages } from "../tools/build-pages.mjs";
import type { Bench, BenchResult } from "./result.ts";

/** Benchmarks by name; each is loaded only when it runs. */
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  "vnc-cpu": async () => (await import("./vnc-cpu.ts")).vncCpu,
  memory: async () => (await import("./memory.ts")).memory,
  density: async () => (await import("./density.ts")).density,
  latency: async () => (await import("./latency.ts")).latency,
  "thin-link": async () => (await import("./thin-link.ts")).thinLink,
  "ssh-bulk": async () => (await import("./ssh-bulk.ts")).sshBulk,
  seek: async () => (await import("./seek.ts")).seek,
  store: async () => (await import("./store.ts")).store,
  decide: async () => (await import("./decide.ts")).decide,
  kerberos: async () => (await import("./kerberos.ts")).kerberos,
  "sign-in": async () => (await import("./sign-in.ts")).signIn,
  web: async () => (await import("./web.ts")).web,
  "rdp-cpu": async () => (await import("./rdp-cpu.ts")).rdpCpu,
  "rdp-memory": async () => (await import("./rdp-memory.ts")).rdpMemory,
  "rdp-latency": async () => (await import("./rdp-latency.ts")).rdpLatency,
  "rdp-thin-link": async () => (await import("./rdp-thin-link.ts")).rdpThinLink,
  "rdp-open": async () => (await import("./rdp-open.ts")).rdpOpen,
  "rdp-load": async () => (await import("./rdp-load.ts")).rdpLoad,
  "rdp-seek": async () => (await import("./rdp-seek.ts")).rdpSeek,
  "rdp-decode": async () => (await import("./rdp-decode.ts")).rdpDecode,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "string" }, quick: { type: "boolean", default: false } },
});

const names = positionals.length === 0 ? Object.keys(BENCHES) : positionals;
const unknown = names.filter((name) => BENCHES[name] === undefined);
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")}. Known: ${Object.keys(BENCHES).join(", ")}`);
  process.exit(2);
}

// Nearly all of them start a gateway, which needs its pages; on a fresh clone there are none.
buildPages();
const results: BenchResult[] = [];
for (const name of names) {
  const load = BENCHES[name];
  if (load === undefined) continue;
  const bench = await load();
  results.push(...(await bench({ isQuick: values.quick, say: (line) => console.error(`${name}: ${line}`) })));
}
for (const { name, metric, value, unit, budget, ok } of results)
  console.log(
    `${ok ? "ok  " : "OVER"} ${name.padEnd(10)} ${metric.padEnd(44)} ${String(value).padStart(9)} ${unit.padEnd(4)} (budget ${budget})`,
  );
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
process.exit(results.every(({ ok }) => ok) ? 0 : 1);

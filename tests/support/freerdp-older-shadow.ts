import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { eventually } from "./eventually.ts";
import { labDir, startLab } from "./lab.ts";

/** What an older server of FreeRDP's sends: capability version 8.1 ends with AVC420, 10 came without AVC444v2. */
export type OlderH264 = "avc420" | "avc444";

const PORTS: Readonly<Record<OlderH264, number>> = { avc420: 23_994, avc444: 23_995 };

/** A second FreeRDP 3.15 shadow server on the lab's screen :42. */
export interface OlderShadow {
  readonly port: number;
  /** Everything it and FreeRDP's library wrote. */
  log(): string;
  stop(): void;
}

/**
 * Starts FreeRDP 3.15's shadow server as an older one: its library can, its command line has no word for it, so that a
 * few lines are loaded before it (freerdp-older-shadow.c). The lab's own shadow3 stays as it is and lends the screen.
 */
export async function startOlderShadow(speaks: OlderH264): Promise<OlderShadow> {
  startLab("shadow3");
  // The chroot shares the lab's folder with this system.
  const state = path.join(labDir, "shadow3");
  const shim = path.join(state, "older-shadow.so");
  execFileSync("cc", [
    ...["-O1", "-shared", "-fPIC", "-o", shim],
    path.join(import.meta.dirname, "freerdp-older-shadow.c"),
  ]);
  const port = PORTS[speaks];
  const log = path.join(state, `${speaks}.log`);
  const out = openSync(log, "w");
  const server: ChildProcess = spawn(
    "chroot",
    [
      ...[process.env.LAB_TRIXIE ?? "/opt/trixie", "env", `LD_PRELOAD=${shim}`, "freerdp-shadow-cli3"],
      ...["/bind-address:127.0.0.1", `/port:${port}`, "/sec:nla", `/sam-file:${state}/sam`],
    ],
    {
      stdio: ["ignore", out, out],
      env: { ...process.env, DISPLAY: ":42", HOME: state, SHADOW_SPEAKS: speaks },
    },
  );
  process.once("exit", () => server.kill());
  await eventually(`FreeRDP's server with ${speaks}`, () => canConnect(port));
  return { port, log: () => readFileSync(log, "utf8"), stop: () => void server.kill() };
}

function canConnect(port: number): Promise<true | null> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(null));
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { startLab } from "../tests/support/lab.ts";
import { sleep } from "../tests/support/vnc-peer.ts";

const FIRST_DISPLAY = 80;
const LAST_DISPLAY = 99;
const START_LIMIT_MS = 10_000;

/** A TigerVNC desktop that nobody else draws on or resizes. */
export interface OwnDesktop {
  readonly port: number;
  /** `:N` */
  readonly display: string;
  close(): void;
}

/** Starts the lab's TigerVNC once more, without a password, on a display and a port of its own. */
export async function startOwnDesktop(): Promise<OwnDesktop> {
  // Installs what the lab's own desktop needs.
  startLab("vnc");
  const port = await freePort();
  for (let number = FIRST_DISPLAY; number <= LAST_DISPLAY; number++) {
    if (existsSync(`/tmp/.X11-unix/X${number}`)) continue;
    const display = `:${number}`;
    const words = ["-geometry", "1280x800", "-depth", "24", "-nolisten", "tcp", "-interface", "127.0.0.1"];
    const security = ["-UseIPv6=0", "-SecurityTypes", "None", "-rfbport", String(port)];
    const child = spawn("Xtigervnc", [display, ...words, ...security], { stdio: "ignore" });
    if (await isUp(child, number)) return { port, display, close: () => void child.kill() };
    child.kill();
  }
  throw new Error("no display is free for a desktop");
}

async function isUp(child: ChildProcess, number: number): Promise<boolean> {
  let isOver = false;
  child.once("exit", () => (isOver = true));
  child.once("error", () => (isOver = true));
  for (const endAt = performance.now() + START_LIMIT_MS; performance.now() < endAt && !isOver; ) {
    await sleep(100);
    if (!isOver && existsSync(`/tmp/.X11-unix/X${number}`)) return true;
  }
  return false;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

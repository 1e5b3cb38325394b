import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import net from "node:net";
import { concatBytes } from "@poterne/bytes";
import { encodeFrame } from "@poterne/wire";
import { oneMonitor, type RdpClientOptions } from "../packages/rdp/src/index.ts";
import { startLab } from "../tests/support/lab.ts";
import { RdpPeer } from "../tests/support/rdp-peer.ts";
import { drawsOnScreen } from "../tests/support/rdp-screen.ts";
import { sleep } from "../tests/support/vnc-peer.ts";

const SCREEN = { width: 1920, height: 1080 };
const DISPLAY_NUMBER = 79;
const PORT = 33979;
const START_LIMIT_MS = 15_000;
const CAPTURE_LIMIT_MS = 120_000;
/** Lines as wide as the screen: a screen of them at once, so that no picture is half empty, then one after the other. */
const WIDE_LINES = "ls -laR /usr/lib | tr -s ' ' | paste -d ' ' - - - - - - -";
const SCROLLING_TEXT = `${WIDE_LINES} | head -n 100; while :; do ${WIDE_LINES} | while read -r line; do echo "$line"; sleep 0.02; done; done`;
const TRIXIE = process.env.LAB_TRIXIE ?? "/opt/trixie";

/** FreeRDP's shadow server with a screen of 1920 by 1080 on which text scrolls. */
export interface ScrollingDesktop {
  /** The first pictures of a connection with these options, each one message of the wire that shows a whole screen. */
  capture(codec: number, count: number, options: Partial<RdpClientOptions>): Promise<Uint8Array[]>;
  close(): void;
}

/** Starts it; needs the lab's trixie tree. */
export async function startScrollingDesktop(): Promise<ScrollingDesktop> {
  startLab("shadow3");
  const children: ChildProcess[] = [];
  const start = (command: string, ...words: string[]) =>
    children.push(spawn(command, words, { stdio: "ignore" }));
  const close = () => {
    for (const child of children.reverse()) child.kill();
  };
  try {
    const display = `:${DISPLAY_NUMBER}`;
    start("Xvfb", display, "-screen", "0", `${SCREEN.width}x${SCREEN.height}x24`, "-nolisten", "tcp");
    await until("the screen", () => existsSync(`/tmp/.X11-unix/X${DISPLAY_NUMBER}`));
    start("xterm", "-display", display, "-geometry", "319x83+0+0", "-e", "sh", "-c", SCROLLING_TEXT);
    const server = ["freerdp-shadow-cli3", "/bind-address:127.0.0.1", `/port:${PORT}`, "/sec:tls", "-auth"];
    start("chroot", TRIXIE, "env", `DISPLAY=${display}`, "HOME=/tmp", ...server);
    await until("the server", isListening);
  } catch (error) {
    close();
    throw error;
  }
  return { capture, close };
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const endAt = performance.now() + START_LIMIT_MS; performance.now() < endAt; await sleep(100))
    if (await condition()) return;
  throw new Error(`${what} does not come up`);
}

function isListening(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(PORT, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

async function capture(
  codec: number,
  count: number,
  options: Partial<RdpClientOptions>,
): Promise<Uint8Array[]> {
  const peer = new RdpPeer(PORT, { monitors: oneMonitor(SCREEN), ...options });
  try {
    const isWanted = (frame: (typeof peer.frames)[number]) =>
      frame.commands.some((one) => one.op === "draw" && one.codec === codec);
    await peer.until(
      `${count} pictures of codec ${codec}`,
      () => peer.frames.filter(isWanted).length >= count,
      CAPTURE_LIMIT_MS,
    );
    const [surface, ...draws] = drawsOnScreen(peer.frames.filter(isWanted), peer.client.size);
    return draws.slice(0, count).map((draw) => {
      const payload = concatBytes([surface ?? new Uint8Array(0), draw, Uint8Array.of(9)]);
      return encodeFrame({ channel: 1, flags: 0, stream: 0, timeMs: 0, payload });
    });
  } finally {
    await peer.close();
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { labPasswords } from "./lab.ts";
import type { DrawnPicture } from "./rdp-screen.ts";
import { screenshot } from "./vnc-peer.ts";

/** FreeRDP 3.15's own client (xfreerdp3 of the lab's trixie tree) as alice, full screen on an X screen of its own. */
export class FreeRdpClient {
  readonly #screen: ChildProcess;
  readonly #client: ChildProcess;
  readonly #display: string;

  private constructor(screen: ChildProcess, client: ChildProcess, display: string) {
    this.#screen = screen;
    this.#client = client;
    this.#display = display;
  }

  /** Connects to a lab server with a screen of this size; `switches` are further ones of xfreerdp3. */
  static async start(
    port: number,
    size: { readonly width: number; readonly height: number },
    switches: readonly string[] = [],
  ): Promise<FreeRdpClient> {
    const wxh = `${size.width}x${size.height}`;
    const { screen, display } = await startScreen(wxh);
    const client = spawn(
      "chroot",
      [
        ...[process.env.LAB_TRIXIE ?? "/opt/trixie", "xfreerdp3", `/v:127.0.0.1:${port}`, "/u:alice"],
        ...[`/p:${labPasswords.alice}`, "/cert:ignore", `/size:${wxh}`, "/f", "-clipboard", ...switches],
      ],
      { stdio: "ignore", env: { PATH: process.env.PATH ?? "", HOME: "/tmp", DISPLAY: display } },
    );
    return new FreeRdpClient(screen, client, display);
  }

  /** What it shows now. */
  look(): DrawnPicture {
    return screenshot(this.#display);
  }

  /** Ends it and its screen; resolves when both are gone. */
  async stop(): Promise<void> {
    for (const child of [this.#client, this.#screen]) {
      const isGone = new Promise((resolve) => child.once("close", resolve));
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill();
      await isGone;
    }
  }
}

/** An X screen of its own; the server takes a number that is free and tells it, so that several tests have theirs. */
async function startScreen(
  wxh: string,
): Promise<{ readonly screen: ChildProcess; readonly display: string }> {
  const NUMBER_FD = 3;
  const screen = spawn(
    "Xvfb",
    ["-displayfd", String(NUMBER_FD), "-screen", "0", `${wxh}x24`, "-nolisten", "tcp", "-noreset"],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  const [told] = await once(screen.stdio[NUMBER_FD] as Readable, "data");
  return { screen, display: `:${String(told).trim()}` };
}

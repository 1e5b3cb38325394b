import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { eventually } from "./eventually.ts";
import { labPasswords } from "./lab.ts";
import type { DrawnPicture } from "./rdp-screen.ts";
import { screenshot } from "./vnc-peer.ts";

/** The screen FreeRDP's client is shown on: no other test's. */
const DISPLAY = ":48";

/** FreeRDP 3.15's own client (xfreerdp3 of the lab's trixie tree) as alice, full screen on an X screen of its own. */
export class FreeRdpClient {
  readonly #screen: ChildProcess;
  readonly #client: ChildProcess;

  private constructor(screen: ChildProcess, client: ChildProcess) {
    this.#screen = screen;
    this.#client = client;
  }

  /** Connects to a lab server with a screen of this size; `switches` are further ones of xfreerdp3. */
  static async start(
    port: number,
    size: { readonly width: number; readonly height: number },
    switches: readonly string[] = [],
  ): Promise<FreeRdpClient> {
    const wxh = `${size.width}x${size.height}`;
    await eventually("the last client's screen to go", async () => !existsSync(socketOf(DISPLAY)));
    const screen = spawn("Xvfb", [DISPLAY, "-screen", "0", `${wxh}x24`, "-nolisten", "tcp", "-noreset"], {
      stdio: "ignore",
    });
    await eventually("the client's screen", async () => existsSync(socketOf(DISPLAY)));
    const client = spawn(
      "chroot",
      [
        ...[process.env.LAB_TRIXIE ?? "/opt/trixie", "xfreerdp3", `/v:127.0.0.1:${port}`, "/u:alice"],
        ...[`/p:${labPasswords.alice}`, "/cert:ignore", `/size:${wxh}`, "/f", "-clipboard", ...switches],
      ],
      { stdio: "ignore", env: { PATH: process.env.PATH ?? "", HOME: "/tmp", DISPLAY } },
    );
    return new FreeRdpClient(screen, client);
  }

  /** What it shows now. */
  look(): DrawnPicture {
    return screenshot(DISPLAY);
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

const socketOf = (display: string) => `/tmp/.X11-unix/X${display.slice(1)}`;

import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./eventually.ts";
import { projectRoot } from "./lab.ts";
import { screenshot } from "./vnc-peer.ts";

/** The lab's workloads that draw something new all the time. */
export const WORKLOADS = ["typing", "scroll", "drag", "video"] as const;
/** Longer than any test lets it run. */
const SECONDS = 600;

/** A workload of the lab that stands still between two looks: all its programs are stopped, and so is the screen. */
export class StoppedWorkload {
  readonly #script: ChildProcess;
  readonly #kill = () => {
    if (this.#script.exitCode === null && this.#script.signalCode === null) this.#signal("SIGKILL");
  };

  private constructor(script: ChildProcess) {
    this.#script = script;
  }

  /** Begins it, and stops it once it has drawn. */
  static async start(display: string, kind: (typeof WORKLOADS)[number]): Promise<StoppedWorkload> {
    const before = screenshot(display).rgba;
    const script = spawn(`${projectRoot}/lab/workload`, [display, kind, String(SECONDS)], {
      stdio: "ignore",
      detached: true,
    });
    const workload = new StoppedWorkload(script);
    // Stopped programs would stay for ever.
    process.once("exit", workload.#kill);
    await eventually(`${kind} to draw`, async () => !screenshot(display).rgba.equals(before));
    workload.#signal("SIGSTOP");
    return workload;
  }

  #signal(name: NodeJS.Signals): void {
    const { pid } = this.#script;
    if (pid !== undefined) process.kill(-pid, name);
  }

  /** Lets it draw for so long, and stops it. */
  async run(milliseconds: number): Promise<void> {
    this.#signal("SIGCONT");
    await sleep(milliseconds);
    this.#signal("SIGSTOP");
  }

  /** Ends it with all its windows. */
  async stop(): Promise<void> {
    const isGone = new Promise((resolve) => this.#script.once("close", resolve));
    this.#kill();
    await isGone;
    process.off("exit", this.#kill);
  }
}

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { projectRoot } from "./lab.ts";

const START_MS = 20_000;
const COMMAND_MS = 120_000;

/**
 * systemd as the first process of namespaces of its own (lab/systemd/boot.sh): installation guide and units can be
 * followed to the letter, and nothing of it stays on this machine. Its network is this machine's.
 */
export class SystemdMachine {
  readonly #child: ChildProcess;
  readonly #processId: number;

  private constructor(child: ChildProcess, processId: number) {
    this.#child = child;
    this.#processId = processId;
  }

  /** Boots one with this tree as /opt/poterne; rejects with systemd's words when it does not come up. Needs root. */
  static async boot(): Promise<SystemdMachine> {
    const namespaces = ["--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc", "--cgroup"];
    const script = path.join(projectRoot, "lab/systemd/boot.sh");
    const child = spawn("unshare", [...namespaces, "--propagation", "private", script, projectRoot], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let words = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (words += chunk));
    const untilMs = performance.now() + START_MS;
    while (performance.now() < untilMs && child.exitCode === null) {
      const processId = firstProcessOf(child);
      const machine = processId === null ? null : new SystemdMachine(child, processId);
      if (machine?.run("systemctl is-active trial.target").output.startsWith("active") === true)
        return machine;
      await wait(100);
    }
    child.kill("SIGKILL");
    throw new Error(`systemd did not come up: ${words}`);
  }

  /** Runs a shell script there, as root, to its end. */
  run(script: string): { readonly status: number | null; readonly output: string } {
    const words = ["--target", String(this.#processId), "--all", "sh", "-eu", "-c", script];
    const result = spawnSync("nsenter", words, { encoding: "utf8", timeout: COMMAND_MS });
    return { status: result.status, output: `${result.stdout}${result.stderr}` };
  }

  /** Like `run`; throws with what it printed when it fails. */
  must(script: string): string {
    const { status, output } = this.run(script);
    if (status !== 0) throw new Error(`${script}\n${output}`);
    return output;
  }

  /** Switches it off: its services end as at any shutdown of theirs, then everything that is left. */
  async stop(units: readonly string[]): Promise<void> {
    this.run(`systemctl stop ${units.join(" ")}`);
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    process.kill(this.#processId, "SIGKILL");
    await ended;
  }
}

/** The process that `unshare` started, as this machine numbers it. */
function firstProcessOf(child: ChildProcess): number | null {
  try {
    const text = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
    return text === "" ? null : Number(text.split(" ")[0]);
  } catch {
    return null;
  }
}

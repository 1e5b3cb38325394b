import { type ChildProcess, spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Failure } from "@poterne/contract";
import { gone, KeeperChannel } from "./keeper-channel.ts";
import type { KeeperOptions } from "./keeper-options.ts";
import type { KeeperMethod } from "./messages.ts";
import { RemoteKeeper } from "./remote-keeper.ts";

/** A first start makes keys and reads a day of journal. */
const START_TIMEOUT_MS = 30_000;

/** After the keeper's death the next start waits so long, doubled each time up to the most. */
const FIRST_DELAY_MS = 100;
const MOST_DELAY_MS = 10_000;

/** A keeper that lived so long is not in a crash loop. */
const STEADY_MS = 30_000;

/** How long `close` waits for the keeper's last writes. */
const CLOSE_TIMEOUT_MS = 10_000;

/** Lines of the keeper's own output are cut to this length in the log. */
const MAX_LOG_LINE = 1_000;

/** What a keeper process needs. */
export interface KeeperProcessOptions {
  /** Where keys and journal are, and which node it is. `socketPath` null starts a child; a path connects to a keeper service there. */
  readonly keeper: KeeperOptions;
  /** The value of `POTERNE_MASTER_KEY`, null to use the key file. Remove it from `process.env` after passing it here. */
  readonly masterKeyValue: string | null;
  /** Warnings for the log: a master key was made, the keeper died, the journal cannot be written. Never a secret. */
  readonly warn: (text: string) => void;
}

/**
 * The keeper as a child of the gateway (or a service beside it), watched and started again. While it is away every
 * question fails at once with `keeper-unavailable` or `journal-unavailable`: nothing waits, nothing new opens.
 */
export class KeeperProcess extends RemoteKeeper {
  readonly #options: KeeperProcessOptions;
  #channel: KeeperChannel | null = null;
  #child: ChildProcess | null = null;
  #delayMs = FIRST_DELAY_MS;
  #restartTimer: NodeJS.Timeout | null = null;
  #isClosing = false;

  private constructor(options: KeeperProcessOptions) {
    super();
    this.#options = options;
  }

  /** Starts the keeper and resolves when it answers; rejects when the first start fails (a missing key, a folder that cannot be written). */
  static async start(options: KeeperProcessOptions): Promise<KeeperProcess> {
    const keeper = new KeeperProcess(options);
    try {
      await keeper.#launch();
      return keeper;
    } catch (error) {
      await keeper.close();
      throw error;
    }
  }

  /** Whether the keeper answers now. */
  get isAvailable(): boolean {
    return this.#channel !== null;
  }

  /** The child's process id, null while there is none. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  protected override ask(method: KeeperMethod, params: unknown): Promise<unknown> {
    const channel = this.#channel;
    return channel === null
      ? Promise.reject<unknown>(gone(method) satisfies Failure)
      : channel.ask(method, params);
  }

  /** Lets the keeper finish its writes and end. */
  override async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    const child = this.#child;
    const ended = child === null ? Promise.resolve() : exitOf(child);
    const isService = this.#options.keeper.socketPath !== null;
    if (!isService) await this.#channel?.ask("close", {}).catch(() => null);
    this.#channel?.end();
    const timer = setTimeout(() => child?.kill("SIGKILL"), CLOSE_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }

  async #launch(): Promise<void> {
    const startedMs = performance.now();
    const { stream, failed } = this.#options.keeper.socketPath === null ? this.#spawn() : this.#connect();
    const ready = Promise.withResolvers<void>();
    const channel = new KeeperChannel(stream, {
      notice: (notice) => {
        if (notice.notice === "ready") {
          for (const text of notice.warnings) this.#options.warn(text);
          ready.resolve();
        } else this.#options.warn(notice.text);
      },
      end: () => {
        // A child tells why it ended on its error output, which is read to the end first.
        if (this.#child === null) ready.reject(new Error("the keeper service closed the channel"));
        if (this.#channel === channel) this.#lost(performance.now() - startedMs);
      },
    });
    const timer = setTimeout(
      () => ready.reject(new Error("the keeper did not start in time")),
      START_TIMEOUT_MS,
    );
    try {
      await Promise.race([ready.promise, failed]);
    } catch (error) {
      channel.end();
      this.#child?.kill("SIGKILL");
      throw error;
    } finally {
      clearTimeout(timer);
    }
    this.#channel = channel;
  }

  #spawn(): { readonly stream: Socket; readonly failed: Promise<never> } {
    const { keeper, masterKeyValue, warn } = this.#options;
    const main = fileURLToPath(new URL("./keeper-main.ts", import.meta.url));
    const environment: NodeJS.ProcessEnv = { NODE_ENV: process.env.NODE_ENV ?? "production", TZ: "UTC" };
    if (masterKeyValue !== null) environment.POTERNE_MASTER_KEY = masterKeyValue;
    const child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", main, JSON.stringify(keeper)],
      {
        env: environment,
        stdio: ["ignore", "ignore", "pipe", "pipe"],
      },
    );
    this.#child = child;
    let lastLine = "";
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on("line", (line) => {
        lastLine = line.slice(0, MAX_LOG_LINE);
        warn(lastLine);
      });
    }
    const failed = new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        if (this.#child === child) this.#child = null;
        reject(new Error(lastLine || `the keeper ended with ${signal ?? code}`));
      });
    });
    // Nobody listens any more once it has started.
    failed.catch(() => undefined);
    return { stream: child.stdio[3] as Socket, failed };
  }

  #connect(): { readonly stream: Socket; readonly failed: Promise<never> } {
    const stream = connect(this.#options.keeper.socketPath ?? "");
    const failed = new Promise<never>((_, reject) => stream.once("error", reject));
    failed.catch(() => undefined);
    return { stream, failed };
  }

  #lost(livedMs: number): void {
    this.#channel = null;
    if (this.#isClosing) return;
    // Its channel ended: whatever the process still does, it is of no use.
    this.#child?.kill("SIGKILL");
    if (livedMs > STEADY_MS) this.#delayMs = FIRST_DELAY_MS;
    this.#options.warn(`The keeper is gone: nothing new opens; it is started again in ${this.#delayMs} ms.`);
    this.#restartLater();
  }

  #restartLater(): void {
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(MOST_DELAY_MS, delayMs * 2);
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = null;
      this.#launch().then(
        () => this.#options.warn("The keeper answers again."),
        (error: unknown) => {
          if (this.#isClosing) return;
          this.#options.warn(
            `The keeper could not be started: ${error instanceof Error ? error.message : error}`,
          );
          this.#restartLater();
        },
      );
    }, delayMs);
  }
}

function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("close", () => resolve()));
}

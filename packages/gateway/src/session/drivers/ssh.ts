import { encodeUtf8 } from "@poterne/bytes";
import { Failure, sshOptions } from "@poterne/contract";
import type { InputEvent } from "@poterne/wire";
import type {
  DriverFactory,
  DriverFiles,
  DriverHop,
  DriverHost,
  DriverRequest,
  FlowState,
  SessionDriver,
} from "../driver.ts";
import { clampSize } from "../terminal/followers.ts";
import { TerminalScreen } from "../terminal/terminal-screen.ts";
import { connectChain, type SshChain } from "./ssh-connection.ts";
import { ping } from "./ssh-extension.ts";
import { SftpFiles } from "./ssh-files.ts";
import { SshShell } from "./ssh-shell.ts";

/** How often the round trip to the target is measured. */
export const PING_INTERVAL_MS = 10_000;

/** SSH (RFC 4251–4254): a shell with a terminal, and files over SFTP on a second channel of the same connection. */
export class SshDriver implements SessionDriver {
  readonly kind = "terminal";
  readonly #request: DriverRequest;
  readonly #host: DriverHost;
  readonly #target: DriverHop;
  readonly #abort = new AbortController();
  #screen: TerminalScreen | null = null;
  #chain: SshChain | null = null;
  #shell: SshShell | null = null;
  #files: SftpFiles | null = null;
  #pingTimer: NodeJS.Timeout | null = null;
  #roundTripMs: number | null = null;
  #hasEnded = false;

  constructor(request: DriverRequest, host: DriverHost) {
    this.#request = request;
    this.#host = host;
    this.#target = request.hops.at(-1) ?? request.hops[0];
  }

  get targetRoundTripMs(): number | null {
    return this.#roundTripMs;
  }

  get files(): DriverFiles | null {
    return this.#files;
  }

  async open(): Promise<void> {
    const { columns, rows } = clampSize(this.#host.viewerSize.columns, this.#host.viewerSize.rows);
    this.#screen = new TerminalScreen({
      host: this.#host,
      isInputRecorded: this.#request.policy.recordInput,
      columns,
      rows,
      send: (bytes) => this.#shell?.write(bytes),
      hold: (isHeld) => this.#shell?.hold(isHeld),
      emitted: (bytes) => this.#shell?.emitted(bytes),
      entered: () => this.#shell?.entered(),
    });
    try {
      await this.#connect();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async #connect(): Promise<void> {
    const host = this.#host;
    const chain = await connectChain({
      request: this.#request,
      host,
      signal: this.#abort.signal,
      onBanner: (text) => this.#screen?.write(encodeUtf8(text)),
    });
    this.#chain = chain;
    if (this.#abort.signal.aborted) throw new Failure("target-closed");
    chain.client.on("error", () => this.#end("target-closed"));
    chain.client.on("close", () => this.#end("target-closed"));
    host.step("open", "running");
    const size = { ...host.viewerSize };
    this.#shell = await SshShell.open(chain.client, {
      settings: sshOptions.parse(this.#target.options),
      targetName: this.#target.name,
      size,
      events: {
        onOutput: (bytes) => this.#screen?.write(bytes),
        onEnd: (status, signal) => this.#shellEnded(status, signal),
        onViolation: (detail) => this.#end("protocol-error", { detail }),
        nowMs: () => host.nowMs(),
      },
    });
    if (this.#abort.signal.aborted) throw new Failure("target-closed");
    const now = host.viewerSize;
    if (now.columns !== size.columns || now.rows !== size.rows) this.#resize(now.columns, now.rows);
    this.#files = new SftpFiles(chain.client);
    this.#measure();
    this.#pingTimer = setInterval(() => this.#measure(), PING_INTERVAL_MS).unref();
  }

  input(event: InputEvent): void {
    if (event.type === "text") {
      this.#screen?.typed(event.text);
      this.#shell?.write(event.text);
    } else if (event.type === "resize") this.#resize(event.columns, event.rows);
  }

  #resize(columns: number, rows: number): void {
    if (columns < 1 || rows < 1) return;
    this.#screen?.resize(columns, rows);
    this.#shell?.resize(columns, rows);
  }

  /** A terminal has no clipboard of its own: what is pasted comes as typed text. */
  clipboard(): void {}

  flow(state: FlowState): void {
    this.#shell?.flow(state.queuedBytes, state.isWatched);
  }

  requestEntryPoint(): void {
    this.#screen?.requestEntryPoint();
  }

  close(): void {
    this.#hasEnded = true;
    this.#abort.abort();
    if (this.#pingTimer !== null) clearInterval(this.#pingTimer);
    this.#files?.close();
    this.#screen?.close();
    this.#chain?.close();
    this.#chain = null;
    this.#shell = null;
  }

  #shellEnded(status: number | null, signal: string | null): void {
    if (status === null && signal === null) return this.#end("target-closed");
    this.#end("closed-by-target", signal === null ? { exitStatus: status ?? 0 } : { exitSignal: signal });
  }

  #end(code: string, details: Readonly<Record<string, string | number>> = {}): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    // What the target said last is part of the session.
    this.#screen?.close();
    this.#host.ended(code, details);
    this.close();
  }

  #measure(): void {
    const client = this.#chain?.client;
    if (client === undefined) return;
    const startMs = performance.now();
    ping(client, () => {
      this.#roundTripMs = performance.now() - startMs;
    });
  }
}

/** The driver of protocol `ssh`. */
export const makeSshDriver: DriverFactory = (request, host) => new SshDriver(request, host);

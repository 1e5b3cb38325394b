import { Failure, type SshOptions } from "@poterne/contract";
import type { ClientChannel, Client as SshClient } from "ssh2";
import { clampSize } from "../terminal/followers.ts";
import { ReceiveWindow } from "../terminal/receive-window.ts";
import { FIRST_WINDOW_BYTES } from "../terminal/viewer-pace.ts";
import { HANDSHAKE_TIMEOUT_MS } from "./ssh-connection.ts";
import { freeData, openWithWindow, takeWindow } from "./ssh-extension.ts";

/** Typed bytes that wait because the target does not read; more are dropped, a person sees that nothing moves. */
export const MAX_QUEUED_INPUT_BYTES = 1024 * 1024;

/** What a shell tells its driver. */
export interface ShellEvents {
  /** The bytes are gone afterwards. */
  onOutput(bytes: Uint8Array): void;
  /** The shell has ended; `status` is its exit status, null when it did not tell one. */
  onEnd(status: number | null, signal: string | null): void;
  /** The target broke the protocol. */
  onViolation(detail: string): void;
  /** Monotonic milliseconds. */
  nowMs(): number;
}

/** A login shell with a terminal on a connection that is logged in. */
export class SshShell {
  readonly #channel: ClientChannel;
  readonly #window: ReceiveWindow;

  private constructor(client: SshClient, channel: ClientChannel, events: ShellEvents) {
    this.#channel = channel;
    this.#window = new ReceiveWindow(takeWindow(client, channel), events.nowMs);
    let status: number | null = null;
    let signal: string | null = null;
    const take = (bytes: Buffer) => {
      const isAllowed = this.#window.received(bytes.length);
      events.onOutput(bytes);
      freeData(bytes);
      if (!isAllowed) events.onViolation("more output than the window allows");
    };
    channel.on("data", take);
    channel.stderr.on("data", take);
    channel.on("exit", (code: number | null, name?: string) => {
      status = typeof code === "number" ? code : null;
      signal = name ?? null;
    });
    channel.on("error", () => {});
    channel.on("close", () => events.onEnd(status, signal));
  }

  /** Asks for a terminal of this size and the account's shell; rejects with the Failure `shell-refused` or `target-silent`. */
  static open(
    client: SshClient,
    options: {
      readonly settings: SshOptions;
      readonly targetName: string;
      readonly size: { readonly columns: number; readonly rows: number };
      readonly events: ShellEvents;
    },
  ): Promise<SshShell> {
    const { settings, targetName, events } = options;
    const { columns, rows } = clampSize(options.size.columns, options.size.rows);
    const env: Record<string, string> = settings.locale === "" ? {} : { LANG: settings.locale };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Failure("target-silent", { seconds: HANDSHAKE_TIMEOUT_MS / 1000 })),
        HANDSHAKE_TIMEOUT_MS,
      );
      const refuse = (cause: unknown) => {
        clearTimeout(timer);
        reject(new Failure("shell-refused", { target: targetName }, cause));
      };
      try {
        openWithWindow(client, FIRST_WINDOW_BYTES, () =>
          client.shell(
            { term: settings.terminalType, cols: columns, rows, width: 0, height: 0 },
            { env },
            (error, channel) => {
              if (error) return refuse(error);
              clearTimeout(timer);
              resolve(new SshShell(client, channel, events));
            },
          ),
        );
      } catch (error) {
        refuse(error);
      }
    });
  }

  /** Sends what was typed; false when it was dropped because the target does not read. */
  write(bytes: Uint8Array): boolean {
    if (!this.#channel.writable || this.#channel.writableLength + bytes.length > MAX_QUEUED_INPUT_BYTES)
      return false;
    this.#channel.write(bytes);
    return true;
  }

  resize(columns: number, rows: number): void {
    const size = clampSize(columns, rows);
    this.#channel.setWindow(size.rows, size.columns, 0, 0);
  }

  /** Output went on to viewers and recorder. */
  emitted(bytes: number): void {
    this.#window.emitted(bytes);
  }

  /** An entry point was emitted. */
  entered(): void {
    this.#window.entered();
  }

  flow(queuedBytes: number, isWatched: boolean): void {
    this.#window.flow(queuedBytes, isWatched);
  }

  hold(isHeld: boolean): void {
    this.#window.hold(isHeld);
  }
}

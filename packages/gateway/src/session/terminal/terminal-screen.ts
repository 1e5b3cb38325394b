import { encodeUtf8 } from "@poterne/bytes";
import { Channel, encodeInput, FrameFlag } from "@poterne/wire";
import type { DriverHost } from "../driver.ts";
import { TerminalAnswers } from "./answers.ts";
import { EchoWatch } from "./echo-watch.ts";
import { terminalFollowers } from "./followers.ts";
import { TerminalEntry } from "./terminal-entry.ts";
import { TerminalOutput } from "./terminal-output.ts";

/** Title and bell markers within one second; more are dropped, a target could flood the time line with them. */
export const MARKERS_PER_SECOND = 5;
/** Stands for hidden input in a recording, whatever its length: even that would say something of a password. */
const HIDDEN_INPUT = encodeUtf8("\u2022");

/** What a terminal's driver gives its screen. */
export interface ScreenHost {
  readonly host: DriverHost;
  /** Policy `recordInput`: what is typed enters the recording as far as the target shows it. */
  readonly isInputRecorded: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Sends bytes to the target. */
  send(bytes: Uint8Array): void;
  /** Stops and lets go the target's output. */
  hold(isHeld: boolean): void;
  /** Output goes to viewers and recorder, so many bytes. */
  emitted(bytes: number): void;
  /** An entry point went to them. */
  entered(): void;
}

/** The screen side that SSH and Telnet share: frames, follower, entry points, answers to queries, title and bell. */
export class TerminalScreen {
  readonly #output: TerminalOutput;
  readonly #entry: TerminalEntry;
  readonly #answers: TerminalAnswers;
  readonly #host: DriverHost;
  #echo: EchoWatch | null;
  #markersFromMs = 0;
  #markerCount = 0;

  constructor(options: ScreenHost) {
    const { host, columns, rows, send, hold } = options;
    this.#host = host;
    this.#echo = options.isInputRecorded ? new EchoWatch() : null;
    const emit = (channel: number, flags: number, payload: Uint8Array) => host.emit(channel, flags, payload);
    const emitEntry: typeof emit = (channel, flags, payload) => {
      emit(channel, flags, payload);
      if ((flags & FrameFlag.entryEnd) !== 0) options.entered();
    };
    this.#output = new TerminalOutput({
      emit: (channel, flags, payload) => {
        options.emitted(payload.length);
        emit(channel, flags, payload);
      },
      shown: (bytes) => this.#shown(bytes),
      nowMs: () => host.nowMs(),
    });
    this.#entry = new TerminalEntry({
      followers: terminalFollowers,
      host: { emit: emitEntry, flush: () => this.#output.flush(), hold },
      events: {
        onTitle: (title) => this.#mark({ type: "title", title: cleanTitle(title) }),
        onBell: () => this.#mark({ type: "bell" }),
      },
      columns,
      rows,
    });
    this.#answers = new TerminalAnswers({
      send,
      cursor: () => this.#entry.cursor(),
      nowMs: () => host.nowMs(),
    });
  }

  /** Output of the target, UTF-8; it is copied. */
  write(bytes: Uint8Array): void {
    this.#output.write(bytes);
  }

  /** What the person typed, for the recording of input. */
  typed(bytes: Uint8Array): void {
    if (this.#echo === null) return;
    this.#recordInput();
    this.#echo.typed(bytes, this.#host.nowMs());
  }

  /** The terminal has a new size; the hub has told viewers and recording already. */
  resize(columns: number, rows: number): void {
    this.#output.flush();
    this.#entry.resized(columns, rows);
  }

  requestEntryPoint(): void {
    this.#entry.request();
  }

  /** Emits what is left and releases the follower. */
  close(): void {
    this.#output.close();
    this.#entry.close();
    this.#recordInput(Number.POSITIVE_INFINITY);
    this.#echo = null;
  }

  #shown(bytes: Uint8Array): void {
    this.#entry.shown(bytes);
    this.#answers.shown(bytes);
    if (this.#echo === null) return;
    this.#echo.shown(bytes);
    this.#recordInput();
  }

  /** Records the input decided by now: as it was where the target showed it, as one dot where it was hidden. */
  #recordInput(nowMs = this.#host.nowMs()): void {
    for (const decided of this.#echo?.take(nowMs) ?? []) {
      const text = decided.type === "shown" ? decided.bytes : HIDDEN_INPUT;
      this.#host.emit(Channel.input, FrameFlag.recordOnly, encodeInput([{ type: "text", text }]));
    }
  }

  #mark(marker: { readonly type: "title"; readonly title: string } | { readonly type: "bell" }): void {
    const now = this.#host.nowMs();
    if (now - this.#markersFromMs >= 1000) {
      this.#markersFromMs = now;
      this.#markerCount = 0;
    }
    this.#markerCount++;
    if (this.#markerCount <= MARKERS_PER_SECOND) this.#host.marker(marker);
  }
}

/** A title without control and direction characters, which could make a page show something else. */
function cleanTitle(title: string): string {
  return title.replace(/[\p{Cc}\p{Cf}]/gu, "");
}

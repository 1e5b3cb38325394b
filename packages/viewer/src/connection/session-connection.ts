import { DecodeError, encodeUtf8 } from "@poterne/bytes";
import {
  Channel,
  type ControlMessage,
  decodeFrames,
  encodeFrame,
  encodeInput,
  type Frame,
  type InputEvent,
  MAX_CLIPBOARD_BYTES,
  type StatusMessage,
  type ViewerScreen,
  WIRE_VERSION,
} from "@poterne/wire";
import { type Observable, ObservableValue } from "../observable.ts";
import type { Timers } from "../timers.ts";
import { waitBeforeAttempt } from "./back-off.ts";
import { MessageError } from "./fields.ts";
import { FlowMeter } from "./flow-meter.ts";
import { applyStatus, initialSessionState, type SessionState } from "./session-state.ts";
import { type SessionTicket, TicketRefused, type ViewerSocket } from "./socket.ts";
import { decodeStatus } from "./status-message.ts";

/** How often the round trip is measured. */
export const PING_EVERY_MS = 5000;
/** A socket that answers no ping for so long is taken for dead. */
export const SILENCE_LIMIT_MS = 15_000;
/** The most bytes of messages that wait for the display to exist; more ends the socket. */
export const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/**
 * Close codes (docs/wire.md) after which this page does not attach again, and what it shows: above all 4001, or two
 * pages of one person would throw each other out for ever. `another-page` is the pages' own word.
 */
const END_OF_CLOSE_CODE: Readonly<Record<number, string>> = {
  4000: "session-ended",
  4001: "another-page",
  4002: "viewer-protocol",
  4003: "wire-version",
};
/** Channels whose payload is acknowledged (docs/wire.md, flow). */
const CONSUMED_CHANNELS: ReadonlySet<number> = new Set([Channel.picture, Channel.text, Channel.sound]);
/** Grace time assumed before the gateway has told its own. */
const DEFAULT_GRACE_SECONDS = 60;

/** The room the viewer has: pixels for a desktop, cells for a terminal. */
export interface ViewerSize {
  readonly columns: number;
  readonly rows: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** How large the target is to draw things, in per cent. */
  readonly scalePercent: number;
}

/** The frames of one message, and who to tell when they are really on the screen. */
export interface FrameBatch {
  /** The message as it came; the receiver owns it and may transfer it to a worker. */
  readonly message: ArrayBuffer;
  /** Its frames but for `status` and `clipboard`; payloads are views on `message`. */
  readonly frames: readonly Frame[];
  /** To be called once, when everything in it is shown: the gateway keeps the target's pace by it. */
  done(): void;
}

/** Where the frames go: the desktop's or the terminal's display. */
export interface FrameSink {
  /** A new socket: what comes next begins at an entry point; forget half-received state. */
  reset(): void;
  show(batch: FrameBatch): void;
}

/** What the connection needs from outside. */
export interface ConnectionEnvironment {
  readonly timers: Timers;
  /** 0 to 1, for the back-off. */
  random(): number;
  getTicket(): Promise<SessionTicket>;
  openSocket(ticket: SessionTicket): ViewerSocket;
  /** What this browser decodes, for `hello`; must not reject, nor take long. Absent: nothing. */
  decodes?(): Promise<readonly string[]>;
}

/** Which events a page may listen to beside the state. */
export interface ConnectionEvents {
  /** Clipboard content of the target, allowed by policy; `kind` is a `ClipboardKind`. The content is a copy. */
  clipboard?(kind: number, content: Uint8Array): void;
  /** Sound of the target; the payload is valid during the call. */
  sound?(payload: Uint8Array): void;
  /** Any frame of the `marker` or `file` channel. */
  event?(frame: Frame): void;
  /** A socket is open and `hello` is on its way: the gateway begins or goes on. */
  greeted?(): void;
}

/**
 * The viewer's end of one session: attaches with a ticket, keeps the page's state, hands frames to the display and
 * acknowledges what it showed, and attaches again by itself when the network comes back within the grace time.
 */
export class SessionConnection {
  readonly state: Observable<SessionState>;
  readonly #state = new ObservableValue(initialSessionState);
  readonly #environment: ConnectionEnvironment;
  readonly #events: ConnectionEvents;
  #socket: ViewerSocket | null = null;
  #isSocketOpen = false;
  #generation = 0;
  #flow = new FlowMeter();
  #sink: FrameSink | null = null;
  #waiting: FrameBatch[] = [];
  #waitingBytes = 0;
  #size: ViewerSize;
  #decodes: readonly string[] = [];
  #heardAtMs = 0;
  #cancelTimer: () => void = () => undefined;
  #cancelPing: () => void = () => undefined;

  constructor(environment: ConnectionEnvironment, size: ViewerSize, events: ConnectionEvents = {}) {
    this.#environment = environment;
    this.#size = size;
    this.#events = events;
    this.state = this.#state;
  }

  /** Attaches for the first time. */
  start(): void {
    void this.#attach(0);
  }

  /** Gives the display; batches that came before it are shown first. */
  attachSink(sink: FrameSink): void {
    this.#sink = sink;
    sink.reset();
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const batch of waiting) sink.show(batch);
  }

  /** Sends what a person did. Nothing is kept while the socket is away: old keys must not arrive late. */
  input(events: readonly InputEvent[]): void {
    if (events.length > 0) this.#send(Channel.input, encodeInput(events));
  }

  /** Tells the room the viewer has; the gateway ignores it from viewers without control. */
  resize(size: ViewerSize): void {
    this.#size = size;
    const { columns, rows, widthPx, heightPx } = size;
    this.input([{ type: "resize", columns, rows, widthPx, heightPx }]);
  }

  /** Tells the screens the viewer shows a desktop on; `size` is what a new socket says of itself first. */
  layOut(screens: readonly ViewerScreen[], size: ViewerSize): void {
    this.#size = size;
    this.input([{ type: "screens", screens }]);
  }

  /** Sends clipboard content; answers false when it is longer than the wire carries. */
  sendClipboard(kind: number, content: Uint8Array): boolean {
    if (content.length > MAX_CLIPBOARD_BYTES) return false;
    const payload = new Uint8Array(content.length + 1);
    payload[0] = kind;
    payload.set(content, 1);
    this.#send(Channel.clipboard, payload);
    return true;
  }

  /** Sends an answer, an order or a request. */
  control(message: ControlMessage): void {
    this.#send(Channel.control, encodeUtf8(JSON.stringify(message)));
  }

  /** Leaves for good: the controller's leaving ends the session, anyone else's only detaches. */
  leave(): void {
    if (this.#state.read().phase === "ended") return;
    if (this.#state.read().hello?.role === "controller") this.control({ type: "end" });
    else this.#end("left", {});
  }

  /** Tries again at once instead of waiting for the back-off. */
  retryNow(): void {
    const lost = this.#state.read().lost;
    if (lost === null || this.#socket !== null) return;
    this.#cancelTimer();
    void this.#attach(lost.attempt);
  }

  /** Lets go of everything; the session lives on for its grace time. */
  close(): void {
    this.#generation++;
    this.#dropSocket();
    this.#cancelTimer();
  }

  async #attach(attempt: number): Promise<void> {
    const generation = ++this.#generation;
    let ticket: SessionTicket;
    try {
      this.#decodes = (await this.#environment.decodes?.()) ?? [];
      ticket = await this.#environment.getTicket();
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof TicketRefused) this.#end(error.code, error.details);
      else this.#lose(attempt);
      return;
    }
    if (generation !== this.#generation) return;
    const socket = this.#environment.openSocket(ticket);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      if (generation === this.#generation) this.#opened();
    };
    socket.onmessage = (event) => {
      if (generation === this.#generation) this.#received(event.data);
    };
    socket.onclose = ({ code }) => {
      if (generation !== this.#generation) return;
      const end = END_OF_CLOSE_CODE[code];
      if (end === undefined) this.#lose(attempt);
      else this.#end(end, {});
    };
  }

  #opened(): void {
    this.#isSocketOpen = true;
    this.#flow = new FlowMeter();
    this.#heardAtMs = this.#environment.timers.nowMs();
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#sink?.reset();
    this.control({ type: "hello", version: WIRE_VERSION, ...this.#size, decodes: this.#decodes });
    this.#events.greeted?.();
    this.#ping();
  }

  #ping(): void {
    const { timers } = this.#environment;
    if (timers.nowMs() - this.#heardAtMs > SILENCE_LIMIT_MS) {
      this.#lose(0);
      return;
    }
    this.control({ type: "ping", sentAtMs: timers.nowMs() });
    this.#cancelPing = timers.after(PING_EVERY_MS, () => this.#ping());
  }

  #received(data: unknown): void {
    this.#heardAtMs = this.#environment.timers.nowMs();
    if (!(data instanceof ArrayBuffer)) return this.#end("viewer-protocol", {});
    const generation = this.#generation;
    const shown: Frame[] = [];
    try {
      for (const frame of decodeFrames(new Uint8Array(data))) this.#route(frame, shown);
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof MessageError)) throw error;
      return this.#end("viewer-protocol", {});
    }
    if (generation !== this.#generation) return;
    if (shown.length === 0) return;
    const countedBytes = countConsumable(shown);
    const done = () => this.#consumed(generation, countedBytes);
    this.#show({ message: data, frames: shown, done }, data.byteLength);
  }

  #route(frame: Frame, shown: Frame[]): void {
    if (frame.channel === Channel.status) {
      const message = decodeStatus(frame.payload);
      if (message !== null) this.#status(message);
      return;
    }
    if (frame.channel === Channel.clipboard) {
      this.#events.clipboard?.(frame.payload[0] ?? 0, frame.payload.slice(1));
      return;
    }
    if (frame.channel === Channel.sound) this.#events.sound?.(frame.payload);
    if (frame.channel === Channel.marker || frame.channel === Channel.file) this.#events.event?.(frame);
    shown.push(frame);
  }

  #show(batch: FrameBatch, sizeBytes: number): void {
    if (this.#sink !== null) return this.#sink.show(batch);
    this.#waitingBytes += sizeBytes;
    if (this.#waitingBytes > MAX_WAITING_BYTES) return this.#end("viewer-protocol", {});
    this.#waiting.push(batch);
  }

  #consumed(generation: number, bytes: number): void {
    if (generation !== this.#generation || bytes === 0) return;
    if (this.#flow.add(bytes))
      queueMicrotask(() => {
        if (generation === this.#generation) this.#send(Channel.flow, this.#flow.take());
      });
  }

  #status(message: StatusMessage): void {
    if (message.type === "hello" && message.version !== WIRE_VERSION) return this.#end("wire-version", {});
    if (message.type === "pong") {
      const gatewayMs = Math.max(0, this.#environment.timers.nowMs() - message.sentAtMs);
      const latency = { gatewayMs, targetMs: message.targetRoundTripMs };
      this.#state.write({ ...this.#state.read(), latency });
      return;
    }
    this.#state.write(applyStatus(this.#state.read(), message));
    if (message.type === "ended") this.close();
  }

  /** The socket is gone: wait and attach again, or give up when the grace time is over. */
  #lose(attempt: number): void {
    this.#generation++;
    this.#dropSocket();
    const state = this.#state.read();
    if (state.phase === "ended") return;
    const { timers } = this.#environment;
    const nowMs = timers.nowMs();
    const graceSeconds = state.hello?.policy.graceSeconds ?? DEFAULT_GRACE_SECONDS;
    const sinceMs = state.lost?.sinceMs ?? nowMs;
    const untilMs = sinceMs + graceSeconds * 1000;
    if (nowMs >= untilMs) return this.#end("grace-over", { seconds: graceSeconds });
    const next = state.lost === null ? 1 : attempt + 1;
    this.#state.write({ ...state, phase: "reattaching", lost: { sinceMs, untilMs, attempt: next } });
    const waitMs = Math.min(waitBeforeAttempt(next, this.#environment.random()), untilMs - nowMs);
    this.#cancelTimer = timers.after(waitMs, () => void this.#attach(next));
  }

  #end(code: string, details: Readonly<Record<string, string | number>>): void {
    this.close();
    const state = this.#state.read();
    if (state.phase === "ended") return;
    const end = { code, details, durationMs: null };
    this.#state.write({ ...state, phase: "ended", lost: null, questions: [], end });
  }

  #dropSocket(): void {
    this.#cancelPing();
    this.#isSocketOpen = false;
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #send(channel: number, payload: Uint8Array): void {
    if (this.#socket === null || !this.#isSocketOpen) return;
    const frame = encodeFrame({ channel, flags: 0, stream: 0, timeMs: 0, payload });
    this.#socket.send(frame as Uint8Array<ArrayBuffer>);
  }
}

function countConsumable(frames: readonly Frame[]): number {
  let bytes = 0;
  for (const { channel, payload } of frames) if (CONSUMED_CHANNELS.has(channel)) bytes += payload.length;
  return bytes;
}

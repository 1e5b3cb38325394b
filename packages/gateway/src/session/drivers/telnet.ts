import type { Socket } from "node:net";
import { decodeUtf8, encodeUtf8 } from "@poterne/bytes";
import { Failure, type TelnetOptions, telnetOptions } from "@poterne/contract";
import { TelnetCore, type TelnetEvent } from "@poterne/telnet";
import type { InputEvent } from "@poterne/wire";
import type {
  DriverFactory,
  DriverHop,
  DriverHost,
  DriverRequest,
  FlowState,
  SessionDriver,
} from "../driver.ts";
import { clampSize } from "../terminal/followers.ts";
import { TerminalScreen } from "../terminal/terminal-screen.ts";
import { HEARD_MS, ViewerPace } from "../terminal/viewer-pace.ts";
import { connectTcp } from "./tcp.ts";
import { TelnetLogin } from "./telnet-login.ts";

/** Typed bytes that wait because the target does not read; more are dropped. */
export const MAX_QUEUED_INPUT_BYTES = 256 * 1024;

/** Telnet (RFC 854 and the options of `@poterne/telnet`) with automatic log-in by prompts. */
export class TelnetDriver implements SessionDriver {
  readonly kind = "terminal";
  readonly targetRoundTripMs = null;
  readonly files = null;
  readonly #request: DriverRequest;
  readonly #host: DriverHost;
  readonly #hop: DriverHop;
  readonly #options: TelnetOptions;
  readonly #core: TelnetCore;
  readonly #abort = new AbortController();
  #screen: TerminalScreen | null = null;
  #socket: Socket | null = null;
  #login: TelnetLogin | null = null;
  readonly #viewerPace: ViewerPace;
  #isSlow = false;
  #isHeld = false;
  #paceTimer: NodeJS.Timeout | null = null;
  #hasEnded = false;

  constructor(request: DriverRequest, host: DriverHost) {
    this.#request = request;
    this.#host = host;
    this.#hop = request.hops.at(-1) ?? request.hops[0];
    this.#options = telnetOptions.parse(this.#hop.options);
    this.#viewerPace = new ViewerPace(() => host.nowMs());
    const { columns, rows } = clampSize(host.viewerSize.columns, host.viewerSize.rows);
    this.#core = new TelnetCore({ terminalType: this.#options.terminalType, columns, rows });
  }

  async open(): Promise<void> {
    const { columns, rows } = clampSize(this.#host.viewerSize.columns, this.#host.viewerSize.rows);
    this.#screen = new TerminalScreen({
      host: this.#host,
      isInputRecorded: this.#request.policy.recordInput,
      columns,
      rows,
      send: (bytes) => this.#type(bytes),
      hold: (isHeld) => {
        this.#isHeld = isHeld;
        this.#pace();
      },
      emitted: (bytes) => {
        this.#viewerPace.emitted(bytes);
        this.#pace();
      },
      entered: () => this.#viewerPace.entered(),
    });
    try {
      await this.#connect();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async #connect(): Promise<void> {
    const login = TelnetLogin.prepare(this.#hop, this.#options, {
      host: this.#host,
      isEchoRemote: () => this.#core.isEchoRemote,
      send: (text) => this.#type(encodeUtf8(text)),
      show: (bytes) => this.#show(bytes),
    });
    this.#login = login;
    this.#host.step("network", "running");
    const socket = await connectTcp(this.#hop, this.#abort.signal);
    this.#host.step("network", "done");
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    socket.on("close", () => this.#closed());
    this.#host.step("open", "running");
    await login.run();
    if (this.#hasEnded) throw new Failure("target-closed");
    this.#login = null;
  }

  input(event: InputEvent): void {
    if (event.type === "resize") return this.#resize(event.columns, event.rows);
    if (event.type !== "text") return;
    this.#screen?.typed(event.text);
    this.#type(event.text);
    if (this.#core.isTelnet && !this.#core.isEchoRemote) this.#echoLocally(event.text);
  }

  /** RFC 857: where the target does not echo, this side does. */
  #echoLocally(typed: Uint8Array): void {
    const text = decodeUtf8(typed).replace(/\r/g, "\r\n").replaceAll("\u007f", "\b \b");
    this.#screen?.write(encodeUtf8(text));
  }

  #resize(columns: number, rows: number): void {
    if (columns < 1 || rows < 1) return;
    const size = clampSize(columns, rows);
    this.#screen?.resize(size.columns, size.rows);
    this.#send(this.#core.resize(size.columns, size.rows));
  }

  /** A terminal has no clipboard of its own: what is pasted comes as typed text. */
  clipboard(): void {}

  flow(state: FlowState): void {
    this.#viewerPace.flow(state.queuedBytes, state.isWatched);
    this.#pace();
  }

  requestEntryPoint(): void {
    this.#screen?.requestEntryPoint();
  }

  close(): void {
    this.#hasEnded = true;
    this.#abort.abort();
    if (this.#paceTimer !== null) clearTimeout(this.#paceTimer);
    this.#login?.close();
    this.#screen?.close();
    this.#socket?.destroy();
  }

  /** Stops reading while more is under way than the viewer's pace allows, until half of it is gone. */
  #pace(): void {
    const { queuedBytes, windowBytes } = this.#viewerPace;
    this.#isSlow = queuedBytes > (this.#isSlow ? windowBytes / 2 : windowBytes);
    // When nobody acknowledges, nobody calls.
    if (this.#isSlow)
      this.#paceTimer ??= setTimeout(() => {
        this.#paceTimer = null;
        this.#pace();
      }, HEARD_MS).unref();
    if (this.#isSlow || this.#isHeld) this.#socket?.pause();
    else this.#socket?.resume();
  }

  #receive(bytes: Uint8Array): void {
    let events: TelnetEvent[];
    try {
      events = this.#core.receive(bytes);
    } catch {
      return this.#end("protocol-error", { detail: "too much negotiation" });
    }
    for (const event of events) {
      if (event.type === "send") this.#send(event.bytes);
      else if (event.type === "data") this.#shown(event.bytes);
    }
  }

  #shown(bytes: Uint8Array): void {
    const shown = this.#options.encoding === "latin1" ? encodeUtf8(latin1ToText(bytes)) : bytes;
    if (this.#login === null) this.#show(shown);
    else this.#login.shown(shown);
  }

  #show(bytes: Uint8Array): void {
    this.#screen?.write(bytes);
  }

  #type(typed: Uint8Array): void {
    const bytes = this.#options.encoding === "latin1" ? textToLatin1(decodeUtf8(typed)) : typed;
    this.#send(this.#core.encode(bytes));
  }

  #send(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (
      bytes.length === 0 ||
      socket === null ||
      socket.writableLength + bytes.length > MAX_QUEUED_INPUT_BYTES
    )
      return;
    socket.write(bytes);
  }

  #closed(): void {
    if (this.#login !== null) this.#login.closed();
    else this.#end("closed-by-target");
  }

  #end(code: string, details: Readonly<Record<string, string | number>> = {}): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    // What the target said last is part of the session.
    this.#screen?.close();
    if (this.#login === null) this.#host.ended(code, details);
    else this.#login.fail(new Failure(code as "protocol-error", details));
    this.close();
  }
}

function latin1ToText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** ISO 8859-1; a character it does not have becomes a question mark. */
function textToLatin1(text: string): Uint8Array {
  return Buffer.from(
    [...text].map((character) => (character > "\u00ff" ? "?" : character)).join(""),
    "latin1",
  );
}

/** The driver of protocol `telnet`. */
export const makeTelnetDriver: DriverFactory = (request, host) => new TelnetDriver(request, host);

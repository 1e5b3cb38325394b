import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { concatBytes } from "@poterne/bytes";
import { Failure } from "@poterne/contract";
import { RdpClient, type RdpClientOptions, type RdpCommand } from "@poterne/rdp";
import { freeMemory } from "../../../free-memory.ts";
import type { DriverHop } from "../../driver.ts";
import { socketFailure } from "../ssh-failures.ts";
import { checkCertificate, startTls, type TlsContext } from "../target-tls.ts";
import { connectTcp } from "../tcp.ts";
import { publicKeyOf } from "./crypto.ts";
import { rdpFailure, unexpectedFailure } from "./failures.ts";
import type { RdpLogIn } from "./log-in.ts";
import type { RdpCut } from "./reconnecting.ts";

/** How long the server may take for its part of the handshake, what a person types not counted. */
export const HANDSHAKE_TIMEOUT_MS = 20_000;
const KEEPALIVE_DELAY_MS = 30_000;
/** A server that leaves so much of what it is sent unread is gone. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

/** What a connection is given. */
export interface RdpConnectionOptions {
  readonly hop: DriverHop;
  readonly tls: TlsContext;
  readonly client: RdpClientOptions;
  /** Who signs in, and how. */
  readonly logIn: RdpLogIn;
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Everything the core says, in order, also while the desktop is not open yet. */
  onCommands(commands: readonly RdpCommand[]): void;
  /** The connection is over; called once, only after it was open. */
  onEnd(failure: Failure, cut: RdpCut): void;
}

/** One RDP connection: the socket, TLS, the log-in and the core, from connecting to the end. */
export class RdpConnection {
  readonly #options: RdpConnectionOptions;
  readonly client: RdpClient;
  #socket: Socket | TLSSocket | null = null;
  #certificate: X509Certificate | null = null;
  #isOpen = false;
  #isOver = false;
  #closing: RdpCut = "no";
  /** What is to be sent once all commands of one read are carried out. */
  #gathered: Uint8Array[] = [];
  #isGathering = false;
  #timer: NodeJS.Timeout | null = null;
  #settle: { resolve(): void; reject(failure: Failure): void } | null = null;

  constructor(options: RdpConnectionOptions) {
    this.#options = options;
    this.client = new RdpClient(options.client);
  }

  /** Connects and signs in; resolves when the desktop is there. Rejects with a `Failure`. */
  async open(): Promise<void> {
    const { hop, tls } = this.#options;
    tls.host.step("network", "running");
    const socket = await connectTcp(hop, tls.signal);
    if (this.#isOver) {
      socket.destroy();
      throw new Failure("target-closed");
    }
    tls.host.step("network", "done");
    socket.setKeepAlive(true, KEEPALIVE_DELAY_MS);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#listen(socket);
      this.#startTimer();
      this.run(this.client.start());
    });
  }

  #listen(socket: Socket | TLSSocket): void {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => {
      if (socket === this.#socket) this.#received(chunk);
      // The core keeps no view on it; what waits for the collector makes it mark the whole heap (decision 0054).
      if (this.#isOpen) freeMemory(chunk);
    });
    socket.on("error", (error) => this.#end(socketFailure(error, this.#options.hop), "broken"));
    socket.on("close", () => {
      this.#closing = this.client.hasAnnouncedEnd ? "no" : "closed";
      this.run(this.client.closed());
    });
  }

  #startTimer(): void {
    this.#stopTimer();
    const silence = new Failure("target-silent", { seconds: HANDSHAKE_TIMEOUT_MS / 1000 });
    this.#timer = setTimeout(() => this.#end(silence), HANDSHAKE_TIMEOUT_MS);
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #received(chunk: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.run(this.client.receive(chunk, this.#options.nowMs()));
    } catch (error) {
      this.#end(unexpectedFailure(error));
    }
  }

  /** Carries commands out: bytes and the handshake here, the rest at `onCommands`. */
  run(commands: readonly RdpCommand[]): void {
    if (this.#isOver || commands.length === 0) return;
    this.#isGathering = true;
    try {
      // Pictures first: what a server says with its last words is shown before the end.
      this.#options.onCommands(commands);
      for (const command of commands) this.#carryOut(command);
    } finally {
      this.#isGathering = false;
      this.#sendGathered();
    }
  }

  /** One buffer and one write for all that leaves together. */
  #sendGathered(): void {
    const [first, ...others] = this.#gathered;
    if (first === undefined) return;
    this.#gathered = [];
    if (!this.#isOver) this.#socket?.write(others.length === 0 ? first : concatBytes([first, ...others]));
  }

  #carryOut(command: RdpCommand): void {
    if (command.type === "send") this.#gathered.push(command.bytes);
    else if (command.type === "fail") this.#failed(command);
    else if (command.type === "silent")
      this.#end(new Failure("target-silent", { seconds: command.seconds }), "broken");
    else if (command.type === "startTls") {
      // What belongs before TLS leaves before it.
      this.#sendGathered();
      this.#do(() => this.#startTls());
    } else if (command.type === "credentials") this.#do(() => this.#authenticate(command.isNla));
    else if (command.type === "open") {
      this.#isOpen = true;
      this.#stopTimer();
      this.#settle?.resolve();
    }
  }

  #failed(command: Extract<RdpCommand, { type: "fail" }>): void {
    const { detail } = command;
    const failure = rdpFailure(command.code, {
      detail,
      target: this.#options.hop.name,
      wasOpen: this.#isOpen,
    });
    this.#end(failure, this.#closing);
  }

  /** Does what takes time; its failure ends the connection. */
  #do(work: () => Promise<void>): void {
    work().catch((error: unknown) => this.#end(unexpectedFailure(error)));
  }

  async #startTls(): Promise<void> {
    const socket = this.#socket;
    if (socket === null) return;
    const { tls } = this.#options;
    tls.host.step("encryption", "running");
    this.#socket = null;
    socket.removeAllListeners();
    const secure = await startTls(socket, false, tls.signal);
    this.#socket = secure;
    tls.host.step("encryption", "done", secure.getProtocol() ?? "TLS");
    const certificate = await checkCertificate(secure, tls);
    if (this.#isOver) return void secure.destroy();
    this.#certificate = certificate;
    this.#listen(secure);
    this.run(this.client.tlsStarted({ publicKey: publicKeyOf(certificate) }));
  }

  async #authenticate(isNla: boolean): Promise<void> {
    const { tls, logIn } = this.#options;
    tls.host.step("identity", "running");
    // People and KDCs have their own limits of time.
    this.#stopTimer();
    const { mechanism, credentials } = isNla
      ? await logIn.prove(this.#certificate)
      : { mechanism: null, credentials: await logIn.credentials() };
    if (this.#isOver) return;
    this.#startTimer();
    this.run(this.client.authenticate(credentials, mechanism));
  }

  /** Sends bytes of the core's making. */
  send(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (bytes.length === 0 || this.#isOver || socket === null) return;
    if (socket.writableLength > MAX_UNSENT_BYTES)
      return this.#end(new Failure("target-silent", { seconds: HANDSHAKE_TIMEOUT_MS / 1000 }));
    if (this.#isGathering) this.#gathered.push(bytes);
    else socket.write(bytes);
  }

  /** Stops or goes on reading: what a server without frame acknowledgement understands. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#socket?.pause();
    else this.#socket?.resume();
  }

  #end(failure: Failure, cut: RdpCut = "no"): void {
    if (this.#isOver) return;
    // The first reason given is the one that counts.
    if (!this.#isOpen) this.#settle?.reject(failure);
    const wasOpen = this.#isOpen;
    this.close();
    if (wasOpen) this.#options.onEnd(failure, cut);
  }

  /** Leaves in good order where the desktop is open, else at once; also twice. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopTimer();
    const socket = this.#socket;
    if (socket !== null) {
      socket.removeAllListeners();
      socket.on("error", () => {});
      if (this.#isOpen && socket.writable) leave(socket, this.client.encodeGoodbye());
      else socket.destroy();
    }
    if (!this.#isOpen) this.#settle?.reject(new Failure("target-closed"));
  }
}

/** How long a server may take to read our goodbye. */
const GOODBYE_MS = 1000;

/** Says goodbye and closes, whether the server reads it or not. */
function leave(socket: Socket | TLSSocket, goodbye: Uint8Array): void {
  const timer = setTimeout(() => socket.destroy(), GOODBYE_MS).unref();
  socket.on("close", () => clearTimeout(timer));
  socket.end(goodbye);
  socket.resume();
}

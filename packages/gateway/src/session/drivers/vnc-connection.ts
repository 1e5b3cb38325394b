import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { Failure } from "@poterne/contract";
import { RfbClient, type RfbClientOptions, type RfbCommand } from "@poterne/rfb";
import { MAX_CLIPBOARD_BYTES } from "@poterne/wire";
import { freeMemory } from "../../free-memory.ts";
import type { DriverHop } from "../driver.ts";
import { socketFailure } from "./ssh-failures.ts";
import { checkCertificate, startTls, type TlsContext } from "./target-tls.ts";
import { connectTcp } from "./tcp.ts";
import { rfbFailure, unexpectedFailure } from "./vnc-failures.ts";

/** How long the server may take for its part of the handshake, what a person types not counted. */
export const HANDSHAKE_TIMEOUT_MS = 15_000;
/** What is read from a server at once, always into the same memory: the core keeps no view on it. */
const READ_BYTES = 64 * 1024;
const KEEPALIVE_DELAY_MS = 30_000;
/** A server that leaves so much of what it is sent unread is gone: one clipboard of the longest kind, twice. */
const MAX_UNSENT_BYTES = 2 * MAX_CLIPBOARD_BYTES;

/** What a connection is given. */
export interface VncConnectionOptions {
  readonly hop: DriverHop;
  readonly tls: TlsContext;
  readonly client: RfbClientOptions;
  /** Name and password when the server asks; rejects with a Failure. */
  credentials(needsUsername: boolean): Promise<{ readonly username: string; readonly password: string }>;
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Everything the core says once the desktop is open. */
  onCommands(commands: readonly RfbCommand[]): void;
  /** The connection is over; called once, only after it was open. */
  onEnd(failure: Failure): void;
}

/** What an open desktop is. */
export interface OpenDesktop {
  readonly width: number;
  readonly height: number;
  readonly name: string;
}

/** One RFB connection: the socket, TLS and the core, from connecting to the end. */
export class VncConnection {
  readonly #options: VncConnectionOptions;
  readonly client: RfbClient;
  #socket: Socket | TLSSocket | null = null;
  #isOpen = false;
  #isOver = false;
  /** What is to be sent once all commands of one read are carried out; behind TLS once all its records are. */
  #gathered: Uint8Array[] = [];
  #isGathering = false;
  #isReadsEndDue = false;
  #timer: NodeJS.Timeout | null = null;
  #settle: { resolve(desktop: OpenDesktop): void; reject(failure: Failure): void } | null = null;

  constructor(options: VncConnectionOptions) {
    this.#options = options;
    this.client = new RfbClient(options.client);
  }

  /** Connects and goes through the handshake. Rejects with a `Failure`. */
  async open(): Promise<OpenDesktop> {
    const { hop, tls } = this.#options;
    tls.host.step("network", "running");
    const socket = await connectTcp(hop, tls.signal, {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (count, buffer) => {
        this.#received(buffer.subarray(0, count));
        return true;
      },
    });
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
    });
  }

  #listen(socket: Socket | TLSSocket): void {
    this.#socket = socket;
    // A plain socket reads into the connection's own buffer; TLS brings buffers of its own.
    if (this.isEncrypted)
      socket.on("data", (chunk: Uint8Array) => {
        this.#received(chunk);
        // The core keeps no view on it; what waits for the collector makes it mark the whole heap (decision 0054).
        freeMemory(chunk);
      });
    else socket.resume();
    socket.on("error", (error) => this.#end(socketFailure(error, this.#options.hop)));
    socket.on("close", () => this.#end(new Failure(this.#isOpen ? "closed-by-target" : "target-closed")));
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
    if (this.client.isHolding) this.#awaitReadsEnd();
  }

  #awaitReadsEnd(): void {
    if (this.#isReadsEndDue) return;
    this.#isReadsEndDue = true;
    setImmediate(this.#endReads);
  }

  /** All records that came together are read: what they brought of an update is shown, whole or not, and answered. */
  readonly #endReads = (): void => {
    this.#isReadsEndDue = false;
    if (this.#isOver) return;
    if (this.client.isHolding) this.run(this.client.releaseHeld());
    this.#sendGathered();
  };

  /** Carries commands out: bytes and the handshake here, the rest at `onCommands`. */
  run(commands: readonly RfbCommand[]): void {
    if (this.#isOver || commands.length === 0) return;
    this.#isGathering = true;
    try {
      for (const command of commands) this.#carryOut(command);
      // What the host sends in answer leaves in the same packet.
      if (this.#isOpen && !this.#isOver) this.#options.onCommands(commands);
    } finally {
      this.#isGathering = false;
      // A fence and the update behind it are records of their own, and so would be their answers.
      if (this.client.holdsUpdates && this.#gathered.length > 0) this.#awaitReadsEnd();
      else this.#sendGathered();
    }
  }

  /**
   * One buffer and one write: a corked socket makes a list of parts, which costs more than joining twenty bytes. One of
   * Node's own: the core's are so short that they lie in the heap, and the socket would move each out of it.
   */
  #sendGathered(): void {
    if (this.#gathered.length === 0) return;
    const parts = this.#gathered;
    this.#gathered = [];
    if (!this.#isOver) this.#socket?.write(Buffer.concat(parts));
  }

  #carryOut(command: RfbCommand): void {
    if (command.type === "send") this.#gathered.push(command.bytes);
    else if (command.type === "fail") this.#end(rfbFailure(command.code, command.detail));
    else if (command.type === "startTls") {
      // What belongs before TLS leaves before it.
      this.#sendGathered();
      this.#do(() => this.#startTls(command.isAnonymous));
    } else if (command.type === "credentials") this.#do(() => this.#authenticate(command.needsUsername));
    else if (command.type === "open") {
      this.#isOpen = true;
      this.#stopTimer();
      this.#settle?.resolve(command);
    }
  }

  /** Does what takes time; its failure ends the connection. */
  #do(work: () => Promise<void>): void {
    work().catch((error: unknown) => this.#end(unexpectedFailure(error)));
  }

  async #startTls(isAnonymous: boolean): Promise<void> {
    const socket = this.#socket;
    if (socket === null) return;
    const { tls } = this.#options;
    tls.host.step("encryption", "running");
    socket.removeAllListeners("close");
    socket.removeAllListeners("error");
    const secure = await startTls(socket, isAnonymous, tls.signal);
    this.#socket = secure;
    tls.host.step("encryption", "done", secure.getProtocol() ?? "TLS");
    if (isAnonymous) tls.host.warn("target-not-identified");
    else await checkCertificate(secure, tls);
    if (this.#isOver) return void secure.destroy();
    this.#listen(secure);
    // A record is 16 kB, and several are decrypted in one go: each by itself would be a message and a record more.
    this.client.holdsUpdates = true;
    this.run(this.client.tlsStarted());
  }

  async #authenticate(needsUsername: boolean): Promise<void> {
    const { host } = this.#options.tls;
    host.step("identity", "running");
    this.#stopTimer();
    const { username, password } = await this.#options.credentials(needsUsername);
    if (this.#isOver) return;
    this.#startTimer();
    this.run(this.client.authenticate(username, password));
  }

  /** Sends bytes of the core's making. */
  send(bytes: Uint8Array | null): void {
    const socket = this.#socket;
    if (bytes === null || bytes.length === 0 || this.#isOver || socket === null) return;
    if (socket.writableLength > MAX_UNSENT_BYTES)
      return this.#end(new Failure("target-silent", { seconds: HANDSHAKE_TIMEOUT_MS / 1000 }));
    if (this.#isGathering || this.#gathered.length > 0) this.#gathered.push(bytes);
    else socket.write(bytes);
  }

  /** Whether the connection is encrypted. */
  get isEncrypted(): boolean {
    return this.#socket !== null && "getProtocol" in this.#socket;
  }

  /** Stops or goes on reading: the last resort when even a slow pace is too fast. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#socket?.pause();
    else this.#socket?.resume();
  }

  #end(failure: Failure): void {
    if (this.#isOver) return;
    // The first reason given is the one that counts.
    if (!this.#isOpen) this.#settle?.reject(failure);
    const wasOpen = this.#isOpen;
    this.close();
    if (wasOpen) this.#options.onEnd(failure);
  }

  /** Ends at once; also twice. */
  close(): void {
    // Keys let go of a moment ago still leave.
    if (!this.#isOver) this.#sendGathered();
    this.#isOver = true;
    this.#stopTimer();
    this.#socket?.on("error", () => {});
    this.#socket?.destroy();
    if (!this.#isOpen) this.#settle?.reject(new Failure("target-closed"));
  }
}

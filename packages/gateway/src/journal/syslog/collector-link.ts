import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";

/** How long connecting, a stalled write and the collector's farewell may take. */
const CONNECT_TIMEOUT_MS = 10_000;
const WRITE_TIMEOUT_MS = 30_000;
const FAREWELL_TIMEOUT_MS = 10_000;

/** Where the collector is and what proves that it is the right one. */
export interface CollectorAddress {
  readonly host: string;
  readonly port: number;
  /** PEM of the authority that signed the collector's certificate; null for the system's authorities. */
  readonly ca: string | null;
}

/** One TLS connection to the collector. */
export class CollectorLink {
  readonly #socket: TLSSocket;
  #error: Error | null = null;
  #hasEnded = false;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on("error", (error) => {
      this.#error ??= error;
    });
    socket.on("end", () => {
      this.#hasEnded = true;
    });
    // A collector says nothing (RFC 5425 §4.3); reading is how its end is noticed.
    socket.resume();
  }

  /** Connects and checks certificate and name; rejects with the reason. */
  static async open(address: CollectorAddress): Promise<CollectorLink> {
    const isName = !/^[\d.]+$|:/.test(address.host);
    const socket = connect({
      host: address.host,
      port: address.port,
      minVersion: "TLSv1.2",
      ...(address.ca === null ? {} : { ca: address.ca }),
      ...(isName ? { servername: address.host } : {}),
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    const link = new CollectorLink(socket);
    try {
      await once(socket, "secureConnect", { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
      return link;
    } catch (error) {
      socket.destroy();
      throw error instanceof Error && error.name === "AbortError"
        ? new Error("the collector did not answer in time", { cause: error })
        : error;
    }
  }

  /** Whether the collector closed, or the connection failed. */
  get isBroken(): boolean {
    return this.#error !== null || this.#hasEnded || this.#socket.destroyed;
  }

  /** Writes and waits while the collector is slow; rejects when the connection is gone. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.isBroken) throw this.#error ?? new Error("the collector closed the connection");
    if (this.#socket.write(bytes)) return;
    const signal = AbortSignal.timeout(WRITE_TIMEOUT_MS);
    await Promise.race([once(this.#socket, "drain", { signal }), this.#closed(signal)]);
    if (this.isBroken) throw this.#error ?? new Error("the collector closed the connection");
  }

  /**
   * Closes in order and resolves once the collector has closed too. Syslog has no acknowledgement (RFC 5425 §4.3), but a
   * collector closes on reading the end, which comes after everything sent: then it has read all of it.
   * Rejects when the end did not come in order: then nothing is known.
   */
  async finish(): Promise<void> {
    if (this.isBroken) throw this.#error ?? new Error("the collector closed the connection");
    this.#socket.end();
    await this.#closed(AbortSignal.timeout(FAREWELL_TIMEOUT_MS));
    const isOrderly = this.#hasEnded && this.#error === null;
    this.#socket.destroy();
    if (!isOrderly) throw this.#error ?? new Error("the collector did not take leave");
  }

  /** Ends at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  async #closed(signal: AbortSignal): Promise<void> {
    if (this.#socket.closed) return;
    await once(this.#socket, "close", { signal }).catch((error: unknown) => {
      this.#error ??= error instanceof Error ? error : new Error(String(error));
    });
  }
}

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type SecureContextOptions, TLSSocket, connect as tlsConnect } from "node:tls";
import { pairSockets } from "../../packages/gateway/src/store/testing/pair-sockets.ts";

/** A piece of what crossed a tapped line. */
export interface TappedPiece {
  /** `client` is who connected: the gateway. */
  readonly from: "client" | "server";
  readonly bytes: Buffer;
}

/** Where a tapped line leads, and the server's own key where TLS is to be opened in the middle. */
export interface TapOptions {
  readonly host: string;
  readonly port: number;
  /** The server's certificate and key: the client sees no difference, so even what is bound to the key holds. */
  readonly tls?: Pick<SecureContextOptions, "key" | "cert">;
  /** Where the line begins; any port of the loopback unless told. */
  readonly near?: { readonly host: string; readonly port: number };
}

/** What a TLS record of a handshake begins with. */
const TLS_HANDSHAKE = 0x16;

/** Any free port of this machine. */
const LOOPBACK = { host: "127.0.0.1", port: 0 };

/** A line to a server that writes down what passes: as it is on the wire, and with the server's key what TLS hides. */
export class WireTap {
  /** What crossed the wire, in order; TLS closed. */
  readonly outer: TappedPiece[] = [];
  /** What was inside TLS, in order; empty without the server's key. */
  readonly inner: TappedPiece[] = [];
  readonly #server: Server;
  readonly #opener: Server | null;
  readonly #sockets = new Set<Socket>();

  private constructor({ host, port, tls }: TapOptions) {
    this.#opener = tls === undefined ? null : createServer((near) => this.#open(near, { host, port, tls }));
    this.#server = createServer((near) => {
      const next = this.#opener === null ? { host, port } : { ...LOOPBACK, port: portOf(this.#opener) };
      const far = connect({ ...next, noDelay: true });
      this.#join({ near, far }, this.outer);
    });
  }

  static async start(options: TapOptions): Promise<WireTap> {
    const tap = new WireTap(options);
    const { near = LOOPBACK } = options;
    if (tap.#opener !== null) await listen(tap.#opener, LOOPBACK);
    await listen(tap.#server, near);
    return tap;
  }

  /** Where the client is to connect, on this machine. */
  get port(): number {
    return portOf(this.#server);
  }

  /** Everything of one kind in one piece, in which to look for a signature. */
  static join(pieces: readonly TappedPiece[], from?: TappedPiece["from"]): Buffer {
    const wanted = pieces.filter((piece) => from === undefined || piece.from === from);
    return Buffer.concat(wanted.map(({ bytes }) => bytes));
  }

  /** Forgets what passed so far. */
  clear(): void {
    this.outer.length = 0;
    this.inner.length = 0;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    this.#opener?.close();
  }

  #open(near: Socket, { host, port, tls }: TapOptions): void {
    const far = connect({ host, port, noDelay: true });
    pairSockets(near, far, this.#sockets);
    far.on("data", (bytes) => near.write(bytes));
    const forward = (bytes: Buffer) => {
      if (bytes[0] !== TLS_HANDSHAKE) return far.write(bytes);
      for (const socket of [near, far]) socket.removeAllListeners("data").pause();
      near.unshift(bytes);
      const secureNear = new TLSSocket(near, { isServer: true, ...tls });
      const secureFar = tlsConnect({ socket: far, rejectUnauthorized: false });
      return this.#join({ near: secureNear, far: secureFar }, this.inner);
    };
    near.on("data", forward);
  }

  #join(line: { readonly near: Socket; readonly far: Socket }, pieces: TappedPiece[]): void {
    const { near, far } = line;
    pairSockets(near, far, this.#sockets);
    near.on("data", (bytes: Buffer) => pieces.push({ from: "client", bytes: Buffer.from(bytes) }));
    far.on("data", (bytes: Buffer) => pieces.push({ from: "server", bytes: Buffer.from(bytes) }));
    near.pipe(far);
    far.pipe(near);
  }
}

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }) {
  return new Promise<void>((resolve) => server.listen(port, host, resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { pairSockets } from "./pair-sockets.ts";

/** A TCP relay in front of a server that tests can cut and mend, as if the server had stopped and come back. */
export class TcpGate {
  readonly port: number;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server;

  private constructor(
    server: Server,
    port: number,
    target: { readonly host: string; readonly port: number },
  ) {
    this.#server = server;
    this.port = port;
    this.#target = target;
    server.on("connection", (socket) => this.#relay(socket));
  }

  static async open(target: { readonly host: string; readonly port: number }): Promise<TcpGate> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpGate(server, (server.address() as AddressInfo).port, target);
  }

  /** Ends all connections and refuses new ones. */
  async cut(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Takes connections again, on the same port. */
  async mend(): Promise<void> {
    this.#server = createServer((socket) => this.#relay(socket)).listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  #relay(near: Socket): void {
    const far = connect(this.#target);
    pairSockets(near, far, this.#sockets);
    near.pipe(far).pipe(near);
  }
}

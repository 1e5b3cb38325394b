import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A cable between a browser and a gateway that can be cut: what was open breaks, what is new is refused. */
export class CutLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(host: string, port: number) {
    this.#server = createServer((near) => {
      if (this.#isCut) return near.destroy();
      const far = connect(port, host);
      this.#join(near, far);
      this.#join(far, near);
    });
  }

  /** Lays a line to a gateway's address. */
  static async to(url: string): Promise<CutLine> {
    const line = new CutLine(new URL(url).hostname, Number(new URL(url).port));
    await new Promise<void>((resolve) => line.#server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  /** Its near end on this machine. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Chromium's switch that leads `localhost` through this line, addresses and origins unchanged. */
  get chromiumSwitch(): string {
    return `--host-resolver-rules=MAP localhost 127.0.0.1:${this.port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Like `cut`, but what was open breaks with a reset, as when a router forgets it. */
  break(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}

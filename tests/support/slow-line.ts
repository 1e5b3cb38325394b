import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What becomes of what the far end answers: handed on, nothing at all, a byte every `dripMs`, or without end. */
export type LinePace = "pass" | "silence" | { readonly dripMs: number } | "flood";

/** How much of what is asked decides about the pace: the first bytes of a connection. */
const LOOKED_AT = 600;

/**
 * A cable to a real server that can be slow: of each connection it is judged by its first bytes (an HTTP request's line, say)
 * how the answers go. The server behind it notices nothing.
 */
export class SlowLine {
  /** Judges a connection by its first bytes, as Latin-1. */
  judge: (beginning: string) => LinePace = () => "pass";
  connectionCount = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(host: string, port: number) {
    this.#server = createServer((near) => {
      this.connectionCount++;
      this.#join(near, connect(port, host));
    });
  }

  /** Lays one to a server. `nearPort` 0 for any free port of 127.0.0.1. */
  static async to(host: string, port: number): Promise<SlowLine> {
    const line = new SlowLine(host, port);
    await new Promise<void>((resolve) => line.#server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket, far: Socket): void {
    let pace: LinePace | null = null;
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.#sockets.delete(socket));
    }
    near.on("close", () => far.destroy());
    // What the server has said is still under way where the line is slow, whether or not it has gone.
    far.on("close", () => {
      if (pace === null || pace === "pass") near.end();
    });
    near.on("data", (chunk: Buffer) => {
      pace ??= this.judge(chunk.subarray(0, LOOKED_AT).toString("latin1"));
      far.write(chunk);
    });
    far.on("data", (chunk: Buffer) => void this.#answer(near, chunk, pace ?? "pass"));
  }

  async #answer(near: Socket, chunk: Buffer, pace: LinePace): Promise<void> {
    if (pace === "silence") return;
    if (pace === "pass") return void near.write(chunk);
    if (pace === "flood") {
      // The head is the server's; what follows has no end.
      const head = chunk.toString("latin1").split("\r\n\r\n")[0] ?? "";
      near.write(`${head.replace(/\r\ncontent-length:[^\r]*/i, "")}\r\n\r\n`);
      while (!near.destroyed) {
        if (!near.write(Buffer.alloc(65_536, 0x20))) await drained(near);
      }
      return;
    }
    for (const byte of chunk) {
      if (near.destroyed) return;
      near.write(Buffer.of(byte));
      await new Promise((resolve) => setTimeout(resolve, pace.dripMs));
    }
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("drain", resolve);
    socket.once("close", () => resolve());
  });
}

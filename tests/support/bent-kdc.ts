import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What a bent KDC does with a real one's answer: the message to send, bytes to send as they are, or nothing at all. */
export type Bend = (
  answer: Buffer,
  question: Buffer,
) => Buffer | { readonly raw: Buffer } | { readonly isSilent: true };

/** How a message is framed over TCP (RFC 4120 §7.2.2). */
const LENGTH_BYTES = 4;

/** A way to a real KDC on which somebody sits who alters, keeps, repeats or swallows its answers. */
export class BentKdc {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Decides over each answer; as they are unless told. */
  bend: Bend = (answer) => answer;
  /** Questions so far. */
  asked = 0;

  private constructor(host: string, port: number) {
    this.#server = createServer((near) => {
      this.#sockets.add(near);
      near.on("error", () => {});
      near.on("close", () => this.#sockets.delete(near));
      readMessage(near, (question) => void this.#answer(near, question, { host, port }));
    });
  }

  static async start(host: string, port: number): Promise<BentKdc> {
    const kdc = new BentKdc(host, port);
    await new Promise<void>((resolve) => kdc.#server.listen(0, "127.0.0.1", resolve));
    return kdc;
  }

  /** As it is written in the settings. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #answer(near: Socket, question: Buffer, real: { readonly host: string; readonly port: number }): void {
    this.asked++;
    const far = connect(real, () => far.write(frame(question)));
    far.on("error", () => near.destroy());
    readMessage(far, (answer) => {
      far.destroy();
      const bent = this.bend(answer, question);
      if (Buffer.isBuffer(bent)) near.end(frame(bent));
      else if ("raw" in bent) near.write(bent.raw);
    });
  }
}

function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(LENGTH_BYTES);
  head.writeUInt32BE(message.length);
  return Buffer.concat([head, message]);
}

/** Gives the one message a connection brings. */
function readMessage(socket: Socket, take: (message: Buffer) => void): void {
  let received = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    const before = received.length;
    received = Buffer.concat([received, chunk]);
    const end = received.length < LENGTH_BYTES ? Infinity : LENGTH_BYTES + received.readUInt32BE(0);
    if (received.length >= end && before < end) take(received.subarray(LENGTH_BYTES, end));
  });
}

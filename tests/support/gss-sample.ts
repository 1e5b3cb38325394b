import { type ChildProcess, spawn } from "node:child_process";
import { connect, createServer, type Server, type Socket } from "node:net";

/** Flags of a message between MIT's gss-client and gss-server (package krb5-gss-samples). */
export const SampleFlag = {
  NOOP: 1,
  CONTEXT: 2,
  DATA: 4,
  MIC: 8,
  CONTEXT_NEXT: 16,
  WRAPPED: 32,
  ENCRYPTED: 64,
  SEND_MIC: 128,
} as const;

/** One message of the samples: flags, length, bytes. */
export interface SampleMessage {
  readonly flags: number;
  readonly bytes: Uint8Array;
}

/** A connection that speaks the samples' framing. */
export class SampleConnection {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    for (const event of ["close", "error"])
      socket.on(event, () => {
        this.#isOver = true;
        this.#wake?.();
      });
  }

  send(flags: number, bytes: Uint8Array = new Uint8Array(0)): void {
    const head = Buffer.alloc(5);
    head.writeUInt8(flags, 0);
    head.writeUInt32BE(bytes.length, 1);
    this.#socket.write(Buffer.concat([head, bytes]));
  }

  /** The peer's next message; an error when it hangs up instead. */
  async next(): Promise<SampleMessage> {
    for (;;) {
      const length = this.#received.length < 5 ? undefined : this.#received.readUInt32BE(1);
      if (length !== undefined && this.#received.length >= 5 + length) {
        const message = {
          flags: this.#received.readUInt8(0),
          bytes: new Uint8Array(this.#received.subarray(5, 5 + length)),
        };
        this.#received = this.#received.subarray(5 + length);
        return message;
      }
      if (this.#isOver) throw new Error("the peer hung up");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  end(): void {
    this.#socket.end();
  }
}

/** A process of MIT's, with the lab's krb5.conf; `ended` resolves with its exit code and what it printed. */
export function runMit(
  command: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  input = "",
): { readonly child: ChildProcess; readonly ended: Promise<{ code: number; output: string }> } {
  const child = spawn(command, words, { env: { ...process.env, ...environment } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
  child.stdin.end(input);
  const ended = new Promise<{ code: number; output: string }>((resolve) =>
    child.once("close", (code) => resolve({ code: code ?? -1, output })),
  );
  return { child, ended };
}

/** Connects to a server that may still be starting; gives up after half a minute. */
export async function connectSoon(port: number): Promise<SampleConnection> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    if (isOpen) return new SampleConnection(socket);
    if (attempt > 150) throw new Error(`nothing listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Serves connections in the samples' framing on a free port. */
export async function serveSamples(
  serve: (connection: SampleConnection) => Promise<void>,
): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((socket) => {
    // A test that fails says so by what its client prints.
    serve(new SampleConnection(socket)).catch((error: unknown) => socket.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, server };
}

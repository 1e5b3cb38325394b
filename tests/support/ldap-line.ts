import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { pairSockets } from "../../packages/gateway/src/store/testing/pair-sockets.ts";

/** Operations of a client, RFC 4511 §4. */
const OPERATIONS: Readonly<Record<number, Operation>> = {
  96: "bind",
  66: "unbind",
  99: "search",
  102: "modify",
  104: "add",
  74: "delete",
  108: "rename",
  110: "compare",
  80: "abandon",
  119: "extended",
};
type Operation =
  | "bind"
  | "unbind"
  | "search"
  | "modify"
  | "add"
  | "delete"
  | "rename"
  | "compare"
  | "abandon"
  | "extended";

/** Tag of the answer that ends each operation. */
const ANSWERS: Readonly<Partial<Record<Operation, number>>> = { bind: 97, search: 101, extended: 120 };

/** A request of the client as the line sees it: the how-manieth of its kind on this connection, from 1 on. */
export interface SeenRequest {
  readonly operation: Operation;
  readonly count: number;
}

/** What the line does with a request: hands it on, keeps silent, breaks off, or answers in the server's place. */
export type LineVerdict =
  | "pass"
  | "silence"
  | "close"
  | { readonly code: number; readonly text?: string }
  /** Hands it on, and breaks off as soon as anything comes back. */
  | "close-at-answer"
  /** Hands it on, and gives the answer a byte every `dripMs`. */
  | { readonly dripMs: number };

/** How a line is laid. */
export interface LdapLineOptions {
  readonly target: { readonly host: string; readonly port: number; readonly isTls: boolean };
  /** Certificate and key the near end shows; without them it is plain. */
  readonly near?: { readonly cert: string; readonly key: string };
  readonly judge?: (request: SeenRequest) => LineVerdict | Promise<LineVerdict>;
}

/**
 * A cable to a real directory that knows where LDAP's messages end: it notes what the client asks, and can fall silent,
 * break, drip or answer by itself at any of its requests. Everything else is the server's.
 */
export class LdapLine {
  /** All requests seen, of all connections, in order. */
  readonly seen: Operation[] = [];
  connectionCount = 0;
  readonly #options: LdapLineOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: LdapLineOptions) {
    this.#options = options;
    const join = (near: Socket) => this.#join(near);
    this.#server = options.near === undefined ? createServer(join) : createTlsServer(options.near, join);
    this.#server.on("tlsClientError", () => {});
  }

  /** Lays one on a free port of 127.0.0.1. */
  static async open(options: LdapLineOptions): Promise<LdapLine> {
    const line = new LdapLine(options);
    await new Promise<void>((resolve) => line.#server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  /** Its near end, as a server of the settings. */
  get end(): { readonly host: string; readonly port: number } {
    return { host: "127.0.0.1", port: (this.#server.address() as AddressInfo).port };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket): void {
    this.connectionCount++;
    const { target, judge = () => "pass" as const } = this.#options;
    const { host, port } = target;
    const far: Socket | TLSSocket = target.isTls
      ? connectTls({ host, port, rejectUnauthorized: false })
      : connect(port, host);
    const counts = new Map<Operation, number>();
    const passage: Passage = { near, far, dripMs: 0, endsAtAnswer: false, isEncrypted: false };
    pairSockets(near, far, this.#sockets);
    far.on("data", (chunk: Buffer) => answer(passage, chunk));
    let rest: Buffer = Buffer.alloc(0);
    let queue = Promise.resolve();
    const take = async (message: Buffer): Promise<void> => {
      const { id, operation } = readHead(message);
      const count = (counts.get(operation) ?? 0) + 1;
      counts.set(operation, count);
      this.seen.push(operation);
      apply(passage, await judge({ operation, count }), { id, operation, message });
    };
    near.on("data", (chunk: Buffer) => {
      if (passage.isEncrypted) return void far.write(chunk);
      rest = Buffer.concat([rest, chunk]);
      // The beginning of TLS where there is none.
      if (rest[0] !== 0x30) return void near.destroy();
      for (let size = messageSize(rest); size !== null && rest.length >= size; size = messageSize(rest)) {
        const message = rest.subarray(0, size);
        rest = rest.subarray(size);
        queue = queue.then(() => take(message));
      }
    });
  }
}

/** One connection through the line. */
interface Passage {
  readonly near: Socket;
  readonly far: Socket;
  dripMs: number;
  endsAtAnswer: boolean;
  /** After StartTLS: what follows is not for the line to read. */
  isEncrypted: boolean;
}

function apply(
  passage: Passage,
  verdict: LineVerdict,
  request: { readonly id: Buffer; readonly operation: Operation; readonly message: Buffer },
): void {
  const { near, far } = passage;
  const { id, operation, message } = request;
  if (verdict === "silence") return;
  if (verdict === "close") return void near.destroy();
  if (typeof verdict === "object" && "code" in verdict)
    return void near.write(result(id, ANSWERS[operation] ?? 120, verdict));
  if (verdict === "close-at-answer") passage.endsAtAnswer = true;
  if (typeof verdict === "object") passage.dripMs = verdict.dripMs;
  passage.isEncrypted = operation === "extended";
  far.write(message);
}

function answer({ near, endsAtAnswer, dripMs }: Passage, chunk: Buffer): void {
  if (endsAtAnswer) near.destroy();
  else if (dripMs === 0) near.write(chunk);
  else void drip(near, chunk, dripMs);
}

async function drip(near: Socket, chunk: Buffer, dripMs: number): Promise<void> {
  for (const byte of chunk) {
    if (near.destroyed) return;
    near.write(Buffer.of(byte));
    await new Promise((resolve) => setTimeout(resolve, dripMs));
  }
}

/** Bytes of the message that begins here, null while its length is not there yet (X.690 §8.1.3). */
function messageSize(bytes: Buffer): number | null {
  const first = bytes[1];
  if (first === undefined) return null;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  return bytes.length < 2 + count ? null : 2 + count + bytes.readUIntBE(2, count);
}

function readHead(message: Buffer): { readonly id: Buffer; readonly operation: Operation } {
  const first = message[1] ?? 0;
  const start = 2 + (first < 0x80 ? 0 : first & 0x7f);
  const id = message.subarray(start, start + 2 + (message[start + 1] ?? 0));
  const operation = OPERATIONS[message[start + id.length] ?? 0];
  if (operation === undefined) throw new Error(`no LDAP request: ${message.toString("hex").slice(0, 80)}`);
  return { id, operation };
}

/** An LDAPResult, RFC 4511 §4.1.9. */
function result(id: Buffer, tag: number, { code, text = "" }: { code: number; text?: string }): Buffer {
  const words = Buffer.from(text);
  const body = Buffer.concat([Buffer.of(0x0a, 1, code, 0x04, 0, 0x04, words.length), words]);
  const inner = Buffer.concat([id, Buffer.of(tag, body.length), body]);
  return Buffer.concat([Buffer.of(0x30, inner.length), inner]);
}

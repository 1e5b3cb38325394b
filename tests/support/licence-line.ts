import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { LicenceServer, makeCertificate } from "./licence-server.ts";

const TPKT_HEADER_BYTES = 4;
const SEC_LICENSE_PKT = 0x80;
/** TPKT, X.224 data, then the MCS PDU. */
const MCS_AT = 7;
const SEND_DATA_REQUEST = 0x64;
const SEND_DATA_INDICATION = 0x68;

/**
 * A cable to a real RDP server that asks for no licence: TLS ends here on both sides, and where the server says *valid
 * client* a licence server asks the client first. Everything else passes as it came.
 */
export class LicenceLine {
  readonly licences: LicenceServer;
  readonly #server: Server;
  readonly #identity = makeCertificate();
  readonly #sockets = new Set<Socket>();
  /** What went wrong on the line itself, a client's false proof included. */
  readonly errors: unknown[] = [];

  private constructor(port: number, licences: LicenceServer) {
    this.licences = licences;
    this.#server = createServer((near) => {
      this.#carry(near, connect(port, "127.0.0.1")).catch((error: unknown) => {
        this.errors.push(error);
        near.destroy();
      });
    });
  }

  /** Lays one to a server on this machine that does TLS without NLA. */
  static async to(port: number): Promise<LicenceLine> {
    const line = new LicenceLine(port, new LicenceServer());
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

  #keep(socket: Socket, other: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
  }

  async #carry(near: Socket, far: Socket): Promise<void> {
    this.#keep(near, far);
    this.#keep(far, near);
    // X.224: the request as it came, the server's choice as it is.
    far.write(await firstPacket(near));
    near.write(await firstPacket(far));
    const client = new TLSSocket(near, { isServer: true, ...this.#identity });
    const server = connectTls({ socket: far, rejectUnauthorized: false });
    this.#keep(client, server);
    this.#keep(server, client);
    this.#license(client, server);
  }

  /** Passes packets both ways; stands between while a licence is due. */
  #license(client: Socket, server: Socket): void {
    const exchange = this.licences.begin();
    let state: "before" | "asking" | "after" = "before";
    let head = new Uint8Array(0);
    const waiting: Uint8Array[] = [];
    const say = (pdu: Uint8Array) => client.write(indication(head, pdu));
    onPackets(server, (packet) => {
      if (state === "before" && isLicensing(packet, SEND_DATA_INDICATION)) {
        head = packet.slice(MCS_AT, MCS_AT + 6);
        state = "asking";
        say(exchange.request());
      } else if (state === "asking") waiting.push(packet);
      else client.write(packet);
    });
    onPackets(client, (packet) => {
      if (state !== "asking" || !isLicensing(packet, SEND_DATA_REQUEST)) return void server.write(packet);
      try {
        const { pdu, isDone, isRefused } = exchange.take(payloadOf(packet));
        say(pdu);
        if (isRefused) client.end();
        else if (isDone) {
          state = "after";
          for (const held of waiting) client.write(held);
        }
      } catch (error) {
        this.errors.push(error);
        client.destroy();
      }
    });
  }
}

/** The payload of an MCS send data PDU, after its length of one or two bytes. */
function payloadOf(packet: Uint8Array): Uint8Array {
  const lengthAt = MCS_AT + 6;
  return packet.subarray(lengthAt + (((packet[lengthAt] ?? 0) & 0x80) === 0 ? 1 : 2));
}

function isLicensing(packet: Uint8Array, type: number): boolean {
  return packet[0] === 3 && packet[MCS_AT] === type && ((payloadOf(packet)[0] ?? 0) & SEC_LICENSE_PKT) !== 0;
}

/** A packet of the server's with the same initiator and channel as another one of its own. */
function indication(head: Uint8Array, payload: Uint8Array): Uint8Array {
  const length = TPKT_HEADER_BYTES + 3 + head.length + 2 + payload.length;
  const size = (value: number, flag = 0) => [(value >> 8) | flag, value & 0xff];
  return Buffer.concat([
    Uint8Array.of(3, 0, ...size(length), 2, 0xf0, 0x80),
    head,
    Uint8Array.of(...size(payload.length, 0x80)),
    payload,
  ]);
}

/** Calls for each whole packet: TPKT, or fast-path with its own length. */
function onPackets(socket: Socket, take: (packet: Uint8Array) => void): void {
  let held = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (let size = sizeOf(held); size > 0 && held.length >= size; size = sizeOf(held)) {
      take(Uint8Array.from(held.subarray(0, size)));
      held = held.subarray(size);
    }
  });
}

/** 0 where it cannot be told yet. */
function sizeOf(bytes: Buffer): number {
  if (bytes.length < TPKT_HEADER_BYTES) return 0;
  if (bytes[0] === 3) return bytes.readUInt16BE(2);
  const first = bytes[1] ?? 0;
  return (first & 0x80) === 0 ? first : ((first & 0x7f) << 8) | (bytes[2] ?? 0);
}

/** The first packet of a socket, which nothing follows before it is answered. */
function firstPacket(socket: Socket): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    socket.once("data", (bytes: Buffer) => {
      socket.pause();
      if (bytes.length === sizeOf(bytes)) resolve(Uint8Array.from(bytes));
      else reject(new Error("more or less than one packet"));
    });
    socket.once("close", () => reject(new Error("closed before anything was said")));
  });
}

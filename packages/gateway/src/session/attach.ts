import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { ByteReader, DecodeError, isUuid } from "@poterne/bytes";
import {
  Channel,
  DECODES_H264,
  DECODES_OPUS,
  decodeFrames,
  decodeInput,
  type Frame,
  MAX_CLIPBOARD_BYTES,
  readAcknowledgement,
  WIRE_VERSION,
} from "@poterne/wire";
import type { Logger } from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import { decodeControlMessage } from "./control-message.ts";
import type { SessionHub } from "./hub.ts";
import { frameMessage } from "./message-room.ts";
import type { TicketClaim } from "./tickets.ts";
import { CloseCode, ViewerLink, type ViewerSocket } from "./viewer-link.ts";

/** A viewer's message is at most one clipboard content and its headers. */
const MAX_MESSAGE_BYTES = MAX_CLIPBOARD_BYTES + 64 * 1024;
/** A viewer must say hello within this. */
const HELLO_TIMEOUT_MS = 10_000;
/** Dead connections are noticed by ping within two of these. */
const PING_INTERVAL_MS = 15_000;
const MAX_TICKET_LENGTH = 100;

/** What attaching viewers needs of the broker. */
export interface AttachDependencies {
  readonly publicOrigin: string;
  readonly nodeId: string;
  readonly logger: Logger;
  sourceAddressOf(request: IncomingMessage): string;
  redeem(
    ticket: string,
    sessionId: string,
    sourceAddress: string,
  ): { claim: TicketClaim; hub: SessionHub; viewerId: string } | null;
}

/** Lets viewers attach at `/n/NODE/session/SESSION` with a one-time ticket as WebSocket subprotocol. */
export function acceptViewers(server: Server, dependencies: AttachDependencies): { close(): void } {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => "poterne.v1",
  });
  server.on("upgrade", (request, socket: Duplex, head) => {
    const admitted = admit(request, dependencies);
    if (admitted === null) return refuse(socket);
    if ("setNoDelay" in socket && typeof socket.setNoDelay === "function") socket.setNoDelay(true);
    sockets.handleUpgrade(
      request,
      socket,
      head,
      (webSocket) => new ViewerSession({ webSocket, socket }, admitted, dependencies.logger),
    );
  });
  return {
    close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
    },
  };
}

type Admitted = NonNullable<ReturnType<AttachDependencies["redeem"]>>;

function admit(request: IncomingMessage, dependencies: AttachDependencies): Admitted | null {
  if (request.headers.origin !== dependencies.publicOrigin) return null;
  const match = /^\/n\/([A-Za-z0-9-]{1,64})\/session\/([0-9a-f-]{36})$/.exec(request.url ?? "");
  if (match === null || match[1] !== dependencies.nodeId || !isUuid(match[2] ?? "")) return null;
  const protocols = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const ticket = protocols.find((name) => name.startsWith("ticket."))?.slice("ticket.".length);
  if (!protocols.includes("poterne.v1") || ticket === undefined || ticket.length > MAX_TICKET_LENGTH)
    return null;
  return dependencies.redeem(ticket, match[2] ?? "", dependencies.sourceAddressOf(request));
}

function refuse(socket: Duplex): void {
  socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

/** A WebSocket and the connection it runs on. */
interface ViewerConnection {
  readonly webSocket: WebSocket;
  readonly socket: Duplex;
}

/**
 * Stream messages are framed in their own room and written as one buffer: the library would write header and content
 * apart, and TLS then copies both. It writes each of its frames at once, so ours stand between whole ones.
 */
function viewerSocket({ webSocket, socket }: ViewerConnection): ViewerSocket {
  return {
    send: (bytes) => webSocket.send(bytes, { binary: true, compress: false }),
    sendRoomy(message, onSent) {
      if (webSocket.readyState === webSocket.OPEN && !socket.destroyed)
        socket.write(frameMessage(message), onSent);
      else onSent();
    },
    get bufferedBytes() {
      return webSocket.bufferedAmount;
    },
    close: (code, reason) => webSocket.close(code, reason),
  };
}

/** One viewer's WebSocket from hello to close; bad messages close it and never touch the session. */
class ViewerSession {
  readonly #socket: WebSocket;
  readonly #hub: SessionHub;
  readonly #link: ViewerLink;
  readonly #logger: Logger;
  #isAttached = false;
  #isAlive = true;

  constructor(connection: ViewerConnection, admitted: Admitted, logger: Logger) {
    const socket = connection.webSocket;
    this.#socket = socket;
    this.#hub = admitted.hub;
    this.#logger = logger;
    this.#link = new ViewerLink({
      viewerId: admitted.viewerId,
      personId: admitted.claim.personId,
      name: admitted.claim.name,
      role: admitted.claim.role,
      socket: viewerSocket(connection),
    });
    const helloTimer = setTimeout(() => {
      if (!this.#isAttached) socket.close(CloseCode.protocol, "no hello");
    }, HELLO_TIMEOUT_MS);
    const pingTimer = setInterval(() => this.#ping(), PING_INTERVAL_MS);
    socket.on("pong", () => {
      this.#isAlive = true;
    });
    socket.on("message", (data, isBinary) => this.#receive(data as Buffer, isBinary));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      clearTimeout(helloTimer);
      clearInterval(pingTimer);
      if (this.#isAttached) this.#hub.detach(this.#link);
    });
  }

  #ping(): void {
    if (!this.#isAlive) return this.#socket.terminate();
    this.#isAlive = false;
    this.#socket.ping();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    try {
      if (!isBinary) throw new DecodeError("invalid", "viewer message", 0, "text");
      const consumed = this.#isAttached ? readAcknowledgement(data) : null;
      if (consumed !== null) return this.#hub.handleAcknowledgement(this.#link, consumed);
      for (const frame of decodeFrames(data, MAX_MESSAGE_BYTES)) this.#handle(frame);
    } catch (error) {
      if (!(error instanceof DecodeError))
        this.#logger.error({ error, sessionId: this.#hub.sessionId }, "Viewer message failed");
      this.#socket.close(CloseCode.protocol, "viewer-protocol");
    }
  }

  #handle(frame: Frame): void {
    if (frame.channel === Channel.control) return this.#handleControl(frame.payload);
    if (!this.#isAttached) throw new DecodeError("invalid", "viewer message", 0, "before hello");
    switch (frame.channel) {
      case Channel.input:
        return this.#hub.handleInput(this.#link, decodeInput(frame.payload), frame.payload);
      case Channel.flow:
        return this.#hub.handleAcknowledgement(
          this.#link,
          new ByteReader(frame.payload, "acknowledgement").u32le(),
        );
      case Channel.clipboard: {
        const reader = new ByteReader(frame.payload, "clipboard");
        const kind = reader.u8();
        // The message's buffer is the socket's: what the driver keeps must be its own.
        return this.#hub.handleClipboard(this.#link, kind, reader.rest().slice());
      }
      default:
        throw new DecodeError("unsupported", "viewer channel", 0, String(frame.channel));
    }
  }

  #handleControl(payload: Uint8Array): void {
    const message = decodeControlMessage(payload);
    if (message.type !== "hello") {
      if (!this.#isAttached) throw new DecodeError("invalid", "control message", 0, "before hello");
      return this.#hub.handleControl(this.#link, message);
    }
    if (this.#isAttached) return;
    if (message.version !== WIRE_VERSION) return this.#socket.close(CloseCode.refused, "wire-version");
    this.#isAttached = true;
    const { columns, rows, widthPx, heightPx, scalePercent = 100, decodes = [] } = message;
    this.#link.decodesH264 = decodes.includes(DECODES_H264);
    this.#link.decodesOpus = decodes.includes(DECODES_OPUS);
    this.#hub.attach(this.#link, { columns, rows, widthPx, heightPx, scalePercent });
  }
}

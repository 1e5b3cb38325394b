import { connect } from "node:tls";
import { encodeUtf8 } from "@poterne/bytes";
import { decodeCommands } from "@poterne/picture";
import {
  Channel,
  DECODES_H264,
  decodeFrames,
  encodeFrame,
  encodeInput,
  type Frame,
  type InputEvent,
  WIRE_VERSION,
} from "@poterne/wire";
import WebSocket from "ws";
import type { ApiClient } from "../tests/support/gateway.ts";

/** A viewer of a session that counts what it gets and acknowledges it, perhaps through a proxy. */
export class GatewayViewer {
  readonly #socket: WebSocket;
  receivedBytes = 0;
  updates = 0;
  /** Draws in the pictures that came; counted by nobody else. */
  draws = 0;
  hasOpened = false;
  /** Each picture frame, with when it came. */
  onPicture: (frame: Frame, atMs: number) => void = () => {};
  #consumedBytes = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#receive(data));
  }

  /** Attaches as the controller; through `proxyPort` on this machine when given. */
  static async attach(
    api: ApiClient,
    sessionId: string,
    proxyPort: number | null = null,
  ): Promise<GatewayViewer> {
    const url = `/api/v1/sessions/${sessionId}/tickets`;
    const { ticket, path } = await api.must<{ ticket: string; path: string }>("POST", url, {
      role: "controller",
    });
    const address = new URL(path, api.origin);
    address.protocol = "wss:";
    const socket = new WebSocket(address, ["poterne.v1", `ticket.${ticket}`], {
      origin: api.origin,
      rejectUnauthorized: false,
      perMessageDeflate: false,
      ...(proxyPort === null
        ? {}
        : {
            createConnection: () =>
              connect({ host: "127.0.0.1", port: proxyPort, rejectUnauthorized: false }),
          }),
    });
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    const viewer = new GatewayViewer(socket);
    const hello = {
      type: "hello",
      version: WIRE_VERSION,
      columns: 80,
      rows: 24,
      widthPx: 1280,
      heightPx: 800,
      decodes: [DECODES_H264],
    };
    viewer.#send(Channel.control, encodeUtf8(JSON.stringify(hello)));
    return viewer;
  }

  #receive(data: Buffer): void {
    const nowMs = performance.now();
    this.receivedBytes += data.length;
    let acknowledged = 0;
    for (const frame of decodeFrames(data)) {
      if (frame.channel === Channel.status && Buffer.from(frame.payload).includes('"open"'))
        this.hasOpened = true;
      if (frame.channel !== Channel.picture) continue;
      acknowledged += frame.payload.length;
      for (const { op } of decodeCommands(frame.payload))
        if (op === "present") this.updates++;
        else if (op === "draw") this.draws++;
      this.onPicture(frame, nowMs);
    }
    if (acknowledged === 0) return;
    this.#consumedBytes += acknowledged;
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(this.#consumedBytes % 0x1_0000_0000);
    this.#send(Channel.flow, payload);
  }

  input(...events: InputEvent[]): void {
    this.#send(Channel.input, encodeInput(events));
  }

  /** Ends the session. */
  end(): void {
    this.#send(Channel.control, encodeUtf8('{"type":"end"}'));
  }

  #send(channel: number, payload: Uint8Array): void {
    this.#socket.send(encodeFrame({ channel, flags: 0, stream: 0, timeMs: 0, payload }));
  }

  close(): void {
    this.#socket.terminate();
  }
}

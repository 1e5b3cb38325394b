import { decodeUtf8, encodeUtf8 } from "@poterne/bytes";
import {
  Channel,
  type ControlMessage,
  decodeFrames,
  encodeFrame,
  encodeInput,
  type Frame,
  type InputEvent,
  type StatusMessage,
  WIRE_VERSION,
} from "@poterne/wire";
import WebSocket from "ws";
import type { ApiClient } from "./gateway.ts";

const WAIT_MS = 15_000;

/** A viewer without a screen: attaches to a session over the real WebSocket, acknowledges, collects what comes. */
export class HeadlessViewer {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  closed: { code: number; reason: string } | null = null;
  /** Off to play a viewer that draws nothing any more. */
  isAcknowledging = true;
  onFrame: (frame: Frame) => void = () => {};
  #consumedBytes = 0;
  #keepsFrames: boolean;

  private constructor(socket: WebSocket, keepsFrames: boolean) {
    this.socket = socket;
    this.#keepsFrames = keepsFrames;
    socket.on("message", (data: Buffer) => this.#receive(data));
    socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    socket.on("error", () => {});
  }

  /** Gets a ticket and attaches. */
  static async attach(
    api: ApiClient,
    sessionId: string,
    options: {
      role?: "controller" | "observer" | "guardian";
      columns?: number;
      rows?: number;
      keepsFrames?: boolean;
    } = {},
  ): Promise<HeadlessViewer> {
    const { ticket, path } = await api.must<{ ticket: string; path: string }>(
      "POST",
      `/api/v1/sessions/${sessionId}/tickets`,
      { role: options.role ?? "controller" },
    );
    const url = new URL(path, api.origin);
    url.protocol = "wss:";
    const socket = new WebSocket(url, ["poterne.v1", `ticket.${ticket}`], {
      origin: api.origin,
      rejectUnauthorized: false,
      perMessageDeflate: false,
    });
    const viewer = new HeadlessViewer(socket, options.keepsFrames ?? true);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    const { columns = 80, rows = 24 } = options;
    viewer.control({ type: "hello", version: WIRE_VERSION, columns, rows, widthPx: 1280, heightPx: 800 });
    return viewer;
  }

  #receive(data: Buffer): void {
    for (const frame of decodeFrames(data)) {
      if (this.#keepsFrames || frame.channel === Channel.status) this.frames.push(frame);
      this.onFrame(frame);
      if (frame.channel === Channel.text || frame.channel === Channel.picture)
        this.#consumedBytes += frame.payload.length;
    }
    if (this.isAcknowledging) this.acknowledge();
  }

  acknowledge(): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(this.#consumedBytes % 0x1_0000_0000);
    this.#send(Channel.flow, payload);
  }

  get consumedBytes(): number {
    return this.#consumedBytes;
  }

  control(message: ControlMessage): void {
    this.#send(Channel.control, encodeUtf8(JSON.stringify(message)));
  }

  input(...events: InputEvent[]): void {
    this.#send(Channel.input, encodeInput(events));
  }

  type(text: string): void {
    this.input({ type: "text", text: encodeUtf8(text) });
  }

  #send(channel: number, payload: Uint8Array): void {
    this.socket.send(encodeFrame({ channel, flags: 0, stream: 0, timeMs: 0, payload }));
  }

  get text(): string {
    return decodeUtf8(
      Buffer.concat(
        this.frames.filter(({ channel }) => channel === Channel.text).map(({ payload }) => payload),
      ),
    );
  }

  get status(): StatusMessage[] {
    return this.frames
      .filter(({ channel }) => channel === Channel.status)
      .map(({ payload }) => JSON.parse(decodeUtf8(payload)));
  }

  find<T extends StatusMessage["type"]>(type: T): Extract<StatusMessage, { type: T }> | undefined {
    return this.status.findLast(
      (message): message is Extract<StatusMessage, { type: T }> => message.type === type,
    );
  }

  /** Waits until a condition holds; fails with what was seen. */
  async until(what: string, condition: (viewer: this) => boolean, waitMs = WAIT_MS): Promise<void> {
    const deadline = Date.now() + waitMs;
    while (!condition(this)) {
      if (Date.now() > deadline)
        throw new Error(
          `waited in vain for ${what}; status ${JSON.stringify(this.status.slice(-5))}; text ${JSON.stringify(this.text.slice(-500))}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async untilOpen(): Promise<void> {
    await this.until(
      "an open session",
      (viewer) => viewer.find("open") !== undefined || viewer.find("ended") !== undefined,
    );
    const ended = this.find("ended");
    if (ended !== undefined)
      throw new Error(`the session ended: ${ended.code} ${JSON.stringify(ended.details)}`);
  }

  close(): void {
    this.socket.terminate();
  }
}

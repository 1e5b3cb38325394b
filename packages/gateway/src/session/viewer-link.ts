import { encodeUtf8 } from "@poterne/bytes";
import {
  Channel,
  encodeFrame,
  type Frame,
  FrameFlag,
  type StatusMessage,
  type ViewerRole,
} from "@poterne/wire";

/** The socket of a viewer, as far as a session needs it. */
export interface ViewerSocket {
  /** Sends one message. */
  send(bytes: Uint8Array): void;
  /**
   * Sends one message that stands behind `MESSAGE_ROOM_BYTES` of room, which the socket may write into; `onSent` is
   * called once the bytes are not needed any more, sent or not.
   */
  sendRoomy(message: Uint8Array, onSent: () => void): void;
  /** Bytes the socket holds because the network has not taken them. */
  readonly bufferedBytes: number;
  close(code: number, reason: string): void;
}

/** WebSocket close codes of ours (4000–4999 are free for applications, RFC 6455 §7.4.2). */
export const CloseCode = { ended: 4000, replaced: 4001, protocol: 4002, refused: 4003 } as const;

/** One attached viewer: who it is, whether it follows the stream yet, and how far it has come. */
export class ViewerLink {
  readonly viewerId: string;
  readonly personId: string;
  readonly name: string;
  readonly role: ViewerRole;
  readonly socket: ViewerSocket;
  hasControl = false;
  /** Whether its browser decodes H.264; known from its `hello` on. */
  decodesH264 = false;
  /** The same of Opus. */
  decodesOpus = false;
  /** `waiting`: has no state yet and gets no picture until the next entry point. */
  state: "waiting" | "live" = "waiting";
  #sentBytes = 0;
  #consumedBytes = 0;

  constructor(options: {
    viewerId: string;
    personId: string;
    name: string;
    role: ViewerRole;
    socket: ViewerSocket;
  }) {
    this.viewerId = options.viewerId;
    this.personId = options.personId;
    this.name = options.name;
    this.role = options.role;
    this.socket = options.socket;
  }

  /** Sends encoded stream frames, room in front; `streamBytes` is what the viewer will acknowledge. */
  sendStream(message: Uint8Array, streamBytes: number, onSent: () => void): void {
    this.#sentBytes += streamBytes;
    this.socket.sendRoomy(message, onSent);
  }

  /** Sends one status message to this viewer alone. Not acknowledged, not recorded. */
  sendStatus(message: StatusMessage, timeMs: number): void {
    const payload = encodeUtf8(JSON.stringify(message));
    this.socket.send(
      encodeFrame({ channel: Channel.status, flags: FrameFlag.transient, stream: 0, timeMs, payload }),
    );
  }

  /** Sends one frame outside the stream (clipboard). Not acknowledged. */
  sendAside(frame: Frame): void {
    this.socket.send(encodeFrame(frame));
  }

  /** Takes an acknowledgement: cumulative consumed bytes modulo 2^32, as on the `flow` channel. */
  acknowledge(consumedModulo: number): void {
    const advanced = (consumedModulo - (this.#consumedBytes % 0x1_0000_0000) + 0x1_0000_0000) % 0x1_0000_0000;
    if (advanced <= this.#sentBytes - this.#consumedBytes) this.#consumedBytes += advanced;
  }

  /** Stream bytes sent and not consumed yet. */
  get outstandingBytes(): number {
    return this.#sentBytes - this.#consumedBytes;
  }
}

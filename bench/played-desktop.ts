import type { Socket } from "node:net";
import { SecurityType } from "@poterne/rfb";

/** One write of the server while it was captured. */
export interface PlayedPiece {
  readonly atMs: number;
  /** Updates that end in it. */
  readonly updates: number;
  /** Whether it ends between two updates: behind it a round may begin anew. */
  readonly isWhole: boolean;
  readonly bytes: Buffer;
}

/** A capture made ready to be played. */
export interface PlayedCapture {
  readonly width: number;
  readonly height: number;
  readonly lengthMs: number;
  readonly pieces: readonly PlayedPiece[];
}

/** What a played desktop asks and tells. */
export interface PlayedDesktopHost {
  /** The capture of the given round, from 0. */
  capture(round: number): PlayedCapture;
  isHalted(): boolean;
  sent(updates: number): void;
}

const ClientMessage = {
  setEncodings: 2,
  updateRequest: 3,
  cutText: 6,
  fence: 248,
  desktopSize: 251,
} as const;
/** Client messages by type, those of one length (RFC 6143 §7.5, community extensions). */
const FIXED_LENGTHS: Readonly<Record<number, number>> = { 0: 20, 3: 10, 4: 8, 5: 6, 150: 10, 255: 12 };

/** RFC 6143 §7.1.3 SecurityResult. */
const SECURITY_OK = Uint8Array.of(0, 0, 0, 0);
/** A fence that wants an answer: the highest bit of its flags. */
const FENCE_REQUEST = 0x80;
const FENCE_HEADER_BYTES = 9;

/**
 * A VNC server that plays captures in their own time, again and again. It answers as a real one does, between two
 * updates: to a request for the whole picture by beginning the round anew, which begins with a full picture; to a fence
 * by the same without its request bit (a server that leaves fences unanswered counts as gone after a minute).
 */
export class PlayedDesktop {
  readonly #socket: Socket;
  readonly #host: PlayedDesktopHost;
  #step = 0;
  #held: Buffer = Buffer.alloc(0);
  #round = 0;
  #startedAt = 0;
  #next = 0;
  #isFullWanted = false;
  #isBetweenUpdates = true;
  #answers: Buffer[] = [];

  /** `isSecurityChosen`: versions and security type were exchanged before, outside of what `socket` encrypts. */
  constructor(socket: Socket, host: PlayedDesktopHost, isSecurityChosen = false) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", (bytes) => this.#receive(bytes));
    if (isSecurityChosen) {
      this.#step = 2;
      socket.write(SECURITY_OK);
    } else socket.write("RFB 003.008\n");
  }

  #receive(bytes: Buffer): void {
    this.#step++;
    if (this.#step === 1) this.#socket.write(Uint8Array.of(1, SecurityType.none));
    else if (this.#step === 2) this.#socket.write(SECURITY_OK);
    else if (this.#step === 3) this.#socket.write(this.#serverInit());
    else {
      this.#readMessages(this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]));
      if (this.#step === 4) this.#begin();
    }
  }

  #serverInit(): Buffer {
    const { width, height } = this.#host.capture(0);
    const init = Buffer.alloc(24);
    init.writeUInt16BE(width, 0);
    init.writeUInt16BE(height, 2);
    return init;
  }

  #readMessages(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      const length = lengthOf(bytes.subarray(at));
      if (length === null || at + length > bytes.length) break;
      this.#readMessage(bytes.subarray(at, at + length));
      at += length;
    }
    this.#held = bytes.subarray(at);
    this.#answer();
  }

  #readMessage(message: Buffer): void {
    if (message[0] === ClientMessage.updateRequest && message[1] === 0) this.#isFullWanted = true;
    const isQuestion = message[0] === ClientMessage.fence && ((message[4] ?? 0) & FENCE_REQUEST) !== 0;
    if (!isQuestion) return;
    const answer = Buffer.from(message);
    answer[4] = (answer[4] ?? 0) & ~FENCE_REQUEST;
    this.#answers.push(answer);
  }

  #answer(): void {
    if (!this.#isBetweenUpdates) return;
    for (const answer of this.#answers.splice(0)) this.#socket.write(answer);
  }

  #begin(): void {
    this.#startedAt = performance.now();
    this.#next = 0;
    this.#isFullWanted = false;
    this.#pump();
  }

  readonly #pump = (): void => {
    if (this.#socket.destroyed || this.#host.isHalted()) return;
    const { pieces, lengthMs } = this.#host.capture(this.#round);
    const nowMs = performance.now() - this.#startedAt;
    for (
      let piece = pieces[this.#next];
      piece !== undefined && piece.atMs <= nowMs;
      piece = pieces[this.#next]
    ) {
      this.#socket.write(piece.bytes);
      this.#host.sent(piece.updates);
      this.#next++;
      this.#isBetweenUpdates = piece.isWhole;
      this.#answer();
      if (this.#isFullWanted && piece.isWhole) return this.#begin();
    }
    if (nowMs > lengthMs) {
      this.#round++;
      return this.#begin();
    }
    setTimeout(this.#pump, Math.max(1, (pieces[this.#next]?.atMs ?? lengthMs) - nowMs));
  };
}

/** The length of the client's message at the start of `bytes`, null when more is needed to know it. */
function lengthOf(bytes: Buffer): number | null {
  const type = bytes[0] ?? 0;
  const fixed = FIXED_LENGTHS[type];
  if (fixed !== undefined) return fixed;
  if (bytes.length < FENCE_HEADER_BYTES) return null;
  if (type === ClientMessage.setEncodings) return 4 + 4 * bytes.readUInt16BE(2);
  if (type === ClientMessage.cutText) return 8 + Math.abs(bytes.readInt32BE(4));
  if (type === ClientMessage.fence) return FENCE_HEADER_BYTES + (bytes[8] ?? 0);
  if (type === ClientMessage.desktopSize) return 8 + 16 * (bytes[6] ?? 0);
  throw new Error(`client message ${type}`);
}

import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { ByteReader } from "@poterne/bytes";
import { ChunkJoiner } from "../packages/rdp/src/channels/static-channels.ts";
import { DataPdu, decodeSharePdus } from "../packages/rdp/src/connect/share.ts";
import { readPerLength } from "../packages/rdp/src/encoding/per.ts";
import { GfxCmd } from "../packages/rdp/src/graphics/gfx-pdus.ts";
import { PacketCutter } from "./rdp-packets.ts";
import {
  attachUserConfirm,
  channelJoinConfirm,
  connectionConfirm,
  connectResponse,
  countStaticChannels,
  demandActive,
  FIRST_STATIC_CHANNEL,
  finalization,
  IO_CHANNEL,
  licenceValid,
} from "./rdp-server-pdus.ts";

/** One packet of the server as it was captured. */
export interface PlayedPacket {
  readonly atMs: number;
  /** Updates that end in it: frames where the codec has them, else draws. */
  readonly updates: number;
  /** Frames of the server that end in it. */
  readonly frames: number;
  /** Whether a round may begin anew behind it. */
  readonly isWhole: boolean;
  readonly bytes: Buffer;
}

/** A capture made ready to be played. */
export interface PlayedRdpCapture {
  readonly width: number;
  readonly height: number;
  readonly lengthMs: number;
  /** Once for each connection: what opens the dynamic channels. */
  readonly prologue: readonly Buffer[];
  /** From the first packet of a whole picture on. */
  readonly packets: readonly PlayedPacket[];
}

/** What a played desktop asks and tells. */
export interface PlayedRdpHost {
  readonly secureContext: SecureContext;
  /** The capture of the given round, from 0; all of a port have the same prologue. */
  capture(round: number): PlayedRdpCapture;
  isHalted(): boolean;
  sent(updates: number): void;
}

const TLS_HANDSHAKE = 22;
const McsRequest = { erectDomain: 1, attachUser: 10, channelJoin: 14, sendData: 25 } as const;
/** Frames a server sends ahead of their acknowledgements, as xrdp does; then it waits. */
const MAX_UNACKNOWLEDGED_FRAMES = 2;
/** Bytes that wait for the other side; then nothing is sent for a while. */
const MAX_WAITING_BYTES = 1024 * 1024;
const WAITING_CHECK_MS = 20;
/** An acknowledgement wakes it sooner. */
const UNACKNOWLEDGED_CHECK_MS = 1000;
/** [MS-RDPBCGR] 2.2.11.3 SUPPRESS_DISPLAY_UPDATES. */
const SUPPRESSED = 0;

/**
 * An RDP server that plays captures in their own time, again and again: its own handshake, TLS as real ones start it (or
 * at once, for a relay that knows no RDP), then a real server's packets. Between two frames it does what a real one does:
 * asked for a refresh, for output again or for its capabilities it begins the round anew, with a whole picture; with
 * output suppressed it is silent; and it waits while two frames are not acknowledged.
 */
export class PlayedRdp {
  readonly #host: PlayedRdpHost;
  #socket: Socket;
  readonly #cutter = new PacketCutter();
  readonly #dynamic = new ChunkJoiner();
  #round = 0;
  #startedAt = 0;
  #next = 0;
  #unacknowledged = 0;
  #isPlaying = false;
  #isSuppressed = false;
  #hasAdvertised = false;
  #isAnewWanted = false;
  #isBetween = true;
  #timer: NodeJS.Timeout | null = null;

  constructor(socket: Socket, host: PlayedRdpHost) {
    this.#host = host;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.once("data", (bytes: Buffer) => {
      if (bytes[0] === TLS_HANDSHAKE) {
        socket.pause();
        socket.unshift(bytes);
      } else socket.write(connectionConfirm());
      this.#startTls(socket);
    });
  }

  /** Bytes nobody took yet. */
  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  get #capture(): PlayedRdpCapture {
    return this.#host.capture(this.#round);
  }

  #startTls(plain: Socket): void {
    const secure = new TLSSocket(plain, { isServer: true, secureContext: this.#host.secureContext });
    this.#socket = secure;
    secure.on("error", () => {});
    secure.on("close", () => {
      if (this.#timer !== null) clearTimeout(this.#timer);
      plain.destroy();
    });
    secure.on("data", (bytes: Buffer) => {
      for (const packet of this.#cutter.push(bytes)) this.#take(packet);
    });
  }

  #send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  #take(packet: Buffer): void {
    // Fast-path input is nobody's business here.
    if (packet[0] !== 3) return;
    if (packet[5] === 0xe0) return this.#send(connectionConfirm());
    const pdu = packet.subarray(7);
    if (pdu[0] === 0x7f) return this.#send(connectResponse(countStaticChannels(pdu)));
    switch ((pdu[0] ?? 0) >> 2) {
      case McsRequest.attachUser:
        return this.#send(attachUserConfirm());
      case McsRequest.channelJoin:
        return this.#send(channelJoinConfirm(pdu.readUInt16BE(3)));
      case McsRequest.sendData:
        return this.#takeData(pdu);
    }
  }

  #takeData(pdu: Buffer): void {
    const reader = new ByteReader(pdu, "send data request", 3);
    const channelId = reader.u16();
    reader.advance(1);
    const payload = reader.take(readPerLength(reader));
    if (channelId === FIRST_STATIC_CHANNEL) return this.#takeDynamic(payload);
    if (channelId !== IO_CHANNEL) return;
    const SEC_INFO_PKT = 0x40;
    if (payload[0] === SEC_INFO_PKT && payload[1] === 0) {
      const { width, height } = this.#capture;
      this.#send(licenceValid());
      this.#send(demandActive(width, height));
      return;
    }
    for (const share of decodeSharePdus(payload))
      if (share.type === "data") this.#takeShare(share.pduType2, share.body);
  }

  #takeShare(pduType2: number, body: Uint8Array): void {
    if (pduType2 === DataPdu.PDUTYPE2_FONTLIST) {
      this.#send(finalization());
      for (const packet of this.#capture.prologue) this.#send(packet);
      this.#begin();
    } else if (pduType2 === DataPdu.PDUTYPE2_REFRESH_RECT) this.#beginAnew();
    else if (pduType2 === DataPdu.PDUTYPE2_FRAME_ACKNOWLEDGE) this.#acknowledged();
    else if (pduType2 === DataPdu.PDUTYPE2_SUPPRESS_OUTPUT) {
      this.#isSuppressed = body[0] === SUPPRESSED;
      if (!this.#isSuppressed) this.#beginAnew();
    }
  }

  /** Only the graphics pipeline's channel speaks this way here; other channels' messages are passed over. */
  #takeDynamic(chunk: Uint8Array): void {
    const message = this.#dynamic.receive(chunk);
    const DYNVC_DATA = 3;
    if (message === null || (message[0] ?? 0) >> 4 !== DYNVC_DATA) return;
    const idBytes = [1, 2, 4][(message[0] ?? 0) & 3] ?? 4;
    const command = message[1 + idBytes];
    if (command === GfxCmd.RDPGFX_CMDID_FRAMEACKNOWLEDGE) this.#acknowledged();
    else if (command === GfxCmd.RDPGFX_CMDID_CAPSADVERTISE) {
      // The first one is the answer to the channel that was opened.
      if (this.#hasAdvertised) this.#beginAnew();
      this.#hasAdvertised = true;
    }
  }

  #acknowledged(): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - 1);
    if (this.#unacknowledged === MAX_UNACKNOWLEDGED_FRAMES - 1) this.#pumpSoon(0);
  }

  #beginAnew(): void {
    if (!this.#isPlaying) return;
    this.#isAnewWanted = true;
    if (this.#isBetween) this.#pumpSoon(0);
  }

  #begin(): void {
    this.#isPlaying = true;
    this.#isAnewWanted = false;
    this.#startedAt = performance.now();
    this.#next = 0;
    this.#unacknowledged = 0;
    this.#pump();
  }

  #pumpSoon(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#pump, delayMs);
  }

  readonly #pump = (): void => {
    if (this.#socket.destroyed || this.#host.isHalted()) return;
    if (this.#isBetween && this.#isAnewWanted) return this.#begin();
    if (this.#isBetween && this.#isSuppressed) return;
    const nowMs = performance.now() - this.#startedAt;
    if (this.#socket.writableLength > MAX_WAITING_BYTES) return this.#slip(nowMs, WAITING_CHECK_MS);
    this.#sendDue(nowMs);
    if (this.#isBetween && this.#isAnewWanted) return this.#begin();
    if (this.#mustWait) return this.#slip(nowMs, UNACKNOWLEDGED_CHECK_MS);
    const { packets, lengthMs } = this.#capture;
    const next = packets[this.#next];
    if (next === undefined && nowMs > lengthMs) {
      this.#round++;
      return this.#begin();
    }
    this.#pumpSoon(Math.max(1, (next?.atMs ?? lengthMs) - nowMs));
  };

  /** Too many frames were not acknowledged. */
  get #mustWait(): boolean {
    return this.#isBetween && this.#unacknowledged >= MAX_UNACKNOWLEDGED_FRAMES;
  }

  /** Sends what is due, up to where something else is to be done first. */
  #sendDue(nowMs: number): void {
    const { packets } = this.#capture;
    const parts: Buffer[] = [];
    let updates = 0;
    for (
      let packet = packets[this.#next];
      packet !== undefined && packet.atMs <= nowMs && !this.#mustWait;
      packet = packets[this.#next]
    ) {
      parts.push(packet.bytes);
      updates += packet.updates;
      this.#unacknowledged += packet.frames;
      this.#next++;
      this.#isBetween = packet.isWhole;
      if (this.#isBetween && (this.#isAnewWanted || this.#isSuppressed)) break;
    }
    if (parts.length > 0) this.#send(Buffer.concat(parts));
    if (updates > 0) this.#host.sent(updates);
  }

  /** Waits for the other side; what a server did not send in time it does not send all at once afterwards. */
  #slip(nowMs: number, checkMs: number): void {
    const due = this.#capture.packets[this.#next]?.atMs ?? nowMs;
    if (due < nowMs) this.#startedAt += nowMs - due;
    this.#pumpSoon(checkMs);
  }
}

import { ByteReader, ByteWriter, DecodeError } from "@poterne/bytes";
import { Coverage, type Rectangle } from "@poterne/picture";
import { CLIPRDR } from "./channels/clipboard.ts";
import { DISPLAY_CONTROL_CHANNEL, DisplayControl } from "./channels/display-control.ts";
import { type DynamicChannel, DynamicChannels } from "./channels/dynamic-channels.ts";
import { ChunkJoiner, encodeChunks, MAX_CLIPBOARD_MESSAGE_BYTES } from "./channels/static-channels.ts";
import type { RdpCommand } from "./commands.ts";
import {
  type DemandActive,
  decodeDemandActive,
  encodeConfirmActive,
  encodeFinalization,
} from "./connect/activation.ts";
import type { Established } from "./connect/connection.ts";
import type { Packet } from "./connect/framing.ts";
import { decodeMcsPdu, encodeSendData } from "./connect/mcs.ts";
import type { Arrival, MessageChannel } from "./connect/message-channel.ts";
import { DataPdu, decodeSharePdus, encodeShareData, PduType, type SharePdu } from "./connect/share.ts";
import { decodeData } from "./connect/x224.ts";
import { EntryPoint } from "./entry-point.ts";
import { failureOfErrorInfo, type RdpFailure } from "./failures.ts";
import type { GfxCapabilityOptions } from "./graphics/capabilities.ts";
import { GFX_CHANNEL, GfxPipeline } from "./graphics/gfx-pipeline.ts";
import { type EncodedEvent, encodeInputPdus } from "./input/fast-path-input.ts";
import { HeldInput } from "./input/held-input.ts";
import type { Monitor } from "./monitors.ts";
import { decodeNotice } from "./notices.ts";
import { FastPathJoiner } from "./update/fast-path.ts";
import { type PictureMemory, Screen } from "./update/screen.ts";
import { Updates } from "./update/updates.ts";

/** The static channel that carries the dynamic ones ([MS-RDPEDYC] 2.1). */
export const DRDYNVC = "drdynvc";

/** Pictures of a frame that is not whole yet are handed over from this size on. */
const MAX_UNFLUSHED_BYTES = 256 * 1024;
/** Compressed bytes kept for entry points: H.264 since its key picture, or the last tile of each place. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
/**
 * A server that brings no picture otherwise is told the capabilities again, which begins its graphics anew. Not sooner:
 * xrdp 0.10 sends nothing any more when that happens while it signs somebody in (decision 0092).
 */
const RESTART_AT_ATTEMPT = 3;
const ALLOW_DISPLAY_UPDATES = 1;
const SUPPRESS_DISPLAY_UPDATES = 0;

/** What a session needs once licensing is over. */
export interface SessionOptions extends PictureMemory {
  readonly keyboardLayout: number;
  readonly hasRemoteFx: boolean;
  /** NSCodec in surface commands; not offered when left out. */
  readonly hasNsCodec?: boolean;
  /** Null: the graphics pipeline is not offered. */
  readonly graphics: GfxCapabilityOptions | null;
  /** Listeners of further dynamic channels by name; what has none is refused. */
  readonly dynamicChannels?: ReadonlyMap<string, DynamicChannel>;
  /** Compressed bytes kept for entry points; 4 MB unless told. */
  readonly maxKeptBytes?: number;
}

/** [MS-RDPBCGR] 1.3.1.1 from Demand Active on: activation, updates, channels, and what the client asks for. */
export class Session {
  readonly #commands: RdpCommand[];
  readonly #options: SessionOptions;
  readonly #established: Established;
  readonly #nameById: ReadonlyMap<number, string>;
  readonly #joiners = new Map<number, ChunkJoiner>();
  readonly #fastPath = new FastPathJoiner();
  readonly screen: Screen;
  readonly #entry: EntryPoint;
  readonly #coverage = new Coverage();
  readonly #updates: Updates;
  readonly graphics: GfxPipeline | null;
  readonly #displayControl: DisplayControl;
  readonly #dynamic: DynamicChannels;
  #demand: DemandActive | null = null;
  #isActive = false;
  readonly #heldInput = new HeldInput();
  #wasOpen = false;
  /** An entry point was asked for between two activations. */
  #isEntryOwed = false;
  #nowMs = 0;
  /** Something was drawn by an update and is not shown yet. */
  #isDrawnOutside = false;
  /** What the server said before it closes. */
  #announced: RdpFailure | null = null;
  readonly #messages: MessageChannel;
  /** By heartbeats: after so long without a byte the connection is lost; 0 where the server sends none. */
  #silenceMs = 0;
  #heardAtMs = 0;

  /** Commands are added to `commands`, which the host takes after each call. */
  constructor(
    commands: RdpCommand[],
    established: Established,
    options: SessionOptions,
    messages: MessageChannel,
  ) {
    this.#commands = commands;
    this.#messages = messages;
    this.#established = established;
    this.#options = options;
    this.#nameById = new Map([...established.channelIds].map(([name, id]) => [id, name]));
    this.screen = new Screen(commands, options);
    this.#entry = new EntryPoint({
      request: (attempt) => this.#requestPicture(attempt),
      writeStart: () => this.#writeEntryStart(),
      writeEnd: () => this.screen.flush("end"),
    });
    this.graphics =
      options.graphics === null
        ? null
        : new GfxPipeline({
            screen: this.screen,
            entry: this.#entry,
            commands,
            capabilities: options.graphics,
            maxKeptBytes: options.maxKeptBytes ?? MAX_KEPT_BYTES,
            nowMs: () => this.#nowMs,
          });
    this.#displayControl = new DisplayControl((count) => commands.push({ type: "monitorLimit", count }));
    const listeners = new Map<string, DynamicChannel>(options.dynamicChannels);
    listeners.set(DISPLAY_CONTROL_CHANNEL, this.#displayControl);
    if (this.graphics !== null) listeners.set(GFX_CHANNEL, this.graphics);
    this.#dynamic = new DynamicChannels(listeners, (pdu) => this.sendChannel(DRDYNVC, pdu));
    const events = {
      drawn: (place: Rectangle) => this.#drawn(place),
      frameEnded: (frameId: number) => this.#frameEnded(frameId),
    };
    this.#updates = new Updates(this.screen, events, options.maxKeptBytes ?? MAX_KEPT_BYTES);
  }

  /** Takes one packet; throws `DecodeError`. */
  receive(packet: Packet, arrival: Arrival): void {
    this.#nowMs = arrival.nowMs;
    this.#heardAtMs = arrival.nowMs;
    if (packet.type === "fastPath") {
      this.#fastPath.receive(packet.bytes, (code, data) => this.#updates.takeFastPath(code, data));
      return;
    }
    const pdu = decodeMcsPdu(decodeData(packet.bytes));
    if (pdu.type === "ultimatum") this.#end(pdu.reason);
    else if (pdu.type !== "data") throw new DecodeError("invalid", "MCS PDU", 0, pdu.type);
    else if (pdu.channelId === this.#established.ioChannelId)
      for (const share of decodeSharePdus(pdu.payload)) this.#takeShare(share);
    else if (pdu.channelId === this.#established.messageChannelId) this.#takeMessage(pdu.payload, arrival);
    else this.#takeChannel(pdu.channelId, pdu.payload);
  }

  #takeMessage(payload: Uint8Array, arrival: Arrival): void {
    const { answer, event } = this.#messages.receive(payload, arrival);
    if (answer !== null) this.#sendMcs(this.#established.messageChannelId, answer);
    if (event?.type === "heartbeat") this.#silenceMs = event.silenceS * 1000;
    else if (event !== null) this.#commands.push(event);
  }

  /** All packets that came together are taken: what was drawn is handed over, an entry point may end. */
  settle(nowMs = this.#nowMs): void {
    this.#nowMs = nowMs;
    const isInFrame = this.graphics?.isInFrame === true;
    if (this.graphics?.isActive === true) this.#displayControl.drawn(this.screen);
    const isDrawn = this.#isDrawnOutside || this.graphics?.isActive !== true;
    if (isDrawn && !isInFrame && this.screen.writer.length > 0) this.#present();
    else if (!isInFrame || this.screen.writer.length > MAX_UNFLUSHED_BYTES) this.screen.flush();
  }

  /** Whether the server has said why it is going to close. */
  get hasAnnouncedEnd(): boolean {
    return this.#announced !== null;
  }

  /** Why a server that closes now does so. */
  failureOfClosing(): RdpFailure {
    return this.#announced ?? { code: "closed-by-target", detail: "closed without a word" };
  }

  /** Asks for an entry point ([entry points](../../docs/wire-picture.md)). */
  requestEntryPoint(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#isEntryOwed = !this.#isActive;
    if (!this.#isActive || this.graphics?.replay() === true || this.#replayKept()) return;
    if (this.graphics?.willReplay === true) this.#entry.await(nowMs);
    else this.#entry.want(nowMs);
  }

  /** Nobody decodes H.264 any more: the server is told where it can be, and asked for the whole picture. */
  withdrawAvc(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.graphics?.withdrawAvc() === true && this.#isActive) this.#entry.want(nowMs);
  }

  /** Keeps input for when the desktop is back; false when it is there, or was not yet. */
  holdInput(events: readonly EncodedEvent[]): boolean {
    if (this.#isActive || !this.#wasOpen) return false;
    for (const event of events) this.#heldInput.hold(event, this.#nowMs);
    return true;
  }

  /** Time passed. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#silenceMs > 0 && nowMs - this.#heardAtMs > this.#silenceMs) {
      this.#commands.push({ type: "silent", seconds: this.#silenceMs / 1000 });
      this.#silenceMs = 0;
    }
    if (!this.#isActive) return;
    this.#entry.tick(nowMs);
    this.#displayControl.tick(nowMs, this.screen);
  }

  /** The controller's viewer has shown a frame: the target may send more. */
  acknowledge(frameId: number): void {
    if (this.graphics?.isActive === true) this.graphics.acknowledge(frameId);
    else if (this.#demand?.supportsFrameAcknowledge === true)
      this.#sendShareData(DataPdu.PDUTYPE2_FRAME_ACKNOWLEDGE, new ByteWriter().u32le(frameId).finish());
  }

  /** [MS-RDPBCGR] 2.2.11.3 Suppress Output PDU: whether the target draws at all. */
  setOutput(isWanted: boolean): void {
    const { width, height } = this.screen;
    const writer = new ByteWriter().u8(isWanted ? ALLOW_DISPLAY_UPDATES : SUPPRESS_DISPLAY_UPDATES);
    writer.put(new Uint8Array(3));
    if (isWanted)
      writer
        .u16le(0)
        .u16le(0)
        .u16le(width - 1)
        .u16le(height - 1);
    this.#sendShareData(DataPdu.PDUTYPE2_SUPPRESS_OUTPUT, writer.finish());
  }

  /** [MS-RDPBCGR] 2.2.11.2 Refresh Rect PDU for the whole screen. */
  refresh(): void {
    const { width, height } = this.screen;
    const writer = new ByteWriter().u8(1).put(new Uint8Array(3));
    writer
      .u16le(0)
      .u16le(0)
      .u16le(width - 1)
      .u16le(height - 1);
    this.#sendShareData(DataPdu.PDUTYPE2_REFRESH_RECT, writer.finish());
  }

  /** Asks for other monitors, where the server can change them. */
  layOut(monitors: readonly Monitor[]): void {
    this.#displayControl.layOut(monitors);
  }

  /** A message for a static channel; nothing where the server refused the channel. */
  sendChannel(name: string, message: Uint8Array): void {
    const channelId = this.#established.channelIds.get(name);
    if (channelId === undefined) return;
    for (const chunk of encodeChunks(message)) this.#sendMcs(channelId, chunk);
  }

  #sendMcs(channelId: number, payload: Uint8Array): void {
    this.#commands.push({
      type: "send",
      bytes: encodeSendData(this.#established.userId, channelId, payload),
    });
  }

  #sendShareData(pduType2: number, body: Uint8Array): void {
    if (this.#demand === null) return;
    const share = { shareId: this.#demand.shareId, userId: this.#established.userId };
    this.#sendMcs(this.#established.ioChannelId, encodeShareData(pduType2, share, body));
  }

  #end(reason: number): void {
    this.settle();
    const failure = this.#announced ?? { code: "closed-by-target", detail: `MCS reason ${reason}` };
    this.#commands.push({ type: "fail", ...failure });
  }

  #takeChannel(channelId: number, chunk: Uint8Array): void {
    const name = this.#nameById.get(channelId);
    if (name === undefined && channelId === this.#established.userId) return;
    if (name === undefined)
      throw new DecodeError("invalid", "MCS PDU", 0, `channel ${channelId} is not offered`);
    let joiner = this.#joiners.get(channelId);
    if (joiner === undefined) {
      const tooLong = (sizeBytes: number) => this.#commands.push({ type: "channelTooLong", name, sizeBytes });
      // Too large a clipboard is no reason to end a session; anywhere else nothing makes sense after a gap.
      joiner = name === CLIPRDR ? new ChunkJoiner(tooLong, MAX_CLIPBOARD_MESSAGE_BYTES) : new ChunkJoiner();
      this.#joiners.set(channelId, joiner);
    }
    const message = joiner.receive(chunk);
    if (message === null) return;
    if (name === DRDYNVC) this.#dynamic.receive(message);
    else this.#commands.push({ type: "channel", name, data: message.slice() });
  }

  #takeShare(share: SharePdu): void {
    if (share.type === "data") this.#takeShareData(share.pduType2, share.body);
    else if (share.pduType === PduType.PDUTYPE_DEMANDACTIVEPDU) this.#activate(share.body);
    else if (share.pduType === PduType.PDUTYPE_DEACTIVATEALLPDU) this.#isActive = false;
    else if (share.pduType === PduType.PDUTYPE_SERVER_REDIR_PKT)
      this.#commands.push({ type: "fail", code: "refused", detail: "the server redirects to another one" });
  }

  /** [MS-RDPBCGR] 1.3.1.3: also after a Deactivate All. */
  #activate(body: Uint8Array): void {
    const demand = decodeDemandActive(body);
    this.#demand = demand;
    const { userId, ioChannelId } = this.#established;
    const { keyboardLayout, hasRemoteFx, hasNsCodec = false } = this.#options;
    const { desktopWidth: width, desktopHeight: height, shareId } = demand;
    const options = { width, height, keyboardLayout, hasRemoteFx, hasNsCodec };
    const confirm = encodeConfirmActive(shareId, userId, options);
    this.#sendMcs(ioChannelId, confirm);
    for (const pdu of encodeFinalization({ shareId, userId })) this.#sendMcs(ioChannelId, pdu);
    this.#updates.pointers.clear();
    if (this.screen.resize(width, height) && this.#wasOpen)
      this.#commands.push({ type: "resized", width, height });
    if (this.#entry.isOpen) this.#coverage.begin(width, height);
  }

  #takeShareData(pduType2: number, body: Uint8Array): void {
    switch (pduType2) {
      case DataPdu.PDUTYPE2_UPDATE:
        return this.#updates.takeSlowPath(body);
      case DataPdu.PDUTYPE2_POINTER:
        return this.#updates.pointers.takeSlowPath(body);
      case DataPdu.PDUTYPE2_FONTMAP:
        return this.#opened();
      case DataPdu.PDUTYPE2_SET_ERROR_INFO_PDU:
        this.#announced = failureOfErrorInfo(new ByteReader(body, "error info").u32le()) ?? this.#announced;
        return;
      default:
        this.#commands.push(...decodeNotice(pduType2, body));
    }
  }

  #opened(): void {
    this.#isActive = true;
    const input = encodeInputPdus(this.#heldInput.take(this.#nowMs, this.screen));
    if (input.length > 0) this.#commands.push({ type: "send", bytes: input });
    if (!this.#wasOpen) {
      this.#wasOpen = true;
      this.#commands.push({ type: "open", width: this.screen.width, height: this.screen.height });
    }
    if (this.#isEntryOwed) this.requestEntryPoint(this.#nowMs);
  }

  #requestPicture(attempt: number): void {
    const isGraphics = this.graphics?.isActive === true;
    if (attempt === RESTART_AT_ATTEMPT && isGraphics) this.graphics?.restart();
    this.setOutput(false);
    this.setOutput(true);
    this.refresh();
    // Outside the graphics pipeline every draw stands for itself: a viewer can start at once.
    if (attempt === 0 && !isGraphics) {
      this.screen.flush();
      this.#entry.begin();
    }
  }

  #writeEntryStart(): void {
    if (this.graphics?.isActive === true) this.graphics.writeEntryStart();
    else this.screen.declare();
    this.#coverage.begin(this.screen.width, this.screen.height);
    this.screen.flush("start");
    this.screen.repeatPointer();
  }

  #drawn(place: Rectangle): void {
    this.#isDrawnOutside = true;
    this.#displayControl.drawn(this.screen);
    if (this.#entry.isOpen) this.#coverage.add(place);
  }

  #frameEnded(frameId: number): void {
    this.#present();
    this.#commands.push({ type: "frameEnd", frameId });
  }

  /** What was drawn is shown. An entry point ends with it: a still screen brings no later `present`. */
  #present(): void {
    const isOutside = this.#isDrawnOutside;
    this.#isDrawnOutside = false;
    if (isOutside && this.graphics?.leftWithoutAvc() === true && this.#entry.isAsked) this.#requestPicture(0);
    this.screen.writer.present();
    // What a server never sends again, once it is there, ends an entry point that was begun too late for it.
    if (this.#entry.isOpen && (this.#coverage.isWhole || !this.#replayKept()))
      this.#entry.frameEnded(this.#coverage.isWhole, this.#nowMs);
    this.screen.flush();
  }

  #replayKept(): boolean {
    return this.graphics?.isActive !== true && this.#updates.replayKept(this.#entry, this.#nowMs);
  }
}

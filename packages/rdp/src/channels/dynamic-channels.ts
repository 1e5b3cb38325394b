import { ByteReader, ByteWriter, decodeUtf8 } from "@poterne/bytes";
import { GatheredBytes } from "../encoding/gathered-bytes.ts";

/** [MS-RDPEDYC] 2.2 Cmd. */
const Cmd = { create: 1, dataFirst: 2, data: 3, close: 4, capability: 5 } as const;
/** The newest version answered: 3 would allow compressed data. */
const DYNVC_CAPS_VERSION2 = 2;
const STATUS_SUCCESS = 0;
/** NTSTATUS for a channel nobody here listens to. */
const STATUS_NOT_FOUND = 0xc0000225;
const MAX_NAME_BYTES = 256;
/** Channels open at one time. */
export const MAX_DYNAMIC_CHANNELS = 32;
/** The longest message put together from data PDUs. */
export const MAX_DYNAMIC_MESSAGE_BYTES = 8 * 1024 * 1024;
/** What one data PDU of the client carries, header included. */
const MAX_PDU_BYTES = 1600;

/** Who listens on a dynamic channel. */
export interface DynamicChannel {
  /** The server opened it; `send` gives messages to the server until it is closed. */
  opened(send: (message: Uint8Array) => void): void;
  /** A whole message: a view, valid during the call. May throw `DecodeError`. */
  receive(message: Uint8Array): void;
  closed(): void;
}

interface OpenChannel {
  readonly listener: DynamicChannel;
  readonly gathered: GatheredBytes;
  /** Bytes of the message being put together, 0 for none. */
  totalBytes: number;
}

/** [MS-RDPEDYC] on the client's side: only channels with a listener are accepted. */
export class DynamicChannels {
  readonly #listeners: ReadonlyMap<string, DynamicChannel>;
  readonly #send: (pdu: Uint8Array) => void;
  readonly #open = new Map<number, OpenChannel>();

  /** `send` takes messages for the static channel `drdynvc`. */
  constructor(listeners: ReadonlyMap<string, DynamicChannel>, send: (pdu: Uint8Array) => void) {
    this.#listeners = listeners;
    this.#send = send;
  }

  /** Takes one message of `drdynvc`; throws `DecodeError`. */
  receive(message: Uint8Array): void {
    const reader = new ByteReader(message, "dynamic channel PDU");
    const header = reader.u8();
    const cmd = header >> 4;
    if (cmd === Cmd.capability) {
      reader.advance(1);
      const version = Math.min(reader.u16le(), DYNVC_CAPS_VERSION2);
      this.#send(
        new ByteWriter()
          .u8(Cmd.capability << 4)
          .u8(0)
          .u16le(version)
          .finish(),
      );
      return;
    }
    const id = readVariable(reader, header & 3);
    if (cmd === Cmd.create) this.#takeCreate(id, header & 3, reader);
    else if (cmd === Cmd.dataFirst) this.#takeDataFirst(id, (header >> 2) & 3, reader);
    else if (cmd === Cmd.data) this.#takeData(id, reader.rest());
    else if (cmd === Cmd.close) this.#takeClose(id, header & 3);
    else throw reader.fail("unsupported", `command ${cmd}`);
  }

  /** [MS-RDPEDYC] 2.2.2.1 DYNVC_CREATE_REQ. */
  #takeCreate(id: number, idSize: number, reader: ByteReader): void {
    if (reader.remaining > MAX_NAME_BYTES) throw reader.fail("limit", "channel name");
    const bytes = reader.rest();
    const end = bytes.indexOf(0);
    const name = decodeUtf8(end < 0 ? bytes : bytes.subarray(0, end));
    const listener = this.#listeners.get(name);
    const isTaken = listener !== undefined && this.#open.size < MAX_DYNAMIC_CHANNELS;
    const answer = new ByteWriter().u8((Cmd.create << 4) | idSize);
    putVariable(answer, id, idSize);
    this.#send(answer.u32le(isTaken ? STATUS_SUCCESS : STATUS_NOT_FOUND).finish());
    if (!isTaken) return;
    this.#open.get(id)?.listener.closed();
    this.#open.set(id, { listener, gathered: new GatheredBytes(), totalBytes: 0 });
    listener.opened((data) => this.#sendData(id, data));
  }

  /** [MS-RDPEDYC] 2.2.3.1 and 2.2.3.2. */
  #sendData(id: number, data: Uint8Array): void {
    const room = MAX_PDU_BYTES - 9;
    if (data.length <= room) {
      this.#send(
        new ByteWriter(data.length + 8)
          .u8((Cmd.data << 4) | 2)
          .u32le(id)
          .put(data)
          .finish(),
      );
      return;
    }
    const first = new ByteWriter(MAX_PDU_BYTES).u8((Cmd.dataFirst << 4) | (2 << 2) | 2);
    this.#send(first.u32le(id).u32le(data.length).put(data.subarray(0, room)).finish());
    for (let at = room; at < data.length; at += room)
      this.#send(
        new ByteWriter(MAX_PDU_BYTES)
          .u8((Cmd.data << 4) | 2)
          .u32le(id)
          .put(data.subarray(at, at + room))
          .finish(),
      );
  }

  #takeDataFirst(id: number, lengthSize: number, reader: ByteReader): void {
    const length = readVariable(reader, lengthSize);
    if (length > MAX_DYNAMIC_MESSAGE_BYTES) throw reader.fail("limit", `${length} bytes`);
    const channel = this.#open.get(id);
    if (channel === undefined) return;
    channel.gathered.clear();
    channel.totalBytes = length;
    this.#takeData(id, reader.rest());
  }

  #takeData(id: number, data: Uint8Array): void {
    const channel = this.#open.get(id);
    // What was on its way when a channel was closed is nobody's fault.
    if (channel === undefined) return;
    if (channel.totalBytes === 0) {
      channel.listener.receive(data);
      return;
    }
    const { gathered, listener, totalBytes } = channel;
    if (gathered.length + data.length > totalBytes)
      throw new ByteReader(data, "dynamic channel PDU").fail("invalid", "more than the message's length");
    const isWhole = gathered.length + data.length === totalBytes;
    if (isWhole) channel.totalBytes = 0;
    if (isWhole && gathered.length === 0) return listener.receive(data);
    gathered.add(data);
    if (isWhole) gathered.take((message) => listener.receive(message));
  }

  #takeClose(id: number, idSize: number): void {
    const channel = this.#open.get(id);
    if (channel === undefined) return;
    this.#open.delete(id);
    const answer = new ByteWriter().u8((Cmd.close << 4) | idSize);
    putVariable(answer, id, idSize);
    this.#send(answer.finish());
    channel.listener.closed();
  }
}

/** One, two or four bytes by the two bits of a header; the fourth value is not defined. */
function readVariable(reader: ByteReader, size: number): number {
  if (size === 0) return reader.u8();
  if (size === 1) return reader.u16le();
  if (size === 2) return reader.u32le();
  throw reader.fail("invalid", "field size");
}

function putVariable(writer: ByteWriter, value: number, size: number): void {
  if (size === 0) writer.u8(value);
  else if (size === 1) writer.u16le(value);
  else writer.u32le(value);
}

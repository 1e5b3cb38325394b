import { ByteReader, ByteWriter, concatBytes } from "@poterne/bytes";
import { decodeSoundFormat, type ServerSoundFormat, type SoundAbilities } from "./sound-formats.ts";

/** [MS-RDPEA] 2.1: the static channel, and the dynamic one servers since Windows 8 prefer. */
export const RDPSND = "rdpsnd";
export const AUDIO_PLAYBACK_CHANNEL = "AUDIO_PLAYBACK_DVC";

/** [MS-RDPEA] 2.2.1 msgType. */
const MessageType = {
  SNDC_CLOSE: 0x01,
  SNDC_WAVE: 0x02,
  SNDC_SETVOLUME: 0x03,
  SNDC_WAVECONFIRM: 0x05,
  SNDC_TRAINING: 0x06,
  SNDC_FORMATS: 0x07,
  SNDC_QUALITYMODE: 0x0c,
  SNDC_WAVE2: 0x0d,
} as const;
const TSSNDCAPS_ALIVE = 1;
/** Wave2 and quality mode are there from 8 and 6 on. */
const CLIENT_VERSION = 8;
const QUALITY_MODE_VERSION = 6;
/** Servers choose by the bandwidth they measure. */
const DYNAMIC_QUALITY = 0;
/** Formats of the server's list; Windows has about thirty. */
const MAX_FORMATS = 256;
const HEADER_BYTES = 4;
/** Bytes of the sound that stand in the WaveInfo PDU itself. */
const WAVE_INFO_DATA_BYTES = 4;

/** Sound of the target, to be confirmed once somebody heard it. */
export interface SoundWave {
  readonly format: ServerSoundFormat;
  /** A copy where it came in two messages, else a view that is valid during the call. */
  readonly data: Uint8Array;
  readonly blockNo: number;
  /** Of the server's clock, 16 bits of milliseconds. */
  readonly timestamp: number;
  readonly receivedAtMs: number;
}

/** What the channel asks of its host. */
export type SoundAction =
  /** A message for the channel it came on. */
  | { readonly type: "send"; readonly message: Uint8Array }
  | { readonly type: "wave"; readonly wave: SoundWave }
  /** The target plays nothing for now. */
  | { readonly type: "closed" };

type PendingWave = Omit<SoundWave, "receivedAtMs" | "data" | "format"> & {
  readonly format: ServerSoundFormat | null;
  readonly start: Uint8Array;
  readonly lengthBytes: number;
};

/** [MS-RDPEA] on the client's side over a reliable channel; no UDP, which is never offered. */
export class SoundChannel {
  readonly #abilities: SoundAbilities;
  #formats: readonly ServerSoundFormat[] = [];
  #pending: PendingWave | null = null;

  constructor(abilities: SoundAbilities) {
    this.#abilities = abilities;
  }

  /** Takes one whole message at a monotonic time; throws `DecodeError`. */
  receive(message: Uint8Array, nowMs: number): SoundAction[] {
    if (this.#pending !== null) return this.#takeWaveData(this.#pending, message, nowMs);
    const reader = new ByteReader(message, "sound PDU");
    const type = reader.u8();
    reader.advance(1);
    const bodyBytes = reader.u16le();
    switch (type) {
      case MessageType.SNDC_FORMATS:
        return this.#takeFormats(reader);
      case MessageType.SNDC_TRAINING:
        return [answerTraining(reader)];
      case MessageType.SNDC_WAVE:
        this.#takeWaveInfo(reader, bodyBytes);
        return [];
      case MessageType.SNDC_WAVE2:
        return this.#takeWave2(reader, nowMs);
      case MessageType.SNDC_CLOSE:
        return [{ type: "closed" }];
      // The page has its own volume; keys for UDP and the rest belong to what is not offered.
      default:
        return [];
    }
  }

  /** [MS-RDPEA] 3.2.5.2.1.6: what tells the server that a wave was heard, now. */
  confirm(wave: Pick<SoundWave, "blockNo" | "timestamp" | "receivedAtMs">, nowMs: number): Uint8Array {
    const heldMs = Math.max(0, Math.round(nowMs - wave.receivedAtMs));
    return encode(
      MessageType.SNDC_WAVECONFIRM,
      new ByteWriter(4)
        .u16le((wave.timestamp + heldMs) & 0xffff)
        .u8(wave.blockNo)
        .u8(0)
        .finish(),
    );
  }

  /** [MS-RDPEA] 2.2.2.1: also again while connected; the answer names, in the server's order, what we take. */
  #takeFormats(reader: ByteReader): SoundAction[] {
    reader.advance(14);
    const count = reader.u16le();
    reader.advance(1);
    const version = reader.u16le();
    reader.advance(1);
    if (count > MAX_FORMATS) throw reader.fail("limit", `${count} formats`);
    const offered = Array.from({ length: count }, () => decodeSoundFormat(reader, this.#abilities));
    const taken = offered.flatMap(({ raw, format }) => (format === null ? [] : [{ raw, format }]));
    this.#formats = taken.map(({ format }) => format);
    const actions = [encodeFormats(taken.map(({ raw }) => raw))];
    const quality = new ByteWriter(4).u16le(DYNAMIC_QUALITY).u16le(0).finish();
    if (version >= QUALITY_MODE_VERSION) actions.push(send(MessageType.SNDC_QUALITYMODE, quality));
    return actions;
  }

  /** Null for one that was not agreed: xrdp goes on in the format an earlier client of the same desktop took. */
  #formatOf(index: number): ServerSoundFormat | null {
    return this.#formats[index] ?? null;
  }

  /** What nobody can play is confirmed all the same: the server would wait. */
  #waveOf(format: ServerSoundFormat | null, wave: Omit<SoundWave, "format">): SoundAction {
    return format === null
      ? { type: "send", message: this.confirm(wave, wave.receivedAtMs) }
      : { type: "wave", wave: { format, ...wave } };
  }

  /** [MS-RDPEA] 2.2.3.3 WaveInfo PDU: the first four bytes of a sound whose rest is the next message. */
  #takeWaveInfo(reader: ByteReader, bodyBytes: number): void {
    const timestamp = reader.u16le();
    const format = this.#formatOf(reader.u16le());
    const blockNo = reader.u8();
    reader.advance(3);
    const start = reader.take(WAVE_INFO_DATA_BYTES).slice();
    const lengthBytes = bodyBytes - 8;
    if (lengthBytes < WAVE_INFO_DATA_BYTES) throw reader.fail("invalid", `body of ${bodyBytes} bytes`);
    this.#pending = { timestamp, format, blockNo, start, lengthBytes };
  }

  /** [MS-RDPEA] 2.2.3.4 Wave PDU: four bytes of padding, then the rest of the sound. */
  #takeWaveData(pending: PendingWave, message: Uint8Array, receivedAtMs: number): SoundAction[] {
    this.#pending = null;
    const reader = new ByteReader(message, "wave PDU");
    reader.advance(WAVE_INFO_DATA_BYTES);
    const rest = reader.take(pending.lengthBytes - WAVE_INFO_DATA_BYTES);
    const { format, blockNo, timestamp } = pending;
    const data = concatBytes([pending.start, rest]);
    return [this.#waveOf(format, { data, blockNo, timestamp, receivedAtMs })];
  }

  /** [MS-RDPEA] 2.2.3.10 Wave2 PDU. */
  #takeWave2(reader: ByteReader, receivedAtMs: number): SoundAction[] {
    const timestamp = reader.u16le();
    const format = this.#formatOf(reader.u16le());
    const blockNo = reader.u8();
    reader.advance(7);
    return [this.#waveOf(format, { data: reader.rest(), blockNo, timestamp, receivedAtMs })];
  }
}

/** [MS-RDPEA] 2.2.3.1 Training PDU, answered by 2.2.3.2: the server measures the way there and back. */
function answerTraining(reader: ByteReader): SoundAction {
  const timestamp = reader.u16le();
  const packBytes = reader.u16le();
  return send(MessageType.SNDC_TRAINING, new ByteWriter(4).u16le(timestamp).u16le(packBytes).finish());
}

/** [MS-RDPEA] 2.2.2.2 Client Audio Formats and Version PDU: no volume, no pitch, no UDP port. */
function encodeFormats(formats: readonly Uint8Array[]): SoundAction {
  const body = new ByteWriter(256)
    .u32le(TSSNDCAPS_ALIVE)
    .u32le(0)
    .u32le(0)
    .u16le(0)
    .u16le(formats.length)
    .u8(0)
    .u16le(CLIENT_VERSION)
    .u8(0);
  for (const format of formats) body.put(format);
  return send(MessageType.SNDC_FORMATS, body.finish());
}

function send(type: number, body: Uint8Array): SoundAction {
  return { type: "send", message: encode(type, body) };
}

/** [MS-RDPEA] 2.2.1 RDPSND PDU header and what follows. */
function encode(type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(body.length + HEADER_BYTES).u8(type).u8(0).u16le(body.length).put(body).finish();
}

import { ByteReader, ByteWriter } from "@poterne/bytes";

/** How the samples of a sound frame are packed; the numbers are on the wire and in recordings: never renumber one. */
export const SoundCodec = {
  /** Signed 16-bit little-endian samples, channels interleaved. */
  pcm16: 0,
  /** ITU-T G.711. */
  aLaw: 1,
  muLaw: 2,
  /** IMA ADPCM in blocks as in WAV files (format 0x11). */
  imaAdpcm: 3,
  /** One Opus packet a frame (RFC 6716); the rate says how fast its 48 000 samples a second are to be played. */
  opus: 4,
} as const;

/** One of the numbers of `SoundCodec`. */
export type SoundCodecId = (typeof SoundCodec)[keyof typeof SoundCodec];

/** The most channels a sound may have: mono or stereo. */
export const MAX_SOUND_CHANNELS = 2;
/** Samples a second that are taken. */
export const SOUND_RATES_HZ = { min: 4000, max: 96_000 } as const;
/** The longest sound of one frame, a second of PCM at the highest rate. */
export const MAX_SOUND_BYTES = SOUND_RATES_HZ.max * MAX_SOUND_CHANNELS * 2;

const CODECS: readonly number[] = Object.values(SoundCodec);

/** What a sound is made of. */
export interface SoundFormat {
  readonly codec: SoundCodecId;
  readonly channels: number;
  readonly rateHz: number;
  /** Bytes of one block, or of one sample of all channels. */
  readonly blockBytes: number;
}

/** The payload of a `sound` frame: complete in itself, so that any of them can be the first one heard. */
export function encodeSound(format: SoundFormat, data: Uint8Array): Uint8Array {
  return new ByteWriter(data.length + 8)
    .u8(format.codec)
    .u8(format.channels)
    .u16le(format.blockBytes)
    .u32le(format.rateHz)
    .put(data)
    .finish();
}

/** Takes a `sound` frame's payload apart; `data` is a view. Throws `DecodeError`. */
export function decodeSound(payload: Uint8Array): {
  readonly format: SoundFormat;
  readonly data: Uint8Array;
} {
  const reader = new ByteReader(payload, "sound");
  const codec = reader.u8();
  if (!CODECS.includes(codec)) throw reader.fail("unsupported", `codec ${codec}`);
  const channels = reader.u8();
  if (channels < 1 || channels > MAX_SOUND_CHANNELS) throw reader.fail("invalid", `${channels} channels`);
  const blockBytes = reader.u16le();
  const rateHz = reader.u32le();
  if (rateHz < SOUND_RATES_HZ.min || rateHz > SOUND_RATES_HZ.max)
    throw reader.fail("invalid", `${rateHz} Hz`);
  if (reader.remaining > MAX_SOUND_BYTES) throw reader.fail("limit", `${reader.remaining} bytes`);
  return {
    format: { codec: codec as SoundCodecId, channels, rateHz, blockBytes },
    data: reader.rest(),
  };
}

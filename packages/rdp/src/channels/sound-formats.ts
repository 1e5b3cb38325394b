import { type ByteReader, ByteWriter } from "@poterne/bytes";

/** How samples are packed, of what this client takes. */
export type SoundPacking = "pcm16" | "a-law" | "mu-law" | "ima-adpcm" | "opus";

/** A format both sides know. */
export interface ServerSoundFormat {
  readonly packing: SoundPacking;
  readonly channels: number;
  readonly rateHz: number;
  /** Bytes of one block, or of one sample of all channels. */
  readonly blockBytes: number;
}

/** What can be played besides what needs a few lines of code only. */
export interface SoundAbilities {
  readonly takesOpus: boolean;
}

/** wFormatTag of AUDIO_FORMAT ([MS-RDPEA] 2.2.2.1.1, numbers of RFC 2361). */
const WaveFormat = {
  PCM: 0x0001,
  ALAW: 0x0006,
  MULAW: 0x0007,
  DVI_ADPCM: 0x0011,
  /** Registered for Opus (gnome-remote-desktop). */
  OPUS: 0x704f,
  /** What xrdp calls Opus; another codec's number by the registry, of 8 kHz. */
  XRDP_OPUS: 0x0069,
} as const;
/** xrdp offers no other; its encoder, told 48 000, is fed these. */
const XRDP_OPUS_RATE_HZ = 44_100;
const MAX_CHANNELS = 2;
const MIN_RATE_HZ = 4000;
const MAX_RATE_HZ = 96_000;
/** An IMA block has a header of four bytes a channel; servers use 1 to 2 kB. */
const MAX_IMA_BLOCK_BYTES = 8192;

/** One format of the server's list: as it came, and what it means where it is one we take. */
export interface OfferedFormat {
  readonly raw: Uint8Array;
  readonly format: ServerSoundFormat | null;
}

/** [MS-RDPEA] 2.2.2.1.1 AUDIO_FORMAT; throws `DecodeError`. */
export function decodeSoundFormat(reader: ByteReader, abilities: SoundAbilities): OfferedFormat {
  const tag = reader.u16le();
  const channels = reader.u16le();
  const rateHz = reader.u32le();
  const bytesPerSecond = reader.u32le();
  const blockBytes = reader.u16le();
  const bits = reader.u16le();
  const extra = reader.take(reader.u16le());
  const raw = new ByteWriter(18 + extra.length)
    .u16le(tag)
    .u16le(channels)
    .u32le(rateHz)
    .u32le(bytesPerSecond)
    .u16le(blockBytes)
    .u16le(bits)
    .u16le(extra.length)
    .put(extra)
    .finish();
  const isOpus =
    tag === WaveFormat.OPUS || (tag === WaveFormat.XRDP_OPUS && rateHz === XRDP_OPUS_RATE_HZ && bits === 16);
  const opus = isOpus && abilities.takesOpus ? "opus" : null;
  const packing = opus ?? packingOf({ tag, channels, bits, blockBytes });
  const isUsable =
    packing !== null &&
    channels >= 1 &&
    channels <= MAX_CHANNELS &&
    rateHz >= MIN_RATE_HZ &&
    rateHz <= MAX_RATE_HZ;
  return { raw, format: isUsable ? { packing, channels, rateHz, blockBytes } : null };
}

function packingOf(facts: {
  readonly tag: number;
  readonly channels: number;
  readonly bits: number;
  readonly blockBytes: number;
}): SoundPacking | null {
  const { tag, channels, bits, blockBytes } = facts;
  if (tag === WaveFormat.PCM && bits === 16 && blockBytes === channels * 2) return "pcm16";
  if (tag === WaveFormat.ALAW && bits === 8) return "a-law";
  if (tag === WaveFormat.MULAW && bits === 8) return "mu-law";
  const isIma = tag === WaveFormat.DVI_ADPCM && bits === 4;
  const isWhole = blockBytes > 4 * channels && blockBytes % (4 * channels) === 0;
  return isIma && isWhole && blockBytes <= MAX_IMA_BLOCK_BYTES ? "ima-adpcm" : null;
}

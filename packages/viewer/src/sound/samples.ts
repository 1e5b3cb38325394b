import { DecodeError } from "@poterne/bytes";
import { SoundCodec, type SoundFormat } from "@poterne/wire";

/** Samples of one channel from -1 to 1. */
export type Samples = Float32Array<ArrayBuffer>;

const FULL_SCALE = 32_768;
/** Header of one channel in an IMA block: first sample, step index, a spare byte. */
const IMA_HEADER_BYTES = 4;
/** IMA blocks hold eight samples of a channel in four bytes, then those of the next. */
const IMA_GROUP_BYTES = 4;
const MAX_STEP_INDEX = 88;

/** The samples of each channel. Throws `DecodeError` where the bytes do not fit the format. */
export function decodeSamples(format: SoundFormat, data: Uint8Array): Samples[] {
  switch (format.codec) {
    case SoundCodec.pcm16:
      return deinterleave(data, { ...format, sampleBytes: 2 }, (at) => readI16(data, at) / FULL_SCALE);
    case SoundCodec.aLaw:
      return deinterleave(
        data,
        { ...format, sampleBytes: 1 },
        (at) => decodeALaw(data[at] ?? 0) / FULL_SCALE,
      );
    case SoundCodec.muLaw:
      return deinterleave(
        data,
        { ...format, sampleBytes: 1 },
        (at) => decodeMuLaw(data[at] ?? 0) / FULL_SCALE,
      );
    case SoundCodec.imaAdpcm:
      return decodeIma(format, data);
    case SoundCodec.opus:
      throw new DecodeError("unsupported", "sound", 0, "Opus is the browser's to decode");
  }
}

function deinterleave(
  data: Uint8Array,
  shape: { readonly channels: number; readonly sampleBytes: number },
  read: (at: number) => number,
): Samples[] {
  const { channels, sampleBytes } = shape;
  const count = Math.floor(data.length / (channels * sampleBytes));
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(count);
    for (let index = 0; index < count; index++)
      samples[index] = read((index * channels + channel) * sampleBytes);
    return samples;
  });
}

function readI16(data: Uint8Array, at: number): number {
  return (((data[at] ?? 0) | ((data[at + 1] ?? 0) << 8)) << 16) >> 16;
}

/** ITU-T G.711 A-law to 16 bits: even bits are inverted on the line. */
export function decodeALaw(byte: number): number {
  const value = byte ^ 0x55;
  const exponent = (value >> 4) & 7;
  const mantissa = ((value & 0x0f) << 4) + 8;
  const size = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (value & 0x80) !== 0 ? size : -size;
}

/** ITU-T G.711 µ-law to 16 bits: all bits are inverted on the line. */
export function decodeMuLaw(byte: number): number {
  const value = ~byte & 0xff;
  const size = ((((value & 0x0f) << 3) + 0x84) << ((value >> 4) & 7)) - 0x84;
  return (value & 0x80) !== 0 ? -size : size;
}

/** IMA's table: each step is about a tenth more than the one before. */
const STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
  107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724,
  796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026,
  4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10_442, 11_487, 12_635, 13_899, 15_289, 16_818,
  18_500, 20_350, 22_385, 24_623, 27_086, 29_794, 32_767,
];
const STEP_CHANGES = [-1, -1, -1, -1, 2, 4, 6, 8];

/** IMA ADPCM in WAV blocks (format 0x11): each block begins anew with a sample and a step of each channel. */
function decodeIma(format: SoundFormat, data: Uint8Array): Samples[] {
  const { channels, blockBytes } = format;
  const room = blockBytes - IMA_HEADER_BYTES * channels;
  if (room <= 0 || room % (IMA_GROUP_BYTES * channels) !== 0)
    throw new DecodeError("invalid", "IMA ADPCM", 0, `blocks of ${blockBytes} bytes`);
  const blocks = Math.floor(data.length / blockBytes);
  const perBlock = 1 + (room / channels) * 2;
  const all = Array.from({ length: channels }, () => new Float32Array(blocks * perBlock));
  for (let block = 0; block < blocks; block++) {
    const bytes = data.subarray(block * blockBytes, (block + 1) * blockBytes);
    all.forEach((samples, channel) => {
      decodeImaChannel(
        bytes,
        { channel, channels },
        samples.subarray(block * perBlock, (block + 1) * perBlock),
      );
    });
  }
  return all;
}

function decodeImaChannel(
  block: Uint8Array,
  place: { readonly channel: number; readonly channels: number },
  samples: Float32Array,
): void {
  const header = place.channel * IMA_HEADER_BYTES;
  let value = readI16(block, header);
  let stepIndex = Math.min(block[header + 2] ?? 0, MAX_STEP_INDEX);
  samples[0] = value / FULL_SCALE;
  const stride = IMA_GROUP_BYTES * place.channels;
  const start = IMA_HEADER_BYTES * place.channels + IMA_GROUP_BYTES * place.channel;
  for (let index = 1; index < samples.length; index++) {
    const nibbleAt = index - 1;
    const at = start + Math.floor(nibbleAt / 8) * stride + ((nibbleAt & 7) >> 1);
    const nibble = ((block[at] ?? 0) >> ((nibbleAt & 1) * 4)) & 0x0f;
    const step = STEPS[stepIndex] ?? 0;
    let change = step >> 3;
    if ((nibble & 1) !== 0) change += step >> 2;
    if ((nibble & 2) !== 0) change += step >> 1;
    if ((nibble & 4) !== 0) change += step;
    value = Math.max(-32_768, Math.min(32_767, (nibble & 8) !== 0 ? value - change : value + change));
    stepIndex = Math.max(0, Math.min(MAX_STEP_INDEX, stepIndex + (STEP_CHANGES[nibble & 7] ?? 0)));
    samples[index] = value / FULL_SCALE;
  }
}

import type { Samples } from "./samples.ts";

/** Opus always decodes to so many samples a second (RFC 6716 §2), whatever went in. */
const OPUS_RATE_HZ = 48_000;
const PACKET_US = 20_000;
/** Packets the decoder has not answered yet; more than this and it hangs. */
const MAX_WAITING = 50;

/** Opus packets through the browser's own decoder; the samples of each come later, in order. */
export class OpusDecoder {
  readonly #decoder: AudioDecoder;
  #packets = 0;

  /** `decoded` gets the samples of each channel. */
  constructor(channels: number, decoded: (samples: Samples[]) => void) {
    this.#decoder = new AudioDecoder({
      output: (data) => decoded(takeSamples(data)),
      // The decoder is closed by then: `isOver` says so at the next packet.
      error: () => undefined,
    });
    this.#decoder.configure({ codec: "opus", sampleRate: OPUS_RATE_HZ, numberOfChannels: channels });
  }

  /** It failed, was closed, or does not follow: no packet is taken any more. */
  get isOver(): boolean {
    return this.#decoder.state === "closed" || this.#decoder.decodeQueueSize > MAX_WAITING;
  }

  /** Takes a copy of one packet. */
  decode(packet: Uint8Array): void {
    const data = packet.slice();
    const timestamp = this.#packets++ * PACKET_US;
    this.#decoder.decode(new EncodedAudioChunk({ type: "key", timestamp, data }));
  }

  /** What has not come out yet never does. */
  close(): void {
    if (this.#decoder.state !== "closed") this.#decoder.close();
  }
}

function takeSamples(data: AudioData): Samples[] {
  const channels = Array.from({ length: data.numberOfChannels }, (_, planeIndex) => {
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex, format: "f32-planar" });
    return samples;
  });
  data.close();
  return channels;
}

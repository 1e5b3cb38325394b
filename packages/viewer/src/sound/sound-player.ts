import { decodeSound, SoundCodec, type SoundFormat } from "@poterne/wire";
import { OpusDecoder } from "./opus-decoder.ts";
import { Resampler } from "./resampler.ts";
import { decodeSamples, type Samples } from "./samples.ts";
import { SoundQueue } from "./sound-queue.ts";

/** Plays sound frames through the Web Audio API: each decoded, brought to the context's rate and planned seamlessly. */
export class SoundPlayer {
  readonly #context: AudioContext;
  readonly #queue: SoundQueue;
  readonly #planned = new Set<AudioBufferSourceNode>();
  readonly #stateChanged: () => void;
  #resamplers: Resampler[] = [];
  #format = "";
  #opus: { readonly format: string; readonly decoder: OpusDecoder } | null = null;

  /** `payload` is the first frame's: the context runs at its rate, so that as little as possible is changed. */
  constructor(payload: Uint8Array, stateChanged: () => void) {
    const { format } = decodeSound(payload);
    this.#context = new AudioContext({ latencyHint: "interactive", sampleRate: format.rateHz });
    this.#queue = new SoundQueue(this.#context.sampleRate);
    this.#stateChanged = stateChanged;
    this.#context.addEventListener("statechange", stateChanged);
  }

  /** The browser lets a page sound only after somebody did something in it. */
  get isBlocked(): boolean {
    return this.#context.state !== "running";
  }

  /** Plays one frame's payload; throws `DecodeError`. */
  play(payload: Uint8Array): void {
    const { format, data } = decodeSound(payload);
    if (this.isBlocked) return;
    if (format.codec === SoundCodec.opus) this.#opusFor(format).decode(data);
    else this.#playSamples(format, () => decodeSamples(format, data));
  }

  /** A decoder remembers what came before: another one for another format, or after it failed. */
  #opusFor(format: SoundFormat): OpusDecoder {
    const name = `${format.channels} ${format.rateHz}`;
    if (this.#opus !== null && this.#opus.format === name && !this.#opus.decoder.isOver)
      return this.#opus.decoder;
    this.#opus?.decoder.close();
    const decoder = new OpusDecoder(format.channels, (samples) => this.#playSamples(format, () => samples));
    this.#opus = { format: name, decoder };
    return decoder;
  }

  #playSamples(format: SoundFormat, decode: () => Samples[]): void {
    const decision = this.#queue.decide(this.#context.currentTime);
    if (decision.type === "skip") return;
    const channels = decode();
    this.#follow(format, decision.isFresh);
    const step = (format.rateHz / this.#context.sampleRate) * decision.pull;
    const shown = channels.map((samples, index) => this.#resamplers[index]?.push(samples, step) ?? samples);
    const frames = shown[0]?.length ?? 0;
    if (frames === 0) return;
    this.#plan(shown, frames, decision.startFrame);
    this.#queue.planned(frames);
  }

  /** After another format or a gap the past samples mean nothing. */
  #follow({ channels, rateHz }: SoundFormat, isFresh: boolean): void {
    const format = `${channels} ${rateHz}`;
    if (format === this.#format && !isFresh) return;
    this.#format = format;
    this.#resamplers = Array.from({ length: channels }, () => new Resampler());
  }

  #plan(channels: readonly Float32Array<ArrayBuffer>[], frames: number, startFrame: number): void {
    const context = this.#context;
    const buffer = context.createBuffer(channels.length, frames, context.sampleRate);
    for (const [index, samples] of channels.entries()) buffer.copyToChannel(samples, index);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.onended = () => this.#planned.delete(source);
    this.#planned.add(source);
    source.start(startFrame / context.sampleRate);
  }

  /** Falls silent now: what is planned is not played. */
  stop(): void {
    for (const source of this.#planned) source.stop();
    this.#planned.clear();
    this.#queue.clear();
    this.#opus?.decoder.close();
    this.#opus = null;
  }

  /** A person did something: the browser may let the page sound now. */
  resume(): void {
    if (this.#context.state === "suspended") this.#context.resume().catch(() => undefined);
  }

  dispose(): void {
    this.stop();
    this.#context.removeEventListener("statechange", this.#stateChanged);
    this.#context.close().catch(() => undefined);
  }
}

import {
  AUDIO_PLAYBACK_CHANNEL,
  type DynamicChannel,
  type SoundAction,
  SoundChannel,
  type SoundPacking,
  type SoundWave,
} from "@poterne/rdp";
import { Channel, encodeSound, FrameFlag, SoundCodec, type SoundCodecId } from "@poterne/wire";

/** The controller's viewer is so far behind that a sound would come too late: it is left out … */
const LATE_AFTER_MS = 600;
/** … and a wave nobody acknowledges is confirmed after so long, or the server would fall silent for good. */
const CONFIRM_AFTER_MS = 1000;
/** Waves handed over and not confirmed yet; block numbers have eight bits. */
const MAX_WAITING = 128;

const CODEC_OF: Readonly<Record<SoundPacking, SoundCodecId>> = {
  pcm16: SoundCodec.pcm16,
  "a-law": SoundCodec.aLaw,
  "mu-law": SoundCodec.muLaw,
  "ima-adpcm": SoundCodec.imaAdpcm,
  opus: SoundCodec.opus,
};

/** What the sound needs of its driver. */
export interface RdpSoundHost {
  emit(channel: number, flags: number, payload: Uint8Array): void;
  nowMs(): number;
  /** Sends a message of the static channel. */
  sendStatic(message: Uint8Array): void;
  /** Runs what sends on dynamic channels. */
  within(work: () => void): void;
  /** Bytes handed over that viewers acknowledge, and how many of them the controller's viewer or the recorder took. */
  readonly emittedBytes: number;
  readonly consumedBytes: number;
  /** The controller's browser decodes Opus. */
  readonly takesOpus: boolean;
}

interface WaitingWave {
  readonly wave: Pick<SoundWave, "blockNo" | "timestamp" | "receivedAtMs">;
  /** It was consumed once so many bytes were. */
  readonly bytes: number;
  readonly confirm: (wave: WaitingWave["wave"]) => void;
}

/**
 * The target's sound ([MS-RDPEA]) as frames of the wire. A wave is confirmed when the controller's viewer has it, so
 * that a server that measures slows down or leaves out by itself; behind a slow link waves are left out here, so that
 * sound never queues up behind pictures.
 */
export class RdpSound {
  readonly #host: RdpSoundHost;
  readonly #flags: number;
  #static: SoundChannel;
  #waiting: WaitingWave[] = [];
  #isWatched = true;
  /** Waves left out since the connection began. */
  leftOut = 0;

  constructor(host: RdpSoundHost, options: { readonly isRecorded: boolean }) {
    this.#host = host;
    this.#static = new SoundChannel({ takesOpus: false });
    this.#flags = options.isRecorded ? 0 : FrameFlag.transient;
  }

  #makeChannel(): SoundChannel {
    return new SoundChannel({ takesOpus: this.#host.takesOpus });
  }

  /** A new connection: what the old one owed is forgotten. */
  restart(): void {
    this.#static = this.#makeChannel();
    this.#waiting = [];
  }

  /** The listener of the dynamic channel, for one connection. */
  get dynamicChannels(): ReadonlyMap<string, DynamicChannel> {
    return new Map([[AUDIO_PLAYBACK_CHANNEL, this.#makeListener()]]);
  }

  /** A message of the static channel; throws `DecodeError`. */
  receive(message: Uint8Array): void {
    const sound = this.#static;
    const { nowMs, sendStatic } = this.#host;
    this.#carryOut(sound.receive(message, nowMs()), sendStatic, (wave) =>
      sendStatic(sound.confirm(wave, nowMs())),
    );
  }

  #makeListener(): DynamicChannel {
    const host = this.#host;
    let sound = this.#makeChannel();
    let send: (message: Uint8Array) => void = () => {};
    return {
      opened: (sender) => {
        sound = this.#makeChannel();
        send = sender;
      },
      receive: (message) => {
        this.#carryOut(
          sound.receive(message, host.nowMs()),
          (answer) => send(answer),
          (wave) => host.within(() => send(sound.confirm(wave, host.nowMs()))),
        );
      },
      closed: () => {
        send = () => {};
      },
    };
  }

  #carryOut(
    actions: readonly SoundAction[],
    send: (message: Uint8Array) => void,
    confirm: (wave: WaitingWave["wave"]) => void,
  ): void {
    for (const action of actions) {
      if (action.type === "send") send(action.message);
      else if (action.type === "wave") this.#takeWave(action.wave, confirm);
    }
  }

  #takeWave(wave: SoundWave, confirm: (wave: WaitingWave["wave"]) => void): void {
    const isLate = this.#isLate(wave.receivedAtMs);
    if (isLate) this.leftOut++;
    else this.#emit(wave);
    const { blockNo, timestamp, receivedAtMs } = wave;
    const bytes = this.#host.emittedBytes;
    if (this.#waiting.length >= MAX_WAITING) this.#confirmFirst(1);
    this.#waiting.push({ wave: { blockNo, timestamp, receivedAtMs }, bytes, confirm });
  }

  #emit({ format, data }: SoundWave): void {
    const { packing, channels, rateHz, blockBytes } = format;
    const sound = { codec: CODEC_OF[packing], channels, rateHz, blockBytes };
    this.#host.emit(Channel.sound, this.#flags, encodeSound(sound, data));
  }

  /** Whether what went out long ago has not arrived yet. */
  #isLate(nowMs: number): boolean {
    const oldest = this.#waiting[0];
    return this.#isWatched && oldest !== undefined && nowMs - oldest.wave.receivedAtMs > LATE_AFTER_MS;
  }

  /** What the hub says, or time passed: confirms what arrived. */
  settle(isWatched = this.#isWatched): void {
    this.#isWatched = isWatched;
    const nowMs = this.#host.nowMs();
    const { consumedBytes } = this.#host;
    const isDone = ({ bytes, wave }: WaitingWave): boolean =>
      !isWatched || bytes <= consumedBytes || nowMs - wave.receivedAtMs > CONFIRM_AFTER_MS;
    const waiting = this.#waiting.findIndex((one) => !isDone(one));
    this.#confirmFirst(waiting < 0 ? this.#waiting.length : waiting);
  }

  #confirmFirst(count: number): void {
    for (const { wave, confirm } of this.#waiting.splice(0, count)) confirm(wave);
  }
}

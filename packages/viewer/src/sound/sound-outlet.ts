import { type Observable, ObservableValue } from "../observable.ts";
import type { SoundPlayer } from "./sound-player.ts";

/** What a page shows of the sound. */
export interface SoundState {
  /** The target has sounded since the page is there. */
  readonly hasSound: boolean;
  readonly isMuted: boolean;
  /** The browser waits for a click or a key in this page. */
  readonly isBlocked: boolean;
}

/** The page's sound: fetches the player with the first sound, and keeps to the browser's rules and the person's wish. */
export class SoundOutlet {
  readonly state: Observable<SoundState>;
  readonly #state: ObservableValue<SoundState>;
  #player: SoundPlayer | null = null;
  #isLoading = false;
  #isDisposed = false;

  constructor(isMuted: boolean) {
    this.#state = new ObservableValue<SoundState>({ hasSound: false, isMuted, isBlocked: false });
    this.state = this.#state;
  }

  /** Plays a sound frame's payload, or not; it is read during the call only. */
  play(payload: Uint8Array): void {
    const { hasSound, isMuted } = this.#state.read();
    if (!hasSound) this.#change({ hasSound: true });
    if (isMuted || this.#isDisposed) return;
    if (this.#player === null) return this.#load(payload);
    // A sound that cannot be decoded is not heard; the picture is not to suffer from it.
    quietly(() => this.#player?.play(payload));
  }

  /** Waves that come while the player is on its way are not heard. */
  #load(payload: Uint8Array): void {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const first = payload.slice();
    import("./sound-player.ts").then(
      ({ SoundPlayer }) => {
        if (this.#isDisposed) return;
        quietly(() => {
          this.#player = new SoundPlayer(first, () => this.#follow());
          this.#follow();
        });
        this.#isLoading = this.#player === null;
      },
      () => {
        this.#isLoading = false;
      },
    );
  }

  #follow(): void {
    this.#change({ isBlocked: this.#player?.isBlocked ?? false });
  }

  setMuted(isMuted: boolean): void {
    this.#change({ isMuted });
    if (isMuted) this.#player?.stop();
    else this.#player?.resume();
  }

  /** A person clicked or typed: to be called from the event itself. */
  gesture(): void {
    this.#player?.resume();
  }

  /** Another place of a recording, or another socket: what was planned is over. */
  stop(): void {
    this.#player?.stop();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#player?.dispose();
    this.#player = null;
  }

  #change(part: Partial<SoundState>): void {
    const state = this.#state.read();
    const next = { ...state, ...part };
    const isSame =
      next.hasSound === state.hasSound &&
      next.isMuted === state.isMuted &&
      next.isBlocked === state.isBlocked;
    if (!isSame) this.#state.write(next);
  }
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Nothing to be heard, and nothing to be told: the next wave may be good.
  }
}

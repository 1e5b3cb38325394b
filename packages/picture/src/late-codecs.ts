import { DecodeError } from "@poterne/bytes";
import { needsFurtherCodecs } from "./codecs/first-codecs.ts";
import type { FurtherCodecs } from "./codecs/further-codecs.ts";
import type { PictureCommand } from "./commands.ts";

/** The further codecs, or how to get them. */
export type FurtherSource = FurtherCodecs | (() => Promise<FurtherCodecs>);

/**
 * The further codecs of a decoder, there from the start or fetched when the first command needs them; what comes
 * meanwhile is held in order.
 */
export class LateCodecs {
  readonly #source: FurtherSource | undefined;
  #codecs: FurtherCodecs | null = null;
  #loading: Promise<FurtherCodecs> | null = null;
  #held: PictureCommand[] | null = null;

  constructor(source: FurtherSource | undefined) {
    this.#source = source;
    if (source !== undefined && typeof source !== "function") this.#codecs = source;
  }

  /** Null until they are there. */
  get codecs(): FurtherCodecs | null {
    return this.#codecs;
  }

  /** Whether commands are held. */
  get isHolding(): boolean {
    return this.#held !== null;
  }

  /**
   * Holds a command that has to wait for the codecs, and says so. `deliver` gets all that was held once they are there;
   * `fail` is called when they cannot be had. Neither is called for what `drop` has forgotten.
   */
  hold(
    command: PictureCommand,
    deliver: (held: readonly PictureCommand[]) => void,
    fail: (error: DecodeError) => void,
  ): boolean {
    if (this.#held !== null) {
      this.#held.push(command);
      return true;
    }
    if (this.#codecs !== null || typeof this.#source !== "function" || !needsCodecs(command)) return false;
    const held = [command];
    this.#held = held;
    this.#loading ??= this.#source();
    this.#loading.then(
      (codecs) => {
        this.#codecs = codecs;
        if (this.#held !== held) return;
        this.#held = null;
        deliver(held);
      },
      () => {
        this.#loading = null;
        if (this.#held !== held) return;
        this.#held = null;
        fail(new DecodeError("unsupported", "draw", 0, "its codec could not be fetched"));
      },
    );
    return true;
  }

  /** Forgets what is held. */
  drop(): void {
    this.#held = null;
  }
}

function needsCodecs(command: PictureCommand): boolean {
  if (command.op === "draw") return needsFurtherCodecs(command.codec);
  return command.op === "codecState";
}

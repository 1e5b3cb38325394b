import type { Environment } from "../environment.ts";

/** A secret opened by the keeper is held for so long: the keeper journals and bounds each opening. */
const HOLD_MS = 10 * 60_000;

/** A provider's secret, opened when it is needed and held for a few minutes in a buffer that is then wiped. */
export class HeldSecret {
  readonly #open: () => Promise<Uint8Array | null>;
  readonly #environment: Environment;
  #bytes: Uint8Array | null = null;
  #heldAtMs = 0;

  constructor(open: () => Promise<Uint8Array | null>, environment: Environment) {
    this.#open = open;
    this.#environment = environment;
  }

  /** The secret as text, empty without one. */
  async read(): Promise<string> {
    const now = this.#environment.monotonicMs();
    if (this.#bytes === null || now - this.#heldAtMs >= HOLD_MS) {
      const bytes = await this.#open();
      this.wipe();
      this.#bytes = bytes;
      this.#heldAtMs = now;
    }
    return this.#bytes === null ? "" : Buffer.from(this.#bytes).toString("utf8");
  }

  /** Overwrites what is held. */
  wipe(): void {
    this.#bytes?.fill(0);
    this.#bytes = null;
  }
}

/** The `flow` channel counts modulo 2^32. */
const CUMULATIVE_MODULUS = 2 ** 32;

/**
 * Counts what a viewer has really consumed of one socket and says when the gateway should be told. The count is over
 * payloads of the consumable channels, from 0 at each new socket, modulo 2^32 as the `flow` channel carries it.
 */
export class FlowMeter {
  #consumedBytes = 0;
  #isDue = false;

  /** Adds what was consumed; answers whether the caller has to schedule `take`. */
  add(bytes: number): boolean {
    this.#consumedBytes = (this.#consumedBytes + bytes) % CUMULATIVE_MODULUS;
    if (this.#isDue) return false;
    this.#isDue = true;
    return true;
  }

  /** The payload of the acknowledgement: u32 little-endian. */
  take(): Uint8Array {
    this.#isDue = false;
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, this.#consumedBytes, true);
    return payload;
  }
}

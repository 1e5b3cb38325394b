/** [MS-RDPEGFX] 2.2.4.1.1.2 the most rows of a band. */
export const MAX_BAR_PX = 52;
/** [MS-RDPEGFX] 3.3.1.10 and 3.3.1.12 entries of the two storages. */
export const BAR_SLOTS = 32768;
export const SHORT_BAR_SLOTS = 16384;

/** Columns of pixels in numbered slots that are filled in turn, over and over. */
export class BarCache {
  readonly #slots: number;
  /** 52 pixels a slot; nothing before the first bar is kept. */
  pixels: Uint32Array = new Uint32Array(0);
  /** Pixels of each slot plus one; 0 where nothing was kept. */
  #lengths: Uint8Array = new Uint8Array(0);
  #cursor = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Takes the next slot for a bar of this length and returns where its pixels begin. */
  add(length: number): number {
    if (this.pixels.length === 0) {
      this.pixels = new Uint32Array(this.#slots * MAX_BAR_PX);
      this.#lengths = new Uint8Array(this.#slots);
    }
    const slot = this.#cursor;
    this.#cursor = (slot + 1) % this.#slots;
    this.#lengths[slot] = length + 1;
    return slot * MAX_BAR_PX;
  }

  /** How many pixels a slot holds, -1 where nothing was kept. */
  lengthOf(slot: number): number {
    return (this.#lengths[slot] ?? 0) - 1;
  }

  /** The next bar goes into the first slot; what is kept stays. */
  rewind(): void {
    this.#cursor = 0;
  }

  clear(): void {
    this.pixels = new Uint32Array(0);
    this.#lengths = new Uint8Array(0);
    this.#cursor = 0;
  }
}

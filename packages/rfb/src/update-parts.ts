/** A heavy screen is asked for in so many bands of full width, from the top. */
export const PART_COUNT = 8;
/** So much of what a whole update differs from the mean is taken over. */
const WHOLE_SHARE = 1 / 5;
/** After so many requests in parts the whole is tried: text that scrolls is light only there, where it can be copied. */
const TRY_WHOLE_AFTER = 120;
/** A band counts as heavy at once, and as light only after it was nearly still in several updates. */
const PART_KEPT = 0.75;
/** An update so much longer than expected tells that the picture's heavy places have moved. */
const SURPRISE = 4;

/**
 * Learns how heavy updates are in the bands of a screen, and which bands to ask for so that no update takes long: all
 * that are light, so that what is typed or pointed at beside a film comes with every update, and one heavy one in turn.
 */
export class UpdateParts {
  readonly #bytes: number[] = new Array(PART_COUNT).fill(0);
  #isParted = false;
  /** The heavy band asked for last, null after a request for the whole screen. */
  #asked: number | null = null;
  #expectedBytes = 0;
  #heavyBytes = 0;
  #lightBytes = 0;
  #partedCount = 0;

  /** What an update of the whole screen takes, in bytes. */
  get wholeBytes(): number {
    let sum = 0;
    for (const bytes of this.#bytes) sum += bytes;
    return sum;
  }

  /**
   * The bands to ask for next, null for the whole screen. Over `heavyBytes` a whole update is too long, below half of
   * it no longer; a band of at most `lightBytes` is light.
   */
  choose(heavyBytes: number, lightBytes: number): readonly number[] | null {
    const whole = this.wholeBytes;
    this.#heavyBytes = heavyBytes;
    this.#lightBytes = lightBytes;
    if (!this.#isParted && whole > heavyBytes) this.#divide(whole);
    else if (this.#isParted && whole < heavyBytes / 2) this.#isParted = false;
    this.#partedCount++;
    if (this.#isParted && this.#partedCount > TRY_WHOLE_AFTER) {
      this.#partedCount = 0;
      return this.askWhole();
    }
    const from = (this.#asked ?? -1) + 1;
    const turn = Array.from({ length: PART_COUNT }, (_, index) => (from + index) % PART_COUNT);
    const heavy = this.#isParted ? turn.find((part) => (this.#bytes[part] ?? 0) > lightBytes) : undefined;
    if (heavy === undefined) return this.askWhole();
    const light = turn.filter((part) => (this.#bytes[part] ?? 0) <= lightBytes);
    this.#asked = heavy;
    const parts = [...light, heavy];
    this.#expectedBytes = parts.reduce((sum, part) => sum + (this.#bytes[part] ?? 0), 0);
    return parts;
  }

  /** The whole screen was asked for, whatever is heavy. */
  askWhole(): null {
    this.#asked = null;
    return null;
  }

  /** Nothing came of the bands asked for: they stand still. Ask for the whole screen then. */
  stoodStill(): null {
    if (this.#asked !== null) this.#bytes[this.#asked] = 0;
    return this.askWhole();
  }

  /** An update of this size came. */
  updated(sizeBytes: number): void {
    const whole = this.wholeBytes;
    if (this.#asked === null && this.#isParted) {
      if (sizeBytes > this.#heavyBytes) return;
      this.#isParted = false;
      this.#bytes.fill(sizeBytes / PART_COUNT);
    } else if (this.#asked === null) {
      // Where it is heavy is not known: what was learned of that stays.
      const mean = whole + (sizeBytes - whole) * WHOLE_SHARE;
      for (let part = 0; part < PART_COUNT; part++) {
        const share = whole === 0 ? 1 / PART_COUNT : (this.#bytes[part] ?? 0) / whole;
        this.#bytes[part] = mean * share;
      }
    } else if (sizeBytes > Math.max(this.#heavyBytes, SURPRISE * this.#expectedBytes))
      this.#divide(Math.max(whole, sizeBytes));
    else {
      const known = this.#bytes[this.#asked] ?? 0;
      const found = Math.max(0, sizeBytes - (this.#expectedBytes - known));
      this.#bytes[this.#asked] = Math.max(found, known * PART_KEPT);
    }
  }

  /** Every band counts as heavy until it has shown to be light. */
  #divide(wholeBytes: number): void {
    this.#isParted = true;
    this.#partedCount = 0;
    this.#bytes.fill(Math.max(wholeBytes / PART_COUNT, this.#lightBytes + 1));
  }
}

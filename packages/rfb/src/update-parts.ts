import type { Rectangle } from "@poterne/picture";

/** A heavy screen is asked for in bands of full width, of so many from the top. */
export const PART_COUNT = 16;
/** A band counts as heavy at once, and as lighter only by this much with every update it was asked for. */
const PART_KEPT = 0.75;
/** A band that takes at most this part of what may be asked for at one time stands nearly still: it always comes. */
const STILL_SHARE = 1 / 16;
/** What the whole screen brings while it is asked for at once is light below this part of what the line carries. */
const LIGHT_SHARE = 0.75;
/** For so long it is asked for at once: several pictures of a film begin in it, and several lines of text. */
const TRIAL_MS = 120;
/** A whole update so many times too long divides the screen without being asked for again. */
const FAR_TOO_LONG = 3;
/** After so many requests in parts the whole is tried: text that scrolls is light only there, where it can be copied … */
const FIRST_TRIAL_AFTER = 960;
/** … and after twice as many each time that it was not, up to so many. */
const LAST_TRIAL_AFTER = 7680;

/** Adds a rectangle's bytes to those of the bands it lies in, by its rows. */
export function countParts(
  partBytes: number[],
  { y, height }: Rectangle,
  { sizeBytes, screenHeight }: { readonly sizeBytes: number; readonly screenHeight: number },
): void {
  if (height === 0) return;
  // Most rectangles lie in one or two bands: those before are not looked at.
  for (let part = Math.floor((y * PART_COUNT) / screenHeight); part < PART_COUNT; part++) {
    const top = Math.floor((screenHeight * part) / PART_COUNT);
    if (top >= y + height) return;
    const bottom = Math.floor((screenHeight * (part + 1)) / PART_COUNT);
    const rows = Math.min(bottom, y + height) - Math.max(top, y);
    if (rows > 0) partBytes[part] = (partBytes[part] ?? 0) + (sizeBytes * rows) / height;
  }
}

/** A whole update that takes so many times what bands may together is asked for again at once, to see it light. */
const AGAIN_TIMES = 2;
/** When it was heavy again, that is tried after so many updates, and after twice as many each time. */
const FIRST_AGAIN_AFTER = 8;
const LAST_AGAIN_AFTER = 256;

/** What updates may weigh, in bytes. */
export interface PartLimits {
  /** What the line carries in a millisecond. */
  readonly bytesPerMs: number;
  /** A whole update over this is too long. */
  readonly wholeBytes: number;
  /** Bands are asked for together up to this. */
  readonly partBytes: number;
}

const NO_LIMITS: PartLimits = {
  bytesPerMs: Number.POSITIVE_INFINITY,
  wholeBytes: Number.POSITIVE_INFINITY,
  partBytes: Number.POSITIVE_INFINITY,
};

/**
 * Learns how heavy updates are in the bands of a screen, and which bands to ask for so that no update takes long. Bands
 * that stand nearly still come with every update; of the others those come more often that take less, so that one in
 * which somebody types beside a film has its turn soon. A screen is only divided when it stays heavy although it is asked
 * for at once after a heavy update: what scrolls is heavy after a pause, and light, a copy and a line, without one.
 */
export class UpdateParts {
  readonly #bytes: number[] = new Array(PART_COUNT).fill(0);
  /** Their sum: asked several times for each update and acknowledgement. */
  #wholeBytes = 0;
  /** The request that each band was last part of. */
  readonly #askedAt: number[] = new Array(PART_COUNT).fill(0);
  #askedCount = 0;
  #isParted = false;
  /** The bands asked for and not come yet, null for the whole screen. */
  #asked: readonly number[] | null = null;
  #partedCount = 0;
  #trialAfter = FIRST_TRIAL_AFTER;
  /** The whole screen is tried: `first` brings what has gathered, `second`, asked for at once again and again, tells. */
  #trial: "first" | "second" | null = null;
  #triedFromMs = 0;
  #triedBytes = 0;
  /** Whole updates are asked for at once, `hope` to see whether they are light then, `chase` while they are. */
  #atOnce: "hope" | "chase" | null = null;
  #untilHope = 0;
  #hopeAfter = FIRST_AGAIN_AFTER;
  #limits = NO_LIMITS;

  /** What an update of the whole screen takes, in bytes. */
  get wholeBytes(): number {
    return this.#wholeBytes;
  }

  /** Whether the next request must not wait: what it brings tells something only when it comes at once. */
  get isUrgent(): boolean {
    return this.#trial === "second" || this.#atOnce !== null;
  }

  /** Whether it must not wait at all: what is queued is what the trial itself brought. */
  get isTrying(): boolean {
    return this.#trial === "second";
  }

  /** Little is queued: what comes now comes at once anyway. */
  caughtUp(): void {
    if (this.#atOnce === "chase") this.#atOnce = null;
  }

  /** The bands to ask for next, null for the whole screen. */
  choose(limits: PartLimits): readonly number[] | null {
    this.#limits = limits;
    this.#asked = null;
    if (this.#isParted && this.wholeBytes < limits.wholeBytes / 2) this.#isParted = false;
    if (!this.#isParted || this.#trial !== null) return null;
    if (++this.#partedCount > this.#trialAfter) {
      this.#trial = "first";
      return null;
    }
    return this.#ask([]);
  }

  /** Asks for the bands `asked`, and for as many more as fit. */
  #ask(asked: readonly number[]): readonly number[] | null {
    const { partBytes } = this.#limits;
    const isStill = (part: number) => (this.#bytes[part] ?? 0) <= partBytes * STILL_SHARE;
    const others = [...this.#bytes.keys()].filter((part) => !asked.includes(part));
    const chosen = [...asked, ...others.filter(isStill)];
    const moving = others
      .filter((part) => !isStill(part))
      .sort((left, right) => this.#urgency(right) - this.#urgency(left));
    let left = partBytes - chosen.reduce((sum, part) => sum + (this.#bytes[part] ?? 0), 0);
    for (const [index, part] of moving.entries()) {
      left -= this.#bytes[part] ?? 0;
      if (index > 0 && left < 0) break;
      chosen.push(part);
    }
    this.#askedCount++;
    for (const part of chosen) this.#askedAt[part] = this.#askedCount;
    this.#asked = chosen.length === PART_COUNT ? null : chosen;
    return this.#asked;
  }

  /** What takes little comes often, and what takes much the sooner the longer it has waited. */
  #urgency(part: number): number {
    return (this.#askedCount + 1 - (this.#askedAt[part] ?? 0)) / (this.#bytes[part] ?? 1);
  }

  /** The whole screen comes, whatever is heavy, and what it takes tells nothing. */
  forgetRequest(): void {
    this.#asked = null;
    this.#trial = null;
    this.#atOnce = null;
    this.#limits = NO_LIMITS;
  }

  /** Nothing came of the bands asked for: they stand still. The bands to ask for now, null for the whole. */
  stoodStill(): readonly number[] | null {
    if (this.#asked === null) return null;
    for (const part of this.#asked) this.#bytes[part] = 0;
    this.#wholeBytes = sumOf(this.#bytes);
    return this.#ask(this.#asked);
  }

  /** An update came that holds so many bytes of each band, at a time of the pacer's. */
  updated(partBytes: readonly number[], nowMs: number): void {
    const { wholeBytes } = this.#limits;
    // Many small ones: what is known of the bands would be forgotten.
    if (this.#trial === "second") return this.#try(sumOf(partBytes), partBytes, nowMs);
    // Written out: an iterator and a pair for each band cost more than all else here.
    for (let part = 0; part < PART_COUNT; part++)
      if (this.#asked === null || this.#asked.includes(part))
        this.#bytes[part] = Math.max(partBytes[part] ?? 0, (this.#bytes[part] ?? 0) * PART_KEPT);
    this.#wholeBytes = sumOf(this.#bytes);
    if (this.#asked !== null) return;
    const sizeBytes = sumOf(partBytes);
    if (!this.#isParted && sizeBytes > FAR_TOO_LONG * wholeBytes) this.#judge(false, partBytes);
    else if (this.#trial === "first" || (!this.#isParted && sizeBytes > wholeBytes)) {
      this.#trial = "second";
      this.#triedFromMs = nowMs;
      this.#triedBytes = 0;
    } else if (!this.#isParted) this.#hope(sizeBytes);
  }

  /**
   * One update asked for at once tells nothing of a film: it holds the rows drawn since. What comes within a moment
   * does: copied text less than the line carries meanwhile, a film more.
   */
  #try(sizeBytes: number, partBytes: readonly number[], nowMs: number): void {
    const { bytesPerMs } = this.#limits;
    const triedMs = nowMs - this.#triedFromMs;
    this.#triedBytes += sizeBytes;
    const isHeavy = this.#triedBytes > bytesPerMs * Math.max(TRIAL_MS, triedMs) * LIGHT_SHARE;
    if (isHeavy || triedMs >= TRIAL_MS) this.#judge(!isHeavy, partBytes);
  }

  /**
   * Text that scrolls by a line can be copied, by several lines it is drawn anew: heavy enough that more lines have
   * gathered when the next one is asked for. Asked for at once the next is light, and so are those after it, as long as
   * none waits until the line has carried the heavy one.
   */
  #hope(sizeBytes: number): void {
    const { partBytes } = this.#limits;
    const isHeavy = sizeBytes > AGAIN_TIMES * partBytes;
    if (!isHeavy) {
      if (this.#atOnce !== null) {
        this.#atOnce = "chase";
        this.#hopeAfter = FIRST_AGAIN_AFTER;
      }
      return;
    }
    if (this.#atOnce !== null) {
      // Once more heavy though it came at once: this is no text, or the target is too slow.
      if (this.#atOnce === "hope") this.#hopeAfter = Math.min(LAST_AGAIN_AFTER, 2 * this.#hopeAfter);
      this.#atOnce = null;
      this.#untilHope = this.#hopeAfter;
    } else if (--this.#untilHope <= 0) this.#atOnce = "hope";
  }

  #judge(isLight: boolean, partBytes: readonly number[]): void {
    this.#trial = null;
    this.#partedCount = 0;
    this.#atOnce = isLight ? "chase" : null;
    if (isLight) {
      this.#trialAfter = Math.max(FIRST_TRIAL_AFTER, this.#trialAfter / 2);
      for (let part = 0; part < PART_COUNT; part++) this.#bytes[part] = partBytes[part] ?? 0;
      this.#wholeBytes = sumOf(this.#bytes);
    } else if (this.#isParted) this.#trialAfter = Math.min(LAST_TRIAL_AFTER, 2 * this.#trialAfter);
    this.#isParted = !isLight;
  }
}

function sumOf(values: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] ?? 0;
  return sum;
}

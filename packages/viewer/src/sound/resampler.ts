import type { Samples } from "./samples.ts";

/** Samples of the past a cubic between two points needs. */
const PAST = 3;

/** Changes one channel's rate piece by piece without a seam (cubic Hermite between the points). */
export class Resampler {
  /** The last samples of the pieces before. */
  #past = new Float32Array(PAST);
  /** Where the next sample lies after the second of the past's points, in samples of the input. */
  #position = 0;

  /** `step` is how many samples of the input one of the output takes, near the quotient of the rates. */
  push(input: Samples, step: number): Samples {
    const joined = new Float32Array(PAST + input.length);
    joined.set(this.#past);
    joined.set(input, PAST);
    // Between point 1 and point 2 of each four: the last interval begins at `joined.length - 3`.
    const end = joined.length - PAST;
    const count = Math.max(0, Math.ceil((end - this.#position) / step));
    const output = new Float32Array(count);
    let position = this.#position;
    for (let index = 0; index < count; index++) {
      const at = Math.floor(position);
      output[index] = between(joined, at, position - at);
      position += step;
    }
    this.#position = position - input.length;
    this.#past = joined.slice(joined.length - PAST);
    return output;
  }
}

/** The value `part` of the way from point `at + 1` to point `at + 2`. */
function between(points: Float32Array, at: number, part: number): number {
  const before = points[at] ?? 0;
  const from = points[at + 1] ?? 0;
  const to = points[at + 2] ?? 0;
  const after = points[at + 3] ?? 0;
  if (part === 0) return from;
  const slope = (to - before) / 2;
  const bend = before - 2.5 * from + 2 * to - after / 2;
  const twist = (after - before) / 2 + 1.5 * (from - to);
  return ((twist * part + bend) * part + slope) * part + from;
}

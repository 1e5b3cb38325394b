import { DecodeError } from "@poterne/bytes";
import { Inflater } from "../inflate.ts";
import { MAX_CONTEXTS, type Rectangle } from "../language.ts";
import type { Surface } from "../surface.ts";

/**
 * Decodes one rectangle's payload into a surface; the rectangle is known to lie inside. Throws `DecodeError` for what
 * the codec's specification does not allow; some pixels may have been written then.
 */
export type DecodeRectangle = (
  payload: Uint8Array,
  surface: Surface,
  rectangle: Rectangle,
  contexts: InflateContexts,
) => void;

/** The persistent zlib streams of one stream of frames, made when first used. */
export class InflateContexts {
  readonly #inflaters: (Inflater | undefined)[] = [];

  /** Throws `DecodeError` `limit` for a number over the last. */
  get(context: number): Inflater {
    if (context >= MAX_CONTEXTS) throw new DecodeError("limit", "inflate context", 0, `number ${context}`);
    const known = this.#inflaters[context];
    if (known !== undefined) return known;
    const made = new Inflater();
    this.#inflaters[context] = made;
    return made;
  }

  /** Resets one if it was used. */
  reset(context: number): void {
    this.#inflaters[context]?.reset();
  }

  resetAll(): void {
    for (const inflater of this.#inflaters) inflater?.reset();
  }
}

/** Reads a B, G, R, X pixel as RGBA. */
export function bgrxAt(bytes: Uint8Array, at: number): number {
  return (
    (0xff000000 |
      ((bytes[at] as number) << 16) |
      ((bytes[at + 1] as number) << 8) |
      (bytes[at + 2] as number)) >>>
    0
  );
}

/** Reads an R, G, B pixel as RGBA. */
export function rgbAt(bytes: Uint8Array, at: number): number {
  return (
    (0xff000000 |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 1] as number) << 8) |
      (bytes[at] as number)) >>>
    0
  );
}

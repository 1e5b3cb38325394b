import type { Words } from "../health/check.ts";

/** One command of `poterne`. */
export interface Command {
  readonly name: string;
  /** What follows the name, for the help. */
  readonly usage: string;
  readonly summary: Words;
  /** Runs and resolves with the exit code: 0 done, 1 failed or found wrong, 2 asked wrongly. */
  run(words: readonly string[]): Promise<number>;
}

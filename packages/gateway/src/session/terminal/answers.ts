import {
  ANSWERS_PER_SECOND,
  FIXED_ANSWERS,
  MAX_ANSWER_BURST,
  QueryScanner,
  type TerminalQuery,
} from "./queries.ts";

/** What answering needs of its driver. */
export interface AnswerHost {
  /** Sends bytes to the target as if typed. */
  send(bytes: Uint8Array): void;
  /** The cursor after all output so far, from 1, or null when it is not known in time. */
  cursor(): Promise<{ readonly row: number; readonly column: number } | null>;
  /** Monotonic milliseconds. */
  nowMs(): number;
}

/**
 * Answers the few device queries that programs wait for (docs/decisions/0035), in the gateway, once, however many
 * viewers watch. Answers are constants and two numbers, never text of the target's choice; order is kept, and what
 * comes too fast is left unanswered.
 */
export class TerminalAnswers {
  readonly #host: AnswerHost;
  readonly #scanner = new QueryScanner();
  #allowance = MAX_ANSWER_BURST;
  #allowedAtMs = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(host: AnswerHost) {
    this.#host = host;
  }

  /** Looks at output that was just shown and answers what it asks. */
  shown(bytes: Uint8Array): void {
    for (const query of this.#scanner.scan(bytes)) if (this.#isAllowed()) this.#answer(query);
  }

  #answer(query: TerminalQuery): void {
    const cursor = query === "cursor-position" ? this.#host.cursor() : null;
    this.#last = this.#last.then(async () => {
      const place = await cursor;
      if (query !== "cursor-position") this.#host.send(Buffer.from(FIXED_ANSWERS[query], "latin1"));
      else if (place !== null) this.#host.send(Buffer.from(`\x1b[${place.row};${place.column}R`, "latin1"));
    });
  }

  #isAllowed(): boolean {
    const now = this.#host.nowMs();
    const refill = ((now - this.#allowedAtMs) * ANSWERS_PER_SECOND) / 1000;
    this.#allowance = Math.min(MAX_ANSWER_BURST, this.#allowance + Math.max(0, refill));
    this.#allowedAtMs = now;
    if (this.#allowance < 1) return false;
    this.#allowance--;
    return true;
  }
}

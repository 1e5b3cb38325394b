import type { Logger } from "pino";

/** Writes that wait at most; more are given up, with a line in the log each. */
export const MAX_LATE_WRITES = 10_000;

/**
 * Writes of live and ending sessions that must not be lost because store or keeper is away for a while: what fails is
 * kept, in order, and tried again. A write whose answer was lost may be repeated.
 */
export class LateWrites {
  readonly #logger: Pick<Logger, "error" | "warn">;
  readonly #waiting: { readonly what: string; readonly sessionId: string; write(): Promise<unknown> }[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #isRetrying = false;

  constructor(logger: Pick<Logger, "error" | "warn">) {
    this.#logger = logger;
  }

  /** Writes waiting for their next try. */
  get count(): number {
    return this.#waiting.length;
  }

  /** Writes now, or keeps the write for `retry`; never rejects. What waits already goes first. */
  async write(what: string, sessionId: string, write: () => Promise<unknown>): Promise<void> {
    if (this.#waiting.length > 0) return this.#keep(what, sessionId, write, null);
    const writing = write().then(
      () => undefined,
      (error: unknown) => this.#keep(what, sessionId, write, error),
    );
    this.#underWay.add(writing);
    await writing.finally(() => this.#underWay.delete(writing));
  }

  /** Waits for what is being written, and tries once more what waits. Never rejects. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
    await this.retry();
  }

  #keep(what: string, sessionId: string, write: () => Promise<unknown>, error: unknown): void {
    if (this.#waiting.length >= MAX_LATE_WRITES)
      return this.#logger.error({ error, sessionId, what }, "Too many writes wait: one is given up");
    if (error !== null) this.#logger.warn({ error, sessionId, what }, "Refused for now, tried again later");
    this.#waiting.push({ what, sessionId, write });
  }

  /** Tries again what waits, in order, up to the first that fails. Never rejects. */
  async retry(): Promise<void> {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    try {
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await next.write();
        this.#waiting.shift();
      }
    } catch {
      // Still away: the next try is due soon enough.
    } finally {
      this.#isRetrying = false;
    }
  }
}

import type { Environment } from "../environment.ts";
import type { RequestContext } from "../http/context.ts";
import type { Journal } from "./journal.ts";

/** The same reading by the same person counts once in this time: a page that refreshes is not a new access. */
const SAME_READING_MS = 60_000;

/** Readings remembered. */
const MAX_REMEMBERED = 2_000;

type Details = Readonly<Record<string, string | number>>;

/** Journals who read the journal; a reading that cannot be journaled does not happen. */
export class ReadingNotes {
  readonly #journal: Journal;
  readonly #environment: Environment;
  readonly #last = new Map<string, number>();

  constructor(journal: Journal, environment: Environment) {
    this.#journal = journal;
    this.#environment = environment;
  }

  /** Notes a reading unless the same one was noted within the last minute. */
  async note(context: RequestContext, kind: string, details: Details): Promise<void> {
    const nowMs = this.#environment.monotonicMs();
    const key = JSON.stringify([context.person().personId, kind, details]);
    const lastMs = this.#last.get(key);
    if (lastMs !== undefined && nowMs - lastMs < SAME_READING_MS) return;
    await this.noteAlways(context, kind, details);
    this.#last.delete(key);
    this.#last.set(key, nowMs);
    const oldest = this.#last.keys().next().value;
    if (this.#last.size > MAX_REMEMBERED && oldest !== undefined) this.#last.delete(oldest);
  }

  /** Notes a reading. */
  async noteAlways(context: RequestContext, kind: string, details: Details): Promise<void> {
    const { personId, name } = context.person();
    await this.#journal.append({
      kind,
      level: "info",
      actor: { personId, name },
      sourceAddress: context.sourceAddress,
      subject: {},
      details,
    });
  }
}

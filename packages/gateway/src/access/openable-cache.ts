import type { Subject } from "./decide.ts";
import type { AccessFacts } from "./facts.ts";
import type { Circumstances } from "./grant-conditions.ts";
import { findOpenable, type Openable } from "./openable.ts";

/** People whose answer is kept: a person of 10 000 machines takes about 2 MB. */
const MAX_PEOPLE = 64;

/** Longest time an answer is kept. */
const MAX_AGE_MS = 10 * 60_000;

interface Entry {
  readonly key: string;
  readonly madeAtMs: number;
  readonly openable: Openable;
}

/** What people may open, kept while no fact, group or validity has changed: turning a page costs no new decision. */
export class OpenableCache {
  readonly #entries = new Map<string, Entry>();

  /** What the person may open now; made anew when anything that decides it has changed. */
  find(facts: AccessFacts, subject: Subject, at: Circumstances): Openable {
    const nowMs = at.atMs;
    const from = at.source?.join(".") ?? "";
    const key = `${facts.revision} ${subject.isActive} ${from} ${subject.groupIds.join(" ")}`;
    const known = this.#entries.get(subject.personId);
    this.#entries.delete(subject.personId);
    if (known !== undefined && known.key === key && isFresh(known, nowMs)) {
      this.#entries.set(subject.personId, known);
      return known.openable;
    }
    const openable = findOpenable(facts, subject, at);
    this.#entries.set(subject.personId, { key, madeAtMs: nowMs, openable });
    if (this.#entries.size > MAX_PEOPLE) {
      const oldest = this.#entries.keys().next().value;
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    return openable;
  }
}

function isFresh(entry: Entry, nowMs: number): boolean {
  // A clock set back makes the answer's moment lie ahead: then it is not trusted either.
  const ageMs = nowMs - entry.madeAtMs;
  return ageMs >= 0 && ageMs <= MAX_AGE_MS && nowMs < entry.openable.validUntilMs;
}

import type { Environment } from "../environment.ts";
import type { Journal } from "../journal/journal.ts";
import type { Store } from "../store/store.ts";
import type { MailTableRow } from "./mail-tables.ts";
import { type MailSettings, type MailTrouble, type SendOutcome, sendMail } from "./smtp.ts";

/** Letters of one round. */
const ROUND_ROWS = 50;
/** A node that took a letter and died: another may take it after this. */
const LEASE_MS = 5 * 60_000;
/** Waits after each failed attempt of a letter; the last one repeats until the letter expires. */
const WAITS_MS = [60_000, 2 * 60_000, 5 * 60_000, 15 * 60_000, 30 * 60_000, 60 * 60_000] as const;
/** A server that is down is left alone for so long, by all letters. */
const PAUSE_MS = 60_000;
/** How long a letter's row stays once it has ended. */
export const KEPT_MS = 30 * 86_400_000;

/** What the post works with. */
export interface PostParts {
  readonly store: Store;
  readonly journal: Journal;
  readonly environment: Environment;
  readonly settings: MailSettings;
  /** Told once when the server takes no letters (its trouble), and once when it takes them again (null). */
  readonly onTrouble: (trouble: MailTrouble | null) => void;
}

/** Carries letters from the outbox to the mail server, one after the other. */
export class Post {
  readonly #parts: PostParts;
  #isAtWork = false;
  #pausedUntilMs = 0;
  #trouble: MailTrouble | null = null;

  constructor(parts: PostParts) {
    this.#parts = parts;
  }

  /** What the server said when it last took no letters; null when all is well. */
  get trouble(): MailTrouble | null {
    return this.#trouble;
  }

  /** Sends what is due and gives up what is too old; a round that runs already is enough. */
  async round(): Promise<void> {
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    try {
      await this.#expire();
      if (this.#parts.settings.host !== "" && this.#parts.environment.monotonicMs() >= this.#pausedUntilMs)
        await this.#sendDue();
    } finally {
      this.#isAtWork = false;
    }
  }

  /** Forgets letters that ended long ago. */
  async sweep(): Promise<void> {
    const { store, environment } = this.#parts;
    await store.db
      .deleteFrom("mail")
      .where("ended_at_ms", "<", environment.now() - KEPT_MS)
      .execute();
  }

  async #sendDue(): Promise<void> {
    const { store, environment, settings } = this.#parts;
    const due = await store.db
      .selectFrom("mail")
      .selectAll()
      .where("state", "=", "waiting")
      .where("next_at_ms", "<=", environment.now())
      .orderBy("next_at_ms")
      .limit(ROUND_ROWS)
      .execute();
    for (const row of due) {
      if (!(await this.#take(row))) continue;
      const outcome = await sendMail(settings, row);
      await this.#settle({ ...row, attempts: row.attempts + 1 }, outcome);
      if (outcome.result === "down") return;
    }
  }

  /** Of several nodes one takes a letter: whoever moves its time on first. */
  async #take(row: MailTableRow): Promise<boolean> {
    const { store, environment } = this.#parts;
    const result = await store.db
      .updateTable("mail")
      .set({ attempts: row.attempts + 1, next_at_ms: environment.now() + LEASE_MS })
      .where("id", "=", row.id)
      .where("state", "=", "waiting")
      .where("next_at_ms", "=", row.next_at_ms)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }

  async #settle(row: MailTableRow, outcome: SendOutcome): Promise<void> {
    const nowMs = this.#parts.environment.now();
    this.#noteTrouble(outcome);
    if (outcome.result === "sent") return this.#end(row, { state: "sent", last_error: "" });
    const last_error = wordsOf(outcome.trouble);
    if (outcome.result === "refused") {
      await this.#journal("mail.refused", row, last_error);
      return this.#end(row, { state: "refused", last_error });
    }
    const wait = WAITS_MS[Math.min(row.attempts, WAITS_MS.length) - 1] ?? PAUSE_MS;
    await this.#parts.store.db
      .updateTable("mail")
      .set({ next_at_ms: nowMs + wait, last_error })
      .where("id", "=", row.id)
      .where("state", "=", "waiting")
      .execute();
  }

  #noteTrouble(outcome: SendOutcome): void {
    if (outcome.result === "down") {
      this.#pausedUntilMs = this.#parts.environment.monotonicMs() + PAUSE_MS;
      if (this.#trouble === null) this.#parts.onTrouble(outcome.trouble);
      this.#trouble = outcome.trouble;
    } else if (this.#trouble !== null) {
      this.#trouble = null;
      this.#parts.onTrouble(null);
    }
  }

  async #expire(): Promise<void> {
    const { store, environment } = this.#parts;
    const old = await store.db
      .selectFrom("mail")
      .selectAll()
      .where("state", "=", "waiting")
      .where("expires_at_ms", "<=", environment.now())
      .limit(ROUND_ROWS)
      .execute();
    for (const row of old) {
      await this.#journal("mail.expired", row, row.last_error);
      await this.#end(row, { state: "expired", last_error: row.last_error });
    }
  }

  /** The text goes with the end: the row only says that there was a letter. */
  async #end(row: MailTableRow, end: Pick<MailTableRow, "state" | "last_error">): Promise<void> {
    await this.#parts.store.db
      .updateTable("mail")
      .set({ ...end, body: "", ended_at_ms: this.#parts.environment.now() })
      .where("id", "=", row.id)
      .where("state", "=", "waiting")
      .execute();
  }

  /** An alert that reached nobody is an alarm. */
  async #journal(kind: "mail.expired" | "mail.refused", row: MailTableRow, said: string): Promise<void> {
    await this.#parts.journal.append({
      kind,
      level: row.kind === "emergency-opened" ? "alarm" : "notice",
      actor: { personId: null, name: "" },
      sourceAddress: "",
      subject: { personId: row.person_id },
      details: { mailId: row.id, about: row.kind, attempts: row.attempts, said },
    });
  }
}

function wordsOf({ at, said }: MailTrouble): string {
  return `${at}: ${said}`.slice(0, 300);
}

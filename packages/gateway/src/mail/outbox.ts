import { makeUuidV7 } from "@poterne/bytes";
import type { Transaction } from "kysely";
import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import { type LetterFacts, writeLetter } from "./letter-words.ts";
import type { MailKind, MailTableRow } from "./mail-tables.ts";
import type { Recipient } from "./recipients.ts";

/** A letter is tried for so long, then given up and journaled. */
export const LETTER_LIFE_MS = 24 * 3_600_000;
/** Letters waiting at once; further ones are not written, which the journal of what they are about makes up for. */
export const MAX_WAITING = 5000;

/** Something to tell somebody. */
export interface Letter {
  readonly kind: MailKind;
  readonly to: Recipient;
  readonly facts: LetterFacts;
  /** What must not be told twice to this person; null for no such thing. */
  readonly key: string | null;
}

/** What the outbox needs to know of this installation. */
export interface OutboxSettings {
  /** Whether a mail server is configured; without one nothing is written. */
  readonly isOn: boolean;
  readonly publicUrl: URL;
  readonly organisation: string;
}

/** The outbox: letters are rows of the store, written in the transaction of what they tell of. */
export class Outbox {
  readonly #store: Store;
  readonly #environment: Environment;
  readonly #settings: OutboxSettings;
  /** Called when letters were written: the post looks at once. */
  onWritten: () => void = () => undefined;

  constructor(store: Store, environment: Environment, settings: OutboxSettings) {
    this.#store = store;
    this.#environment = environment;
    this.#settings = settings;
  }

  /** Whether anybody is written to at all. */
  get isOn(): boolean {
    return this.#settings.isOn;
  }

  /** Writes letters, in the transaction given or in one of their own. One with a key already used is left out. */
  async write(letters: readonly Letter[], transaction?: Transaction<Tables>): Promise<void> {
    if (!this.isOn || letters.length === 0) return;
    const db = transaction ?? this.#store.db;
    const waiting = await db
      .selectFrom("mail")
      .select((select) => select.fn.countAll<number>().as("count"))
      .where("state", "=", "waiting")
      .executeTakeFirstOrThrow();
    const room = MAX_WAITING - Number(waiting.count);
    for (const letter of letters.slice(0, Math.max(room, 0))) {
      const row = this.#toRow(letter);
      if (row.unique_key !== null && (await isKnown(db, row.unique_key))) continue;
      await db.insertInto("mail").values(row).execute();
    }
    this.onWritten();
  }

  #toRow({ kind, to, facts, key }: Letter): MailTableRow {
    const nowMs = this.#environment.now();
    const { publicUrl, organisation } = this.#settings;
    return {
      id: makeUuidV7(nowMs, this.#environment.randomBytes(10)),
      kind,
      person_id: to.personId,
      address: to.address,
      language: to.language,
      ...writeLetter(kind, facts, { ...to, publicUrl, organisation }),
      unique_key: key === null ? null : `${key} ${to.personId}`,
      state: "waiting",
      attempts: 0,
      next_at_ms: nowMs,
      expires_at_ms: nowMs + LETTER_LIFE_MS,
      last_error: "",
      created_at_ms: nowMs,
      ended_at_ms: null,
    };
  }
}

/** Two nodes at the same moment: the column is unique, the second one's transaction fails and its next sweep sees the row. */
async function isKnown(db: Store["db"] | Transaction<Tables>, key: string): Promise<boolean> {
  const row = await db.selectFrom("mail").select("id").where("unique_key", "=", key).executeTakeFirst();
  return row !== undefined;
}

import { Failure } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { FullKeeper } from "../keeper/remote-keeper.ts";
import type { Store } from "../store/store.ts";
import { EntryIds } from "./entry-id.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { JournalCopier } from "./journal-copier.ts";
import type { WrittenEntry } from "./journal-entry.ts";
import type { JournalPlace } from "./journal-reader.ts";

/** Longest text of one detail; what is longer ends in an ellipsis, so that no entry fails for its length. */
const MAX_DETAIL_LENGTH = 2_000;
const MAX_NAME_LENGTH = 200;
const MAX_ADDRESS_LENGTH = 64;

/** Details of one entry that count. */
const MAX_DETAILS = 100;

/** Longest entry, in characters of JSON; details are left out from the end to stay under it. */
const MAX_ENTRY_LENGTH = 24_000;

/** How long a list waits for the caller's own last act to be in the table. */
const FRESH_TIMEOUT_MS = 500;

/** What the node's journal needs. */
export interface NodeJournalOptions {
  readonly keeper: FullKeeper;
  readonly store: Store;
  readonly environment: Environment;
  readonly nodeId: string;
  /** For the log: copying into the store fails (the error) or works again (null). */
  readonly onTrouble: (error: unknown) => void;
}

/** The journal of this node: the keeper's file first, the searchable copy behind it. */
export class NodeJournal implements Journal {
  readonly #options: NodeJournalOptions;
  readonly #ids = new EntryIds();
  readonly #copier: JournalCopier;
  #lastSequence = 0;

  constructor(options: NodeJournalOptions) {
    this.#options = options;
    this.#copier = new JournalCopier({
      store: options.store,
      nodeId: options.nodeId,
      read: (after) => options.keeper.readJournal(after),
      onTrouble: options.onTrouble,
    });
  }

  async append(entry: JournalEntry): Promise<string> {
    const entryId = this.#ids.next(this.#options.environment.now());
    const written = toWritten(entryId, entry);
    try {
      const { sequence } = await this.#options.keeper.appendJournal(JSON.stringify(written));
      this.#lastSequence = sequence;
    } catch (cause) {
      throw new Failure("journal-unavailable", {}, cause);
    }
    this.#copier.nudge();
    return entryId;
  }

  /** Resolves when what was appended so far can be searched, or after half a second. */
  settle(): Promise<void> {
    return this.#copier.reached(this.#lastSequence, FRESH_TIMEOUT_MS);
  }

  /** How far the searchable copy is, null before the store first answered. */
  get copied(): JournalPlace | null {
    return this.#copier.place;
  }

  /** Stops copying; the keeper is closed by its owner. */
  close(): Promise<void> {
    return this.#copier.close();
  }
}

/** The entry as the keeper takes it, every text within its bound. */
function toWritten(entryId: string, entry: JournalEntry): WrittenEntry {
  const details: Record<string, string | number | boolean | null> = {};
  let length = 0;
  for (const [name, value] of Object.entries(entry.details).slice(0, MAX_DETAILS)) {
    const bounded = typeof value === "string" ? cut(value, MAX_DETAIL_LENGTH) : finite(value);
    length += JSON.stringify([name, bounded]).length;
    if (length > MAX_ENTRY_LENGTH) break;
    details[name.slice(0, MAX_ADDRESS_LENGTH)] = bounded;
  }
  return {
    entryId,
    kind: entry.kind,
    level: entry.level,
    actor: { personId: entry.actor.personId, name: cut(entry.actor.name, MAX_NAME_LENGTH) },
    sourceAddress: entry.sourceAddress.slice(0, MAX_ADDRESS_LENGTH),
    subject: entry.subject,
    details,
  };
}

function cut(text: string, maxLength: number): string {
  const whole = text.toWellFormed();
  return whole.length <= maxLength ? whole : `${whole.slice(0, maxLength - 1).toWellFormed()}…`;
}

function finite(value: number | boolean | null): number | boolean | null {
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}

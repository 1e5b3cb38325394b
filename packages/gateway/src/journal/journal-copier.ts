import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely, Transaction } from "kysely";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import { sequenceOf } from "./journal-line.ts";
import type { JournalPlace, ReadLines } from "./journal-reader.ts";
import { type FileLine, toRow } from "./journal-rows.ts";
import type { JournalEntryRow } from "./journal-tables.ts";

/** Rows of one INSERT: 19 columns each, within every engine's limit of parameters. */
const ROWS_PER_INSERT = 200;

/** Rows deleted at once when the file's retention dropped them. */
const ROWS_PER_DELETE = 2_000;

/** The keeper writes entries of its own: the file is looked at so often even when nothing was appended. */
const POLL_MS = 5_000;

/** After a failure of store or keeper the copy waits so long, doubled each time. */
const FIRST_RETRY_MS = 250;
const MOST_RETRY_MS = 15_000;

/** What the copier needs. */
export interface CopierOptions {
  readonly store: Store;
  readonly nodeId: string;
  readonly read: (after: JournalPlace) => Promise<ReadLines>;
  /** Told when copying fails, and with null when it works again. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Follows the journal's file into the table: the only way in, so that whatever happened to the store meanwhile, the
 * table gets every entry once. Place and rows are written in one transaction.
 */
export class JournalCopier {
  readonly #options: CopierOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #place: JournalPlace | null = null;
  #wake: (() => void) | null = null;
  #isNudged = false;
  #isTroubled = false;
  #waiters: { readonly sequence: number; readonly resolve: () => void }[] = [];

  constructor(options: CopierOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** How far the table is; null before the store first answered. */
  get place(): JournalPlace | null {
    return this.#place;
  }

  /** Something was appended. */
  nudge(): void {
    this.#isNudged = true;
    this.#wake?.();
  }

  /** Resolves when the table has everything up to a sequence of the current epoch, or after a while in any case. */
  async reached(sequence: number, timeoutMs: number): Promise<void> {
    if ((this.#place?.sequence ?? 0) >= sequence || this.#isTroubled) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { sequence, resolve };
    this.#waiters.push(waiter);
    const timer = setTimeout(resolve, timeoutMs);
    this.nudge();
    await promise;
    clearTimeout(timer);
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
  }

  /** Stops after what is under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#stop.signal.aborted) {
      try {
        this.#isNudged = false;
        this.#place ??= await this.#readPlace();
        const isEnd = await this.#copySome(this.#place);
        if (this.#isTroubled) this.#options.onTrouble(null);
        this.#isTroubled = false;
        retryMs = FIRST_RETRY_MS;
        if (isEnd) await this.#rest();
      } catch (error) {
        if (!this.#isTroubled) this.#options.onTrouble(error);
        this.#isTroubled = true;
        for (const { resolve } of this.#waiters) resolve();
        await sleep(retryMs, null, { signal: this.#stop.signal }).catch(() => null);
        retryMs = Math.min(MOST_RETRY_MS, retryMs * 2);
      }
    }
  }

  async #rest(): Promise<void> {
    if (this.#isNudged || this.#stop.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, POLL_MS);
    timer.unref();
    await promise;
    clearTimeout(timer);
    this.#wake = null;
  }

  async #readPlace(): Promise<JournalPlace> {
    const row = await this.#options.store.db
      .selectFrom("journal_place")
      .select(["epoch", "sequence"])
      .where("node_id", "=", this.#options.nodeId)
      .executeTakeFirst();
    return row ?? { epoch: 0, sequence: 0 };
  }

  /** Copies one answer's worth of lines; whether nothing was left. */
  async #copySome(after: JournalPlace): Promise<boolean> {
    const { lines, isEnd } = await this.#options.read(after);
    const last = lines.at(-1);
    if (isEnd || last === undefined) return true;
    const rows = lines.flatMap((line: FileLine) => toRow(this.#options.nodeId, line) ?? []);
    const place = { epoch: last.epoch, sequence: sequenceOf(last.text) ?? 0 };
    await this.#options.store.db.transaction().execute(async (db) => {
      for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
        await insertMissing(db, rows.slice(start, start + ROWS_PER_INSERT));
      }
      await this.#writePlace(db, place);
    });
    for (const row of rows) await this.#dropWith(row);
    this.#place = place;
    for (const waiter of this.#waiters) if (place.sequence >= waiter.sequence) waiter.resolve();
    return false;
  }

  async #writePlace(db: Transaction<Tables>, place: JournalPlace): Promise<void> {
    const node_id = this.#options.nodeId;
    const known = await db
      .selectFrom("journal_place")
      .select("epoch")
      .where("node_id", "=", node_id)
      .executeTakeFirst();
    if (known === undefined)
      await db
        .insertInto("journal_place")
        .values({ node_id, ...place })
        .execute();
    else await db.updateTable("journal_place").set(place).where("node_id", "=", node_id).execute();
  }

  /** What retention dropped from the file goes from the copy too. */
  async #dropWith(row: JournalEntryRow): Promise<void> {
    if (row.kind !== "keeper.journal-segment-dropped") return;
    const details = JSON.parse(row.details) as { readonly epoch?: number; readonly lastSequence?: number };
    const { epoch, lastSequence } = details;
    if (epoch === undefined || lastSequence === undefined) return;
    for (;;) {
      const found = await this.#options.store.db
        .selectFrom("journal_entry")
        .select("id")
        .where("node_id", "=", row.node_id)
        .where("epoch", "=", epoch)
        .where("sequence", "<=", lastSequence)
        .limit(ROWS_PER_DELETE)
        .execute();
      const ids = found.map(({ id }) => id);
      if (ids.length === 0) return;
      await this.#options.store.db.deleteFrom("journal_entry").where("id", "in", ids).execute();
    }
  }
}

/** Inserts the rows whose entries are not there yet: after a restored store or a lost answer some may be. */
async function insertMissing(db: Kysely<Tables>, rows: readonly JournalEntryRow[]): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map((row) => row.id);
  const present = await db.selectFrom("journal_entry").select("id").where("id", "in", ids).execute();
  const known = new Set(present.map(({ id }) => id));
  const missing = rows.filter((row) => !known.has(row.id));
  if (missing.length > 0) await db.insertInto("journal_entry").values(missing).execute();
}

import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";
import { isDuplicate } from "../store/store-errors.ts";
import type { CharterRow } from "./people-tables.ts";

/** A published version with how many people accepted it. */
export interface PublishedCharter extends CharterRow {
  readonly acceptedCount: number;
}

/** Versions of the charter and who accepted them. */
export class Charters {
  readonly #store: Store;
  readonly #environment: Environment;

  constructor(store: Store, environment: Environment) {
    this.#store = store;
    this.#environment = environment;
  }

  /** The version in force, null before the first is published. */
  async current(): Promise<CharterRow | null> {
    const row = await this.#store.db
      .selectFrom("charter")
      .selectAll()
      .orderBy("version", "desc")
      .limit(1)
      .executeTakeFirst();
    return row ?? null;
  }

  /** Publishes the next version. */
  async publish(texts: {
    readonly textFr: string;
    readonly textEn: string;
    readonly byName: string;
  }): Promise<CharterRow> {
    const row: CharterRow = {
      version: ((await this.current())?.version ?? 0) + 1,
      text_fr: texts.textFr,
      text_en: texts.textEn,
      created_at_ms: this.#environment.now(),
      created_by_name: texts.byName,
    };
    await this.#store.db.insertInto("charter").values(row).execute();
    return row;
  }

  /** Notes that a person accepted a version; doing it twice changes nothing. */
  async accept(personId: string, version: number): Promise<void> {
    try {
      await this.#store.db
        .insertInto("charter_acceptance")
        .values({ person_id: personId, version, accepted_at_ms: this.#environment.now() })
        .execute();
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    await this.#store.db
      .updateTable("person")
      .set({ charter_version: version })
      .where("id", "=", personId)
      .execute();
  }

  /** All versions, newest first. */
  async list(): Promise<PublishedCharter[]> {
    const rows = await this.#store.db.selectFrom("charter").selectAll().orderBy("version", "desc").execute();
    const counts = await this.#store.db
      .selectFrom("charter_acceptance")
      .select((select) => ["version", select.fn.countAll<number>().as("count")])
      .groupBy("version")
      .execute();
    return rows.map((row) => ({
      ...row,
      acceptedCount: Number(counts.find((count) => count.version === row.version)?.count ?? 0),
    }));
  }
}
